"""Schemas from column names and values alone."""

import json
import random
from typing import Any

import pytest

from tacit.linkage.column_names import Kind, hint, plain
from tacit.linkage.columns import read_columns
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.field_weights import collision_entropy
from tacit.linkage.infer import LENGTH, infer_schema
from tacit.linkage.schema import parse_schema

Table = dict[str, list[str]]
GIVEN = [
    "mina",
    "jun",
    "sora",
    "david",
    "maria",
    "chen",
    "ivan",
    "amal",
    "lea",
    "tom",
    "eva",
    "ali",
]
FAMILY = [one + other for one in ("ber", "kow", "mac", "van", "rod", "sch") for other in GIVEN]
CITIES = [
    f"{name}{end}" for name in ("north", "south", "old", "new") for end in ("ton", "ham", "by")
]

DOB = ("dob_year", "dob_near", "dob_day", "dob_parts")


def people(records: int, seed: int) -> Table:
    draw = random.Random(seed)
    given = [draw.choice(GIVEN) for _ in range(records)]
    family = [draw.choice(FAMILY) for _ in range(records)]
    return {
        "rec_id": [f"{seed}-{number}" for number in range(records)],
        "first_name": given,
        "surname": family,
        "dob": [
            f"{draw.randint(1900, 1999)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
            for _ in range(records)
        ],
        "gender": [draw.choice(["male", "female", ""]) for _ in range(records)],
        "city": [draw.choice(CITIES) + str(draw.randint(1, 9)) for _ in range(records)],
        "postcode": [f"AB{draw.randint(1, 99)} {draw.randint(1, 9)}CD" for _ in range(records)],
        "cluster": [str(draw.randint(1, records)) for _ in range(records)],
    }


def features(tables: list[Table], **options: Any) -> dict[str, dict[str, Any]]:
    """Give each feature's comparison, bits, source and normaliser."""
    raw = json.loads(infer_schema(tables, **options))
    settings = raw["tacit"]["features"]
    return {
        item["identifier"]: {
            "comparison": item["hashing"]["comparison"]["type"],
            "bits": item["hashing"]["strategy"]["bitsPerFeature"],
            **settings[item["identifier"]],
        }
        for item in raw["features"]
    }


def test_a_usable_schema() -> None:
    found = features([people(300, 1), people(300, 2)])
    assert {name: (f["normalise"], f["comparison"]) for name, f in found.items()} == {
        "first_name": ("name", "ngram"),
        "surname": ("name", "ngram"),
        "dob_year": ("year-digits", "ngram"),
        "dob_near": ("year", "numeric"),
        "dob_day": ("month-day", "ngram"),
        "dob_parts": ("day-parts", "exact"),
        "gender": ("sex", "exact"),
        "city": ("place", "ngram"),
        "postcode": ("code", "ngram"),
    }
    bits = {name: f["bits"] for name, f in found.items()}
    assert bits["gender"] < bits["first_name"] < bits["surname"]
    # Of 36,000 days and 72 surnames.
    assert bits["surname"] < sum(bits[name] for name in DOB)
    schema = parse_schema(infer_schema([people(300, 1), people(300, 2)]))
    assert schema.length == LENGTH
    assert schema.sources == ("first_name", "surname", "dob", "gender", "city", "postcode")


def test_the_same_tables_give_the_same_text() -> None:
    tables = [people(200, 1), people(200, 2)]
    assert infer_schema(tables) == infer_schema(json.loads(json.dumps(tables)))


def test_one_file_is_enough() -> None:
    assert set(features([people(200, 1)])) == {
        "first_name",
        "surname",
        *DOB,
        "gender",
        "city",
        "postcode",
    }


def test_ignored_columns_are_left_out() -> None:
    found = features([people(200, 1), people(200, 2)], ignore=["Post Code", "CITY", "postcode"])
    assert set(found) == {"first_name", "surname", *DOB, "gender"}


@pytest.mark.parametrize(
    "name", ["cluster", "Cluster", "entity_id", "truth", "label", "ground_truth", " entity "]
)
def test_a_truth_column_is_never_encoded(name: str) -> None:
    tables = [people(200, seed) for seed in (1, 2)]
    for table in tables:
        table[name] = table.pop("cluster")
    assert name.strip() not in features(tables)


@pytest.mark.parametrize("name", ["id", "rec_id", "Unique ID", "recordId", "번호", "일련번호", ""])
def test_a_record_number_is_never_encoded(name: str) -> None:
    tables = [people(200, seed) for seed in (1, 2)]
    for table in tables:
        table[name] = [str(number) for number in range(200)]
    assert name not in features(tables)


def test_an_unnamed_kind_of_record_number_is_known_by_its_values() -> None:
    tables = [people(200, seed) for seed in (1, 2)]
    for seed, table in enumerate(tables):
        table["sheet ref"] = [f"{seed}/{number}" for number in range(200)]
    assert "sheet ref" not in features(tables)


def test_an_identifier_that_files_share_is_kept() -> None:
    tables = [people(200, seed) for seed in (1, 2)]
    for start, table in enumerate(tables):
        table["soc_sec_id"] = [str(7_000_000 + 37 * (start * 100 + i)) for i in range(200)]
    assert features(tables)["soc_sec_id"]["normalise"] == "code"


def test_white_space_around_names_and_values_is_no_matter() -> None:
    tables = [people(200, 1), people(200, 2)]
    padded = [
        {f" {name} ": [f" {value} " for value in values] for name, values in table.items()}
        for table in tables
    ]
    assert infer_schema(padded) == infer_schema(tables)


def test_a_column_that_repeats_others_shares_its_weight() -> None:
    plainly, doubled = [people(300, 1), people(300, 2)], [people(300, 1), people(300, 2)]
    for table in doubled:
        both = zip(table["first_name"], table["surname"], strict=True)
        table["full_name"] = [f"{given} {family}" for given, family in both]

    def share(tables: list[Table]) -> float:
        found = features(tables)
        names = sum(f["bits"] for f in found.values() if f["normalise"] == "name")
        return float(names / sum(f["bits"] for f in found.values()))

    assert share(doubled) < share(plainly) * 1.25
    information = {c.name: c.information / c.entropy for c in read_columns(doubled)}
    assert information["surname"] == pytest.approx(0.5)
    assert information["city"] == 1.0


def test_korean_columns() -> None:
    draw = random.Random(5)
    tables = [
        {
            "연번": [str(number) for number in range(200)],
            "성명": [
                draw.choice("김이박최정") + draw.choice("영민수정") + draw.choice("희호철")
                for _ in range(200)
            ],
            "생년월일": [
                f"19{draw.randint(20, 70)}년 {draw.randint(1, 12)}월 {draw.randint(1, 28)}일"
                for _ in range(200)
            ],
            "출생지": [
                draw.choice(["함경북도 회령", "평안남도 순천", "양강도 혜산"]) + f" {i % 7}구"
                for i in range(200)
            ],
            "성별": [draw.choice("남여") for _ in range(200)],
        }
        for _ in range(2)
    ]
    found = features(tables)
    assert {name: f["normalise"] for name, f in found.items() if not name.endswith("_fine")} == {
        "성명": "name",
        "생년월일_year": "year-digits",
        "생년월일_near": "year",
        "생년월일_day": "month-day",
        "생년월일_parts": "day-parts",
        "출생지": "place",
        "성별": "sex",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("given_name", Kind.NAME),
        ("fullName", Kind.NAME),
        ("성명", Kind.NAME),
        ("이름(한글)", Kind.NAME),
        ("아버지 이름", Kind.NAME),
        ("DOB", Kind.DATE),
        ("date_of_birth", Kind.DATE),
        ("생년월일", Kind.DATE),
        ("birth_year", Kind.YEAR),
        ("출생년도", Kind.YEAR),
        ("birth_place", Kind.PLACE),
        ("place of birth", Kind.PLACE),
        ("출생지", Kind.PLACE),
        ("suburb", Kind.PLACE),
        ("post_code", Kind.CODE),
        ("우편번호", Kind.CODE),
        ("phone_number", Kind.CODE),
        ("Sex", Kind.SEX),
        ("성별", Kind.SEX),
        ("marital status", Kind.CATEGORY),
        ("remarks", None),
    ],
)
def test_what_a_name_says(name: str, kind: Kind | None) -> None:
    assert hint(name) is kind


def test_names_are_folded() -> None:
    assert plain("  Birth_Place (KR)") == "birth place kr"
    assert plain("RecordID") == "record id"


def test_entropy_by_hand() -> None:
    # Four values, each twice: 4 of 28 pairs share one, so log2 7; two values of two: 2 of 6.
    assert collision_entropy({"a": 2, "b": 2, "c": 2, "d": 2}) == pytest.approx(2.807355)
    assert collision_entropy({"a": 2, "b": 2}) == pytest.approx(1.584963)
    assert collision_entropy({"a": 1, "b": 1, "c": 1}) == pytest.approx(1.584963)
    assert collision_entropy({"a": 1}) == 0.0


def test_columns_of_two_files_of_three_are_used() -> None:
    tables = [people(200, seed) for seed in (1, 2, 3)]
    del tables[0]["city"]
    for table in tables[:2]:
        del table["postcode"]
    found = features(tables)
    assert "city" in found
    assert "postcode" not in found


@pytest.mark.parametrize(
    "tables",
    [[], [{}], [{"name": []}], [{"name": ["", ""]}], [{"id": ["1", "2"]}], [{"name": ["a", "a"]}]],
)
def test_nothing_to_go_by_is_refused(tables: list[Table]) -> None:
    with pytest.raises(TacitError) as caught:
        infer_schema(tables)
    assert caught.value.code is Code.BAD_SCHEMA


def test_a_hundred_columns_are_cut_to_the_most_telling() -> None:
    draw = random.Random(3)
    table = {f"note {n}": [str(draw.random()) for _ in range(40)] for n in range(100)}
    assert len(parse_schema(infer_schema([table])).features) == 48


def test_a_year_alone_is_compared_by_digits_and_nearness() -> None:
    tables = [people(200, seed) for seed in (1, 2)]
    for table in tables:
        table["born"] = [value[:4] for value in table.pop("dob")]
        table["born_year"] = table["city"]
    found = features(tables)
    assert {name: f["normalise"] for name, f in found.items() if f["source"] == "born"} == {
        "born_year_": "year-digits",
        "born_near": "year",
    }


def test_a_sex_column_of_other_codes_is_a_category() -> None:
    tables = [people(200, seed) for seed in (1, 2)]
    for table in tables:
        table["gender"] = ["12" if i % 2 else "7b" for i in range(200)]
    assert features(tables)["gender"]["normalise"] == "category"


def test_names_in_several_scripts_get_a_finer_form() -> None:
    draw = random.Random(2)
    tables = [
        {
            "name": [
                draw.choice("김이박최") + draw.choice("영민순철") + draw.choice("희호철숙")
                for _ in range(200)
            ]
        },
        {
            "name": [
                f"{draw.choice(['KIM', 'PAK'])} Yong-{draw.choice(['hui', 'ho', 'suk'])}"
                for _ in range(200)
            ]
        },
    ]
    found = features(tables)
    assert found["name"]["normalise"] == "name"
    assert found["name_fine"]["normalise"] == "name-fine"
    assert found["name_fine"]["bits"] <= found["name"]["bits"]
