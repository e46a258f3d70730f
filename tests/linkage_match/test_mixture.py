"""Match probabilities learnt without truth, and the threshold that follows from them."""

import numpy as np
import pytest

from simulated_scores import ONE_FIELD, full, judge, simulate
from tacit.linkage.cluster import Pairs
from tacit.linkage.constraints import Constraints
from tacit.linkage.expectation import NO_MATCH
from tacit.linkage.mixture import estimate
from tacit.linkage.score import ScoreModel


@pytest.mark.parametrize(
    ("sizes", "matched", "look_alikes", "loss"),
    [
        ((2000, 2000), 0.5, 1.0, 0.01),
        ((2000, 2000), 0.5, 10.0, 0.01),
        ((2000, 2000), 1.0, 3.0, 0.012),
        ((3000, 500), 0.4, 2.0, 0.03),
        ((800, 900, 1000), 0.3, 1.0, 0.01),
        ((300, 300, 300, 300, 300), 0.3, 0.5, 0.01),
    ],
)
def test_near_the_best_threshold(
    sizes: tuple[int, ...], matched: float, look_alikes: float, loss: float
) -> None:
    found = judge(simulate(sizes, matched, 1, look_alikes))
    assert found.loss <= loss
    assert found.precision[1] == pytest.approx(found.precision[0], abs=0.025)
    assert found.recall[1] == pytest.approx(found.recall[0], abs=0.12)


def test_a_hundred_matches_among_two_thousand_records_are_found() -> None:
    found = [judge(simulate((2000, 2000), 0.05, seed)) for seed in range(1, 7)]
    assert np.mean([one.loss for one in found]) <= 0.06
    assert max(one.loss for one in found) <= 0.1


def test_near_the_best_threshold_on_small_sets() -> None:
    losses = [judge(simulate((100, 100), 0.4, seed)).loss for seed in range(8)]
    assert np.mean(losses) <= 0.03
    assert max(losses) <= 0.12


@pytest.mark.parametrize("sizes", [(100, 100), (1500, 700), (300, 200, 400)])
def test_files_without_common_records_have_no_groups(sizes: tuple[int, ...]) -> None:
    found = [judge(simulate(sizes, 0.0, seed, look_alikes=1.5)) for seed in range(10)]
    assert [one.groups for one in found] == [0] * 10
    assert {(*one.precision, one.recall[0]) for one in found} == {(1.0, 1.0, 1.0)}


def test_probabilities_are_calibrated() -> None:
    drawn = simulate((3000, 3000), 0.5, 3, look_alikes=3.0)
    probability = drawn.estimate().probability
    assert (probability >= 0).all()
    assert (probability < NO_MATCH).all()
    for low, high in ((0.02, 0.4), (0.4, 0.8), (0.8, 1.0)):
        chosen = (probability >= low) & (probability < high)
        assert drawn.truth[chosen].mean() == pytest.approx(probability[chosen].mean(), abs=0.1)
    assert probability.sum() == pytest.approx(drawn.truth.sum(), rel=0.05)


def one_pair(score: float) -> Pairs:
    zero, one = np.zeros(1, np.int64), np.ones(1, np.int64)
    return Pairs(zero, zero, one, zero, np.array([score]))


def test_no_candidates() -> None:
    found = estimate(one_pair(0.5).take(np.zeros(0, np.intp)), full(5, 5), ONE_FIELD)
    assert (len(found.probability), found.any_found, found.calibration) == (0, False, None)


def test_one_pair_that_agrees_is_a_match_and_one_that_hardly_does_is_none() -> None:
    found = estimate(one_pair(1.0), full(1, 1), ONE_FIELD)
    assert found.any_found
    assert found.probability[0] > 0.99
    assert not estimate(one_pair(0.5), full(1, 1), ONE_FIELD).any_found


def test_a_batch_against_one_record_tells_a_match_from_none() -> None:
    """No row has a second candidate, so nothing is seen of non-matches."""
    index, zero = np.arange(5), np.zeros(5, np.int64)

    def of(best: float) -> Pairs:
        return Pairs(zero, index, zero + 1, zero, np.array([0.31, 0.35, best, 0.33, 0.4]))

    assert not estimate(of(0.45), full(5, 1), ONE_FIELD).any_found
    found = estimate(of(0.95), full(5, 1), ONE_FIELD)
    assert found.any_found
    assert np.round(found.probability, 2).tolist() == [0, 0, 1, 0, 0]


def test_a_full_agreement_of_one_field_says_less_than_that_of_all() -> None:
    """Half of the records have one field of two; look-alikes are frequent among those alone."""
    rng = np.random.default_rng(2)
    model = ScoreModel((100.0, 100.0), 1024, damping=0.0)
    masks = np.where(np.arange(1000) % 2, 3, 1).astype(np.uint64)
    rows, columns = rng.integers(0, 1000, (2, 60_000))
    both = (masks[rows] & masks[columns]) == 3
    kept = (rows != columns) & (~both | (rng.random(60_000) < 0.1))
    rows, columns, both = rows[kept], columns[kept], both[kept]
    null = 0.3 + rng.exponential(np.where(both, 0.03, 0.08))
    same = np.arange(400)
    pairs = Pairs(
        np.zeros(400 + len(rows), np.int64),
        np.concatenate([same, rows]),
        np.ones(400 + len(rows), np.int64),
        np.concatenate([same, columns]),
        np.concatenate([rng.beta(9, 3.5, 400) * 0.7 + 0.3, np.minimum(null, 0.999)]),
    )
    found = estimate(pairs, [masks, masks], model)
    truth = pairs.left == pairs.right
    common = masks[pairs.left] & masks[pairs.right]
    middling = (pairs.score > 0.6) & (pairs.score < 0.8)
    one_field, two_fields = (
        found.probability[middling & truth & (common == mask)] for mask in (1, 3)
    )
    assert two_fields.mean() > 0.95
    assert one_field.mean() < 0.8
    for mask, error in ((1, 0.25), (3, 0.1)):
        chosen = common == mask
        assert found.probability[chosen].sum() == pytest.approx(truth[chosen].sum(), rel=error)


def test_candidates_of_one_record_compete_unless_a_set_repeats_people() -> None:
    """Person i stands in the right set twice, at i and at 300 + i."""
    drawn = simulate((300, 600), 0.5, 5)
    again = drawn.pairs.take(drawn.truth)
    pairs = Pairs(
        np.concatenate([drawn.pairs.left_set, again.left_set]),
        np.concatenate([drawn.pairs.left, again.left]),
        np.concatenate([drawn.pairs.right_set, again.right_set]),
        np.concatenate([drawn.pairs.right, again.right + 300]),
        np.concatenate([drawn.pairs.score, again.score]),
    )
    matches = int(drawn.truth.sum())
    once = estimate(pairs, full(300, 600), ONE_FIELD).probability
    assert once.sum() <= matches * 1.05
    repeating = Constraints(several=frozenset({1}))
    both = estimate(pairs, full(300, 600), ONE_FIELD, repeating).probability
    assert both.sum() == pytest.approx(2 * matches, rel=0.1)


def test_rows_that_are_full_do_not_mislead() -> None:
    drawn = simulate((1500, 1500), 0.4, 6, look_alikes=40.0)
    kept = drawn.kept()
    assert len(kept.pairs) < len(drawn.pairs)
    assert judge(kept).loss <= 0.01


def test_the_order_of_candidates_does_not_matter() -> None:
    drawn = simulate((500, 500), 0.5, 8)
    order = np.random.default_rng(1).permutation(len(drawn.pairs))
    expected = drawn.estimate().probability[order]
    np.testing.assert_allclose(drawn.take(order).estimate().probability, expected, atol=1e-9)
