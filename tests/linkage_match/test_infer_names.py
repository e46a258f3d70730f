"""Which columns a schema reads as one name, and how it compares numbers that vary."""

import json
import random
from typing import Any

from tacit.linkage.infer import infer_schema
from tacit.linkage.schema import parse_schema

Table = dict[str, list[str]]
GIVEN = ["mina", "jun", "sora", "david", "maria", "chen", "ivan", "amal", "lea", "tom", "eva"]
FAMILY = [one + other for one in ("ber", "kow", "mac", "van") for other in GIVEN]


def western(seed: int, swapped: int = 0) -> Table:
    """Make people of whom one in `swapped` has surname and given name in each other's column."""
    draw = random.Random(seed)
    rows = [(draw.choice(GIVEN), draw.choice(FAMILY)) for _ in range(300)]
    rows = [row[::-1] if swapped and n % swapped == 0 else row for n, row in enumerate(rows)]
    return {"first_name": [row[0] for row in rows], "last_name": [row[1] for row in rows]}


def settings(tables: list[Table]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(infer_schema(tables))["tacit"]["features"]
    return found


def test_surname_and_given_name_stay_apart() -> None:
    assert settings([western(1), western(2)]) == {
        "first_name": {"source": "first_name", "normalise": "name"},
        "last_name": {"source": "last_name", "normalise": "name"},
    }


def test_names_that_are_often_swapped_are_read_as_one() -> None:
    joined = {"sources": ["last_name", "first_name"], "combine": "join", "normalise": "name"}
    assert settings([western(1, swapped=8), western(2, swapped=8)]) == {"last_name": joined}


def test_korean_surname_and_given_name_are_read_as_one() -> None:
    draw = random.Random(3)
    hangul: Table = {
        "성": [draw.choice("김이박최정") for _ in range(200)],
        "이름": [draw.choice("영민수정") + draw.choice("희호철") for _ in range(200)],
    }
    latin: Table = {
        "surname": [draw.choice(["KIM", "PAK", "RI"]) for _ in range(200)],
        "given": [f"Yong-{draw.choice(['hui', 'ho', 'suk'])}" for _ in range(200)],
    }
    found = settings([hangul, latin])
    assert found["성"] == {"sources": [["성", "이름"], ["surname", "given"]], "normalise": "name"}
    assert found.keys() == {"성", "성_fine"}


def test_names_that_one_file_has_whole_and_another_in_parts_meet() -> None:
    parts = western(1)
    both = zip(parts["first_name"], parts["last_name"], strict=True)
    whole: Table = {"name": [" ".join(row) for row in both], "aka": ["", "tom"] * 150}
    schema = parse_schema(infer_schema([whole, parts]))
    assert [feature.readings for feature in schema.features] == [
        (("name",), ("aka",), ("last_name", "first_name")),
    ]


def test_numbers_that_vary_are_compared_by_nearness() -> None:
    draw = random.Random(4)
    tables: list[Table] = [
        {
            "age": [str(draw.randint(18, 90)) if n % 9 else "unknown" for n in range(300)],
            "income": [f"{draw.uniform(1000, 9000):.2f}" for _ in range(300)],
            "house": [str(draw.randint(1, 400)) for _ in range(300)],
            "children": [str(draw.randint(0, 5)) for _ in range(300)],
        }
        for _ in range(2)
    ]
    raw = json.loads(infer_schema(tables))
    compared = {item["identifier"]: item["hashing"]["comparison"] for item in raw["features"]}
    assert {name: how["type"] for name, how in compared.items()} == {
        "age": "numeric",
        "income": "numeric",
        "house": "ngram",
        "children": "ngram",
    }
    assert compared["age"]["fractionalPrecision"] == 0
    # A fifth of the robust spread: half of 73 years lies between the quartiles, 36 / 1.349 / 5.
    assert 4.5 < compared["age"]["thresholdDistance"] < 6.5
    assert compared["income"]["fractionalPrecision"] == 2
    parse_schema(json.dumps(raw))


def test_words_for_missing_make_no_column() -> None:
    tables: list[Table] = [
        western(seed) | {"note": ["unknown", "미상", "-"] * 100} for seed in (1, 2)
    ]
    assert "note" not in settings(tables)
