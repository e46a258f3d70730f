"""Whether a file is a spreadsheet package that can be unpacked safely, before openpyxl sees it."""

import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from tacit.node.sources.base import MAXIMUM_RECORD, unreadable
from tacit.node.sources.problems import InputRefused, refuse

MAXIMUM_PARTS = 10_000
MAXIMUM_UNPACKED = 1 << 30
"""Largest sum of all parts, unpacked, bytes."""

MAXIMUM_OTHER_PART = 1 << 28
"""Largest part that is no sheet (openpyxl holds these in memory), unpacked, bytes."""

MAXIMUM_RATIO = 250
_RATIO_MATTERS = 32 << 20
_LAST_ROW = 1_048_576
_LAST_COLUMN = 16_384
_DEPTH = 100
_CHUNK = 1 << 16
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(slots=True)
class SheetShape:
    """What one pass over a sheet showed.

    Attributes:
        merged: references of its merged cells, as "A1:B2".
    """

    merged: list[str] = field(default_factory=list)


def check_package(path: Path) -> dict[str, SheetShape]:
    """Check a spreadsheet package part by part, in bounded memory.

    Refused are: what is no ZIP archive or a damaged one; encrypted workbooks and the old binary
    ones; archives that declare, or turn out to hold, far more than their size lets expect; parts
    with a document type (entity bombs); rows of more cells than a sheet can have.

    Returns:
        Sheet part name to its shape.

    Raises:
        InputRefused: see above.
    """
    _refuse_ole(path)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_declared(path, parts)
            return {
                part.filename: shape
                for part in parts
                if part.filename.endswith((".xml", ".rels"))
                and (shape := _check_part(path, archive, part)) is not None
            }
    except OSError as error:
        raise unreadable(path, error) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise refuse(path.name, "the workbook is damaged or cut off") from error


def _refuse_ole(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(len(_OLE))
        if start != _OLE:
            return
        held, found = b"", False
        while (chunk := file.read(1 << 20)) and not found:
            found = _ENCRYPTED in held + chunk
            held = chunk[-len(_ENCRYPTED) :]
    if found:
        raise refuse(path.name, "the workbook is encrypted; save it without a password first")
    raise refuse(path.name, "it is an old binary workbook (.xls) or other; save it as .xlsx")


def _check_declared(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    if len(parts) > MAXIMUM_PARTS or len(set(names)) != len(names):
        raise refuse(path.name, "the archive's table of contents is not that of a workbook")
    if any(part.flag_bits & 1 for part in parts):
        raise refuse(path.name, "the archive is encrypted; save it without a password first")
    if sum(part.file_size for part in parts) > MAXIMUM_UNPACKED:
        raise refuse(path.name, f"it would unpack to more than {MAXIMUM_UNPACKED >> 30} GiB")
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > _RATIO_MATTERS and ratio > MAXIMUM_RATIO:
            raise refuse(path.name, "it would unpack to hundreds of times its size (a zip bomb)")
        if part.file_size > MAXIMUM_OTHER_PART and not _is_sheet(part.filename):
            raise refuse(path.name, "a part of the workbook other than its sheets is too large")
    if "mimetype" in names:
        raise refuse(path.name, "it is an OpenDocument file; save it as .xlsx")
    if "xl/workbook.bin" in names:
        raise refuse(path.name, "it is a binary workbook (.xlsb); save it as .xlsx")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= set(names):
        raise refuse(path.name, "it is a ZIP archive but not an Excel workbook")


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _check_part(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> SheetShape | None:
    # zipfile gives no more than the declared size and then compares the checksum, so a part that
    # lies about its size cannot unpack further than was allowed above.
    check = _PartCheck(path.name, sheet=_is_sheet(part.filename))
    with archive.open(part) as stream:
        check.read(stream)
    return check.shape if check.sheet else None


class _PartCheck:
    """One pass of expat over a part; expat itself expands no entity without a document type."""

    def __init__(self, file: str, *, sheet: bool) -> None:
        self.sheet = sheet
        self.shape = SheetShape()
        self._file = file
        self._row = 0
        self._cells = 0
        self._depth = 0
        self._text = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, stream: IO[bytes]) -> None:
        try:
            while chunk := stream.read(_CHUNK):
                self._parser.Parse(chunk, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise refuse(self._file, "the workbook is damaged: a part is not XML") from error

    def _doctype(self, *_: object) -> None:
        raise self._refuse("a part of the workbook declares a document type, which none may")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._text = 0
        if self._depth > _DEPTH:
            raise self._refuse("a part of the workbook is nested too deeply")
        if not self.sheet:
            return
        local = name.rpartition(":")[2]
        if local == "c":
            self._cell(attributes.get("r", ""))
        elif local == "row":
            self._begin_row(attributes.get("r"))
        elif local == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _characters(self, text: str) -> None:
        self._text += len(text)
        if self._text > MAXIMUM_RECORD:
            raise self._refuse("a cell holds more text than any cell can")

    def _begin_row(self, number: str | None) -> None:
        self._cells = 0
        try:
            self._row = self._row + 1 if number is None else int(number)
        except ValueError:
            self._row = 0
        if not 0 < self._row <= _LAST_ROW:
            raise self._refuse("the sheet has a row whose number no row can have")

    def _cell(self, reference: str) -> None:
        self._cells += 1
        letters = reference.rstrip("0123456789")
        if self._cells > _LAST_COLUMN or column_number(letters) > _LAST_COLUMN:
            raise self._refuse(f"the row has more than {_LAST_COLUMN:,} columns", self._row)

    def _merge(self, reference: str) -> None:
        if len(self.shape.merged) < _LAST_ROW:
            self.shape.merged.append(reference)

    def _refuse(self, sentence: str, row: int | None = None) -> InputRefused:
        return refuse(self._file, sentence, row)


def column_number(letters: str) -> int:
    """Give the number of a column from its letters: A is 1, XFD is 16,384; 0 for none."""
    number = 0
    for char in letters[:8].upper():
        number = number * 26 + ord(char) - ord("A") + 1
    return number
