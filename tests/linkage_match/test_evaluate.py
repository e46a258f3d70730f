"""Accuracy is counted right, and the truth never helps."""

import json
import random
from typing import Any

import pytest

from tacit.linkage.cluster import Merge
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.evaluate import best_accuracy, evaluate, true_pairs
from tacit.linkage.infer import infer_schema
from tacit.linkage.schema import LinkageSchema, parse_schema

Table = dict[str, list[str]]
SYLLABLES = ["ka", "mo", "ri", "ten", "su", "vel", "dra", "noy", "bi", "zan", "hol", "pe"]


def tables_of(sizes: tuple[int, ...], common: int, seed: int = 1) -> list[Table]:
    """Invent registers of which the first `common` records are the same people."""
    draw = random.Random(seed)

    def word() -> str:
        return "".join(draw.choice(SYLLABLES) for _ in range(3))

    def person() -> dict[str, str]:
        born = f"{draw.randint(1900, 1999)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        return {"name": word(), "family": word(), "dob": born, "town": word()}

    shared = [person() for _ in range(common)]
    tables = []
    for number, size in enumerate(sizes):
        rows = [dict(row) for row in shared] + [person() for _ in range(size - common)]
        for row in rows[:common]:
            if draw.random() < 0.3:
                row[draw.choice(["name", "dob", "town"])] = ""
        entities = [str(i) if i < common else f"{number}:{i}" for i in range(size)]
        table = {key: [row[key] for row in rows] for key in rows[0]}
        tables.append({**table, "entity": entities})
    return tables


def schema_of(tables: list[Table]) -> LinkageSchema:
    return parse_schema(infer_schema(tables))


@pytest.fixture(scope="module")
def three() -> list[Table]:
    return tables_of((60, 50, 40), 30)


def test_the_json_keys(three: list[Table]) -> None:
    found = evaluate(three, schema_of(three), [table["entity"] for table in three], "entity")
    document = json.loads(json.dumps(found.as_dict()))
    assert set(document) == {"records", "true_pairs", "auto", "best", "estimated", "seconds"}
    assert document["records"] == 150
    assert document["true_pairs"] == 90
    for key in ("auto", "best"):
        assert set(document[key]) == {"threshold", "precision", "recall", "f1"}
    assert document["estimated"] == {
        "precision": found.estimated_precision,
        "recall": found.estimated_recall,
    }
    assert set(document["seconds"]) == {"encode", "compare", "solve"}
    assert found.records == (60, 50, 40)
    assert found.warnings == ()


def test_easy_registers_are_linked(three: list[Table]) -> None:
    found = evaluate(three, schema_of(three), [table["entity"] for table in three], "entity")
    assert found.best.f1 >= found.auto.f1 >= 0.97
    assert found.estimated_precision == pytest.approx(found.auto.precision, abs=0.03)


def test_a_schema_that_names_the_truth_is_told_and_not_obeyed(three: list[Table]) -> None:
    plain = schema_of(three)
    raw: dict[str, Any] = json.loads(plain.text)
    extra = json.loads(json.dumps(raw["features"][0])) | {"identifier": "leak"}
    raw["features"].append(extra)
    raw["tacit"]["features"]["leak"] = {"source": "entity", "normalise": "code"}
    truth = [table["entity"] for table in three]
    found = evaluate(three, parse_schema(json.dumps(raw)), truth, "entity")
    assert found.auto == evaluate(three, plain, truth, "entity").auto
    assert "entity" in found.warnings[0]


def test_a_schema_of_nothing_but_the_truth_is_refused(three: list[Table]) -> None:
    only = parse_schema(infer_schema([{"word": table["town"]} for table in three]))
    with pytest.raises(TacitError) as caught:
        evaluate(three, only, [table["entity"] for table in three], "word")
    assert caught.value.code is Code.BAD_SCHEMA


def test_a_column_that_no_file_has_is_told(three: list[Table]) -> None:
    bare = [{key: table[key] for key in ("name", "family", "dob")} for table in three]
    found = evaluate(bare, schema_of(three), [table["entity"] for table in three])
    assert found.warnings == ("no file has the column 'town' that the schema names",)


def test_truth_must_fit_the_records(three: list[Table]) -> None:
    with pytest.raises(ValueError, match="truth"):
        evaluate(three, schema_of(three), [table["entity"][1:] for table in three])


def test_true_pairs_by_hand() -> None:
    # a: 1 * 2 + 1 * 1 + 2 * 1 = 5; b: 1 * 1 = 1; records without a truth match nobody.
    assert true_pairs([["a", "b", ""], ["a", "a", ""], ["b", "a", "c"]]) == 6
    assert true_pairs([["a"]]) == 0


def test_the_best_threshold_by_hand() -> None:
    # Ranked: right .9, right .8, wrong .7, right .6, wrong .5, of four true pairs. F1 after each:
    # 2/5, 4/6, 4/7, 6/8, 6/9.
    truth = [["a", "b", "c", "d", "e"], ["a", "b", "x", "d", "y"]]
    merges = [Merge(0.9 - index / 10, ((0, index),), ((1, index),)) for index in range(5)]
    best = best_accuracy(merges, truth, 4)
    assert best.threshold == pytest.approx(0.6)
    assert (best.precision, best.recall, best.f1) == (0.75, 0.75, 0.75)


def test_a_merge_of_groups_brings_all_their_pairs_of_different_files() -> None:
    """The third joins records of the second file to a group with one of it already."""
    truth = [["a"], ["a", "a"], ["a"]]
    first, second = Merge(0.9, ((0, 0),), ((1, 0),)), Merge(0.8, ((0, 0), (1, 0)), ((2, 0),))
    third = Merge(0.7, ((0, 0), (1, 0), (2, 0)), ((1, 1),))
    best = best_accuracy([first, second, third], truth, true_pairs(truth))
    assert (best.threshold, best.precision, best.recall, best.f1) == (0.7, 1.0, 1.0, 1.0)


def test_pairs_of_equal_score_come_together() -> None:
    truth = [["a", "b"], ["a", "x"]]
    merges = [Merge(0.8, ((0, index),), ((1, index),)) for index in range(2)]
    best = best_accuracy(merges, truth, 1)
    assert (best.precision, best.recall) == (0.5, 1.0)


def test_nothing_to_find() -> None:
    tables = tables_of((40, 40), 0)
    found = evaluate(tables, schema_of(tables), [table["entity"] for table in tables], "entity")
    assert found.true_pairs == 0
    assert found.auto.precision == found.auto.recall == found.auto.f1 == 1.0


def test_deterministic(three: list[Table]) -> None:
    truth = [table["entity"] for table in three]
    one, other = (evaluate(three, schema_of(three), truth, "entity") for _ in range(2))
    assert (one.auto, one.best) == (other.auto, other.best)


def test_progress_is_told(three: list[Table]) -> None:
    told: list[int] = []
    evaluate(
        three,
        schema_of(three),
        [table["entity"] for table in three],
        progress=lambda done, _: told.append(done),
    )
    assert told == [1, 2, 3]
