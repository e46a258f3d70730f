"""Names in Han characters: their Korean, Chinese and Sino-Japanese readings.

A name is read as Korean where it begins with a Korean surname and is as long as Korean names are,
or is short enough to be a given name alone. The same characters may be a Chinese name, so the
Chinese reading always stands beside the Korean one; the Sino-Japanese one does where Japan's own
forms of characters show that a Japanese wrote it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from math import prod
from types import MappingProxyType

from anyascii import anyascii

from tacit.linkage.normalise.hangul import initial_law
from tacit.linkage.normalise.korean_tables import SURNAMES, name_syllables, readings

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_MIXED = re.compile("([\u3400-\u9fff\uf900-\ufaff])([\uac00-\ud7a3]{1,2})(?![\uac00-\ud7a3])")
_KOREAN: Mapping[str, tuple[str, ...]] = MappingProxyType(readings("han_korean.tsv"))
_JAPANESE: Mapping[str, tuple[str, ...]] = MappingProxyType(readings("han_japanese.tsv"))
# Surnames of two characters in China and Taiwan.
_TWO = frozenset(
    [
        "欧阳",
        "歐陽",
        "司马",
        "司馬",
        "诸葛",
        "諸葛",
        "上官",
        "司徒",
        "东方",
        "東方",
        "独孤",
        "獨孤",
        "南宫",
        "南宮",
        "夏侯",
        "皇甫",
        "尉迟",
        "尉遲",
        "公孙",
        "公孫",
        "慕容",
        "令狐",
        "宇文",
        "长孙",
        "長孫",
        "鲜于",
        "鮮于",
        "西门",
        "西門",
        "端木",
        "百里",
        "东郭",
        "东方",
    ]
)
# Surnames that are read otherwise than the character usually is.
_AS_SURNAME = MappingProxyType(
    {
        "朴": "piao",
        "单": "shan",
        "單": "shan",
        "曾": "zeng",
        "解": "xie",
        "仇": "qiu",
        "查": "zha",
        "区": "ou",
        "區": "ou",
        "翟": "zhai",
        "缪": "miao",
        "繆": "miao",
        "乐": "yue",
        "樂": "yue",
        "盖": "ge",
        "蓋": "ge",
        "冼": "xian",
        "覃": "qin",
        "沈": "shen",
        "呂": "lü",
        "吕": "lü",
    }
)
_MOST_SURNAME, _MOST_GIVEN, _MOST = 2, 2, 2
_MOST_SOUNDED = 8
_LEAST_SHARE = 0.1  # a reading this much rarer than the likeliest is left out


def is_han(char: str) -> bool:
    """Tell whether one character is a Han character."""
    return _HAN.match(char) is not None


def korean(value: str) -> tuple[tuple[str, str], ...]:
    """Read a name in Han characters as Korean ones do.

    Args:
        value: the characters of one name, nothing else.

    Returns:
        Surname and given name in Hangul, before the initial-sound law, the likeliest reading
        first; none where it is not a Korean name.
    """
    for length in (_MOST_SURNAME, 1):
        surname = _surname(value[:length])
        if surname and 1 <= len(value) - length <= _MOST_GIVEN:
            return tuple((surname, given) for given in _given(value[length:]))
    if len(value) == 1 and (surname := _surname(value)):
        return ((surname, ""),)
    if len(value) <= _MOST_GIVEN:
        return tuple(("", given) for given in _given(value))
    return ()


def in_hangul(value: str) -> str:
    """Write the Han characters that stand in a word with Hangul in Hangul: 金한길."""

    def word(found: re.Match[str]) -> str:
        surname = _surname(found[1])
        return surname + found[2] if surname else found[0]

    return _MIXED.sub(word, value)


def sound_out(value: str) -> list[str]:
    """Write Han characters in Hangul, in each of the few ways that they can be read in Korean."""
    read = [
        _KOREAN.get(char, ())[:2] if is_han(char) else (char,) for char in value[:_MOST_SOUNDED]
    ]
    return list(map("".join, product(*read)))


def _surname(written: str) -> str:
    found = [
        (SURNAMES.get(southern, (0,))[0], hangul)
        for hangul in map("".join, product(*(_KOREAN.get(char, ()) for char in written)))
        for southern in ({hangul, _lawful(hangul)} if hangul else ())
    ]
    weight, hangul = max(found, default=(0, ""))
    return hangul if weight else ""


def _lawful(hangul: str) -> str:
    return initial_law(hangul[0], first=True) + hangul[1:]


def _given(written: str) -> list[str]:
    choices: list[list[tuple[float, str]]] = []
    for place, char in enumerate(written):
        usual = name_syllables(first=place == 0)
        weighed = sorted((usual.get(one) or 0.1, one) for one in _KOREAN.get(char, ()))[::-1]
        if not weighed:
            return []
        choices.append([one for one in weighed if one[0] >= _LEAST_SHARE * weighed[0][0]])
    ranked = sorted(product(*choices), key=lambda way: -prod(weight for weight, _ in way))
    return ["".join(one for _, one in way) for way in ranked[:_MOST]]


@lru_cache(maxsize=65536)
def chinese(value: str) -> str:
    """Write a name in Han characters in pinyin without tones: surname, given name."""
    length = 2 if value[:2] in _TWO else 1
    surname = _AS_SURNAME.get(value[:length]) or anyascii(value[:length])
    given = anyascii(value[length:]) if len(value) - length <= _MOST_GIVEN + 1 else ""
    written = f"{surname} {given}" if given else anyascii(value)
    return written.lower().replace("ü", "u").strip()


def japanese(value: str) -> str:
    """Write a name in its Sino-Japanese reading, where a character's form is Japan's own."""
    on = [_JAPANESE.get(char, ("",))[0] for char in value]
    if not all(on) or not any(reading.startswith("*") for reading in on):
        return ""
    short = [one.lstrip("*").replace("ou", "o").replace("uu", "u") for one in on]
    return f"{short[0]} {''.join(short[1:])}".strip()
