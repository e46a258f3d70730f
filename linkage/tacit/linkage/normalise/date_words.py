"""What stands beside the digits of a date: names of months, eras, calendars, ages."""

import re
from functools import cache
from importlib.resources import files

_ERAS: tuple[tuple[str, int], ...] = (
    (r"주체(?:력)?|juche|chuch[e']", 1911),
    (r"단기|檀紀|檀君紀元|dan-?gi|tan'?gi", -2333),
    ("昭和|쇼와|소화|shōwa|showa", 1925),
    ("大正|다이쇼|대정|taishō|taisho", 1911),
    ("明治|메이지|명치|meiji", 1867),
    ("平成|헤이세이|평성|heisei", 1988),
    ("令和|레이와|reiwa", 2018),
    ("民國|民国|민국|minguo|roc", 1911),
    ("康德|康徳|강덕", 1933),
    ("隆熙|융희", 1906),
    ("光武|광무", 1896),
    (r"พ\.?ศ\.?|b\.?e\.?", -543),
)
"""Era and what its years lie behind the Gregorian ones, Dangun's and Buddha's before them."""

_ERA = re.compile(
    "|".join(rf"(?<![^\W\d_])(?P<e{n}>{names})" for n, (names, _) in enumerate(_ERAS))
)
_ERA_YEAR = re.compile(rf"(?:{_ERA.pattern})\s*(?P<year>元|원|\d{{1,4}})(?!\d)")
_WESTERN = re.compile(r"(?<!\d)1[5-9]\d\d(?!\d)|(?<!\d)20\d\d(?!\d)")
_LUNAR = re.compile(
    r"음력|陰[曆暦历]|阴[历曆]|[農农]历|農曆|旧暦|舊曆|(?<![가-힣])음(?![가-힣])|lunar"
)
_LEAP = re.compile("윤달|윤|閏|闰")
_SOLAR = re.compile(r"양력|陽[曆暦]|阳历|公历|(?<![가-힣])양(?![가-힣])|solar")
_AGE = re.compile(
    r"(?P<exact>만\s*)?(?P<number>\d{1,3})\s*(?P<word>세|살|歳|歲|岁|years? old|yrs?\b|y/?o\b"
    r"|jahre\b|years?\b|ans\b|años\b|лет\b)|\b(?:aged?|alter|âge|edad)\s*:?\s*(?P<aged>\d{1,3})\b"
)
_BIRTH = re.compile(r"생|出生|\bborn\b|\bbirth|\bgeb\b|\bnée?\b|\bрожд")  # noqa: RUF001
_HAN_DIGITS = {char: str(number % 10) for number, char in enumerate("〇一二三四五六七八九零")}
_HAN_DIGITS["零"] = "0"
_HAN_NUMBER = re.compile(f"[{''.join(_HAN_DIGITS)}十]+(?=[年月日])")


@cache
def months() -> dict[str, int]:
    """Give the month of each name of a month, folded."""
    table = files("tacit.linkage") / "normalise" / "data" / "month_names.tsv"
    lines = table.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {name: int(number) for number, names in rows for name in names.split()}


def western_years(text: str) -> str:
    """Write years of an era as Gregorian ones: 주체47년, 昭和33年 and 단기4291년 become 1958년.

    Where the Gregorian year stands beside it, the era's is left out.
    """
    if _ERA.search(text) is None:
        return text
    if _WESTERN.search(text):
        return _ERA_YEAR.sub(" ", text)
    return _ERA_YEAR.sub(_western_year, text)


def _western_year(match: re.Match[str]) -> str:
    behind = next(years for n, (_, years) in enumerate(_ERAS) if match[f"e{n}"])
    written = match["year"]
    number = int(written) if written.isdecimal() else 1
    year = number + behind
    return f" {year} " if 1000 <= year <= 2999 else match[0]  # noqa: PLR2004


def without_calendar(text: str) -> tuple[str, bool, bool]:
    """Take out what says which calendar is meant; tell whether it is lunar, and a leap month."""
    if text.isascii() and "solar" not in text and "lunar" not in text:
        return text, False, False
    lunar = _LUNAR.search(text) is not None
    leap = lunar and _LEAP.search(text) is not None
    plain = _SOLAR.sub(" ", _LEAP.sub(" ", _LUNAR.sub(" ", text)) if lunar else text)
    return plain.replace("()", " ").strip(" ()[]"), lunar, leap


def without_age(text: str) -> tuple[str, int | None]:
    """Take out an age.

    Returns:
        The rest, and how many years before a year that stands there the birth was; None where no
        age stands or the year is said to be that of birth. Ages in the Korean count (세, 살 without
        만) begin with one at birth.
    """
    found = _AGE.search(text)
    if found is None:
        return text, None
    rest = f"{text[: found.start()]} {text[found.end() :]}".replace("()", " ").strip(" ,()")
    if _BIRTH.search(rest):
        return rest, None
    korean = found["word"] in ("세", "살") and not found["exact"]
    return rest, int(found["number"] or found["aged"]) - int(korean)


def arabic(text: str) -> str:
    """Write Chinese numerals of a date in digits: 一九五八年十二月 becomes 1958年12月."""
    if not any(mark in text for mark in "年月"):
        return text
    return _HAN_NUMBER.sub(_arabic, text)


def _arabic(match: re.Match[str]) -> str:
    tens, ten, ones = match[0].rpartition("十")
    digits = "".join(_HAN_DIGITS[char] for char in ones)
    if not ten:
        return digits
    return ("".join(_HAN_DIGITS[char] for char in tens) or "1") + (digits or "0")
