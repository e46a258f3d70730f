"""Splink on plaintext, trained without labels as its documentation has it."""

import logging
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator

from bench_anonlink import Linked
from bench_clean import cleaned
from bench_curve import WAYS, at, best, curve
from bench_data import DataSet, Table
from splink_models import MODELS, Model, coalition
from tacit.linkage.cluster import Pairs
from tacit.linkage.evaluate import true_pairs

USUAL_PROBABILITY = 0.95
"""At which its examples cluster (historical persons; others take .99)."""
LEAST_WEIGHT = -15.0
SAMPLED_PAIRS = 2e6
SEED = 1


def run(data: DataSet) -> Linked:
    """Train, predict, and take the best of every model and way of linking."""
    return max(
        (_linked(part, model) for part, model in _choices(data)), key=lambda one: one.best.f1
    )


def run_transliterated(data: DataSet) -> Linked:
    """Do the same with a coalition's other scripts transliterated by a general library."""
    plain = cleaned(data, latin=True)
    return _linked(plain, coalition(plain, by_script=False))


def _choices(data: DataSet) -> list[tuple[DataSet, Model]]:
    if data.key in MODELS:
        return [(data, MODELS[data.key]())]
    plain = cleaned(data)
    return [(plain, coalition(plain, by_script=by_script)) for by_script in (True, False)]


def _linked(data: DataSet, model: Model) -> Linked:
    pairs, total = predict(data, model), true_pairs(data.truth)
    curves = {way: curve(steps(pairs, data.truth), total) for way, steps in WAYS.items()}
    way = max(curves, key=lambda name: best(curves[name]).f1)
    usual = max(
        (at(points, _weight(USUAL_PROBABILITY)) for points in curves.values()),
        key=lambda one: one.f1,
    )
    return Linked(best(curves[way]), usual, way, curves[way])


def _weight(probability: float) -> float:
    return float(np.log2(probability / (1 - probability)))


def predict(data: DataSet, model: Model) -> Pairs:
    """Train a model on a data set and score the pairs that its blocking rules leave.

    Returns:
        Pairs with their match weights, log2 of the odds.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI()
    frames = [
        api.register(_table(model, table), dataset_display_name=f"file{number}")
        for number, table in enumerate(data.tables)
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=list(model.comparisons),
        blocking_rules_to_generate_predictions=list(model.blocking),
    )
    linker = Linker(frames, settings, log_level=logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match(list(model.certain), recall=model.recall)
    training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    for rule in model.training:
        # Where a level dies out in a round, Splink 5 refuses its vanishing probability and ends;
        # the other rounds train the same comparisons.
        with suppress(ValueError):
            training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True
            )
    found = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT)
    return _pairs(found)


def _table(model: Model, table: Table) -> pa.Table:
    columns = model.prepare(table)
    records = len(next(iter(columns.values())))
    typed = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table({"unique_id": pa.array(range(records), pa.int64()), **typed})


def _pairs(found: Any) -> Pairs:
    relation = found.query_sql(
        "select source_dataset_l, unique_id_l, source_dataset_r, unique_id_r, match_weight from {this}"
    ).as_duckdbpyrelation()
    columns = relation.fetchnumpy()
    left, right = (
        np.array([int(name.removeprefix("file")) for name in columns[f"source_dataset_{side}"]])
        for side in "lr"
    )
    return Pairs(
        left.astype(np.int64),
        columns["unique_id_l"].astype(np.int64),
        right.astype(np.int64),
        columns["unique_id_r"].astype(np.int64),
        columns["match_weight"].astype(np.float64),
    )
