"""Korean personal names: which part is the surname, and how it sounds.

Rules, in order:

- What stands in brackets is left out unless nothing else is there.
- A name with Hangul is Korean; only its Hangul is read.
- A name in Latin letters is Korean when it is a surname in use, first or last, beside a given name
  of one to three syllables that occur in Korean names; or when it is a given name alone that is
  hyphenated or in two words, each one frequent syllable. A single Latin word is Korean only where
  it is written with the breves of McCune-Reischauer: `lee` alone stays `lee`.
- Names that other languages have too (Anna Lee, Tim Long) stay as they are: a listed given name
  beside a listed surname.
- Of two possible orders the likelier one counts; a comma, capitals of one word alone and a hyphen
  say which word is which.
"""

import re
import unicodedata
from dataclasses import dataclass
from math import log

from tacit.linkage.normalise.hangul import is_syllable
from tacit.linkage.normalise.korean_tables import (
    SHARED_SURNAMES,
    SURNAMES,
    WESTERN_GIVEN,
    name_syllables,
)
from tacit.linkage.normalise.romanised import read_word, surname_spellings
from tacit.linkage.normalise.skeleton import Syllable, sounds
from tacit.linkage.normalise.text import fold

# Round, square, tortoise-shell and lenticular; NFKC has made wide ones narrow.
_BRACKETED = re.compile(r"[(\[\u3014\u3010].*?[)\]\u3015\u3011]")
_BRACKETS = re.compile(r"[()\[\]\u3014\u3015\u3010\u3011]")
_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bb\u02bc\u0060\u00b4\u2032]")
_NOT_LATIN_WORD = re.compile(r"[^a-z\s,-]")
_BREVES = frozenset("ŏŭ")
_MOST_GIVEN = 3
_GIVEN_ALONE = 6.0  # -log of how rarely a name is given without its surname
_FREQUENT = 6.0  # cost of a syllable below which it is frequent
_SHORT_GIVEN = 3.0  # -log of how rarely a given name has one syllable
_LONG_GIVEN = 4.0  # and how rarely it has three
_LAST_IN_WORDS = 4.0  # and how rarely the surname follows a given name written in two words
_USUAL_GIVEN = 2


@dataclass(frozen=True, slots=True)
class KoreanName:
    """A name that was recognised as Korean.

    Attributes:
        surname: its syllables' sounds; empty where the name has none.
        given: the given name's syllables' sounds.
        hangul: surname and given name as written, where the name is in Hangul.
        latin: surname and given name's words as written, where it is in Latin letters.
    """

    surname: tuple[Syllable, ...]
    given: tuple[Syllable, ...]
    hangul: tuple[str, str] | None = None
    latin: tuple[str, tuple[str, ...]] | None = None


def without_brackets(value: str) -> str:
    """Leave out what stands in brackets, unless nothing else is there."""
    plain = unicodedata.normalize("NFKC", value)
    outside = _BRACKETED.sub(" ", plain)
    return outside if outside.strip() else _BRACKETS.sub(" ", plain)


def read_name(value: str) -> KoreanName | None:
    """Read a personal name as a Korean one; None where it is not one."""
    plain = unicodedata.normalize("NFC", without_brackets(value))
    if any(is_syllable(char) for char in plain):
        return _read_hangul(plain)
    folded = _APOSTROPHES.sub("", fold(plain)).replace(".", " ").strip(" ,-")
    if not folded or _NOT_LATIN_WORD.search(folded):
        return None
    breves = not _BREVES.isdisjoint(unicodedata.normalize("NFC", plain.casefold()))
    return _read_latin(folded, _capital_word(plain), breves=breves)


def _read_hangul(plain: str) -> KoreanName | None:
    words = ["".join(filter(is_syllable, word)) for word in re.split(r"[\s,·ㆍ・-]+", plain)]
    words = [word for word in words if word]
    surname, given = _split_hangul(words)
    return KoreanName(
        tuple(sounds(char) for char in surname),
        tuple(sounds(char) for char in given),
        hangul=(surname, given),
    )


def _split_hangul(words: list[str]) -> tuple[str, str]:
    first, last = words[0], words[-1]
    if len(words) == 1:
        return _split_joined(first)
    if _is_surname(first) and not (len(first) > len(last) and _is_surname(last)):
        return first, "".join(words[1:])
    if _is_surname(last):
        return last, "".join(words[:-1])
    return _split_joined("".join(words))


def _split_joined(word: str) -> tuple[str, str]:
    if len(word) > _USUAL_GIVEN and word[:2] in SURNAMES:
        return word[:2], word[2:]
    if len(word) > 1 and _is_surname(word[0]) and not _is_given_alone(word):
        return word[0], word[1:]
    return "", word


def _is_surname(word: str) -> bool:
    return word in SURNAMES or _SOUTHERN.get(word, "") in SURNAMES


# The North keeps the initials that the South drops.
_SOUTHERN = {
    "리": "이",
    "림": "임",
    "류": "유",
    "로": "노",
    "라": "나",
    "량": "양",
    "려": "여",
    "렴": "염",
    "련": "연",
    "룡": "용",
    "륙": "육",
    "렬": "열",
}


def _is_given_alone(word: str) -> bool:
    """Weigh two syllables as a surname with a short given name and as a given name alone."""
    if len(word) != _USUAL_GIVEN:
        return False
    surname = _SOUTHERN.get(word[0], word[0])
    full = -log(SURNAMES[surname][0] / _SURNAME_TOTAL) + _SHORT_GIVEN + _cost(word[1])
    return _GIVEN_ALONE + _cost(word[0]) + _cost(word[1]) < full


def _cost(char: str) -> float:
    return -log((_NAME_SYLLABLES.get(char) or 1) / _SYLLABLE_TOTAL)


_NAME_SYLLABLES = {
    char: weight + name_syllables(first=False)[char]
    for char, weight in name_syllables(first=True).items()
}
_SYLLABLE_TOTAL = sum(_NAME_SYLLABLES.values())
_SURNAME_TOTAL = sum(weight for weight, _ in SURNAMES.values())


def _capital_word(plain: str) -> str:
    """Give the one word that is in capitals where the others are not."""
    words = re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", plain)
    capital = [word for word in words if len(word) > 1 and word.isupper()]
    if len(capital) != 1 or len(capital) == len(words):
        return ""
    return _APOSTROPHES.sub("", fold(capital[0]))


def _read_latin(folded: str, capital: str, *, breves: bool) -> KoreanName | None:
    before, comma, after = folded.partition(",")
    words = folded.replace(",", " ").split()
    if not 1 <= len(words) <= _MOST_GIVEN + 1:
        return None
    if comma:
        splits = [(before.split(), after.split())]
    else:
        splits = [(words[:1], words[1:]), (words[-1:], words[:-1])]
        hinted = [split for split in splits if capital and split[0] == [capital]]
        splits = hinted or [s for s in splits if "-" not in s[0][0]] or splits
    readings = [reading for split in splits if (reading := _with_surname(*split))]
    if len(readings) > 1 and len(words) > _USUAL_GIVEN:
        # Given names written in two words go with the surname first: Song Kum Na.
        last_cost, last = readings[1]
        readings[1] = (last_cost + _LAST_IN_WORDS, last)
    alone = None if comma else _given_alone(words, breves=breves)
    best = min((r for r in (*readings, alone) if r), key=lambda r: r[0], default=None)
    return best[1] if best else None


def _with_surname(surname: list[str], given: list[str]) -> tuple[float, KoreanName] | None:
    written = "".join(surname).replace("-", "")
    known = surname_spellings().get(written)
    if known is None or not given:
        return None
    parts = [part for word in given for part in word.split("-") if part]
    if written in SHARED_SURNAMES and WESTERN_GIVEN.issuperset(parts):
        return None
    read = _given(parts)
    if read is None:
        return None
    cost, syllables = read
    unusual = {1: _SHORT_GIVEN, _USUAL_GIVEN: 0.0}.get(len(syllables), _LONG_GIVEN)
    return (
        known[0] + cost + unusual,
        KoreanName(known[1], syllables, latin=(written, tuple(parts))),
    )


def _given(parts: list[str]) -> tuple[float, tuple[Syllable, ...]] | None:
    cost = 0.0
    syllables: tuple[Syllable, ...] = ()
    for place, part in enumerate(parts):
        read = read_word(part, first=place == 0)
        if read is None:
            return None
        cost += read[0]
        syllables += read[1]
    return (cost, syllables) if 1 <= len(syllables) <= _MOST_GIVEN else None


def _given_alone(words: list[str], *, breves: bool) -> tuple[float, KoreanName] | None:
    parts = [part for word in words for part in word.split("-") if part]
    in_two = len(parts) == _USUAL_GIVEN
    if not (in_two or breves) or WESTERN_GIVEN.issuperset(parts):
        return None
    read = _given(parts)
    if read is None or len(read[1]) != _USUAL_GIVEN:
        return None
    if not breves and not all(_is_frequent(part, place) for place, part in enumerate(parts)):
        return None
    return _GIVEN_ALONE + read[0], KoreanName((), read[1], latin=("", tuple(parts)))


def _is_frequent(part: str, place: int) -> bool:
    read = read_word(part, 1, first=place == 0)
    return read is not None and read[0] <= _FREQUENT
