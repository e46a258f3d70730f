"""Excel workbooks (.xlsx, .xlsm), read as the text a person sees; nothing in them is run."""

import contextlib
import datetime as dt
import hashlib
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from tacit.linkage.errors import Code, TacitError
from tacit.node.sources.base import (
    MAXIMUM_COLUMNS,
    Row,
    clean_header,
    flaw_of,
    require_file,
    unreadable,
)
from tacit.node.sources.package import SheetShape, check_package
from tacit.node.sources.problems import Problem, Problems, refuse

_TITLE_ROWS = 20
_DAMAGE = (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OverflowError)
_REFERENCE = re.compile(r"[A-Z]+(\d+)(?::[A-Z]+(\d+))?")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class XlsxSource:
    """One sheet of a workbook.

    Links to other workbooks, macros, pictures and comments are not read. Formulas are not
    evaluated: a formula, or an error value, is a flaw of its cell.

    Args:
        path: the file.
        sheet: name of the sheet; None for the first visible one that is a table.

    Raises:
        InputRefused: the file is no workbook, or the sheet no table with a header.
        TacitError: NOT_FOUND; there is no such sheet.
    """

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        require_file(path)
        self._path = path
        self.name = path.name
        self._shapes = check_package(path)
        self.digest = _digest(path)
        self._sheet, sheets = self._choose(sheet)
        self.header, self._header_row, self._first = self._find_header()
        self.notes = (f"sheet '{self._sheet}' of {sheets}",)

    def rows(self, problems: Problems) -> Iterator[Row]:
        """Give the rows that can be read, and add those that cannot to `problems`.

        Raises:
            InputRefused: the sheet is damaged.
        """
        for number in self._merged_rows():
            sentence = "cells are merged; unmerge them and fill each"
            problems.add(Problem(self.name, sentence, number))
        for number, cells in self._cells():
            if number <= self._header_row:
                continue
            row = self._row(number, cells[self._first :], problems)
            if row is not None:
                yield row

    def _row(self, number: int, cells: Sequence[Any], problems: Problems) -> Row | None:
        width = len(self.header)
        values = [_text(cell) for cell in cells]
        if not any(values):
            return None
        if any(values[width:]):
            problems.add(
                Problem(self.name, f"there are values beyond the {width} named columns", number)
            )
            return None
        values += [""] * (width - len(values))
        flawed = {place: flaw for place, text in enumerate(values) if (flaw := flaw_of(text))}
        for place, flaw in flawed.items():
            problems.add(Problem(self.name, flaw, number, f"column {place + 1 + self._first}"))
        flaws = {place: flaw for place, cell in enumerate(cells[:width]) if (flaw := _flaw(cell))}
        return None if flawed else Row(number, tuple(values[:width]), flaws)

    def _find_header(self) -> tuple[tuple[str, ...], int, int]:
        """Take the first row of two or more values as the header: titles above have one."""
        lonely: tuple[int, list[str]] | None = None
        for number, cells in self._cells():
            values = [_text(cell) for cell in cells]
            filled = sum(map(bool, values))
            if filled and lonely is None:
                lonely = number, values
            if filled > 1:
                return self._header_at(number, values)
            if number > _TITLE_ROWS and lonely:
                break
        if lonely is None:
            raise refuse(self.name, f"the sheet '{self._sheet}' is empty")
        return self._header_at(*lonely)

    def _header_at(self, number: int, values: list[str]) -> tuple[tuple[str, ...], int, int]:
        first = next(place for place, value in enumerate(values) if value)
        return clean_header(self.name, number, values[first:]), number, first

    def _merged_rows(self) -> list[int]:
        merged = self._shapes.get(self._part, SheetShape()).merged
        spans = [match for ref in merged if (match := _REFERENCE.fullmatch(ref))]
        return sorted({int(span[1]) for span in spans if int(span[2] or 0) > self._header_row})

    def _choose(self, wanted: str | None) -> tuple[str, int]:
        with _Workbook(self._path) as book:
            tables: list[Any] = [s for s in book.worksheets if isinstance(s, ReadOnlyWorksheet)]
            if wanted is not None:
                found = next((s for s in tables if s.title == wanted), None)
                if found is None:
                    raise TacitError(Code.NOT_FOUND, what=f"sheet in {self.name}")
            else:
                visible = [s for s in tables if s.sheet_state == "visible"]
                found = next((s for s in visible if _has_cells(s)), None)
                if found is None:
                    raise refuse(self.name, "the workbook has no visible sheet with values")
            self._part = found._worksheet_path  # noqa: SLF001 (merged cells are not offered)
            return found.title, len(tables)

    def _cells(self) -> Iterator[tuple[int, Sequence[Any]]]:
        with _Workbook(self._path) as book:
            sheet = book[self._sheet]
            sheet.reset_dimensions()
            iterator = enumerate(sheet.iter_rows(), start=1)
            number = 0
            while True:
                try:
                    with warnings.catch_warnings(action="ignore"):
                        number, cells = next(iterator)
                except StopIteration:
                    return
                except _DAMAGE as error:
                    raise refuse(self.name, "the sheet is damaged", number + 1) from error
                if len(cells) > MAXIMUM_COLUMNS:
                    cells = self._narrow(number, cells)
                yield number, cells

    def _narrow(self, number: int, cells: Sequence[Any]) -> Sequence[Any]:
        if any(_text(cell) for cell in cells[MAXIMUM_COLUMNS:]):
            raise refuse(self.name, f"there are more than {MAXIMUM_COLUMNS} columns", number)
        return cells[:MAXIMUM_COLUMNS]


class _Workbook:
    """An open workbook whose file is closed whatever happens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Any:
        with contextlib.ExitStack() as stack:
            try:
                # A file rather than a path, which openpyxl would judge by its ending.
                file = stack.enter_context(self._path.open("rb"))
                with warnings.catch_warnings(action="ignore"):
                    book = openpyxl.load_workbook(
                        file, read_only=True, keep_vba=False, data_only=False, keep_links=False
                    )
            except OSError as error:
                raise unreadable(self._path, error) from error
            except (InvalidFileException, *_DAMAGE) as error:
                raise refuse(self._path.name, "the workbook is damaged") from error
            stack.callback(book.close)
            self._stack = stack.pop_all()
        return book

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._stack.close()
        if isinstance(error, _DAMAGE):
            raise refuse(self._path.name, "the workbook is damaged") from error


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _has_cells(sheet: Any) -> bool:
    sheet.reset_dimensions()
    with warnings.catch_warnings(action="ignore"):
        return any(_text(cell) for cells in sheet.iter_rows() for cell in cells)


def _flaw(cell: Any) -> str | None:
    kind = getattr(cell, "data_type", "n")
    if kind == "f":
        return "the cell holds a formula; paste it as a value"
    return "the cell holds an error value" if kind == "e" else None


def _text(cell: Any) -> str:
    """Write a cell as a person would: ISO dates, whole numbers without a fraction."""
    value = cell.value
    if getattr(cell, "data_type", "n") == "f":
        return str(getattr(value, "text", value) or "=")
    return _written(value)


def _written(value: Any) -> str:
    match value:
        case None:
            text = ""
        case bool():
            text = "true" if value else "false"
        case dt.datetime():
            midnight = value.time() == dt.time.min
            text = value.date().isoformat() if midnight else value.isoformat(sep=" ")
        case dt.date() | dt.time():
            text = value.isoformat()
        case float() if value.is_integer():
            text = str(int(value))
        case _:
            text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), str(value)).strip()
    return text
