"""Single records looked up in sets, by scores and by what a linkage learnt of them."""

import numpy as np
import pytest

from simulated_scores import ONE_FIELD, simulate
from tacit.linkage.calibration import Calibration
from tacit.linkage.candidate_rows import BINS, CELLS
from tacit.linkage.expectation import SUREST
from tacit.linkage.link import Task, compare, link
from tacit.linkage.look_up import look_up
from tacit.linkage.patterns import Patterns
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel

MODEL = ScoreModel((100.0, 100.0, 100.0), 1024)


def encoded(bits: np.ndarray) -> EncodedSet:
    clks = np.packbits(bits, axis=1).view("<u8").astype(np.uint64)
    return EncodedSet(clks, np.full(len(bits), 7, np.uint64))


def part(records: EncodedSet, index: list[int]) -> EncodedSet:
    return EncodedSet(records.clks[index], records.presence[index])


@pytest.fixture(scope="module")
def coalition() -> list[EncodedSet]:
    """Three sets of 90, 80 and 70; record i of each is the same person for i below 50."""
    rng = np.random.default_rng(7)
    people = rng.random((50, 1024)) < 0.3
    sets = []
    for size in (90, 80, 70):
        bits = rng.random((size, 1024)) < 0.3
        slips = rng.random((50, 1024)) < 0.06
        bits[:50] = np.where(slips, bits[:50], people)
        sets.append(encoded(bits))
    return sets


def uniform(rate: float, prior: float) -> Calibration:
    """Matches score anywhere alike; so do non-matches, with a chance of `rate` for each bin."""
    patterns = Patterns.from_masks(np.array([7], np.uint64), MODEL)
    rates, share = np.full((1, BINS), rate), np.full(CELLS, 1 / CELLS)
    return Calibration(patterns, rates, share, prior)


class TestWithoutCalibration:
    def test_answers_from_every_set(self, coalition: list[EncodedSet]) -> None:
        answers = look_up(part(coalition[0], list(range(45, 55))), coalition[1:], MODEL, 0.6)
        assert [[(s, r) for s, r, _ in answer] for answer in answers] == [
            *([(0, i), (1, i)] for i in range(45, 50)),
            *([] for _ in range(5)),
        ]
        assert all(0.6 <= score <= 1 for answer in answers for _, _, score in answer)

    def test_one_query_per_record(self, coalition: list[EncodedSet]) -> None:
        twice = part(coalition[1], [3, 3])
        assert look_up(twice, [coalition[1]], MODEL, 0.6) == [[(0, 3, 1.0)], []]

    def test_no_queries(self, coalition: list[EncodedSet]) -> None:
        assert look_up(part(coalition[0], []), coalition, MODEL, 0.5) == []

    def test_scores_are_those_of_comparing(self, coalition: list[EncodedSet]) -> None:
        queries = part(coalition[0], list(range(40, 60)))
        found = compare(Task(0, 1, 0, 20), [queries, coalition[1]], MODEL)
        scores = {
            (int(row), int(column)): float(score)
            for row, column, score in zip(found.left, found.right, found.score, strict=True)
        }
        answers = look_up(queries, [coalition[1]], MODEL, 0.5)
        told = {(row, answer[0][1]): answer[0][2] for row, answer in enumerate(answers) if answer}
        assert told == {(i, i + 40): scores[i, i + 40] for i in range(10)}


class TestWithCalibration:
    def test_a_score_becomes_a_probability(self, coalition: list[EncodedSet]) -> None:
        """A match is in a bin with 1/140, a non-match with 1/1400; at prior odds of 1/5 that is 2.

        So one candidate is a match with 2/3, each of two that are alike with 2/5.
        """
        calibration = uniform(1 / 1400, 0.2)
        query = part(coalition[1], [60])
        ((answer,),) = look_up(query, [query], MODEL, 0.6, calibration)
        assert answer == pytest.approx((0, 0, 2 / 3))
        assert look_up(query, [query], MODEL, 0.67, calibration) == [[]]
        ((answer,),) = look_up(query, [part(coalition[1], [60, 60])], MODEL, 0.39, calibration)
        assert answer == pytest.approx((0, 0, 2 / 5))
        assert look_up(query, [part(coalition[1], [60, 60])], MODEL, 0.41, calibration) == [[]]

    def test_nothing_is_certain(self, coalition: list[EncodedSet]) -> None:
        query = part(coalition[1], [60])
        ((answer,),) = look_up(query, [query], MODEL, 0.5, uniform(1e-300, 1.0))
        assert answer[2] == SUREST
        assert look_up(query, [query], MODEL, 1.0, uniform(1e-300, 1.0)) == [[]]

    def test_what_a_linkage_found_is_found_again(self, coalition: list[EncodedSet]) -> None:
        linked = link(coalition, MODEL)
        answers = look_up(
            part(coalition[0], list(range(40, 60))),
            coalition[1:],
            MODEL,
            linked.threshold,
            linked.calibration,
        )
        assert [[(s, r) for s, r, _ in answer] for answer in answers] == [
            *([(0, i), (1, i)] for i in range(40, 50)),
            *([] for _ in range(10)),
        ]
        assert min(score for answer in answers for *_, score in answer) > 0.99


def test_a_calibration_comes_back_as_it_was_written() -> None:
    found = simulate((400, 400), 0.5, 1, 3.0).estimate().calibration
    assert found is not None
    again = Calibration.from_bytes(found.to_bytes(), ONE_FIELD)
    assert again.to_bytes() == found.to_bytes()
    scores = np.linspace(0.3, 1, 50)
    common = np.ones(50, np.uint64)
    np.testing.assert_allclose(again.odds(scores, common), found.odds(scores, common), rtol=1e-4)
    odds = found.odds(np.array([0.4, 0.5, 0.6, 0.7, 0.8, 0.9]), common[:6])
    assert (np.diff(np.log(odds)) > 1).all()


def test_something_else_is_no_calibration() -> None:
    for data in (b"", b'{"format": 2}', b"{}"):
        with pytest.raises(ValueError, match=r"format|Expecting"):
            Calibration.from_bytes(data, ONE_FIELD)
