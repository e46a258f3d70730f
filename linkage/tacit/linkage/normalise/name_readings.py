"""How a name can be read: as a Korean one, in whatever script it is written, or as it stands.

Rules, in order:

- A name with Hangul is Korean; only its Hangul is read.
- Han characters are read by `tacit.linkage.normalise.hanja`; the Chinese reading stands beside.
- Kana and Cyrillic are Korean where a Korean surname stands first, or last, beside a given name of
  one to three syllables that occur in Korean names.
- Latin letters are read by `tacit.linkage.normalise.korean_latin`. What may be Chinese as well (Li Na)
  has both readings, and so does a single word that may be a Korean surname or given name (lee,
  youngsoo).
- Other scripts are read by way of Latin letters; the name as it stands is beside a Korean reading.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from tacit.linkage.normalise import cyrillic, hanja, kana
from tacit.linkage.normalise.general import is_chinese, romanise
from tacit.linkage.normalise.hangul import is_syllable
from tacit.linkage.normalise.korean import KoreanName
from tacit.linkage.normalise.korean_hangul import read_hangul
from tacit.linkage.normalise.korean_latin import read_latin, read_latin_word, without_titles
from tacit.linkage.normalise.skeleton import Syllable, sounds
from tacit.linkage.normalise.syllable_reading import Reading
from tacit.linkage.normalise.text import tokens

NameReading = KoreanName | str

_CYRILLIC = re.compile("[\u0400-\u052f]")
_KANA = re.compile("[\u3041-\u30ff]")
_WORDS = re.compile(r"[^\W\d_]+(?:['\u2019ー][^\W\d_]+)*")
_MARGIN = 2.5  # a reading costlier than the best by more is left out
_LAST = 4.0  # -log of how rarely the surname comes last in these scripts
_MOST_GIVEN, _MOST = 3, 3

Surnames = Mapping[str, tuple[Reading, ...]]
ReadGiven = Callable[[str], tuple[Reading, ...]]


def read_names(value: str) -> tuple[NameReading, ...]:
    """Read one name, which holds no aliases.

    Returns:
        The likely readings; a text is to be taken as it stands.
    """
    plain = unicodedata.normalize("NFC", value)
    if any(is_syllable(char) for char in plain):
        return (read_hangul(hanja.in_hangul(plain)),)
    han = "".join(filter(hanja.is_han, plain))
    if han and not _KANA.search(plain):
        return _read_han(han)
    if _KANA.search(plain):
        words = _WORDS.findall(kana.katakana(plain).replace("・", " "))
        return _read(words, kana.surnames(), kana.read_given) or (plain,)
    if _CYRILLIC.search(plain):
        words = _WORDS.findall(cyrillic.folded(plain).replace("-", " "))
        return _read(words, cyrillic.surnames(), cyrillic.read_given) or (plain,)
    return _read_latin(plain)


def _read_han(han: str) -> tuple[NameReading, ...]:
    korean = tuple(
        KoreanName(
            tuple(sounds(char) for char in surname),
            tuple(sounds(char) for char in given),
            hangul=(surname, given),
        )
        for surname, given in hanja.korean(han)
    )
    return (*korean, hanja.chinese(han), hanja.japanese(han))


def _read(words: list[str], surnames: Surnames, given: ReadGiven) -> tuple[NameReading, ...]:
    """Read words whose spelling leaves the sound open."""
    splits = [(words[0], words[1:], 0.0), (words[-1], words[:-1], _LAST)] if words else []
    found: dict[tuple[tuple[Syllable, ...], tuple[Syllable, ...]], float] = {}
    for surname, rest, unusual in splits:
        for cost, heard in surnames.get(surname, ()):
            for more, syllables in _read_given(rest, given):
                key = (heard, syllables)
                found[key] = min(found.get(key, 99.0), cost + more + unusual)
    ranked = sorted(found.items(), key=lambda item: (item[1], item[0]))
    likely = [key for key, cost in ranked if cost <= ranked[0][1] + _MARGIN][:_MOST]
    korean = tuple(KoreanName(surname, syllables) for surname, syllables in likely)
    return (*korean, words[0]) if korean and len(words) == 1 else korean


def _read_given(words: list[str], given: ReadGiven) -> list[Reading]:
    ways: list[Reading] = [(0.0, ())]
    for word in words:
        ways = [(a + c, (*b, *d)) for a, b in ways for c, d in given(word)]
        ways = sorted(way for way in ways if len(way[1]) <= _MOST_GIVEN)[:_MOST]
    return ways


def _read_latin(plain: str) -> tuple[NameReading, ...]:
    written = without_titles(plain if _is_latin(plain) else romanise(plain))
    korean = read_latin(written)
    words = tokens(written)
    if korean is not None:
        chinese = written.isascii() and "-" not in written and is_chinese(words)
        return (korean, plain) if chinese or not _is_latin(plain) else (korean,)
    single = read_latin_word(words[0]) if len(words) == 1 else None
    return (plain,) if single is None else (plain, single)


def _is_latin(plain: str) -> bool:
    return all(
        char < "\u0370" or not char.isalpha() or "\u1e00" <= char < "\u1f00" for char in plain
    )
