"""Dates of any precision, calendar and notation, as digits YYYYMMDD, YYYYMM, YYYY or YYY."""

import re
import unicodedata

from tacit.linkage.normalise.date_words import (
    arabic,
    months,
    western_years,
    without_age,
    without_calendar,
)
from tacit.linkage.normalise.lunar import solar
from tacit.linkage.normalise.text import ALTERNATIVE, alternatives, fold

_OTHERWISE = re.compile(r"[;|\x1f\n]|\bor\b|또는|혹은|或|または|\bили\b|\boder\b|\bou\b|\bo\b")
_RANGE = re.compile(r"(?<!\d)([12]\d{3})\s*년?\s*(?:[-–—~/]|to|and|bis|до|から|부터)\s*([12]\d{3})")  # noqa: RUF001
_YEAR_FIRST = re.compile(r"\D*(\d{4})\D+(\d{1,2})(?:\D+(\d{1,2}))?(?:\D.*)?")
_YEAR_LAST = re.compile(r"\D*(\d{1,2})\D+(\d{1,2})\D+(\d{4})(?:\D.*)?")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{4})")
_SHORT = re.compile(r"\D*(\d{1,2})(\D+)(\d{1,2})\D+(\d{1,2})(?:\D.*)?")
_SHORT_YEAR = re.compile(r"'?(\d{2})\s*(?:년생?|年|년도)?")
_DECADE = re.compile(r"(?<!\d)([12]\d\d)(?:0\s*(?:'?s\b|년대|年代|er\b|-?е\b|-х)|[x?*_])")  # noqa: RUF001
_CENTURY = re.compile(r"(?<!\d)([12]\d)(?:xx|\?\?|\*\*)")
_RESIDENT = re.compile(r"(\d{6})\s*-?\s*(\d)(?:\d{6}|[*x]{6})")
_RESIDENT_CENTURIES = {
    "9": "18",
    "0": "18",
    **dict.fromkeys("1256", "19"),
    **dict.fromkeys("3478", "20"),
}
_WORD = re.compile(r"[^\s\d.,:;/()\[\]'_-]+")
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"[12]\d{3}")
_PLAUSIBLE = re.compile(r"1[5-9]|20")
_YEAR_LENGTH, _MONTH_LENGTH, _DATE_LENGTH = 4, 6, 8
_LAST_MONTH, _LAST_DAY = 12, 31
_FIRST_OF_THE_LAST_CENTURY = 30
"""Years of two digits from here on are of the 20th century; before, they may be of two."""
_BUDDHIST = range(2400, 2601)
_DANGUN = range(4100, 4401)


def date(value: str) -> str:
    """Normalise a date to its digits, coarsest part first: YYYYMMDD, YYYYMM, YYYY or YYY.

    Written so, a year alone is a prefix of the full date and positional n-grams of the two agree
    in part. 1 January is what many registers write where they know the year alone, so it becomes
    the year; a decade is three digits. What no calendar has is kept where it is a slip: 1834-08-60
    becomes 18340860 and still lies one keystroke from 18340806. Of DD.MM.YYYY and MM/DD/YYYY the
    first is read unless only the second is possible. A lunar date gives two alternatives, as
    written and in the solar calendar; so do a range of years and a year of two digits that fits
    two centuries. A value without digits, or with an age alone, is missing.
    """
    plain = _plain(value)
    if plain.isdecimal():
        return alternatives(map(_precise, _digits(plain)))
    if found := _RESIDENT.fullmatch(plain):
        return _precise(_RESIDENT_CENTURIES[found[2]] + found[1])
    parts = [part for piece in _OTHERWISE.split(plain) for part in _ends(piece)]
    return alternatives(_precise(digits) for part in parts for digits in _read(part))


def year(value: str) -> str:
    """Give the year of a date, YYYY, or nothing where none can be read."""
    return alternatives(filter(_YEAR.fullmatch, (part[:4] for part in _parts(value))))


def year_digits(value: str) -> str:
    """Give what is known of a date's year: YYYY, YYY of a decade, YY of a century."""
    return alternatives(part[:4] for part in _parts(value) if _PLAUSIBLE.match(part))


def month_day(value: str) -> str:
    """Give MMDD, or MM where the day is missing, or nothing for a year alone."""
    return alternatives(part[4:8] for part in _parts(value) if _YEAR.match(part))


def day_parts(value: str) -> str:
    """Give day and month as two alternatives, so that they agree where they are swapped too."""
    full = (part for part in _parts(value) if len(part) == _DATE_LENGTH and _YEAR.match(part))
    return alternatives(sorted({half for part in full for half in (part[4:6], part[6:])}))


def _parts(value: str) -> list[str]:
    return date(value).split(ALTERNATIVE)


def _plain(value: str) -> str:
    """Fold width and case, and write every script's digits as 0 to 9."""
    folded = unicodedata.normalize("NFKC", value).casefold().strip()
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.decimal(char, char)) for char in folded)


def _ends(text: str) -> list[str]:
    """Part a range of years into its ends."""
    found = _RANGE.search(text)
    if found is None or len(_NUMBER.findall(text)) > len(found.groups()):
        return [text]
    return list(found.groups())


def _read(text: str) -> list[str]:
    plain, lunar, leap = without_calendar(western_years(arabic(text)))
    plain, age = without_age(plain)
    if found := _DECADE.search(plain) or _CENTURY.search(plain):
        return [found[1]]
    digits = plain.strip(" .,'\"()")
    if digits.isdecimal() and len(digits) > len("YY"):
        read = _digits(digits)
    else:
        read = _named_month(plain) or _numeric(plain) or _short(plain) or [_years(plain)]
    if not any(read):
        read = ["".join(_NUMBER.findall(plain))]
    if age is not None and _YEAR.fullmatch(read[0]):
        read = [str(int(read[0]) - age)]
    return [*read, *(solar(part, leap=leap) for part in read)] if lunar else read


def _digits(text: str) -> list[str]:
    """Read a date without separators."""
    if len(text) in (12, 14) and _PLAUSIBLE.match(text):
        text = text[:_DATE_LENGTH]  # hours, minutes and seconds follow
    match len(text):
        case 2:
            return _centuries(text)
        case 4:
            return [_gregorian(text)]
        case 6:
            return _six_digits(text)
        case 8:
            last = not _PLAUSIBLE.match(text) and _PLAUSIBLE.match(text[4:])
            split = (text[4:], text[2:4], text[:2]) if last else (text[:4], text[4:6], text[6:])
            return [_ordered(*split)]
        case 13 if _is_day(text[2:6]):  # a Korean resident registration number
            return [_RESIDENT_CENTURIES[text[6]] + text[:6]]
    return [text]


def _six_digits(text: str) -> list[str]:
    if _PLAUSIBLE.match(text) and 1 <= int(text[4:]) <= _LAST_MONTH:
        return [text]
    if _is_day(text[2:]):
        return [century + text[2:] for century in _centuries(text[:2])]
    return [text]


def _is_day(text: str) -> bool:
    return 1 <= int(text[:2]) <= _LAST_MONTH and 1 <= int(text[2:4]) <= _LAST_DAY


def _centuries(short: str) -> list[str]:
    if len(short) != len("YY"):
        return []
    if int(short) >= _FIRST_OF_THE_LAST_CENTURY:
        return [f"19{short}"]
    return [f"20{short}", f"19{short}"]


def _gregorian(text: str) -> str:
    number = int(text)
    if number in _DANGUN:
        return str(number - 2333)
    return str(number - 543) if number in _BUDDHIST else text


def _ordered(year_text: str, month: str, day: str | None) -> str:
    """Put a date's parts in order; where the month can only be a day, they are swapped."""
    if day and int(day) <= _LAST_MONTH < int(month) <= _LAST_DAY and int(day):
        day, month = month, day
    return f"{_gregorian(year_text)}{int(month):02}" + (f"{int(day):02}" if day else "")


def _precise(digits: str) -> str:
    """Drop parts that say nothing: 00 for an unknown month or day, and 1 January."""
    if len(digits) == _DATE_LENGTH and digits[4:] in ("0101", "0001", "0100", "0000"):
        digits = digits[:_YEAR_LENGTH]
    elif len(digits) in (_MONTH_LENGTH, _DATE_LENGTH):
        digits = digits.removesuffix("00")
    return "" if not digits.strip("0") else digits


def _years(text: str) -> str:
    """Read the first year where years are all that is there: c. 1962, 1962년생."""
    numbers = _NUMBER.findall(text)
    years = [number for number in numbers if _YEAR.fullmatch(_gregorian(number))]
    return _gregorian(years[0]) if years and len(years) == len(numbers) else ""


def _named_month(text: str) -> list[str]:
    names = months()
    month = next((names[word] for word in _WORD.findall(fold(text)) if word in names), None)
    if month is None:
        return []
    numbers = _NUMBER.findall(text)
    short = [number for number in numbers if len(number) <= 2]  # noqa: PLR2004
    years = [_gregorian(n) for n in numbers if len(n) == _YEAR_LENGTH][:1]
    if not years and (len(numbers) > 1 or int("".join(numbers) or 0) > _LAST_DAY):
        *short, last = numbers
        years = _centuries(last) if len(last) == 2 else []  # noqa: PLR2004
    day = f"{int(short[0]):02}" if short else ""
    return [f"{found}{month:02}{day}" for found in years]


def _numeric(text: str) -> list[str]:
    if match := _YEAR_FIRST.fullmatch(text):
        if not match[3] and int(match[2]) > _LAST_DAY:
            return [_gregorian(match[1])]  # 1962/63
        return [_ordered(match[1], match[2], match[3])]
    if match := _YEAR_LAST.fullmatch(text):
        return [_ordered(match[3], match[2], match[1])]
    if match := _MONTH_YEAR.fullmatch(text):
        return [_ordered(match[2], match[1], None)]
    return []


def _short(text: str) -> list[str]:
    """Read a date whose year has two digits; where its place is open, both readings."""
    if match := _SHORT_YEAR.fullmatch(text):
        return _centuries(match[1])
    match = _SHORT.fullmatch(text)
    if match is None:
        return []
    first, mark, middle, last = match.groups()
    year_first = [_ordered(found, middle, last) for found in _centuries(first)]
    year_last = [_ordered(found, middle, first) for found in _centuries(last)]
    if "년" in mark or "年" in mark or int(first) > _LAST_DAY:
        return year_first
    return year_last if "/" in mark or int(last) > _LAST_DAY else [*year_first, *year_last]
