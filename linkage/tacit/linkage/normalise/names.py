"""Personal names: a coarse form that scripts and romanisations share, and a fine one."""

import unicodedata

from tacit.linkage.normalise.hangul import initial_law
from tacit.linkage.normalise.korean import KoreanName, read_name, without_brackets
from tacit.linkage.normalise.revised import from_mccune, from_revised, revised
from tacit.linkage.normalise.skeleton import skeleton
from tacit.linkage.normalise.text import tokens


def name(value: str) -> str:
    """Normalise a personal name.

    A Korean name (`tacit.linkage.normalise.korean` says when) becomes its phonetic skeleton,
    surname first: 리영희, 이영희, Ri Yong-hui, Lee Young Hee, Yi Yŏnghŭi and LEE, Young-Hee are all
    `i yonghi`. Any other name becomes its folded words in alphabetical order, so that neither a
    comma nor the order of given name and surname counts.
    """
    korean = read_name(value)
    if korean is None:
        return _general(value)
    parts = (skeleton(list(korean.surname)), skeleton(list(korean.given)))
    return " ".join(part for part in parts if part)


def name_fine(value: str) -> str:
    """Normalise a personal name to its finer form, missing where that cannot be told.

    Korean names come out in Revised Romanisation, by syllables, after the initial-sound law. That
    can be told from Hangul, and from Latin letters that keep to Revised Romanisation or
    McCune-Reischauer visibly (eo; ŏ, ŭ). Other spellings leave the sound open (Yong is 영 or
    용), so their fine form is missing rather than wrong. Other names are their folded words.
    """
    korean = read_name(value)
    if korean is None:
        return _general(value)
    if korean.hangul is not None:
        return " ".join(_lawful(part) for part in korean.hangul if part)
    return _fine_latin(korean, value)


def _general(value: str) -> str:
    return " ".join(sorted(tokens(without_brackets(value))))


def _lawful(hangul: str) -> str:
    written = (initial_law(char, first=place == 0) for place, char in enumerate(hangul))
    return "".join(revised(char) for char in written)


def _fine_latin(korean: KoreanName, value: str) -> str:
    if korean.latin is None:
        return ""
    surname, given = korean.latin
    marked = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", value).casefold())
    if "ŏ" in marked or "ŭ" in marked:
        return from_mccune(marked, surname, given)
    return from_revised(surname, given)
