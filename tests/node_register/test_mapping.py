import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import parse_schema
from tacit.node.mapping import ColumnMapping, check_columns, parse_mapping, read_mapping
from tacit.node.mapping_guess import guess_mapping, write_guess
from tacit.node.roles import ROLES, RegisterFields, fields_of

FIELDS = RegisterFields(("name", "birth_date", "sex", "birth_place", "father"))
GOOD = """
format = 1
[columns]
" 등록번호 " = "record_id"
"성명" = "name"
"비고" = "ignore"
[constants]
forum = "WGEID"
[values."성명"]
"미상" = ""
"""


def problem(document: str, *, json_text: bool = False) -> str:
    with pytest.raises(TacitError) as caught:
        parse_mapping(document.encode(), FIELDS, json_text=json_text)
    assert caught.value.code is Code.BAD_MAPPING
    return str(caught.value)


def test_toml_and_json(tmp_path: Path) -> None:
    expected = ColumnMapping(
        {"등록번호": "record_id", "성명": "name", "비고": "ignore"},
        {"forum": "WGEID"},
        {"성명": {"미상": ""}},
    )
    (tmp_path / "map.toml").write_text(GOOD, encoding="utf-8-sig")
    (tmp_path / "map.json").write_text(expected.encode(), encoding="utf-8")
    assert read_mapping(tmp_path / "map.toml", FIELDS) == expected
    assert read_mapping(tmp_path / "map.json", FIELDS) == expected
    assert dict(expected.used) == {"등록번호": "record_id", "성명": "name"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('"name"', '"nmae"'), "column '성명': there is no field or role 'nmae'; there are record_id"),
        (('"record_id"', '"name"'), "column '성명': '등록번호' is mapped to 'name' already"),
        (('"record_id"', '"keep"'), "no column is mapped to 'record_id'"),
        (('"name"', '"kind"'), "no column is mapped to any of the schema's fields"),
        (("forum =", "forun ="), "constant 'forun': there is no field or role 'forun'"),
        (("forum =", "name ="), "constant 'name': column '성명' is mapped to it already"),
        (('values."성명"', 'values."이름"'), "values for column '이름': the column is not mapped"),
        (('"name"', "7"), "'성명' in 'columns' is not text"),
        (("format = 1", "format = 2"), "its format is not 1"),
        (("format = 1", "formal = 1"), "unknown entry 'formal'"),
        (("format = 1", "tolerate_dates = 1"), "'tolerate_dates' must be true or false"),
        (("format = 1", "format = "), "it is not TOML"),
        (('"비고"', '"성명 "'), "'성명 ' stands twice in 'columns'"),
    ],
)  # fmt: skip
def test_mistakes_are_named(change: tuple[str, str], says: str) -> None:
    assert change[0] in GOOD
    assert says in problem(GOOD.replace(change[0], change[1], 1))


def test_broken_documents() -> None:
    assert "line 1 is not JSON" in problem("{", json_text=True)
    assert "'mapping' is not a table" in problem("[]", json_text=True)
    assert "nested too deeply" in problem("[" * 100_000, json_text=True)
    assert "'columns' is not a table" in problem('{"columns": []}', json_text=True)
    with pytest.raises(TacitError, match="not in UTF-8"):
        parse_mapping(GOOD.encode("cp949"), FIELDS)
    with pytest.raises(TacitError, match="too long"):
        parse_mapping(b"#" * ((1 << 20) + 1), FIELDS)


def test_missing_mapping_file(tmp_path: Path) -> None:
    with pytest.raises(TacitError, match=r"no\.toml cannot be read"):
        read_mapping(tmp_path / "no.toml", FIELDS)


def test_missing_columns_are_named_in_the_mappings_words() -> None:
    mapping = ColumnMapping({"id": "record_id", "a": "name", "b": "sex", "c": "keep"})
    check_columns(mapping, ["b", "a", "id"])
    with pytest.raises(TacitError, match=r"x\.csv has no column 'a', 'b'; it has 1 columns"):
        check_columns(mapping, ["id"], "x.csv")


KOREAN = {
    "연번": ("record_id", ["1", "2"]),
    "피해자 성명": ("name", ["홍길동", "김철수"]),
    "생년월일": ("birth_date", ["1950.1.2", "1961년"]),
    "성별": ("sex", ["남", "여"]),
    "본적지": ("birth_place", ["함경북도 청진시", ""]),
    "부친명": ("father", ["홍판서", ""]),
    "접수일자": ("documented_on", ["2010-01-02", "2011-03-04"]),
    "진정번호": ("petition", ["WGEID 1", ""]),
    "제출처": ("forum", ["WGEID", ""]),
    "동의권자": ("consent_source", ["가족", ""]),
    "이용목적": ("purposes", ["확인", "전체"]),
    "공개거부": ("publication", ["예", "아니오"]),
    "동의 만료일": ("consent_expires", ["2030-01-01", ""]),
    "피해유형": ("kind", ["실종", "납북"]),
    "발생연도": ("year", ["1969", "1987"]),
    "가해기관": ("body", ["보위부", ""]),
    "비고": ("keep", ["메모", ""]),
}
ENGLISH = {
    "Victim ID": ("record_id", ["K-1", "K-2"]),
    "Full name": ("name", ["Hong Gildong", "KIM Cheol-su"]),
    "DOB": ("birth_date", ["1950-01-02", "19610304"]),
    "Gender": ("sex", ["M", "female"]),
    "Place of Birth": ("birth_place", ["Chongjin", ""]),
    "Father's name": ("father", ["Hong Panseo", ""]),
    "Interview date": ("documented_on", ["2010-01-02", "2011-03-04"]),
    "Petition no.": ("petition", ["WGEID 1", ""]),
    "Mechanism": ("forum", ["WGEID", ""]),
    "Consent given by": ("consent_source", ["family", ""]),
    "Allowed purposes": ("purposes", ["check", "all"]),
    "Publication consent": ("publication", ["yes", "no"]),
    "Consent valid until": ("consent_expires", ["2030-01-01", ""]),
    "Type of violation": ("kind", ["disappearance", ""]),
    "Year of event": ("year", ["1969", "1987"]),
    "Perpetrator": ("body", ["MSS", ""]),
    "Remarks": ("keep", ["a", ""]),
}


@pytest.mark.parametrize("table", [KOREAN, ENGLISH], ids=["korean", "english"])
def test_guess_finds_every_role(table: dict[str, tuple[str, list[str]]]) -> None:
    sample = list(zip(*(values for _, values in table.values()), strict=True))
    guess = guess_mapping(list(table), sample, FIELDS)
    assert {g.column: g.role for g in guess.columns} == {c: role for c, (role, _) in table.items()}
    assert guess.missing == ()
    assert all((g.confidence >= 0.5) == (g.role != "keep") for g in guess.columns)
    written = write_guess(guess, "register.csv", FIELDS)
    assert parse_mapping(written.encode(), FIELDS) == guess.mapping
    assert "홍길동" not in written
    assert "Gildong" not in written


def test_yes_means_what_the_columns_name_asks() -> None:
    def answers(column: str, *values: str) -> dict[str, str]:
        sample = [("1", "a", value) for value in values]
        guess = guess_mapping(["id", "name", column], sample, FIELDS)
        return dict(guess.mapping.values.get(column, {}))

    assert answers("공개거부", "예", "") == {"예": "objected", "아니오": ""}
    assert answers("공개동의", "아니오") == {"예": "allowed", "아니오": "objected"}
    assert answers("Publication objected", "Y", "n") == {"y": "objected", "n": ""}
    assert answers("publication", "allowed", "objected") == {}


def test_own_names_of_the_schema_win_and_values_decide_between_columns() -> None:
    fields = RegisterFields(("given_name", "surname", "date_of_birth"))
    header = ["rec_id", "given_name", "surname", "date_of_birth", "id"]
    sample = [("r1", "a", "b", "19500102", "7"), ("r2", "c", "d", "19510102", "7")]
    guess = guess_mapping(header, sample, fields)
    assert guess.mapping.columns == {
        "rec_id": "record_id",
        "given_name": "given_name",
        "surname": "surname",
        "date_of_birth": "date_of_birth",
        "id": "keep",
    }


def test_file_without_a_header_is_not_guessed() -> None:
    guess = guess_mapping(["1", "홍길동", "1950"], [("2", "김철수", "1951")], FIELDS)
    assert set(guess.mapping.columns.values()) == {"keep"}
    assert "record_id" in guess.missing


def test_empty_file_is_guessed_by_names_alone() -> None:
    guess = guess_mapping(["등록번호", "성명"], [], FIELDS)
    assert guess.mapping.columns == {"등록번호": "record_id", "성명": "name"}


NAMES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), min_size=1, max_size=9
)


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=6, unique=True))
def test_every_written_guess_is_toml(names: list[str]) -> None:
    guess = guess_mapping(names, [], FIELDS)
    read = tomllib.loads(write_guess(guess, 'odd"\n#name.csv', FIELDS))
    assert read["columns"] == guess.mapping.columns


def test_fields_of_the_packaged_schema() -> None:
    from importlib.resources import files  # noqa: PLC0415

    text = (files("tacit.linkage") / "schemas" / "victims.json").read_bytes()
    fields = fields_of(parse_schema(text))
    assert {"name", "birth_date", "sex"} <= set(fields.names)
    assert fields.dates == {"birth_date"}
    assert set(ROLES) <= set(fields.all)
