"""Dates of any precision and in many notations, as digits YYYYMMDD, YYYYMM or YYYY."""

import re
import unicodedata

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_YEAR_FIRST = re.compile(r"(\d{4})\D+(\d{1,2})(?:\D+(\d{1,2}))?(?:\D.*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})\D+(\d{1,2})\D+(\d{4})(?:\D.*)?")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{4})")
_WORD = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"\d+")
_YEAR = re.compile(r"[12]\d{3}")
_LAST_MONTH = 12


def date(value: str) -> str:
    """Normalise a date to its digits, coarsest part first: YYYYMMDD, YYYYMM or YYYY.

    Written so, a year alone is a prefix of the full date and positional n-grams of the two agree
    in part. Nothing is corrected: 1834-08-60 becomes 18340860 and still lies one keystroke from
    18340806. Of DD.MM.YYYY and MM/DD/YYYY the first is read unless only the second is possible.
    A value without digits is missing.
    """
    text = _plain(value)
    if text.isdecimal():
        return text
    return _named_month(text) or _numeric(text) or _years(text) or "".join(_NUMBER.findall(text))


def year(value: str) -> str:
    """Give the year of a date, YYYY, or nothing where none can be read."""
    first = date(value)[:4]
    return first if _YEAR.fullmatch(first) else ""


def month_day(value: str) -> str:
    """Give MMDD, or MM where the day is missing, or nothing for a year alone."""
    return date(value)[4:8] if year(value) else ""


def _plain(value: str) -> str:
    """Fold width and case, and write every script's digits as 0 to 9."""
    folded = unicodedata.normalize("NFKC", value).casefold().strip()
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.decimal(char, char)) for char in folded)


def _years(text: str) -> str:
    """Read the first year where years are all that is there: 1962-1965, 1962 or 1963."""
    numbers = _NUMBER.findall(text)
    years = [number for number in numbers if _YEAR.fullmatch(number)]
    return years[0] if years and len(years) == len(numbers) else ""


def _named_month(text: str) -> str:
    month = next((_MONTHS[word] for word in _WORD.findall(text) if word in _MONTHS), None)
    numbers = _NUMBER.findall(text)
    year_text = next((number for number in numbers if len(number) == 4), None)  # noqa: PLR2004
    if month is None or year_text is None:
        return ""
    day = next((number for number in numbers if len(number) <= 2), None)  # noqa: PLR2004
    return f"{year_text}{month:02}" + (f"{int(day):02}" if day else "")


def _numeric(text: str) -> str:
    if match := _YEAR_FIRST.fullmatch(text):
        year_text, month, day = match.groups()
        return f"{year_text}{int(month):02}" + (f"{int(day):02}" if day else "")
    if match := _YEAR_LAST.fullmatch(text):
        day, month, year_text = match.groups()
        if int(month) > _LAST_MONTH >= int(day):
            day, month = month, day
        return f"{year_text}{int(month):02}{int(day):02}"
    if match := _MONTH_YEAR.fullmatch(text):
        return f"{match[2]}{int(match[1]):02}"
    return ""
