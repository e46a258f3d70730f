"""Tacit: schema inferred from names and values, threshold found without truth."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from bench_curve import Point, point
from bench_data import DataSet
from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.evaluate import SECRET_KEY, Evaluation, evaluate, true_pairs
from tacit.linkage.infer import infer_schema
from tacit.linkage.link import LinkResult, compare, plan, solve
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.linkage.score import ScoreModel

POINTS = 16


def schema_of(data: DataSet) -> LinkageSchema:
    """Infer the schema, as `tacit evaluate` does where none is given."""
    return parse_schema(infer_schema(data.tables))


def run(data: DataSet) -> Evaluation:
    """Do what `tacit evaluate` does."""
    return evaluate(data.tables, schema_of(data), data.truth)


def draw(data: DataSet) -> tuple[Point, ...]:
    """Solve at several thresholds, which share out the links that the lowest one makes."""
    schema = schema_of(data)
    encoder = Encoder(schema, derive_secret(SECRET_KEY, "evaluate", 0, schema.hash))
    sets = [encoder.encode(normalise_columns(schema, table)) for table in data.tables]
    sizes = [len(records) for records in sets]
    model, tasks = ScoreModel.from_schema(schema), plan(sizes)
    candidates = [compare(task, sets, model) for task in tasks]
    total = true_pairs(data.truth)

    def at(threshold: float) -> LinkResult:
        return solve(tasks, candidates, sizes, model, threshold)

    scores = [link.score for group in at(0.0).groups for link in group.links]
    if not scores:
        return ()
    levels: list[float] = np.unique(np.quantile(scores, np.linspace(0, 1, POINTS))).tolist()
    return tuple(_counted(float(level), at(float(level)), data.truth, total) for level in levels)[
        ::-1
    ]


def _counted(
    threshold: float, result: LinkResult, truth: Sequence[Sequence[str]], total: int
) -> Point:
    links = [pair for group in result.groups for pair in combinations(group.members, 2)]
    right = sum(bool(truth[a][i]) and truth[a][i] == truth[b][j] for (a, i), (b, j) in links)
    return point(threshold, len(links), right, total)
