"""Fields of a register's own records are compared as they would be encoded."""

import json
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import pytest

from tacit.linkage.feature_groups import feature_groups
from tacit.linkage.normalise.text import ALTERNATIVE
from tacit.linkage.plain_similarity import VERDICTS, Field, Verdict, read_fields
from tacit.linkage.schema import LinkageSchema, parse_schema


def schema(**features: dict[str, object]) -> LinkageSchema:
    """Features by name: their comparison, and what the extension says of them."""
    return parse_schema(
        json.dumps(
            {
                "version": 3,
                "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}},
                "features": [
                    {
                        "identifier": name,
                        "format": {"type": "string", "encoding": "utf-8"},
                        "hashing": {
                            "comparison": own["comparison"],
                            "strategy": {"bitsPerFeature": own.get("bits", 100)},
                            "hash": {"type": "blakeHash"},
                            "missingValue": {"sentinel": "?"},
                        },
                    }
                    for name, own in features.items()
                ],
                "tacit": {
                    "format": 1,
                    "features": {name: own["tacit"] for name, own in features.items()},
                },
            }
        )
    )


BIGRAMS = {"type": "ngram", "n": 2, "positional": False}
NAME: dict[str, object] = {"comparison": BIGRAMS, "tacit": {"source": "name"}}
SEX: dict[str, object] = {"comparison": {"type": "exact"}, "tacit": {"source": "sex"}}


def compared(field: Field, pairs: Sequence[tuple[int, int]]) -> list[Verdict]:
    left, right = np.array(pairs).T
    return [VERDICTS[level] for level in field.compare(left, right)[0]]


def test_dice_of_bigrams_gives_similarity_and_rare_values_their_share() -> None:
    names = ["anna", "anne", "anna", "", "?", "bob", "anna"]
    (field,) = read_fields(schema(name=NAME), {"name": names})
    left, right = np.array([(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]).T
    similarity, share = field.forms[0].compare(left, right)
    # Padded bigrams: _a an nn na a_ and _a an nn ne e_ share three of five.
    assert similarity[:2] == pytest.approx([0.6, 1.0])
    assert np.isnan(similarity[2:4]).all()
    assert similarity[4] == 0
    # Of the ten pairs of records with a name, three are both called anna.
    assert share == pytest.approx([1, 3 / 10, 1, 1, 1])
    assert compared(field, [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]) == [
        Verdict.PARTLY,
        Verdict.AGREES,
        Verdict.MISSING,
        Verdict.MISSING,
        Verdict.DIFFERS,
    ]


def test_alternatives_agree_where_any_does() -> None:
    names = [f"kim yonghi{ALTERNATIVE}jin yongji", "jin yongji", "kim yonghi", "pak"]
    (field,) = read_fields(schema(name=NAME), {"name": names})
    assert compared(field, [(0, 1), (0, 2), (1, 2), (0, 3)]) == [
        Verdict.AGREES,
        Verdict.AGREES,
        Verdict.DIFFERS,
        Verdict.DIFFERS,
    ]


def test_exact_values_are_equal_or_differ() -> None:
    (field,) = read_fields(schema(sex=SEX), {"sex": ["male", "female", "male"]})
    assert compared(field, [(0, 1), (0, 2)]) == [Verdict.DIFFERS, Verdict.AGREES]


def test_forms_of_one_source_are_one_field_of_weighted_similarity() -> None:
    two = schema(
        name={**NAME, "bits": 300},
        fine={"comparison": {"type": "exact"}, "bits": 100, "tacit": {"source": "name"}},
    )
    columns = {"name": ["kim", "kim", "kim"], "fine": ["a", "b", ""]}
    (field,) = read_fields(two, columns)
    assert field.name == "name"
    # (300 * 1 + 100 * 0) / 400 lies below CLOSE; where one lacks the finer form, the other decides.
    assert compared(field, [(0, 1), (0, 2)]) == [Verdict.PARTLY, Verdict.AGREES]


def test_packaged_schema_parts_year_and_day_but_not_the_forms_of_a_name() -> None:
    victims = parse_schema((files("tacit.linkage") / "schemas" / "victims.json").read_bytes())
    groups = [[f.identifier for f in group] for group in feature_groups(victims.features)]
    assert ["name", "name_fine"] in groups
    assert ["birth_year", "birth_near"] in groups
    assert ["birth_day", "birth_parts"] in groups


def test_columns_that_repeat_another_are_one_field() -> None:
    both = schema(
        full={**NAME, "tacit": {"source": "full"}}, last={**NAME, "tacit": {"source": "last"}}
    )
    people = {"full": ["ann lee", "bob day", "eve fox"], "last": ["lee", "day", "fox"]}
    assert [field.name for field in read_fields(both, people)] == ["full"]
    apart = {**people, "last": ["kim", "day", "oak"]}
    assert [field.name for field in read_fields(both, apart)] == ["full", "last"]
