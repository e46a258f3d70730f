"""Names in the scripts of India and Nepal in Latin letters, as their bearers write them.

Nine blocks of Unicode have the same letters at the same places (the layout of ISCII), so one table
reads them all. Consonants bear an a that is not written; where the North's languages leave it
unspoken, at a word's end and between two syllables that have vowels, it is left out.
"""

import re

_FIRST, _LAST, _BLOCK = 0x0900, 0x0D7F, 0x80
_SOUTHERN = 0x0B80  # from Tamil on the a is spoken
_TAMIL = range(0x0B80, 0x0C00)
_CONSONANTS = dict(
    enumerate(
        (
            "k",
            "kh",
            "g",
            "gh",
            "n",
            "ch",
            "chh",
            "j",
            "jh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "r",
            "l",
            "l",
            "l",
            "v",
            "sh",
            "sh",
            "s",
            "h",
        ),
        start=0x15,
    )
) | {0x58: "k", 0x59: "kh", 0x5A: "g", 0x5B: "z", 0x5C: "r", 0x5D: "rh", 0x5E: "f", 0x5F: "y"}
_VOWELS = {
    **dict(
        enumerate(
            ("a", "a", "i", "i", "u", "u", "ri", "l", "e", "e", "e", "ai", "o", "o", "o", "au"),
            start=0x05,
        )
    ),
    0x60: "ri",
    0x72: "a",
}
_SIGNS = dict(
    enumerate(
        ("a", "i", "i", "u", "u", "ri", "ri", "e", "e", "e", "ai", "o", "o", "o", "au"), start=0x3E
    )
)
_NASALS = {0x00: "n", 0x01: "n", 0x02: "n", 0x03: "h", 0x70: "n", 0x71: ""}
_CHILLU = {0x7A: "n", 0x7B: "n", 0x7C: "r", 0x7D: "l", 0x7E: "l", 0x7F: "k"}
_VIRAMA, _NUKTA = 0x4D, 0x3C
_INHERENT = "\u0259"  # the a that is not written
_SPOKEN = frozenset(f"aeiou{_INHERENT}")
_VOICED = re.compile("[nm][ktp](?!h)")  # Tamil writes voiced stops as voiceless ones
_WORD = re.compile("[\u0900-\u0d7f\u200c\u200d]+")


def is_indic(value: str) -> bool:
    """Tell whether a value has letters of these scripts."""
    return _WORD.search(value) is not None


def latin(value: str) -> str:
    """Write what is in these scripts in Latin letters; everything else stays."""
    return _WORD.sub(lambda found: _word(found[0]), value)


def _word(word: str) -> str:
    written = ""
    for char in word.replace("\u200c", "").replace("\u200d", ""):
        written = _add(written, ord(char))
    southern = ord(word[0]) >= _SOUTHERN
    if not southern:
        written = _without_unspoken(written)
    written = _assimilated(written.replace(_INHERENT, "a").replace("chchh", "chh"))
    return _VOICED.sub(_voiced, written) if ord(word[0]) in _TAMIL else written


def _add(written: str, code: int) -> str:
    place = (code - _FIRST) % _BLOCK
    if place in _CONSONANTS:
        return written + _CONSONANTS[place] + _INHERENT
    if place in _SIGNS:
        return written.removesuffix(_INHERENT) + _SIGNS[place]
    if place == _VIRAMA:
        return written.removesuffix(_INHERENT)
    if place in _CHILLU and code >= _LAST - _BLOCK:
        return written + _CHILLU[place]
    return written + (_VOWELS.get(place) or _NASALS.get(place, ""))


def _without_unspoken(written: str) -> str:
    """Leave out the inherent a at the end, and from there on between syllables with vowels."""
    if len(re.findall(f"[aeiou{_INHERENT}]+", written)) > 1 and written.endswith(_INHERENT):
        written = written[:-1]
    sounds = re.findall(f"[aeiou{_INHERENT}]+|[^aeiou{_INHERENT}]h?", written)
    for place in range(len(sounds) - 3, 1, -1):
        around = sounds[place - 2 : place] + sounds[place + 1 : place + 3]
        spoken = "".join("a" if part[:1] in _SPOKEN else "-" for part in around)
        if sounds[place] == _INHERENT and spoken == "a--a":
            sounds[place] = ""
    return "".join(sounds)


def _voiced(found: re.Match[str]) -> str:
    return found[0][0] + {"k": "g", "t": "d", "p": "b"}[found[0][1]]


def _assimilated(written: str) -> str:
    return re.sub("nh$", "ngh", re.sub("n(?=[pb])", "m", written))
