import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tacit.node.sources.base import MAXIMUM_COLUMNS
from tacit.node.sources.csv import DELIMITERS, CsvSource
from tacit.node.sources.opening import open_source
from tacit.node.sources.problems import Problems

Table = tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]]]


def read(path: Path, **opening: str) -> Table:
    source = open_source(path, **opening)
    problems = Problems()
    rows = [(row.number, row.values) for row in source.rows(problems)]
    assert not problems.found
    return source.header, rows


PEOPLE = "등록번호,성명\nA1,홍길동\nA2,김철수\n"
READ: Table = (("등록번호", "성명"), [(2, ("A1", "홍길동")), (3, ("A2", "김철수"))])


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", "encoding UTF-8"),
        ("utf-8-sig", "encoding UTF-8 with byte order mark"),
        ("utf-16", "encoding UTF-16"),
        ("cp949", "encoding CP949"),
        ("euc-kr", "encoding CP949"),
    ],
)
def test_encodings_are_found_out_and_reported(tmp_path: Path, encoding: str, note: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding=encoding)
    assert read(path) == READ
    assert open_source(path).notes == (note, "delimiter comma")


def test_utf_16_in_the_other_byte_order(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"\xfe\xff" + PEOPLE.encode("utf-16-be"))
    assert read(path) == READ


def test_cp949_beyond_euc_kr(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,name\n1,뷁펲\n", encoding="cp949")
    assert read(path)[1] == [(2, ("1", "뷁펲"))]


def test_encoding_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,name\n1,José\n", encoding="cp1252")
    assert read(path, encoding="CP1252")[1] == [(2, ("1", "José"))]


def test_foreign_text_only_after_a_long_ascii_beginning(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    lines = ["id,name", *(f"{i},nobody" for i in range(30_000)), "x,홍길동"]
    path.write_text("\n".join(lines), encoding="cp949")
    assert open_source(path).notes[0] == "encoding CP949"
    assert read(path)[1][-1] == (30_002, ("x", "홍길동"))


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_delimiters_are_found_out(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "people.csv"
    lines = [["id", "name", "note"], ["1", "Hong, Gildong", "a; b"], ["2", "Kim", ""]]
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(lines)
    assert CsvSource(path).delimiter == delimiter
    assert read(path)[1] == [(2, tuple(lines[1])), (3, tuple(lines[2]))]


def test_delimiter_that_the_file_names(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("sep=;\r\nid;name\r\n1;a,b\r\n")
    assert read(path) == (("id", "name"), [(2, ("1", "a,b"))])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(ending.join(["id,name", "1,a", "", "2,b"]).encode())
    assert read(path)[1] == [(2, ("1", "a")), (4, ("2", "b"))]


def test_quoted_line_breaks_are_one_row(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('id,note\n1,"two\nlines"\n2,"say ""no"""\n')
    assert read(path)[1] == [(2, ("1", "two\nlines")), (3, ("2", 'say "no"'))]


def test_spaces_around_names_and_values(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('rec_id , given  name, "a, b"\n 1 , x, "c, d"\n')
    assert read(path) == (("rec_id", "given name", "a, b"), [(2, ("1", "x", "c, d"))])


def test_header_names_are_composed(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,\u1109\u1165\u11bc\u1106\u1167\u11bc\n1,x\n", encoding="utf-8")
    assert read(path)[0] == ("id", "성명")


def test_empty_rows_and_unnamed_empty_columns_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,name,,\n\n1,a,,\n,,,\n2,b,,\n")
    assert read(path) == (("id", "name"), [(3, ("1", "a")), (5, ("2", "b"))])


def test_one_column(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id\n1\n2\n")
    assert read(path) == (("id",), [(2, ("1",)), (3, ("2",))])


PRINTABLE = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2060\ufeff")
VALUES = st.text(PRINTABLE | st.sampled_from(["\n", '"', ",", ";", "\t", "|"]), max_size=12)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=8),
    delimiter=st.sampled_from(list(DELIMITERS)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_csv_round_trip(
    tmp_path: Path,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    encoding: str,
    quoting: Any,
) -> None:
    path = tmp_path / "round.csv"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting)
    writer.writerows([("a", "b", "c"), *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    expected = [
        (number, stripped)
        for number, values in enumerate(rows, start=2)
        if any(stripped := tuple(value.strip() for value in values))
    ]
    assert read(path, delimiter=delimiter) == (("a", "b", "c"), expected)


def save(path: Path, *rows: list[Any]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)


def test_workbook_values_are_written_as_people_see_them(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(
        path,
        ["id", "born", "when", "count", "share", "ok", "text"],
        [
            1,
            dt.date(1950, 1, 2),
            dt.datetime.fromisoformat("2020-03-04 05:06"),
            7.0,
            0.5,
            True,
            " 홍길동 ",
        ],
        [2.0, None, dt.time(7, 8), -3, 1e15, False, "=not a formula"],
    )
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["G3"].data_type = "s"
    book.save(path)
    assert read(path)[1] == [
        (2, ("1", "1950-01-02", "2020-03-04 05:06:00", "7", "0.5", "true", "홍길동")),
        (3, ("2", "", "07:08:00", "-3", "1000000000000000", "false", "=not a formula")),
    ]


def test_titles_blank_rows_and_margins_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, ["피해자 명부"], [], [None, "id", "이름"], [], [None, 1, "홍"], [None, "", " "])
    assert read(path) == (("id", "이름"), [(5, ("1", "홍"))])


def test_merged_title_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, ["명부"], ["id", "이름"], [1, "홍"])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("A1:B1")
    book.save(path)
    assert read(path)[1] == [(3, ("1", "홍"))]


def test_sheet_is_chosen_by_name_or_is_the_first_with_values(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    book = openpyxl.Workbook()
    for title, name in (("hidden", "a"), ("첫째", "b"), ("둘째", "c")):
        book.create_sheet(title).append(["id", name])
    book["hidden"].sheet_state = "hidden"
    book.save(path)
    assert read(path)[0] == ("id", "b")
    assert open_source(path).notes == ("sheet '첫째' of 4",)
    assert read(path, sheet="둘째")[0] == ("id", "c")


def test_formula_is_a_flaw_of_its_cell_only(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, ["id", "age"], [1, "=2026-1950"])
    (row,) = open_source(path).rows(Problems())
    assert row.values == ("1", "=2026-1950")
    assert row.flaws == {1: "the cell holds a formula; paste it as a value"}


def test_shared_strings_as_excel_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, ["id", "name"], [1, "x"])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts["xl/sharedStrings.xml"] = (
        b"<sst " + space + b"><si><t>id</t></si><si><t>name</t></si>"
        b"<si><r><t>Hong </t></r><r><t>Gildong</t></r></si></sst>"
    )
    parts["xl/worksheets/sheet1.xml"] = (
        b"<worksheet " + space + b"><sheetData>"
        b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        b'<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>2</v></c></row>'
        b"</sheetData></worksheet>"
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxml'
        b'formats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert read(path) == (("id", "name"), [(2, ("1", "Hong Gildong"))])


def test_cells_far_right_without_values_are_no_columns(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    save(path, ["id", "name"], [1, "x"])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(2, MAXIMUM_COLUMNS + 50).number_format = "0.00"
    book.save(path)
    assert read(path)[1] == [(2, ("1", "x"))]


def test_workbook_with_another_ending(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    save(tmp_path / "people.xlsx", ["id", "name"], [1, "x"])
    (tmp_path / "people.xlsx").rename(path)
    assert read(path)[1] == [(2, ("1", "x"))]


def test_digest_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"id\n1\n")
    # printf 'id\n1\n' | sha256sum
    assert open_source(path).digest.hex() == EXPECTED_DIGEST


EXPECTED_DIGEST = "7cde7fb64fd82bd152710cf238e017b9ab46c0592483edc067ba4f6c75fac108"
