"""Several names in one value: aliases, former and maiden names, the same name in two scripts."""

import re
import unicodedata

from tacit.linkage.normalise.hangul import is_syllable
from tacit.linkage.normalise.hanja import is_han
from tacit.linkage.normalise.korean_tables import SURNAMES
from tacit.linkage.normalise.text import ALTERNATIVE

MOST = 4
"""Names of one value that are read; registers hold whole histories in such a field."""

# Round, square, tortoise-shell and lenticular; NFKC has made wide ones narrow.
_BRACKETED = re.compile(
    r"[(\[\u3014\u3010\u300a\u3008]([^)\]\u3015\u3011\u300b\u3009]*)[)\]\u3015\u3011\u300b\u3009]?"
)
_BRACKETS = re.compile(r"[()\[\]\u3014\u3015\u3010\u3011\u300a\u300b\u3008\u3009]")
_LATIN_MARK = (
    r"(?<![^\W\d_])(?<!-)(?:(?:aka|a\.\s?k\.\s?a|a/k/a|a\sk\sa)\b\.?|f\.k\.a\.?|n\.k\.a\.?|alias(?:es)?"
    r"|(?:also|formerly|now|otherwise|better|previously)\s+(?:known|called|named)(?:\s+as)?"
    r"|(?:real|birth|original|stage|pen|former|other|maiden)\s+names?"
    r"|n[eé]e|он же|она же|известн\w+ как|настоящее имя|псевдоним|урожд(?:[её]нн\w+|\.)"
    r"|урожденн\w+)(?![^\W\d_])\s*[:=]?"
)
_EASTERN_MARK = (
    r"(?<![\uac00-\ud7a3])(?:본명|가명|일명|이명|별명|별칭|필명|예명|호적명|구명|옛\s?이름|다른\s?이름|개명\s?[전후]?"
    r"|탈북\s?전\s?이름|本名|別名|别名|通名|通称|曾用名|化名|原名|又名|旧名|旧姓|舊名)"
    r"(?=[\s:=은는이가으로]|[^\uac00-\ud7a3]|$)\s*[:=]?"
)
_MARK = re.compile(f"(?:{_LATIN_MARK}|{_EASTERN_MARK})", re.IGNORECASE)
_MAIDEN = re.compile(r"(?<![^\W\d_])(?:n[eé]e|урожд\w*\.?)\s+(\w+)\s*$", re.IGNORECASE)
_BETWEEN = re.compile(rf"\s*[;|、\n\r\t{ALTERNATIVE}]\s*|\s+/+\s*|\s*/+\s+")
# 김철수金哲洙: Hangul and Han characters of one name each.
_TWO_SCRIPTS = re.compile(
    "(?<=[\uac00-\ud7a3]{2})(?=[\u3400-\u9fff]{2})|(?<=[\u3400-\u9fff]{2})(?=[\uac00-\ud7a3]{2})"
)
_SLASH = re.compile(r"/(?=[^\W\d_]{2})(?<=[^\W\d_]{2}/)")
_COMMA = re.compile(r"\s*[,\uff0c]\s*")
_EDGE = " \t,:=-\"'\u201c\u201d\u00ab\u00bb.·"
# What may stand in brackets behind a Korean name that is no name.
_NO_NAMES = frozenset(
    [
        "정치인",
        "군인",
        "기자",
        "배우",
        "가수",
        "여자",
        "남자",
        "여성",
        "남성",
        "여",
        "남",
        "사망",
        "미상",
        "불명",
        "추정",
        "생존",
        "고인",
        "전",
        "현",
        "조선",
        "한국",
        "이하",
        "성명",
        "이름",
        "정도",
        "여동생",
        "남동생",
        "주민",
        "노동자",
        "선수",
        "임시",
        "장남",
        "장녀",
        "차남",
        "차녀",
        "어머니",
        "아버지",
        "형",
        "오빠",
        "언니",
        "남편",
        "아내",
        "처",
        "딸",
        "아들",
        "조카",
        "손자",
        "손녀",
        "정보",
        "신원미상",
        "안내원",
        "공무원",
        "전직",
        "현직",
        "연령",
        "나이",
        "주소",
        "민간인",
        "한국인",
        "조선인",
        "여학생",
        "남학생",
        "유학생",
        "조선족",
        "인민군",
        "서울",
        "평양",
    ]
)
# Kana stand with Han characters in one name, and after foreign names.
_WITH_OTHERS = frozenset({"KATAKANA", "HIRAGANA"})
_LONGEST_NAME, _SHORTEST_NAME = 4, 2


def aliases(value: str) -> list[str]:
    """Give the names that one value holds, the first one first.

    Names are parted by semicolons, bars, slashes and words such as alias, a.k.a., née, 본명 and
    일명. What stands in brackets is a name of its own where such a word says so, where it is in
    another script than what goes before, or where it is a full Korean name; otherwise it is left
    out, unless nothing else is there.
    """
    plain = _TWO_SCRIPTS.sub(" ", unicodedata.normalize("NFKC", value))
    found = [name for part in _BETWEEN.split(plain) for name in _parted(part)]
    distinct = list(dict.fromkeys(name for name in found if name))
    return distinct[:MOST] or [_BRACKETS.sub(" ", plain)]


def _parted(part: str) -> list[str]:
    outside = _BRACKETED.sub(" ", part)
    if not any(char.isalpha() for char in outside):
        return _marked(_BRACKETS.sub(" ", part))
    names = _marked(outside)
    for inside in _BRACKETED.findall(part):
        if _MARK.search(inside):
            names += _marked(f"{outside} {inside}") if _MAIDEN.search(inside) else _marked(inside)
        elif _is_other_name(inside, outside):
            names += _marked(inside)
    return names


def _marked(part: str) -> list[str]:
    maiden = _MAIDEN.search(part)
    if maiden and (before := part[: maiden.start()].strip(_EDGE)):
        return [before, _with_surname(before, maiden[1])]
    return [
        name
        for marked in _MARK.split(part)
        for slashed in _by_script(marked)
        for name in _by_comma(slashed.strip(_EDGE))
    ]


def _with_surname(name: str, maiden: str) -> str:
    """Put the maiden name in the place of the married one: last, or before the comma."""
    _, comma, given = name.partition(",")
    if comma:
        return f"{maiden},{given}"
    return f"{' '.join(name.split()[:-1])} {maiden}".strip()


def _by_script(part: str) -> list[str]:
    """Part at slashes, and where words of different scripts meet."""
    pieces = _SLASH.split(part)
    return [name for piece in pieces for name in _runs(piece)]


def _runs(piece: str) -> list[str]:
    runs: list[tuple[str, str]] = []
    for word in piece.split():
        kind = _kind(word)
        if runs and (runs[-1][0] == kind or not kind or {runs[-1][0], kind} & _WITH_OTHERS):
            runs[-1] = (runs[-1][0], f"{runs[-1][1]} {word}")
        else:
            runs.append((kind, word))
    return [written for _, written in runs] if len({kind for kind, _ in runs}) > 1 else [piece]


def _kind(word: str) -> str:
    """Tell scripts apart; a word of several is of the first."""
    for char in word:
        if is_syllable(char):
            return "hangul"
        if is_han(char):
            return "han"
        if char.isalpha():
            return unicodedata.name(char, "").partition(" ")[0]
    return ""


def _by_comma(name: str) -> list[str]:
    """Part a list of Korean names; in other names the comma follows the surname."""
    parts = [part for part in _COMMA.split(name) if part]
    if len(parts) > 1 and all(_is_full_korean(part) for part in parts):
        return parts
    return [name]


def _is_full_korean(name: str) -> bool:
    syllables = "".join(filter(is_syllable, name))
    return (
        _SHORTEST_NAME <= len(syllables) <= _LONGEST_NAME
        and syllables not in _NO_NAMES
        and (syllables[0] in SURNAMES or syllables[0] in "리림류로라량려렴련룡륙렬")
    )


def _is_other_name(inside: str, outside: str) -> bool:
    kind, other = _kind(inside), _kind(outside)
    if not kind or any(char.isdigit() for char in inside):
        return False
    if kind == "hangul":
        return _is_full_korean(inside) and len("".join(filter(is_syllable, inside))) > 1
    if kind == "han":
        return other != "han" and len(inside.strip()) <= _LONGEST_NAME
    return other != kind and len(inside.split()) <= _LONGEST_NAME
