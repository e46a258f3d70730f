"""Coalitions driven by the documented commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Commands


@pytest.fixture
def coalition(tmp_path: Path) -> Iterator[Commands]:
    """A folder for a coalition; every process in it is ended afterwards."""
    made = Commands(tmp_path)
    yield made
    made.close()
