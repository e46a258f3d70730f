"""Dates of the Korean lunar calendar."""

from korean_lunar_calendar import KoreanLunarCalendar


def solar(digits: str, *, leap: bool = False) -> str:
    """Give the Gregorian date of a lunar one, or nothing where there is none.

    Args:
        digits: YYYYMMDD of the lunar calendar, from 1000 to 2050.
        leap: whether the month is a leap month.

    Returns:
        YYYYMMDD.
    """
    if len(digits) != len("YYYYMMDD"):
        return ""
    calendar = KoreanLunarCalendar()
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if not calendar.setLunarDate(year, month, day, leap):
        return ""
    found: str = calendar.SolarIsoFormat().replace("-", "")
    return found
