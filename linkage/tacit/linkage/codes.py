"""The field's code lists: what kind of violation, in which year, by which body, before which forum.

A stratum travels as its code, never as what a register holds; so the raw values that registers
hold, in English or Korean, are recognised here. The lists are data: schemas/codes.json.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from tacit.linkage.normalise.dates import year as year_of
from tacit.linkage.normalise.text import ALTERNATIVE, tokens

OTHER = "other"
UNKNOWN = "unknown"
DIMENSIONS = ("kind", "year", "body", "forum")
FIRST_YEAR = 1945
LAST_YEAR = 2026

_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_UNKNOWN_WORDS = frozenset(
    [
        "unknown",
        "not known",
        "unidentified",
        "unclear",
        "not specified",
        "미상",
        "불명",
        "모름",
        "알 수 없음",
        "확인 불가",
        "불상",
    ]
)
_OTHER_WORDS = frozenset(["other", "others", "기타", "그 외"])


@dataclass(frozen=True, slots=True)
class Entry:
    """One code with its labels and the other ways in which registers write it."""

    code: str
    english: str
    korean: str
    also: tuple[str, ...] = ()


_ALWAYS = (Entry(OTHER, "Other", "기타"), Entry(UNKNOWN, "Unknown", "미상"))


@lru_cache(maxsize=1)
def entries() -> Mapping[str, tuple[Entry, ...]]:
    """Give every list by dimension; "other" and "unknown" end each stratum's."""
    document = json.loads((files("tacit.linkage") / "schemas" / "codes.json").read_text("utf-8"))
    lists = {
        dimension: tuple(
            Entry(item["code"], item["en"], item["ko"], tuple(item["also"])) for item in items
        )
        for dimension, items in document.items()
    }
    lists["year"] = tuple(
        Entry(str(year), str(year), f"{year}년") for year in range(FIRST_YEAR, LAST_YEAR + 1)
    )
    return {dimension: (*items, *_ALWAYS) for dimension, items in lists.items()}


def code_list(dimension: str) -> tuple[str, ...]:
    """Give the codes of a stratum without "other" and "unknown", which always belong.

    Raises:
        KeyError: there is no such dimension.
    """
    return tuple(entry.code for entry in entries()[dimension] if entry not in _ALWAYS)


def label(dimension: str, code: str, language: str = "en") -> str:
    """Name a code to a person, in `en` or `ko`; a code that is not listed names itself."""
    for entry in entries().get(dimension, _ALWAYS):
        if entry.code == code:
            return entry.korean if language == "ko" else entry.english
    return code


@lru_cache(maxsize=65536)
def recognise(dimension: str, raw: str) -> str:
    """Find the code for what a register holds.

    A value that is a label or a known other writing of one is recognised; failing that, the
    longest known writing that stands within it (whole words in Latin script; anywhere in Hangul,
    which joins its particles, from two syllables on). An agreement may carry lists of its own:
    a dimension that is not listed here gives the folded words joined by hyphens.

    Returns:
        A code, `UNKNOWN` for an empty value, or `OTHER` for one that is not recognised.
    """
    words = tokens(raw)
    joined = " ".join(words)
    if not words or joined in _UNKNOWN_WORDS:
        return UNKNOWN
    if joined in _OTHER_WORDS:
        return OTHER
    if dimension == "year":
        return _year(raw)
    if dimension not in entries():
        return "-".join(words)
    return _spoken(dimension, joined)


def _year(raw: str) -> str:
    year = year_of(raw).split(ALTERNATIVE)[0]
    if not year:
        return UNKNOWN
    return year if FIRST_YEAR <= int(year) <= LAST_YEAR else OTHER


def _spoken(dimension: str, joined: str) -> str:
    writings = _writings(dimension)
    exact = writings.get(_key(joined))
    if exact is not None:
        return exact
    padded, compact = f" {joined} ", joined.replace(" ", "")
    for writing, code in writings.items():
        if _HANGUL.search(writing):
            found = len(writing) > 1 and writing in compact
        else:
            found = f" {writing} " in padded
        if found:
            return code
    return OTHER


@lru_cache(maxsize=8)
def _writings(dimension: str) -> Mapping[str, str]:
    """Every writing of every code, the longest first, ties in the list's order."""
    pairs = [
        (_key(" ".join(tokens(writing))), entry.code)
        for entry in entries()[dimension]
        if entry.code != UNKNOWN
        for writing in (entry.code, entry.english, entry.korean, *entry.also)
    ]
    found: dict[str, str] = {}
    for writing, code in sorted(pairs, key=lambda pair: -len(pair[0])):
        found.setdefault(writing, code)
    return found


def _key(joined: str) -> str:
    return joined.replace(" ", "") if _HANGUL.search(joined) else joined
