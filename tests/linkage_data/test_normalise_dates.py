"""Dates of any precision, calendar and notation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.normalise.dates import date
from tacit.linkage.normalise.lunar import solar
from tacit.linkage.normalise.registry import NORMALISERS


def read(normaliser: str, written: str) -> str:
    """Normalise; alternatives stand one bar apart."""
    return NORMALISERS[normaliser](written).replace("\x1f", "|")


@pytest.mark.parametrize(
    "written",
    [
        "1962-03-04",
        "19620304",
        "1962년 3월 4일",
        "1962年3月4日",
        "一九六二年三月四日",
        "1962. 3. 4.",
        "1962년 3월 4일생",
        "1962. 3. 4 (만 41세)",
        "4.3.1962",
        "04/03/1962",
        "04031962",
        "4 March 1962",
        "March 4th, 1962",
        "4-MAR-1962",
        "04-Mar-62",
        "Sun Mar 04 1962 00:00:00 GMT+0900",
        "4 марта 1962 г.",
        "4 de marzo de 1962",
        "4. März 1962",
        "4 mars 1962",
        "4 مارس 1962",
        "4 มีนาคม 2505",
        "1962-03-04T00:00:00",
        "1962-03-04 00:00:00",
        "19620304000000",
        "born 1962-03-04",
        "１９６２-０３-０４",
        "١٩٦٢-٠٣-٠٤",
        "62-03-04",
        "62.3.4",
        "62년 3월 4일",
        "4/3/62",
        "620304",
        "620304-1234567",
        "620304-2******",
        "6203041234567",
        "주체51(1962)년 3월 4일",
        "주체51년 3월 4일",
        "Juche 51 (1962).3.4",
        "단기 4295년 3월 4일",
        "4295.3.4",
        "昭和37年3月4日",
        "쇼와 37년 3월 4일",
        "民國51年3月4日",
        "양력 1962.3.4",
    ],
)
def test_one_date_in_many_notations(written: str) -> None:
    assert date(written) == "19620304"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3/14/1962", "19620314"),
        ("1962-14-03", "19620314"),
        ("19621403", "19620314"),
        ("1962-03", "196203"),
        ("196203", "196203"),
        ("March 1962", "196203"),
        ("Mar-62", "196203"),
        ("03/1962", "196203"),
        ("1962-03-00", "196203"),
        ("1962-03-??", "196203"),
        ("1962", "1962"),
        ("62", "1962"),
        ("'62", "1962"),
        ("1962년생", "1962"),
        ("1962년생 (41세)", "1962"),
        ("c. 1962", "1962"),
        ("1962(?)", "1962"),
        ("1962/63", "1962"),
        ("1962-01-01", "1962"),
        ("19620101", "1962"),
        ("1962년 1월 1일", "1962"),
        ("1962-00-00", "1962"),
        ("1962-??-??", "1962"),
        ("昭和元年", "1926"),
        ("พ.ศ. 2505", "1962"),
        ("1960s", "196"),
        ("1960년대", "196"),
        ("early 1960's", "196"),
        ("196?", "196"),
        ("19??", "19"),
        ("1834-08-60", "18340860"),
        ("1862-81-01", "18628101"),
        ("19306005", "19306005"),
        ("0000-00-00", ""),
        ("unknown", ""),
        ("미상", ""),
        ("", ""),
    ],
)
def test_precision_is_kept(written: str, expected: str) -> None:
    assert date(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1962-1965", "1962|1965"),
        ("between 1962 and 1965", "1962|1965"),
        ("1962 or 1963", "1962|1963"),
        ("1962년 또는 1963년", "1962|1963"),
        ("1962-03-04; 1963-05-06", "19620304|19630506"),
        ("05년 3월 4일", "20050304|19050304"),
        ("05-03-62", "19620305"),
        ("05.03.04", "20050304|19050304|20040305|19040305"),
        # The new moon of 6 March 1962 began the lunar month 2, that of 5 April month 3.
        ("음력 1962.3.4", "19620304|19620408"),
        ("1962년 3월 4일 (음)", "19620304|19620408"),
        ("음력 1962.13.45", "19621345"),
        ("음력 1962년", "1962"),
    ],
)
def test_what_can_be_read_twice_has_alternatives(written: str, expected: str) -> None:
    assert read("date", written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("41세", ""),
        ("만 41세", ""),
        ("aged 41", ""),
        ("2003년 당시 만 41세", "1962"),
        ("42세 (2003년)", "1962"),
        ("aged 41 in 2003", "1962"),
        ("41 years old (2003)", "1962"),
    ],
)
def test_an_age_needs_the_year_it_was_held_in(written: str, expected: str) -> None:
    assert date(written) == expected


@pytest.mark.parametrize(
    ("written", "year", "digits", "rest", "parts"),
    [
        ("1962년 3월 4일", "1962", "1962", "0304", "03|04"),
        ("1962-04-03", "1962", "1962", "0403", "03|04"),
        ("1962-03-03", "1962", "1962", "0303", "03"),
        ("1962-03", "1962", "1962", "03", ""),
        ("1962", "1962", "1962", "", ""),
        ("1960s", "", "196", "", ""),
        ("1962-1965", "1962|1965", "1962|1965", "", ""),
        ("음력 1962.3.4", "1962", "1962", "0304|0408", "03|04|08"),
        ("?", "", "", "", ""),
    ],
)
def test_year_and_day_apart(written: str, year: str, digits: str, rest: str, parts: str) -> None:
    assert read("year", written) == year
    assert read("year-digits", written) == digits
    assert read("month-day", written) == rest
    assert read("day-parts", written) == parts


def test_lunar_dates() -> None:
    # New Year of the lunar year 1962 was 5 February; Buddha's birthday (8 of month 4) in 2020 30 April,
    # and 23 May began its leap month 4.
    assert solar("19620101") == "19620205"
    assert solar("20200408") == "20200430"
    assert solar("20200401", leap=True) == "20200523"
    assert solar("196203") == solar("00010101") == ""


@given(st.text(alphabet="0123456789-./ 년월일음력 세c?s'주체民國年月日十or", max_size=20))
def test_whatever_is_written_gives_digits(written: str) -> None:
    for part in date(written).split("\x1f"):
        assert part == "" or part.isdecimal()
