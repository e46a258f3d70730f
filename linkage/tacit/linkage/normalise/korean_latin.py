"""Korean names in Latin letters, whatever the romanisation.

A name is Korean when it is a surname in use, first or last, beside a given name of one to three
syllables that occur in Korean names; or when it is a given name alone that is hyphenated or in two
words, each one frequent syllable, or written with the breves of McCune-Reischauer. Names that
other languages have too (Anna Lee, Tim Long) are not: a listed given name beside a listed surname.

Of two possible orders the likelier one counts; a comma, capitals of one word alone and a hyphen
say which word is which.
"""

import re
import unicodedata
from dataclasses import replace

from tacit.linkage.normalise.korean import KoreanName
from tacit.linkage.normalise.korean_tables import SHARED_SURNAMES, WESTERN_GIVEN
from tacit.linkage.normalise.romanised import heard_surnames, read_word, surname_spellings
from tacit.linkage.normalise.skeleton import Syllable
from tacit.linkage.normalise.text import fold

_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bb\u02bc\u0060\u00b4]")
_NOT_LATIN_WORD = re.compile(r"[^a-z\s,-]")
_BREVES = frozenset("ŏŭ")
_CARONS = str.maketrans({"č": "ch", "Č": "Ch", "š": "sh", "Š": "Sh", "ž": "zh", "Ž": "Zh"})
_TITLE = re.compile(
    r"^\s*(?:(?:mr|mrs|ms|miss|dr|prof|gen|lt|col|maj|capt|comrade|mme|sir)\b\.?\s+)+(?=\S)",
    re.IGNORECASE,
)
# Hungarian, Polish and Baltic spellings: Hvang Bjongszo, Kim Dzsongun.
_CONTINENTAL = (
    ("chch", "ch"),
    ("dzs", "j"),
    ("dzi", "j"),
    ("dz", "j"),
    ("cs", "ch"),
    ("sz", "s"),
    ("v", "w"),
    ("th", "t"),
)
_J_AS_Y = re.compile(r"(?<=[bcdfghklmnprst])j(?=[aeou])")
_MOST_GIVEN = 3
_USUAL_GIVEN = 2
_GIVEN_ALONE = 6.0  # -log of how rarely a name is given without its surname
_FREQUENT = 6.0  # cost of a syllable below which it is frequent
_SHORT_GIVEN = 3.0  # -log of how rarely a given name has one syllable
_LONG_GIVEN = 4.0  # and how rarely it has three
_LAST_IN_WORDS = 4.0  # and how rarely the surname follows a given name written in two words
_HEARD = 4.0  # and how rarely a surname is spelt as no table has it
_SHORTEST_SURNAME = 3
_SHORTEST_WORD = 5  # letters of a single word that is taken for a given name
_LIKELY_WORD = 10.0  # and its greatest cost


def read_latin(plain: str) -> KoreanName | None:
    """Read a name in Latin letters as a Korean one; None where it is not one."""
    folded = _APOSTROPHES.sub("", fold(plain.translate(_CARONS))).replace(".", " ").strip(" ,-")
    if not folded or _NOT_LATIN_WORD.search(folded):
        return None
    breves = not _BREVES.isdisjoint(unicodedata.normalize("NFC", plain.casefold()))
    found = _read_latin(folded, _capital_word(plain), breves=breves)
    if found is None and (other := _continental(folded)) != folded:
        found = _read_latin(other, _continental(_capital_word(plain)), breves=breves)
    return found and replace(found, written=plain)


def read_latin_word(word: str) -> KoreanName | None:
    """Read a single word, small letters a to z, that may be a Korean surname or given name."""
    known = surname_spellings().get(word)
    if known is not None:
        return KoreanName(known[1], (), latin=(word, ()), written=word)
    read = read_word(word, _USUAL_GIVEN)
    if read is None or len(read[1]) != _USUAL_GIVEN or word in WESTERN_GIVEN:
        return None
    if len(word) < _SHORTEST_WORD or read[0] > _LIKELY_WORD:
        return None
    return KoreanName((), read[1], latin=("", (word,)), written=word)


def without_titles(plain: str) -> str:
    """Leave out a title before a name."""
    return _TITLE.sub("", plain, count=1)


def _continental(folded: str) -> str:
    for written, english in _CONTINENTAL:
        folded = folded.replace(written, english)
    return _J_AS_Y.sub("y", folded)


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
    if not readings and len(words) > 1:
        readings = [reading for split in splits if (reading := _with_heard_surname(*split))]
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


def _with_heard_surname(surname: list[str], given: list[str]) -> tuple[float, KoreanName] | None:
    """Read a surname that is spelt as no table has it: Choung, Djang, Kyeung.

    Only before, or after, a given name in two parts, each a frequent syllable.
    """
    written = "".join(surname).replace("-", "")
    parts = [part for word in given for part in word.split("-") if part]
    if len(parts) != _USUAL_GIVEN or len(written) < _SHORTEST_SURNAME:
        return None
    read = read_word(written, 1)
    known = heard_surnames().get(read[1]) if read else None
    if read is None or known is None or not all(map(_is_frequent, parts, (0, 1))):
        return None
    given_read = _given(parts)
    if given_read is None or len(given_read[1]) != _USUAL_GIVEN:
        return None
    name = KoreanName(read[1], given_read[1], latin=(written, tuple(parts)))
    return known + given_read[0] + _HEARD, name


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
