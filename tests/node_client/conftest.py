"""Worlds for tests: a coordinator over real TLS, and nodes with real stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A coordinator for one test."""
    made = make_world(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A coordinator for the tests of one module."""
    made = make_world(tmp_path_factory.mktemp("world"))
    yield made
    made.close()
