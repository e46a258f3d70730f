"""Personal names: a coarse form that scripts and romanisations share, and a fine one.

Both may hold several alternatives (`tacit.linkage.normalise.text.ALTERNATIVE` between them): the
aliases of a person, and the readings of a name that can be read in several ways.
"""

import re
import unicodedata
from collections.abc import Iterable

from tacit.linkage.normalise.aliases import aliases
from tacit.linkage.normalise.certain_latin import certain_given
from tacit.linkage.normalise.general import general
from tacit.linkage.normalise.hangul import initial_law
from tacit.linkage.normalise.korean import KoreanName
from tacit.linkage.normalise.name_readings import NameReading, read_names
from tacit.linkage.normalise.other_names import coarse_forms
from tacit.linkage.normalise.revised import from_mccune, from_revised, revised, surname_alone
from tacit.linkage.normalise.skeleton import skeleton
from tacit.linkage.normalise.text import ALTERNATIVE, alternatives, text
from tacit.linkage.normalise.titles import without_address

# What registers write where they know no name.
_UNKNOWN = frozenset(
    [
        "불명",
        "미상",
        "무명",
        "무명씨",
        "성명불상",
        "성명미상",
        "신원미상",
        "신원불명",
        "이름없음",
        "不明",
        "不详",
        "不詳",
        "unknown",
        "неизвестно",
        "неизвестный",
        "неизвестная",
    ]
) | {
    "이름 없음",
    "성명 미상",
    "성명 불상",
    "신원 미상",
    "신원 불명",
    "name unknown",
    "unknown name",
}
_AND_OTHERS = re.compile(r"\s+외\s*\d*\s*(?:명|인|가족)?\s*$")
MOST = 6
"""Alternatives of one value; each fills the encoding further."""


def name(value: str) -> str:
    """Normalise a personal name.

    A Korean name (`tacit.linkage.normalise.name_readings` says when) becomes its phonetic
    skeleton, surname first: 리영희, 이영희, Ri Yong-hui, Lee Young Hee, Yi Yŏnghŭi, LEE Young-Hee,
    Ли Ён Хи and リ・ヨンヒ are all `i yonghi`, and so is one alternative of 李英姬, whose other one is
    the Chinese reading. Any other name becomes its words in Latin letters, folded and in
    alphabetical order, so that neither a comma nor the order of given name and surname counts.
    """
    return _joined(form for reading in _readings(value) for form in _coarse(reading))


def name_fine(value: str) -> str:
    """Normalise a personal name to its finer form, missing where that cannot be told.

    Korean names come out in Revised Romanisation, by syllables, after the initial-sound law. That
    can be told from Hangul and Hanja, from Latin letters that keep to Revised Romanisation or
    McCune-Reischauer visibly (eo; ŏ, ŭ), and from spellings that names leave no other sound for
    (Young, Chol). Others leave it open (Yong is 영 or 용), so their fine form is missing rather
    than wrong. Other names are as in the coarse form.
    """
    return _joined(form for one in _names(value) for form in _fine(read_names(one)))


def _readings(value: str) -> Iterable[NameReading]:
    return (reading for one in _names(value) for reading in read_names(one))


def _names(value: str) -> list[str]:
    found = aliases(_AND_OTHERS.sub("", value))
    return [without_address(one) for one in found if text(one) not in _UNKNOWN]


def _joined(forms: Iterable[str]) -> str:
    return ALTERNATIVE.join(alternatives(forms).split(ALTERNATIVE)[:MOST])


def _coarse(reading: NameReading) -> Iterable[str]:
    if isinstance(reading, str):
        return coarse_forms(reading)
    parts = (skeleton(list(reading.surname)), skeleton(list(reading.given)))
    return (" ".join(part for part in parts if part),)


def _fine(readings: tuple[NameReading, ...]) -> list[str]:
    """Give the fine forms of one name; none where its Korean reading leaves the sound open."""
    korean = [_fine_korean(one) for one in readings if isinstance(one, KoreanName)]
    if korean and not any(korean):
        return []
    return [*korean, *(general(one) for one in readings if isinstance(one, str))]


def _fine_korean(korean: KoreanName) -> str:
    if korean.hangul is not None:
        return " ".join(_lawful(part) for part in korean.hangul if part)
    return _fine_latin(korean)


def _lawful(hangul: str) -> str:
    written = (initial_law(char, first=place == 0) for place, char in enumerate(hangul))
    return "".join(revised(char) for char in written)


def _fine_latin(korean: KoreanName) -> str:
    if korean.latin is None:
        return ""
    surname, given = korean.latin
    if not given:
        return surname_alone(surname)
    marked = unicodedata.normalize("NFC", korean.written.casefold())
    if "ŏ" in marked or "ŭ" in marked:
        return from_mccune(marked, surname, given)
    return from_revised(surname, given) or _certain(surname, given)


def _certain(surname: str, given: tuple[str, ...]) -> str:
    heard, certain = surname_alone(surname), certain_given(given)
    return f"{heard} {certain}".strip() if certain and (heard or not surname) else ""
