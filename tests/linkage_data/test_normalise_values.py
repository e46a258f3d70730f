"""Codes, numbers, categories, and columns of them."""

import json
from importlib.resources import files

import pytest
from clkhash.schema import from_json_dict
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.codes import DIMENSIONS, code_list, entries, label, recognise
from tacit.linkage.normalise.missing import is_missing
from tacit.linkage.normalise.register_columns import normalise_column, normalise_columns
from tacit.linkage.normalise.registry import NORMALISERS
from tacit.linkage.schema import parse_schema


@pytest.mark.parametrize(
    ("normaliser", "written", "expected"),
    [
        ("none", " As is ", " As is "),
        ("text", "  Häuser\u3000ＡＢＣ, d'Or ", "hauser abc dor"),
        ("code", "se13 7dg", "SE137DG"),
        ("code", "AB-12/３", "AB123"),
        ("number", "1,234.50", "1234.5"),
        ("number", "007", "7"),
        ("number", "-0", "0"),
        ("number", "1e3", "1000"),
        ("number", "1e999999", "1e999999"),
        ("number", "n/a", "n a"),
        ("number", "nan", "nan"),
        ("quantity", "45세", "45"),
        ("quantity", " 172.50 cm", "172.5"),
        ("quantity", "₩1,234,000", "1234000"),
        ("quantity", "172,5", "172.5"),
        ("quantity", "-3", "-3"),
        ("quantity", "40-50", ""),
        ("quantity", "about forty", ""),
        ("quantity", "9" * 400, ""),
        ("category", " Forced  LABOUR", "forced labour"),
        ("sex", "녀", "f"),
        ("sex", "남성", "m"),
        ("sex", "Female", "f"),
        ("sex", "unknown", ""),
        ("sex", "", ""),
    ],
)
def test_other_values(normaliser: str, written: str, expected: str) -> None:
    assert NORMALISERS[normaliser](written) == expected


@given(st.sampled_from(sorted(NORMALISERS)), st.text())
def test_no_text_is_refused(normaliser: str, value: str) -> None:
    once = NORMALISERS[normaliser](value)
    missing = normaliser != "none" and is_missing(value)
    assert normalise_column(normaliser, [value, value]) == ["" if missing else once] * 2


def default_schema() -> bytes:
    return (files("tacit.linkage") / "schemas" / "victims.json").read_bytes()


def test_default_schema_is_what_clkhash_reads() -> None:
    schema = parse_schema(default_schema())
    reference = from_json_dict(json.loads(default_schema()))
    assert [f.identifier for f in schema.features] == [f.identifier for f in reference.fields]
    assert schema.sources == ("name", "birth_date", "sex", "birth_place", "father")
    assert schema.length == 1024


def test_columns_become_features() -> None:
    columns = {
        "name": ["리영희", "Ri Yong-hui"],
        "birth_date": ["1962년 3월 4일", "1962"],
        "sex": ["녀", "F"],
        "record_id": ["1", "2"],
    }
    assert normalise_columns(parse_schema(default_schema()), columns) == {
        "name": ["i yonghi", "i yonghi"],
        "name_fine": ["i yeonghui", ""],
        "birth_year": ["1962", "1962"],
        "birth_near": ["1962", "1962"],
        "birth_day": ["0304", ""],
        "birth_parts": ["03\x1f04", ""],
        "sex": ["f", "f"],
        "birth_place": ["", ""],
        "father": ["", ""],
    }


def several(combine: str, *sources: str, normalise: str = "text") -> str:
    raw = json.loads(default_schema())
    raw["features"] = raw["features"][:1]
    own = {"sources": list(sources), "combine": combine, "normalise": normalise}
    raw["tacit"]["features"] = {"name": own}
    return json.dumps(raw)


COLUMNS = {"one": ["A B", "", "", "A C"], "other": ["a  b", "C", "", "B"], "id": ["", "", "", ""]}


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        ("alternatives", ["a b", "c", "", "a c\x1fb"]),
        ("join", ["a b a b", "c", "", "a c b"]),
    ],
)
def test_several_sources_become_one_feature(combine: str, expected: list[str]) -> None:
    schema = parse_schema(several(combine, "one", "missing", "other"))
    assert normalise_columns(schema, COLUMNS) == {"name": expected}


def test_parts_may_be_joined_to_one_alternative() -> None:
    raw = json.loads(several("alternatives", "full"))
    raw["tacit"]["features"]["name"]["sources"] = ["full", ["surname", "given"], "alias"]
    columns = {"full": ["A B", ""], "surname": ["A", "C"], "given": ["B", ""], "alias": ["D", ""]}
    schema = parse_schema(json.dumps(raw))
    assert schema.sources == ("full", "surname", "given", "alias")
    assert normalise_columns(schema, columns) == {"name": ["a b\x1fd", "c"]}


def test_several_missing_sources_are_a_missing_feature() -> None:
    schema = parse_schema(several("alternatives", "x", "y"))
    assert normalise_columns(schema, COLUMNS) == {"name": ["", "", "", ""]}


def test_parts_of_a_date_are_joined() -> None:
    schema = parse_schema(several("join", "y", "m", "d", normalise="date"))
    columns = {"y": ["1962", "1962", "1962"], "m": ["3", "11", ""], "d": ["4", "", ""]}
    assert normalise_columns(schema, columns) == {"name": ["19620304", "196211", "1962"]}


def test_ragged_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        normalise_columns(parse_schema(default_schema()), {"name": ["a"], "sex": []})


@pytest.mark.parametrize(
    ("dimension", "written", "expected"),
    [
        ("kind", "납북자", "abduction"),
        ("kind", "Wartime abduction", "abduction"),
        ("kind", "정치범 수용소 (요덕)", "political-prison-camp"),
        ("kind", "Enforced disappearance", "enforced-disappearance"),
        ("kind", "강제북송", "forced-repatriation"),
        ("kind", "something else", "other"),
        ("kind", "미상", "unknown"),
        ("kind", "", "unknown"),
        ("body", "보위부", "mss"),
        ("body", "함경북도 보안서", "mps"),
        ("body", "MSS", "mss"),
        ("body", "Korean People's Army", "kpa"),
        ("forum", "WGEID", "wgeid"),
        ("forum", "UN Working Group on Arbitrary Detention (WGAD)", "wgad"),
        ("forum", "서울중앙지방법원", "court-kr"),
        ("forum", "없음", "none"),
        ("year", "1997년 5월", "1997"),
        ("year", "1944", "other"),
        ("year", "n/a", "unknown"),
        ("year", "1997-1998", "1997"),
        ("year", "1990s", "unknown"),
        ("zone", "My  Zone", "my-zone"),
    ],
)
def test_recognises_what_registers_hold(dimension: str, written: str, expected: str) -> None:
    assert recognise(dimension, written) == expected


@pytest.mark.parametrize("dimension", [*DIMENSIONS, "sex"])
def test_every_writing_in_the_lists_is_its_own_code(dimension: str) -> None:
    for entry in entries()[dimension]:
        for written in (entry.code, entry.english, entry.korean):
            assert recognise(dimension, written) == entry.code
    assert len(set(code_list(dimension))) == len(code_list(dimension))


def test_labels() -> None:
    assert label("body", "mss") == "Ministry of State Security"
    assert label("body", "mss", "ko") == "국가보위성"
    assert label("kind", "unknown", "ko") == "미상"
    assert label("zone", "north") == "north"


@pytest.mark.parametrize(
    "written", ["", " - ", "N/A", "unknown", "미상", "(불명)", "NULL", "??", "#N/A"]
)
def test_words_for_missing_are_missing(written: str) -> None:
    for normaliser in NORMALISERS.keys() - {"none"}:
        assert normalise_column(normaliser, [written]) == [""]
    assert normalise_column("none", [written]) == [written]


@pytest.mark.parametrize("written", ["Na", "Null", "Nan", "무", "Mi Sang", "0", "None Such"])
def test_names_are_not_missing(written: str) -> None:
    assert not is_missing(written)
