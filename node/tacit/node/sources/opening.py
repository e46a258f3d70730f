"""Open a file of records by what it is, not by how its name ends."""

from pathlib import Path

from tacit.node.sources.base import Source, require_file, unreadable
from tacit.node.sources.csv import CsvSource

_PACKAGES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")


def open_source(
    path: Path, sheet: str | None = None, encoding: str | None = None, delimiter: str | None = None
) -> Source:
    """Open a CSV file or a workbook.

    Args:
        path: the file.
        sheet: name of a workbook's sheet; None for the first with values.
        encoding: of a CSV file; None to find it out.
        delimiter: of a CSV file; None to find it out.

    Raises:
        InputRefused: the file cannot be read as a table with a header.
        TacitError: USAGE or NOT_FOUND; an argument names what is not there.
    """
    require_file(path)
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise unreadable(path, error) from error
    if start.startswith(_PACKAGES) or path.suffix.lower() in {".xlsx", ".xlsm"}:
        # openpyxl is slow to load, and most commands never meet a workbook.
        from tacit.node.sources.xlsx import XlsxSource  # noqa: PLC0415

        return XlsxSource(path, sheet)
    return CsvSource(path, encoding, delimiter)
