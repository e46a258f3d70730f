"""What every source of records gives: a header and numbered rows, as text."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tacit.node.sources.problems import Problems, refuse

MAXIMUM_FILE = 2 << 30
"""Largest file, bytes."""

MAXIMUM_RECORD = 1 << 20
"""Longest line or record, bytes or characters."""

MAXIMUM_FIELD = 1 << 16
"""Longest value, characters."""

MAXIMUM_COLUMNS = 1000
MAXIMUM_NAME = 200
"""Longest column name, characters."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u200f\u2060]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Attributes:
        number: the header is row 1 where the file begins with it; a quoted value that runs over
            several lines is still one row.
        values: as many as the header has columns, stripped.
        flaws: column position to what is wrong with the cell itself (a formula, an error value);
            it matters only where the column is used.
    """

    number: int
    values: tuple[str, ...] = field(repr=False)
    flaws: Mapping[int, str] = field(default_factory=dict)


class Source(Protocol):
    """A file of records, opened and found readable so far."""

    @property
    def name(self) -> str:
        """The file's name, without its folders."""
        ...

    @property
    def header(self) -> tuple[str, ...]:
        """Column names, stripped, in NFC, each once."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found out about the file, for people: encoding, delimiter, sheet."""
        ...

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file's bytes."""
        ...

    def rows(self, problems: Problems) -> Iterator[Row]:
        """Give the rows that can be read, and add those that cannot to `problems`.

        Raises:
            InputRefused: the file cannot be read any further.
        """
        ...


def require_file(path: Path) -> int:
    """Check that a path names a readable regular file of sensible size, and give its size.

    Raises:
        InputRefused: it does not.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise refuse(path.name, "it is a directory, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise refuse(path.name, "it is not a regular file")
        with path.open("rb"):
            pass
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:  # a NUL in the path
        raise refuse("the file", "its name cannot be used") from error
    if status.st_size == 0:
        raise refuse(path.name, "it is empty")
    if status.st_size > MAXIMUM_FILE:
        raise refuse(path.name, f"it is larger than {MAXIMUM_FILE >> 30} GiB")
    return status.st_size


def unreadable(path: Path, error: OSError) -> Exception:
    """Make the error for a file that the system refuses to read."""
    if isinstance(error, FileNotFoundError):
        return refuse(path.name, "there is no such file")
    if isinstance(error, PermissionError):
        return refuse(path.name, "there is no permission to read it")
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    return refuse(path.name, f"it cannot be read ({reason})")


def clean_name(text: str) -> str:
    """Give a column name without what cannot be seen, in NFC."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def clean_header(file: str, row: int, cells: Sequence[str]) -> tuple[str, ...]:
    """Check a header and give its column names; unnamed columns at its end are dropped.

    No sentence quotes a name: a file without a header has a person in its first row.

    Raises:
        InputRefused: no names, too many, too long ones, one without a name, or one given twice.
    """
    names = [clean_name(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise refuse(file, "the header holds no column name", row)
    if len(names) > MAXIMUM_COLUMNS:
        raise refuse(file, f"there are more than {MAXIMUM_COLUMNS} columns", row)
    places: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        column = f"column {place}"
        if not name:
            raise refuse(file, "the header leaves this column without a name", row, column)
        if len(name) > MAXIMUM_NAME or _CONTROL.search(name):
            raise refuse(file, "its first row does not look like column names", row, column)
        if name in places:
            sentence = f"it has the same name as column {places[name]}"
            raise refuse(file, sentence, row, column)
        places[name] = place
    return tuple(names)


def flaw_of(text: str) -> str | None:
    """Say what is wrong with a value as such, or None."""
    if len(text) > MAXIMUM_FIELD:
        return f"the value is longer than {MAXIMUM_FIELD:,} characters"
    found = _CONTROL.search(text)
    if found is None:
        return None
    if "\ud800" <= found[0] <= "\udfff":
        return "the value holds half a character (a lone surrogate)"
    return "the value holds control characters, so this is not plain text"
