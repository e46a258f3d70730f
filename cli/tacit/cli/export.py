"""Write tables that people open in spreadsheet programs."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

from tacit.cli.options import write_new

# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def harmless(value: object) -> str:
    """Give a cell that no spreadsheet takes for a formula: an apostrophe goes before such text."""
    text = "" if value is None else str(value)
    risky = text.startswith(_FORMULA_STARTS) and not isinstance(value, int | float)
    return f"'{text}" if risky else text


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], *, force: bool = False
) -> None:
    """Write a CSV file (UTF-8 with BOM, which spreadsheets need to read Hangul).

    Raises:
        TacitError: EXISTS or BAD_INPUT.
    """
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(column) for column in columns])
    writer.writerows([harmless(value) for value in row] for row in rows)
    write_new(path, "\ufeff" + text.getvalue(), force=force)
