"""Names of countries in many languages."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from tacit.linkage.normalise.text import text


def country(value: str) -> str:
    """Give the English name of a country, folded, or nothing where it is none."""
    return _names().get(text(value), "")


@cache
def _names() -> Mapping[str, str]:
    table = files("tacit.linkage") / "normalise" / "data" / "countries.tsv"
    found = {}
    for line in table.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            english, others = line.split("\t")
            found.update(dict.fromkeys((english, *others.split("|")), english))
    return found
