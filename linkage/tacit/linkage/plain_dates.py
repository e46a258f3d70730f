"""Read dates that are written in full, a column at a time; `strptime` takes the rest.

`strptime` and `strftime` cost more than all the hashing of a date. For a date with four digits of
year from 1000 on and two each of month and day they give just its digits in another order.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DIGITS = {"Y": 4, "m": 2, "d": 2}
# Below this year C libraries differ in how many digits %Y writes.
FIRST_YEAR = 1000
DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def plain_dates(layout: Sequence[str], values: Sequence[str]) -> list[str | None]:
    """Turn dates into the form YYYYMMDD; None where a value is not plainly a date.

    Args:
        layout: directive, separator, directive, separator, directive: "Y", "m" and "d" once each,
            separators of one ASCII character or none.
        values: texts of any kind.
    """
    width = sum(DIGITS.get(part, len(part)) for part in layout)
    texts: list[str | None] = [None] * len(values)
    full = [i for i, value in enumerate(values) if len(value) == width and value.isascii()]
    written = "".join([values[index] for index in full]).encode("ascii")
    characters = np.frombuffer(written, np.uint8).reshape(len(full), width)
    parts: dict[str, NDArray[np.uint8]] = {}
    plain = np.ones(len(full), np.bool_)
    start = 0
    for part in layout:
        end = start + DIGITS.get(part, len(part))
        if part in DIGITS:
            parts[part] = characters[:, start:end]
        elif part:
            plain &= characters[:, start] == ord(part)
        start = end
    digits = np.concatenate([parts["Y"], parts["m"], parts["d"]], axis=1)
    plain &= _real(digits)
    compact = digits.tobytes().decode("ascii")
    for place in np.flatnonzero(plain).tolist():
        texts[full[place]] = compact[8 * place : 8 * place + 8]
    return texts


def _real(digits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which rows of eight characters are a date of the Gregorian calendar."""
    number = digits.astype(np.int64) - ord("0")
    numeric = ((number >= 0) & (number <= 9)).all(axis=1)  # noqa: PLR2004
    year = number[:, :4] @ np.array([1000, 100, 10, 1])
    month = number[:, 4] * 10 + number[:, 5]
    day = number[:, 6] * 10 + number[:, 7]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = DAYS[np.where(numeric & (month <= 12), month, 0)]  # noqa: PLR2004
    last = last + (leap & (month == 2))  # noqa: PLR2004
    real: NDArray[np.bool_] = numeric & (year >= FIRST_YEAR) & (day >= 1) & (day <= last)
    return real
