"""The threshold that is found without truth: near the best one, and none where nothing matches."""

import numpy as np
import pytest

from tacit.linkage.candidates import FLOOR, KEEP
from tacit.linkage.cluster import Pairs, merges
from tacit.linkage.mixture import NO_MATCH, Estimate, estimate

DECAY = 22.0
MATCH = (9.0, 3.5)
"""Beta distribution of the scores of matches: mean .72, spread .12."""


def simulate(
    sizes: tuple[int, ...],
    matched: float,
    seed: int,
    look_alikes: float = 1.0,
) -> tuple[Pairs, np.ndarray, int]:
    """Draw scores as comparing gives them.

    Record i of a set is person i with the chance sqrt(matched), else someone else. Scores of
    non-matches above the floor fall off exponentially; each record has `look_alikes` of them.
    """
    rng = np.random.default_rng(seed)
    parts, labels, total = [], [], 0
    known = [rng.random(size) < np.sqrt(matched) for size in sizes]
    for left in range(len(sizes)):
        for right in range(left + 1, len(sizes)):
            low = min(sizes[left], sizes[right])
            same = np.flatnonzero(known[left][:low] & known[right][:low])
            total += len(same)
            score = rng.beta(*MATCH, len(same))
            same, score = same[score >= FLOOR], score[score >= FLOOR]
            count = rng.poisson(look_alikes * sizes[left])
            rows, columns = (
                rng.integers(0, sizes[left], count),
                rng.integers(0, sizes[right], count),
            )
            other = rows != columns
            rows, columns = rows[other], columns[other]
            chance = np.minimum(FLOOR + rng.exponential(1 / DECAY, len(rows)), 0.999)
            parts.append(
                np.stack(
                    [
                        np.full(len(same) + len(rows), left),
                        np.concatenate([same, rows]),
                        np.full(len(same) + len(rows), right),
                        np.concatenate([same, columns]),
                    ]
                )
            )
            labels.append(
                (np.concatenate([score, chance]), np.arange(len(same) + len(rows)) < len(same))
            )
    left_set, rows, right_set, columns = np.concatenate(parts, axis=1)
    scores = np.concatenate([score for score, _ in labels])
    truth = np.concatenate([label for _, label in labels])
    return Pairs(left_set, rows, right_set, columns, scores), truth, total


def accuracies(pairs: Pairs, total: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give threshold, precision and recall after each merge of the solver."""
    ranked = pairs.ranked()
    rows = []
    right = found = 0
    for merge in merges(ranked):
        found += len(merge.left) * len(merge.right)
        right += sum(one[1] == other[1] for one in merge.left for other in merge.right)
        rows.append((ranked.score[merge.position], right / found, right / total if total else 0))
    thresholds, precision, recall = np.array(rows).T
    return thresholds, precision, recall


def judge(found: Estimate, pairs: Pairs, total: int) -> tuple[float, float, float, float]:
    """Give F1 at the found threshold, the best F1, true precision and true recall."""
    thresholds, precision, recall = accuracies(pairs, total)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    at = int(np.searchsorted(-thresholds, -found.threshold, side="right")) - 1
    return f1[at], f1.max(), precision[at], recall[at]


@pytest.mark.parametrize(
    ("sizes", "matched", "look_alikes", "loss"),
    [
        ((2000, 2000), 0.5, 1.0, 0.01),
        ((2000, 2000), 0.05, 1.0, 0.03),  # a hundred matches: the best threshold is partly luck
        ((2000, 2000), 1.0, 3.0, 0.01),
        ((3000, 500), 0.4, 2.0, 0.03),
        ((800, 900, 1000), 0.3, 1.0, 0.01),
        ((300, 300, 300, 300, 300), 0.3, 0.5, 0.01),
    ],
)
def test_near_the_best_threshold(
    sizes: tuple[int, ...], matched: float, look_alikes: float, loss: float
) -> None:
    pairs, _, total = simulate(sizes, matched, 1, look_alikes)
    found = estimate(pairs, sizes)
    f1, best, precision, recall = judge(found, pairs, total)
    assert f1 >= best - loss
    estimated_precision, estimated_recall = found.at(found.threshold)
    assert estimated_precision == pytest.approx(precision, abs=2 * loss)
    assert estimated_recall == pytest.approx(recall, abs=0.12)


def test_near_the_best_threshold_on_small_sets() -> None:
    losses = []
    for seed in range(15):
        pairs, _, total = simulate((100, 100), 0.4, seed)
        f1, best, _, _ = judge(estimate(pairs, (100, 100)), pairs, total)
        losses.append(best - f1)
    assert np.mean(losses) <= 0.03
    assert max(losses) <= 0.12


@pytest.mark.parametrize("sizes", [(100, 100), (1500, 700), (300, 200, 400)])
def test_no_matches_are_not_invented(sizes: tuple[int, ...]) -> None:
    invented = 0
    for seed in range(20):
        pairs, _, total = simulate(sizes, 0.0, seed, look_alikes=1.5)
        found = estimate(pairs, sizes)
        assert total == 0
        if found.threshold == NO_MATCH:
            assert not found.probability.any()
            assert found.at(NO_MATCH) == (1.0, 1.0)
        invented += bool((pairs.score >= found.threshold).any())
    assert invented <= 1


def test_probabilities_are_calibrated() -> None:
    pairs, truth, _ = simulate((3000, 3000), 0.5, 3, look_alikes=3.0)
    probability = estimate(pairs, (3000, 3000)).probability
    assert (probability >= 0).all()
    assert (probability <= 1).all()
    for low, high in ((0.02, 0.4), (0.4, 0.8), (0.8, 1.0)):
        chosen = (probability >= low) & (probability < high)
        assert truth[chosen].mean() == pytest.approx(probability[chosen].mean(), abs=0.15)


def test_the_estimate_falls_in_recall_with_the_threshold() -> None:
    pairs, _, _ = simulate((1000, 1000), 0.5, 4)
    found = estimate(pairs, (1000, 1000))
    at = [found.at(threshold) for threshold in np.linspace(0.3, 1, 40)]
    recalls = [recall for _, recall in at]
    assert recalls == sorted(recalls, reverse=True)
    assert all(0 <= precision <= 1 for precision, _ in at)


def test_nothing_and_next_to_nothing() -> None:
    none = np.zeros(0, np.int64)
    assert estimate(Pairs(none, none, none, none, np.zeros(0)), (5, 5)).threshold == NO_MATCH
    zero, one = np.zeros(1, np.int64), np.ones(1, np.int64)
    found = estimate(Pairs(zero, zero, one, zero, np.array([1.0])), (1, 1))
    assert found.threshold == pytest.approx((1 + FLOOR) / 2)
    assert found.probability[0] > 0.99


def test_the_threshold_leaves_room_for_matches_to_come() -> None:
    # Ten pairs that agree fully and look-alikes that hardly do: a later .9 should still link.
    index = np.arange(10)
    rows = np.concatenate([index, index])
    columns = np.concatenate([index, (index + 1) % 10])
    zeros, ones = np.zeros(20, np.int64), np.ones(20, np.int64)
    score = np.concatenate([np.ones(10), np.full(10, 0.34)])
    found = estimate(Pairs(zeros, rows, ones, columns, score), (10, 10))
    assert 0.5 < found.threshold < 0.9


def test_rows_that_are_full_do_not_mislead() -> None:
    # Many look-alikes: each row keeps its best KEEP only, as comparing does.
    pairs, _, total = simulate((1500, 1500), 0.4, 6, look_alikes=40.0)
    ranked = pairs.take(np.lexsort((-pairs.score, pairs.left)))
    position = np.arange(len(ranked)) - np.searchsorted(ranked.left, ranked.left)
    kept = ranked.take(position < KEEP)
    assert (position >= KEEP).any()
    f1, best, _, _ = judge(estimate(kept, (1500, 1500)), kept, total)
    assert f1 >= best - 0.01


def test_deterministic() -> None:
    pairs, _, _ = simulate((500, 500), 0.5, 8)
    shuffled = pairs.take(np.random.default_rng(1).permutation(len(pairs)))
    assert estimate(pairs, (500, 500)).threshold == pytest.approx(
        estimate(shuffled, (500, 500)).threshold, abs=1e-9
    )
