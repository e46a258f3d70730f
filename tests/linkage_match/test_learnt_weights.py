"""Weights that members share make the schema that their files together would have given."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files

import pytest

from tacit.linkage.columns import read_columns
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.evaluate import evaluate
from tacit.linkage.learnt_weights import (
    FeatureWeight,
    FieldWeights,
    facts,
    fields_hash,
    learn_weights,
    weigh_schema,
)
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.schema import parse_schema
from tacit.linkage.synthesis.coalition import synthesise
from tacit.linkage.weights_file import read_weights, write_weights

VICTIMS = parse_schema((files("tacit.linkage") / "schemas" / "victims.json").read_bytes())
Columns = Mapping[str, Sequence[str]]


def registers(seed: int) -> tuple[list[Columns], list[list[str]]]:
    """Three dirty registers by the schema's fields, and whom each record stands for."""
    coalition = synthesise(3, 600, seed, 0.3, noise="dirty")
    entity = {(own.slug, own.record_id): own.entity for own in coalition.truth}
    tables: list[Columns] = []
    truth = []
    for register in coalition.registers:
        columns = tomllib.loads(register.mapping)["columns"].items()
        place = {role: register.header.index(column) for column, role in columns}
        held = {n: [row[place[n]] for row in register.rows] for n in VICTIMS.sources if n in place}
        tables.append(held)
        ids = [row[place["record_id"]] for row in register.rows]
        truth.append([entity[register.slug, record_id] for record_id in ids])
    return tables, truth


def learnt(columns: Columns) -> FieldWeights:
    return learn_weights(VICTIMS, normalise_columns(VICTIMS, columns))


def bits_of(text: str) -> dict[str, float]:
    return {feature.identifier: feature.bits for feature in parse_schema(text).features}


def test_facts_are_names_with_their_forms_and_dates_with_their_parts() -> None:
    found = [[feature.identifier for feature in fact] for fact in facts(VICTIMS.features)]
    assert found == [
        ["name", "name_fine"],
        ["birth_year", "birth_near", "birth_day", "birth_parts"],
        ["sex"],
        ["birth_place"],
        ["father"],
    ]


def test_shares_are_figures_of_the_whole_rounded() -> None:
    columns = {feature.identifier: [""] * 160 for feature in VICTIMS.features}
    columns["name"] = [f"name {number // 2}" for number in range(160)]
    columns["sex"] = ["m", "f"] * 60 + [""] * 40
    columns["father"] = ["somebody"] * 29 + [""] * 131
    found = learn_weights(VICTIMS, columns, {"name": 0.123})
    assert found.records == 160
    # 12,720 pairs of records, 80 of which share a name: log2(159) = 7.31.
    assert found.features["name"] == FeatureWeight(1.0, 7.5, 0.1)
    # 120 of 160; of 7,140 pairs 3,540 agree: log2(2.017) = 1.01.
    assert found.features["sex"] == FeatureWeight(0.75, 1.0, None)
    # Too few have a father for anything to be said of fathers.
    assert found.features["father"] == FeatureWeight(0.0, 0.0, None)
    assert learn_weights(VICTIMS, {n: v * 9 for n, v in columns.items()}).records == 1400


def test_small_registers_share_nothing() -> None:
    columns = {feature.identifier: ["x"] * 99 for feature in VICTIMS.features}
    with pytest.raises(TacitError) as caught:
        learn_weights(VICTIMS, columns)
    assert caught.value.code is Code.USAGE


def test_two_halves_together_weigh_like_the_whole() -> None:
    whole = registers(11)[0][1]
    halves = [{n: values[start::2] for n, values in whole.items()} for start in (0, 1)]
    together = bits_of(weigh_schema(VICTIMS, [learnt(half) for half in halves]))
    assert together == pytest.approx(bits_of(weigh_schema(VICTIMS, [learnt(whole)])), rel=0.08)


def test_learnt_information_is_that_by_which_schemas_are_inferred() -> None:
    whole = registers(11)[0][1]
    read = {column.name: column.information for column in read_columns([whole])}
    own = learnt(whole).features
    for feature in VICTIMS.features:
        (source,) = feature.sources
        assert own[feature.identifier].information == pytest.approx(read[source], abs=0.3)


def test_weighed_schema_links_about_as_well() -> None:
    found = []
    for seed in (11, 12, 13):
        tables, truth = registers(seed)
        weighed = parse_schema(weigh_schema(VICTIMS, [learnt(table) for table in tables]))
        found.append([evaluate(tables, schema, truth).best.f1 for schema in (VICTIMS, weighed)])
    plain, other = map(sum, zip(*found, strict=True))
    # The schema's own bits were chosen for such registers; keys alone change F1 by some .005.
    assert other / 3 >= plain / 3 - 0.007


def test_what_tells_nothing_gets_next_to_nothing_and_members_count_by_records() -> None:
    def shared(records: int, sex: float, name: float) -> FieldWeights:
        names = {feature.identifier for feature in VICTIMS.features}
        features = dict.fromkeys(names, FeatureWeight(1.0, 8.0, None))
        features |= {"sex": FeatureWeight(1.0, sex, None), "name": FeatureWeight(1.0, name, None)}
        return FieldWeights(fields_hash(VICTIMS), records, features)

    assert bits_of(weigh_schema(VICTIMS, [shared(1000, 0.0, 8.0)]))["sex"] == 1
    large = bits_of(weigh_schema(VICTIMS, [shared(9000, 1.0, 12.0), shared(1000, 1.0, 4.0)]))
    small = bits_of(weigh_schema(VICTIMS, [shared(1000, 1.0, 12.0), shared(9000, 1.0, 4.0)]))
    assert large["name"] > small["name"]
    # Nine in ten agree by chance once in 16 cases, one in ten once in 4,096.
    one = bits_of(weigh_schema(VICTIMS, [shared(100, 1.0, 4.152)]))
    assert small["name"] == pytest.approx(one["name"], abs=1)


def test_weights_of_other_fields_are_refused() -> None:
    other = json.loads(VICTIMS.text)
    del other["tacit"]["features"]["father"]
    columns = {feature.identifier: [str(n) for n in range(200)] for feature in VICTIMS.features}
    own = learn_weights(VICTIMS, columns)
    for shared in ([], [replace(own, fields="0" * 64)]):
        with pytest.raises(TacitError) as caught:
            weigh_schema(VICTIMS, shared)
        assert caught.value.code is Code.USAGE
    assert fields_hash(parse_schema(json.dumps(other))) != own.fields
    reweighed = parse_schema(weigh_schema(VICTIMS, [own]))
    assert fields_hash(reweighed) == own.fields


def test_files_of_weights_come_back_and_others_are_refused() -> None:
    columns = {feature.identifier: [str(n) for n in range(200)] for feature in VICTIMS.features}
    own = learn_weights(VICTIMS, columns, {"sex": 0.2})
    text = write_weights(own)
    assert read_weights(text.encode(), "a.json") == own
    good = json.loads(text)
    sex = good["features"]["sex"]
    for bad in (
        "[]",
        "{",
        "[" * 100_000,
        json.dumps({**good, "records": 0}),
        json.dumps({**good, "fields": "x"}),
        json.dumps({**good, "tacit-weights": 2}),
        json.dumps({**good, "features": {"sex": {**sex, "filled": 1.5}}}),
        json.dumps({**good, "features": {"sex": {**sex, "information": float("nan")}}}),
    ):
        with pytest.raises(TacitError) as caught:
            read_weights(bad.encode(), "a.json")
        assert caught.value.code is Code.BAD_INPUT
        assert "a.json" in caught.value.sentence()
