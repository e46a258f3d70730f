"""Write tables that people open in spreadsheet programs."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

from tacit.cli.options import write_new
from tacit.node.formulas import escape_cell


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], *, force: bool = False
) -> None:
    """Write a CSV file (UTF-8 with BOM, which spreadsheets need to read Hangul).

    A text cell that a spreadsheet would take for a formula gets an apostrophe before it.

    Raises:
        TacitError: EXISTS or BAD_INPUT.
    """
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([escape_cell(column) for column in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    write_new(path, "\ufeff" + text.getvalue(), force=force)


def _cell(value: object) -> object:
    return escape_cell(value) if isinstance(value, str) else value
