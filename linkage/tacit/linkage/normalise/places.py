"""Places: province and county of both Koreas in one form for all scripts; free text otherwise."""

import re
from functools import lru_cache
from itertools import product

from tacit.linkage.normalise.countries import country
from tacit.linkage.normalise.general import romanise
from tacit.linkage.normalise.hanja import is_han, sound_out
from tacit.linkage.normalise.korean_gazetteer import (
    UNDIVIDED,
    counties,
    foreign,
    is_hangul,
    provinces_of,
    said,
)
from tacit.linkage.normalise.korean_places import (
    DIRECTIONS,
    HANGUL_KINDS,
    LATIN_KINDS,
    PROVINCES,
    SHORT_PROVINCES,
)
from tacit.linkage.normalise.romanised import read_word
from tacit.linkage.normalise.skeleton import Syllable, skeleton, sounds
from tacit.linkage.normalise.text import alternatives, text, tokens, without_brackets

_MOST_SYLLABLES = 6
_DO = (sounds("도"),)
_SEPARATORS = re.compile(r"[\s,·ㆍ/-]+")
_KOREAS = frozenset({"north korea", "south korea", "korea"})
_KOREAN_WORDS = frozenset({"북한", "한국", "조선", "남한", "북조선", "남조선", "이북", "대한민국"})
# What one register shortens and another writes out.
_SAME = {"saint": "st", "sankt": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}
# What a place is, which registers write or leave out; never the only word.
_KINDS = frozenset(
    [
        "city",
        "province",
        "prov",
        "district",
        "county",
        "oblast",
        "raion",
        "rayon",
        "region",
        "gorod",
    ]
)


def place(value: str) -> str:
    """Normalise a place.

    Korean places become the phonetic skeletons of province and county, the province first and
    without what kind of place each is: 함경북도 회령시, Hoeryong City, North Hamgyong Province,
    Hamgyŏng-bukto Hoeryŏng and 咸鏡北道 會寧 are all `hamkyongpok heyong`. A county that changed its
    name is called as it is now, and one that changed its province has an alternative in each:
    강계 is in Jagang and in North Pyongan, whichever is written. Words that are not in Hangul are
    read so only where a Korean province, city or county stands among them.

    Any other place stays words, folded and in Latin letters; a country is called in English.
    """
    plain = without_brackets(value)
    parts = [part for part in re.split(r"[,;/·、]", plain) if part.strip()]
    lands = [country(part) for part in parts]
    rest = " ".join(part for part, land in zip(parts, lands, strict=True) if land not in _KOREAS)
    if all(lands):
        return " ".join(lands)
    if is_hangul(rest):
        return _hangul(_SEPARATORS.split(rest))
    return _foreign(rest) or _general(parts, lands) or " ".join(tokens(value))


def _general(parts: list[str], lands: list[str]) -> str:
    words = [
        word
        for part, land in zip(parts, lands, strict=True)
        for word in (land.split() if land else tokens(romanise(part)))
    ]
    kept = [word for word in words if word not in _KINDS] or words
    return " ".join(_SAME.get(word, word) for word in kept)


def _foreign(plain: str) -> str:
    """Read a place that is not in Hangul as a Korean one, or give nothing where it is none."""
    words = tokens(plain)
    kept = [word for word in words if word not in LATIN_KINDS]
    known = foreign().get(text(plain)) or foreign().get(" ".join(kept))
    if known:
        return _hangul([known])
    if any(map(is_han, plain)):
        return _han(_SEPARATORS.split(plain))
    return _latin(words)


def _han(words: list[str]) -> str:
    """Read Han characters as a Korean place, or give nothing where no Korean province is named."""
    ways = [sound_out(word) for word in words]
    named = [[way for way in own if _names_province(way)] for own in ways]
    if not any(named) or not all(ways):
        return ""
    chosen = [best or sorted(own, key=_unknown) for best, own in zip(named, ways, strict=True)]
    return _hangul([own[0] for own in chosen])


def _names_province(name: str) -> bool:
    return any(part in PROVINCES or part in UNDIVIDED for part in _province_first(name))


def _unknown(name: str) -> bool:
    return said(_without_kind(name)) not in counties()


def _hangul(words: list[str]) -> str:
    names = ["".join(filter(is_hangul, word)) for word in words]
    parts = [part for name in names for part in _province_first(name)]
    kept = [part for part in parts if part and part not in _KOREAN_WORDS]
    provinces = [part for part in kept if part in PROVINCES or part in UNDIVIDED][:1]
    rest = [said(_without_kind(part)) for part in kept if part not in provinces]
    return _told(provinces[0] if provinces else "", rest)


def _told(province: str, rest: list[str]) -> str:
    """Put a province and the skeletons of what is in it together, in every way they may be told."""
    written = UNDIVIDED.get(province, (province,) if province else ())
    found = written
    if rest:
        county, found = provinces_of(rest[0], written)
        rest = [county, *rest[1:]]
    own = [[said(_without_kind(name))] for name in found] or [[]]
    return alternatives(" ".join(_once([*name, *rest])) for name in own)


def _once(words: list[str]) -> list[str]:
    return list(dict.fromkeys(words))


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


_PROVINCE_WRITINGS = sorted(
    {*PROVINCES, *SHORT_PROVINCES, *UNDIVIDED}, key=lambda name: (-len(name), name)
)


def _without_kind(name: str) -> str:
    for kind in HANGUL_KINDS:
        if name.endswith(kind) and len(name) - len(kind) > 1:
            return name.removesuffix(kind)
    return name


def _latin(words: list[str]) -> str:
    """Read Latin words as a Korean place, or give nothing where they are none."""
    province, rest = _find_province(words)
    rest = [word for word in rest if word not in LATIN_KINDS]
    named = [foreign().get(word, "") for word in rest]
    readings = [_read(word) for word in rest]
    heard = [
        said(name) if name else skeleton(list(reading)) if reading else word
        for word, name, reading in zip(rest, named, readings, strict=True)
    ]
    known = counties()
    if not province and not any(
        name or (reading and skeleton_ in known)
        for name, reading, skeleton_ in zip(named, readings, heard, strict=True)
    ):
        return ""
    # The county comes first, though English puts it last or first.
    first = next((n for n, skeleton_ in enumerate(heard) if skeleton_ in known), 0)
    inner = next((name for name in named if name in PROVINCES), "") if not province else ""
    if inner:
        heard = [skeleton_ for skeleton_ in heard if skeleton_ != said(inner)]
        return _told(inner, heard)
    return _told(province, heard[first : first + 1] + heard[:first] + heard[first + 1 :])


def _find_province(words: list[str]) -> tuple[str, list[str]]:
    """Find a province among Latin words: its name in Hangul, and the words that are not of it."""
    for start, length in product(range(len(words)), range(4, 0, -1)):
        if start + length <= len(words):
            found = _province_of(tuple(words[start : start + length]))
            if found:
                return found, words[:start] + words[start + length :]
    return "", words


def _province_of(words: tuple[str, ...]) -> str | None:
    direction = DIRECTIONS.get(words[0])
    inner = words[1:] if direction else words
    kept = [word for word in inner if word not in LATIN_KINDS or word == "do"]
    readings = [_read(word) for word in kept]
    if not kept or not all(readings):
        return None
    heard = tuple(part for reading in readings if reading for part in reading)
    if direction:
        heard += (sounds(direction),)
    return _province_sounds().get(heard) or _province_sounds().get(heard + _DO)


@lru_cache(maxsize=65536)
def _read(word: str) -> tuple[Syllable, ...] | None:
    read = read_word(word, _MOST_SYLLABLES)
    return read[1] if read else None


@lru_cache(maxsize=1)
def _province_sounds() -> dict[tuple[Syllable, ...], str]:
    found = {}
    for name in (*PROVINCES, *UNDIVIDED):
        written = {name, *(short for short, full in SHORT_PROVINCES.items() if full == name)}
        for writing in sorted(written):
            found[tuple(sounds(char) for char in writing)] = name
    return found
