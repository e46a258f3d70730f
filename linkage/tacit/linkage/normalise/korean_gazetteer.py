"""Which provinces a Korean city or county belongs to and belonged to, and what it was called."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tacit.linkage.normalise.hangul import is_syllable
from tacit.linkage.normalise.korean_places import PROVINCES
from tacit.linkage.normalise.skeleton import skeleton, sounds
from tacit.linkage.normalise.text import text

UNDIVIDED: Mapping[str, tuple[str, ...]] = {
    "평안도": ("평안남도", "평안북도", "자강도"),
    "함경도": ("함경남도", "함경북도", "량강도"),
    "황해도": ("황해남도", "황해북도"),
    "충청도": ("충청남도", "충청북도"),
    "전라도": ("전라남도", "전라북도"),
    "경상도": ("경상남도", "경상북도"),
}
"""Provinces that were divided, as people still name them."""


@dataclass(frozen=True, slots=True)
class County:
    """A city, county or district.

    Attributes:
        name: in Hangul, as it is called now.
        provinces: where it is now, then where it was before.
    """

    name: str
    provinces: tuple[str, ...]


def said(name: str) -> str:
    """Give the phonetic skeleton of a name in Hangul."""
    return skeleton([sounds(char) for char in name])


@cache
def counties() -> Mapping[str, tuple[County, ...]]:
    """Give the counties of each name, now or formerly in use, by its skeleton.

    Names of one syllable are left out: they say too little.
    """
    changed = [_row(line) for line in _lines("korean_places_changed.tsv")]
    moved = {county.name: county for county, _ in changed}
    found: dict[str, dict[County, None]] = {}
    for province, names in PROVINCES.items():
        for name in names:
            own = moved.get(name)
            same = own is not None and province in own.provinces
            county = own if own is not None and same else County(name, (province,))
            found.setdefault(said(name), {})[county] = None
    for county, former in changed:
        for name in (county.name, *former):
            found.setdefault(said(name), {})[county] = None
    return {
        skeleton_: tuple(own) for skeleton_, own in found.items() if len(next(iter(own)).name) > 1
    }


@cache
def foreign() -> Mapping[str, str]:
    """Give the Hangul of the names that other languages have, folded."""
    rows = (line.split("\t") for line in _lines("korean_places_foreign.tsv"))
    return {text(name): hangul for hangul, names in rows for name in names.split("|")}


def _row(line: str) -> tuple[County, list[str]]:
    name, provinces, former, _ = line.split("\t")
    return County(name, tuple(provinces.split(","))), [one for one in former.split(",") if one]


def _lines(table: str) -> list[str]:
    path = files("tacit.linkage") / "normalise" / "data" / table
    return [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]


def provinces_of(county: str, written: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Say how a county is called now and where it is and was.

    Args:
        county: skeleton of a name.
        written: the provinces, in Hangul, that may be meant beside it; empty if none is written.

    Returns:
        Skeleton of the county's name, and its provinces in Hangul: those written where the county
        is not known there, none where it is in several places and no province is written.
    """
    known = counties().get(county, ())
    fitting = [own for own in known if not written or set(own.provinces) & set(written)]
    if len(fitting) == 1 or (fitting and written):
        return said(fitting[0].name), fitting[0].provinces
    return county, written


def is_hangul(word: str) -> bool:
    """Tell whether there are Hangul syllables."""
    return any(map(is_syllable, word))
