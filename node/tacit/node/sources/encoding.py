"""Which encoding a text file is in, found by reading all of it once, in bounded memory."""

import codecs
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from tacit.node.sources.base import MAXIMUM_RECORD, unreadable
from tacit.node.sources.problems import InputRefused, refuse

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp949", "euc-kr", "cp1252", "shift_jis", "gb18030")
"""What may be named instead of found out; only the first five are found out."""

_CHUNK = 1 << 18
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7fELF", "a program"),
)
_LABELS = {"utf-8-sig": "UTF-8 with byte order mark", "utf-16": "UTF-16", "cp949": "CP949"}


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one reading of the bytes showed.

    Attributes:
        encoding: Python's name of it.
        digest: SHA-256 of the file.
    """

    encoding: str
    digest: bytes

    @property
    def label(self) -> str:
        """The encoding's name for people."""
        return _LABELS.get(self.encoding, self.encoding.upper())


@dataclass(slots=True)
class _Reading:
    """Decodes one encoding as the bytes come, until it fails.

    Attributes:
        failed_row: line of the first byte that does not fit, or None.
        foreign: how many characters beyond ASCII it gave before.
        nul_row: line of the first NUL character, or None.
    """

    encoding: str
    failed_row: int | None = None
    foreign: int = 0
    lines: int = 0
    line_length: int = 0
    nul_row: int | None = None
    decoder: codecs.IncrementalDecoder = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder(self.encoding)()

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        if self.failed_row is not None:
            return
        wide = self.encoding == "utf-16"
        if not wide and (place := chunk.find(b"\0")) >= 0:
            self.nul_row = self.lines + chunk.count(b"\n", 0, place) + 1
        try:
            text = self.decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.failed_row = self.lines + error.object[: error.start].count(b"\n") + 1
            self.foreign += sum(byte > 0x7F for byte in error.object[: error.start])  # noqa: PLR2004
            return
        if wide and self.nul_row is None and (place := text.find("\0")) >= 0:
            self.nul_row = self.lines + text.count("\n", 0, place) + 1
        self.foreign += len(text) - len(text.encode("ascii", "ignore"))
        newlines = text.count("\n")
        self.lines += newlines
        # Old Macintosh files end their lines by a carriage return alone.
        last = max(text.rfind("\n"), text.rfind("\r"))
        self.line_length = len(text) - last - 1 if last >= 0 else self.line_length + len(text)


def inspect(path: Path, declared: str | None = None) -> Inspection:
    """Find out the encoding of a text file.

    A byte order mark decides; else UTF-8 if all of the file is valid UTF-8, else CP949 (which
    holds EUC-KR) if all of it is valid CP949.

    Args:
        path: a regular file.
        declared: one of `ENCODINGS`, to use instead.

    Raises:
        InputRefused: the file is no text, is in no such encoding, or holds a line longer than
            `MAXIMUM_RECORD`; the reading stops there.
    """
    digest = hashlib.sha256()
    readings: list[_Reading] = []
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if not readings:
                    readings = _candidates(path, chunk, declared)
                digest.update(chunk)
                for reading in readings:
                    reading.feed(chunk)
                _require_text(path, readings)
    except OSError as error:
        raise unreadable(path, error) from error
    for reading in readings:
        reading.feed(b"", final=True)
    return Inspection(_choose(path, readings, declared), digest.digest())


def _candidates(path: Path, start: bytes, declared: str | None) -> list[_Reading]:
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            raise refuse(path.name, f"it is {kind}, not a table")
    marked = next((name for bom, name in _BOMS if start.startswith(bom)), None)
    if marked == "utf-32":
        raise refuse(path.name, "it is in UTF-32; save it as UTF-8")
    if declared is not None:
        name = "utf-8-sig" if declared == "utf-8" and marked == "utf-8-sig" else declared
        return [_Reading(name)]
    return [_Reading(marked)] if marked else [_Reading("utf-8"), _Reading("cp949")]


def _require_text(path: Path, readings: list[_Reading]) -> None:
    nul_row = next((reading.nul_row for reading in readings if reading.nul_row), None)
    if nul_row is not None:
        problem = "it holds NUL bytes: it is a binary file, or UTF-16 without a byte order mark"
        raise refuse(path.name, problem, nul_row)
    alive = [reading for reading in readings if reading.failed_row is None]
    if not alive:
        raise _undecodable(path, readings)
    if all(reading.line_length > MAXIMUM_RECORD for reading in alive):
        problem = f"the line is longer than {MAXIMUM_RECORD:,} characters"
        raise refuse(path.name, problem, alive[0].lines + 1)


def _choose(path: Path, readings: list[_Reading], declared: str | None) -> str:
    first = readings[0]
    if first.failed_row is None:
        return first.encoding
    if declared is None and len(readings) > 1 and readings[1].failed_row is None:
        return readings[1].encoding
    raise _undecodable(path, readings)


def _undecodable(path: Path, readings: list[_Reading]) -> InputRefused:
    # The one that got furthest is the one that was meant.
    reading = max(readings, key=lambda r: (r.failed_row or 0, r.foreign))
    label = _LABELS.get(reading.encoding, reading.encoding.upper())
    if len(readings) == 1:
        problem = f"bytes that are not {label}; the file is damaged or in another encoding"
    else:
        problem = (
            "bytes that are neither UTF-8 nor CP949 all through; the file is damaged, mixes "
            "encodings, or is in another encoding, which must then be named"
        )
    return refuse(path.name, problem, reading.failed_row)
