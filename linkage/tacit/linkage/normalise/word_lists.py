"""Lists of words that go with the normalisers: one a line, # before what they are."""

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=16)
def word_list(name: str) -> frozenset[str]:
    """Read a list by the name of its file."""
    text = (files("tacit.linkage") / "normalise" / "data" / name).read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
