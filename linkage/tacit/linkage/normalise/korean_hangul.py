"""Korean names in Hangul: which part is the surname."""

import re
from math import log

from tacit.linkage.normalise.hangul import is_syllable
from tacit.linkage.normalise.korean import KoreanName
from tacit.linkage.normalise.korean_tables import SURNAMES, name_syllables
from tacit.linkage.normalise.skeleton import sounds

_SHORT_GIVEN = 3.0  # -log of how rarely a given name has one syllable
_GIVEN_ALONE = 6.0  # -log of how rarely a name is given without its surname
_USUAL_GIVEN = 2
_TITLES = frozenset(
    [
        "씨",
        "님",
        "군",
        "선생",
        "선생님",
        "동지",
        "여사",
        "박사",
        "교수",
        "대통령",
        "위원장",
        "의원",
        "할머니",
        "할아버지",
    ]
)
_TITLE_AFTER = re.compile("(?<=..)(?:씨|님|선생님?|동지|여사)$")


def read_hangul(plain: str) -> KoreanName:
    """Read a name with Hangul; only its Hangul is read, without words such as 씨 and 동지."""
    words = ["".join(filter(is_syllable, word)) for word in re.split(r"[\s,·ㆍ・-]+", plain)]
    words = [word for word in words if word]
    named = [_TITLE_AFTER.sub("", word) for word in words if word not in _TITLES]
    named = named or words or ["".join(filter(is_syllable, plain))]
    surname, given = _split_hangul(named)
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
