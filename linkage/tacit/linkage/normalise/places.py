"""Places: province and county of both Koreas in one form for all scripts; free text otherwise."""

import re
from functools import lru_cache

from tacit.linkage.normalise.hangul import is_syllable
from tacit.linkage.normalise.korean_places import (
    DIRECTIONS,
    HANGUL_KINDS,
    LATIN_KINDS,
    PROVINCES,
    SHORT_PROVINCES,
)
from tacit.linkage.normalise.romanised import read_word
from tacit.linkage.normalise.skeleton import Syllable, skeleton, sounds
from tacit.linkage.normalise.text import tokens, without_brackets

_MOST_SYLLABLES = 6
_DO = (sounds("도"),)


def place(value: str) -> str:
    """Normalise a place.

    Korean places become the phonetic skeletons of province and county, the province first and
    without what kind of place each is: 함경북도 회령시, Hoeryong City, North Hamgyong Province and
    Hamgyŏng-bukto Hoeryŏng are all `hamkyongpok heryong`. Latin words are read so only where a
    Korean province, city or county stands among them; any other place stays folded words.
    """
    plain = without_brackets(value)
    if any(is_syllable(char) for char in plain):
        return _hangul(re.split(r"[\s,·ㆍ/-]+", plain))
    return _latin(tokens(plain)) or " ".join(tokens(value))


def _hangul(words: list[str]) -> str:
    names = ["".join(filter(is_syllable, word)) for word in words]
    parts: list[str] = []
    for name in names:
        parts += _province_first(name)
    kept = [part for part in parts if part and part not in {"북한", "한국", "조선"}]
    return " ".join(_said(_without_kind(part)) for part in kept)


def _province_first(name: str) -> list[str]:
    """Part a province from what is written on to it, and give shortened ones in full."""
    for province in _PROVINCE_WRITINGS:
        if name.startswith(province):
            rest = name[len(province) :]
            if not rest or rest in HANGUL_KINDS:
                return [SHORT_PROVINCES.get(province, province)]
            if province.endswith("도"):
                return [SHORT_PROVINCES.get(province, province), rest]
    return [name]


_PROVINCE_WRITINGS = sorted({*PROVINCES, *SHORT_PROVINCES}, key=lambda name: (-len(name), name))


def _without_kind(name: str) -> str:
    for kind in HANGUL_KINDS:
        if name.endswith(kind) and len(name) - len(kind) > 1:
            return name.removesuffix(kind)
    return name


def _said(name: str) -> str:
    return skeleton([sounds(char) for char in name])


def _latin(words: list[str]) -> str:
    """Read Latin words as a Korean place, or give nothing where they are none."""
    province, rest = _find_province(words)
    known = _county_skeletons()
    readings = [_read(word) for word in rest]
    if not province and not any(
        reading and skeleton(list(reading)) in known for reading in readings
    ):
        return ""
    counties = [
        skeleton(list(reading)) if reading else word
        for word, reading in zip(rest, readings, strict=True)
        if word not in LATIN_KINDS
    ]
    return " ".join([*province, *counties])


def _find_province(words: list[str]) -> tuple[list[str], list[str]]:
    """Find a province among Latin words: its skeleton, and the words that are not of it."""
    for start in range(len(words)):
        for length in range(min(4, len(words) - start), 0, -1):
            found = _province_of(tuple(words[start : start + length]))
            if found:
                return [found], words[:start] + words[start + length :]
    return [], words


def _province_of(words: tuple[str, ...]) -> str | None:
    direction = DIRECTIONS.get(words[0])
    inner = words[1:] if direction else words
    kept = [word for word in inner if word not in LATIN_KINDS or word == "do"]
    readings = [_read(word) for word in kept]
    if not kept or not all(readings):
        return None
    said = tuple(part for reading in readings if reading for part in reading)
    if direction:
        said += (sounds(direction),)
    return _province_sounds().get(said) or _province_sounds().get(said + _DO)


@lru_cache(maxsize=65536)
def _read(word: str) -> tuple[Syllable, ...] | None:
    read = read_word(word, _MOST_SYLLABLES)
    return read[1] if read else None


@lru_cache(maxsize=1)
def _province_sounds() -> dict[tuple[Syllable, ...], str]:
    found = {}
    for name in PROVINCES:
        written = {name, *(short for short, full in SHORT_PROVINCES.items() if full == name)}
        for writing in sorted(written):
            found[tuple(sounds(char) for char in writing)] = _said(_without_kind(name))
    return found


@lru_cache(maxsize=1)
def _county_skeletons() -> frozenset[str]:
    names = {county for counties in PROVINCES.values() for county in counties if len(county) > 1}
    return frozenset(_said(name) for name in names)
