"""The order of tests."""

from pathlib import Path

import pytest

# What takes a minute or more in one test; begun last, one of two workers would wait for the other.
LONGEST = frozenset({"test_febrl.py", "test_secrecy.py", "test_demo.py", "test_learnt_weights.py"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests; all others keep their order."""
    items.sort(key=lambda item: Path(item.path).name not in LONGEST)
