"""Looking a few records up in other sets, with what the last linkage learnt of scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.calibration import Calibration
from tacit.linkage.candidates import Candidates
from tacit.linkage.expectation import SUREST
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel
from tacit.linkage.similarity import compare_rows


def look_up(
    queries: EncodedSet,
    others: Sequence[EncodedSet],
    model: ScoreModel,
    threshold: float,
    calibration: Calibration | None = None,
) -> list[list[tuple[int, int, float]]]:
    """Look records up in other sets.

    Args:
        queries: the records asked about.
        others: sets to look in.
        model: of the agreed schema.
        threshold: least score of an answer.
        calibration: turns scores into match probabilities, which the threshold is then of; without
            one the scores are as they were compared.

    Returns:
        For each query, (set, record, score) in set order: at most one record per set, and each
        record answers one query only, best pairs first.
    """
    answers: list[list[tuple[int, int, float]]] = [[] for _ in range(len(queries))]
    for index, other in enumerate(others):
        found = compare_rows(model, queries, other)
        score = _scores(found, queries, other, calibration)
        order = np.lexsort((found.right, found.left, -score))
        rows: set[int] = set()
        columns: set[int] = set()
        for position in order[score[order] >= threshold].tolist():
            row, column = int(found.left[position]), int(found.right[position])
            if row not in rows and column not in columns:
                rows.add(row)
                columns.add(column)
                answers[row].append((index, column, float(score[position])))
    return answers


def _scores(
    found: Candidates, queries: EncodedSet, other: EncodedSet, calibration: Calibration | None
) -> NDArray[np.float64]:
    """Give match probabilities, in which the candidates of a query compete."""
    score = found.score.astype(np.float64)
    if calibration is None or not len(score):
        return score
    odds = calibration.odds(score, queries.presence[found.left] & other.presence[found.right])
    total = np.bincount(found.left, odds, len(queries))
    return np.minimum(odds / (1 + total[found.left]), SUREST)
