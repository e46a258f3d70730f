"""Delimited text: comma, semicolon, tab or bar, in UTF-8, UTF-16 or CP949."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from tacit.linkage.errors import Code, TacitError
from tacit.node.sources.base import (
    MAXIMUM_FIELD,
    MAXIMUM_RECORD,
    Row,
    clean_header,
    flaw_of,
    require_file,
    unreadable,
)
from tacit.node.sources.encoding import ENCODINGS, inspect
from tacit.node.sources.problems import Problem, Problems, refuse

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

_SAMPLE_ROWS = 50
_SEPARATOR_LINE = 64
_SAMPLE_CHARACTERS = 1 << 17


class CsvSource:
    """A file of delimited text (RFC 4180 and its dialects).

    Args:
        path: the file.
        encoding: one of `ENCODINGS`, or None to find it out.
        delimiter: one of `DELIMITERS`, or None to find it out.

    Raises:
        InputRefused: the file cannot be read as a table with a header.
        TacitError: USAGE; no such encoding or delimiter.
    """

    def __init__(
        self, path: Path, encoding: str | None = None, delimiter: str | None = None
    ) -> None:
        require_file(path)
        self._path = path
        self.name = path.name
        inspection = inspect(path, _known_encoding(encoding))
        self._encoding = inspection.encoding
        self.digest = inspection.digest
        hint, skip = self._separator_line()
        self._skip = skip
        self.delimiter = _known_delimiter(delimiter) or hint or self._sniff()
        self.header, self._header_row = self._read_header()
        self.notes = (
            f"encoding {inspection.label}",
            f"delimiter {DELIMITERS.get(self.delimiter, 'named in the file')}",
        )

    def rows(self, problems: Problems) -> Iterator[Row]:
        """Give the rows that can be read, and add those that cannot to `problems`.

        Raises:
            InputRefused: the file cannot be read any further: a quote that is never closed, a
                record beyond all limits, an encoding that changed since the file was opened.
        """
        for number, values in self._records():
            if number <= self._header_row or not any(value.strip() for value in values):
                continue
            row = self._row(number, values, problems)
            if row is not None:
                yield row

    def _row(self, number: int, values: list[str], problems: Problems) -> Row | None:
        width = len(self.header)
        extra = [value for value in values[width:] if value.strip()]
        if len(values) < width or extra:
            sentence = f"the row has {len(values)} values where the header has {width} columns"
            problems.add(Problem(self.name, sentence, number))
            return None
        stripped = tuple(value.strip() for value in values[:width])
        flawed = {place: flaw for place, text in enumerate(stripped) if (flaw := flaw_of(text))}
        for place, flaw in flawed.items():
            problems.add(Problem(self.name, flaw, number, f"column {place + 1}"))
        return None if flawed else Row(number, stripped)

    def _read_header(self) -> tuple[tuple[str, ...], int]:
        for number, values in self._records():
            if any(value.strip() for value in values):
                return clean_header(self.name, number, values), number
            if len(values) > 1:
                raise refuse(self.name, "the header holds no column name", number)
        raise refuse(self.name, "it holds no text")

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Give numbered records; the line `sep=;` that some spreadsheets write is none."""
        with self._open() as file:
            for _ in range(self._skip):
                file.readline(MAXIMUM_RECORD)
            lines = _Lines(self.name, file)
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=True)
            number = 0
            while True:
                lines.begin_record(number + 1)
                try:
                    values = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise refuse(self.name, _explain(error), number + 1) from None
                except UnicodeDecodeError as error:
                    problem = "the file changed while it was read"
                    raise refuse(self.name, problem, number + 1) from error
                except OSError as error:
                    raise unreadable(self._path, error) from error
                number += 1
                yield number, values

    def _open(self) -> TextIO:
        try:
            return self._path.open(encoding=self._encoding, newline="")
        except OSError as error:
            raise unreadable(self._path, error) from error

    def _separator_line(self) -> tuple[str | None, int]:
        with self._open() as file:
            first = file.readline(_SEPARATOR_LINE).rstrip("\r\n")
        if first.lower().startswith("sep=") and first[4:] in DELIMITERS:
            return first[4:], 1
        return None, 0

    def _sniff(self) -> str:
        with self._open() as file:
            sample = file.read(_SAMPLE_CHARACTERS)
        whole = len(sample) < _SAMPLE_CHARACTERS
        lines = list(io.StringIO(sample, newline=""))
        lines = lines if whole else lines[:-1] or lines
        return max(DELIMITERS, key=lambda delimiter: _fitness(lines, delimiter))


class _Lines:
    """Lines of a file, refused as soon as a record outgrows its limit."""

    def __init__(self, name: str, file: TextIO) -> None:
        self._name = name
        self._file = file
        self._row = 1
        self._length = 0

    def begin_record(self, row: int) -> None:
        self._row, self._length = row, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAXIMUM_RECORD + 1)
        if not line:
            raise StopIteration
        self._length += len(line)
        if self._length > MAXIMUM_RECORD:
            problem = (
                f"the row is longer than {MAXIMUM_RECORD:,} characters; "
                "perhaps a quote is opened and never closed"
            )
            raise refuse(self._name, problem, self._row)
        if "\0" in line:
            raise refuse(self._name, "the row holds a NUL character", self._row)
        return line


def _fitness(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """How well a delimiter explains a sample: share of rows as wide as the header, and width."""
    widths: list[int] = []
    try:
        for record in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
            if record:
                widths.append(len(record))
            if len(widths) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] == 1:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def _explain(error: csv.Error) -> str:
    message = str(error)
    if "field larger" in message:
        return f"a value is longer than {MAXIMUM_FIELD:,} characters, or a quote is never closed"
    if "unexpected end of data" in message:
        return "a quote is opened and never closed"
    if "expected after" in message:
        return "text follows a closing quote; a quote inside a value must be doubled"
    if "new-line" in message:
        return "a lone carriage return stands inside the row"
    return "the row is not well-formed CSV"


def _known_encoding(name: str | None) -> str | None:
    if name is None:
        return None
    folded = name.strip().lower().replace("_", "-").replace("shift-jis", "shift_jis")
    folded = {"utf8": "utf-8", "euckr": "euc-kr", "ms949": "cp949", "utf16": "utf-16"}.get(
        folded, folded
    )
    if folded not in ENCODINGS:
        problem = f"The encoding must be one of {', '.join(ENCODINGS)}."
        raise TacitError(Code.USAGE, problem=problem)
    return folded


def _known_delimiter(delimiter: str | None) -> str | None:
    if delimiter is None or delimiter in DELIMITERS:
        return delimiter
    named = {name: char for char, name in DELIMITERS.items()}.get(delimiter.strip().lower())
    if named is None:
        problem = f"The delimiter must be one of {', '.join(DELIMITERS.values())}."
        raise TacitError(Code.USAGE, problem=problem)
    return named
