"""Consent and publication as registers write them, in Korean and English, and calendar dates."""

import datetime as dt
import re
import unicodedata

from tacit.node.consent import NO_PURPOSE

_ALLOWED = frozenset(
    [
        "allowed",
        "allow",
        "public",
        "publish",
        "publishable",
        "agreed",
        "consented",
        "공개",
        "공개동의",
        "공개허용",
        "공개가능",
        "동의",
        "허용",
        "가능",
        "동의함",
    ]
)
_OBJECTED = frozenset(
    [
        "objected",
        "objects",
        "object",
        "objection",
        "refused",
        "refuse",
        "private",
        "confidential",
        "notpublic",
        "nonpublic",
        "비공개",
        "공개거부",
        "공개반대",
        "공개불가",
        "거부",
        "반대",
        "불가",
        "부동의",
        "미동의",
        "동의안함",
        "비동의",
    ]
)
_UNSPECIFIED = frozenset(
    [
        "unspecified",
        "unknown",
        "notasked",
        "미상",
        "미정",
        "무응답",
        "미확인",
        "해당없음",
        "-",
        "na",
        "n/a",
    ]
)
_PURPOSES = {
    "check": ("check", "checks", "확인", "조회", "점검", "대조"),
    "count": ("count", "counts", "counting", "집계", "통계", "계수"),
    "attribute": ("attribute", "attribution", "귀속", "출처", "출처확인", "선후확인"),
}
_ALL = ("all", "any", "모두", "전체", "전부", "모든목적")
_NONE = ("none", "no", "없음", "금지", "불허")
_SEPARATORS = re.compile(r"[,;/|+&·、\s]+")
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?(?:[T ]\d{1,2}:\d{2}.*)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WRITTEN_OUT = re.compile(r"\d{4}\s*[-./년]\s*(\d{1,2})(?:\s*[-./월]\s*(\d{1,2})\s*[.일]?|\s*월)?")
_FIRST_YEAR = 1900
_LAST_MONTH, _LAST_DAY = 12, 31


def publication(text: str) -> str | None:
    """Give "allowed", "objected" or "" (unspecified), or None for anything else.

    Yes and no are not among them: whether they answer "may it be published?" or "do you object?"
    only the mapping can say.
    """
    word = _fold(text).replace(" ", "")
    if not word or word in _UNSPECIFIED:
        return ""
    if word in _ALLOWED:
        return "allowed"
    return "objected" if word in _OBJECTED else None


def purposes(text: str) -> tuple[str, ...] | None:
    """Give the purposes in the agreement's order; () for none stated, None for an unknown one.

    "all" gives all three; "none" gives ("none",).
    """
    words = [word for word in _SEPARATORS.split(_fold(text)) if word]
    if len(words) == 1 and words[0] in _NONE:
        return (NO_PURPOSE,)
    found: set[str] = set()
    for word in words:
        named = [p for p, ways in _PURPOSES.items() if word in ways]
        if word in _ALL:
            named = list(_PURPOSES)
        if not named:
            return None
        found.update(named)
    return tuple(purpose for purpose in _PURPOSES if purpose in found)


def calendar_date(text: str) -> dt.date | str:
    """Read a full date, year first, or say why it is none (without the value)."""
    folded = unicodedata.normalize("NFKC", text).strip()
    match = _YEAR_FIRST.fullmatch(folded) or _COMPACT.fullmatch(folded)
    if match is None:
        return "not a full date; write YYYY-MM-DD"
    year, month, day = (int(part) for part in match.groups())
    if year < _FIRST_YEAR:
        return f"the year lies before {_FIRST_YEAR}"
    if not 1 <= month <= _LAST_MONTH:
        return "there is no such month"
    try:
        return dt.date(year, month, day)
    except ValueError:
        return "that month does not have that day"


def impossible_date(text: str) -> str | None:
    """Say why a written-out date (year first, with separators) is in no calendar, or None.

    Zeros stand for unknown parts. What is written in digits alone, or in any other way, is not
    judged: normalisers make of it what they can.
    """
    match = _WRITTEN_OUT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    month, day = int(match[1]), int(match[2] or 0)
    if month > _LAST_MONTH:
        return "there is no such month"
    if day > _LAST_DAY:
        return "that month does not have that day"
    if not month or not day:
        return None
    year = int(unicodedata.normalize("NFKC", text).strip()[:4])
    try:
        dt.date(max(year, 1), month, day)
    except ValueError:
        return "that month does not have that day"
    return None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
