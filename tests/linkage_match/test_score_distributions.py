"""How non-matches and matches score: known rates and distributions are found again."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simulated_scores import DECAY, ONE_FIELD, full, simulate
from tacit.linkage.candidate_rows import BINS, CELLS, EDGES, MIDDLE, Field, arrange, cell_of
from tacit.linkage.candidates import FLOOR
from tacit.linkage.cluster import Pairs
from tacit.linkage.look_alikes import look_alikes
from tacit.linkage.match_scores import (
    RATIO,
    fit_matches,
    match_density,
    telling,
    usual_share,
)
from tacit.linkage.null_scores import null_rates
from tacit.linkage.patterns import Patterns
from tacit.linkage.poisson import penalised_poisson
from tacit.linkage.score import ScoreModel

Array = NDArray[np.float64]
TWO_FIELDS = ScoreModel((100.0, 100.0), 1024, damping=0.0)
ONE = Patterns.from_masks(np.array([1], np.uint64), ONE_FIELD)
EVERYWHERE = np.ones((1, CELLS), np.bool_)


def above(rates: Array, score: float) -> Array:
    """Sum rates from a score on."""
    found: Array = rates[:, EDGES[:-1] >= score - 1e-9].sum(axis=1)
    return found


@pytest.mark.parametrize("look", [3.0, 40.0])
def test_the_rate_of_non_matches_is_found(look: float) -> None:
    """Of 2,000 records each has `look` look-alikes among 2,000; full rows lose the lowest."""
    drawn = simulate((2000, 2000), 0.5, 1, look).kept()
    field = arrange(drawn.pairs, drawn.presence(), ONE_FIELD)
    rates = null_rates(field, drawn.truth.astype(np.float64))
    assert rates.shape == (1, BINS)
    for score, error in ((0.35, 0.1), (0.4, 0.1), (0.5, 0.2), (0.6, 0.6)):
        expected = look / 2000 * np.exp(-DECAY * (score - FLOOR))
        assert above(rates, score)[0] == pytest.approx(expected, rel=error)


def two_patterns(seed: int) -> tuple[Field, Array]:
    """Half of 1,500 records have one field of two; then ten times more look alike, and more so."""
    rng = np.random.default_rng(seed)
    masks = np.where(np.arange(1500) % 2, 3, 1).astype(np.uint64)
    rows, columns = rng.integers(0, 1500, (2, 20_000))
    both = (masks[rows] & masks[columns]) == 3
    kept = (rows != columns) & (~both | (rng.random(20_000) < 0.1))
    rows, columns, both = rows[kept], columns[kept], both[kept]
    null = np.minimum(0.3 + rng.exponential(np.where(both, 1 / 30, 1 / 15)), 0.999)
    same = np.arange(0, 1500, 1)
    size = len(same) + len(rows)
    pairs = Pairs(
        np.zeros(size, np.int64),
        np.concatenate([same, rows]),
        np.ones(size, np.int64),
        np.concatenate([same, columns]),
        np.concatenate([np.full(1500, 0.95), null]),
    )
    return arrange(pairs, [masks, masks], TWO_FIELDS), (np.arange(size) < 1500).astype(np.float64)


def test_each_pattern_of_common_fields_has_its_own_rate() -> None:
    field, truth = two_patterns(3)
    rates = null_rates(field, truth)
    by_mask = dict(zip(field.patterns.masks.tolist(), rates, strict=True))
    pairs = 1500.0**2
    for mask, share, decay in ((1, 20_000 / pairs, 15.0), (3, 2000 / pairs, 30.0)):
        for score, error in ((0.35, 0.1), (0.4, 0.25), (0.5, 0.4)):
            expected = share * np.exp(-decay * (score - FLOOR))
            found = above(by_mask[mask][None], score)[0]
            assert found == pytest.approx(expected, rel=error), (mask, score)


def test_a_second_match_in_a_set_that_repeats_people_is_no_look_alike() -> None:
    index = np.arange(400)
    zero, one = np.zeros(800, np.int64), np.ones(800, np.int64)
    score = np.concatenate([np.full(400, 0.9), np.full(400, 0.88)])
    pairs = Pairs(zero, np.tile(index, 2), one, np.concatenate([index, index + 400]), score)
    field = arrange(pairs, full(400, 800), ONE_FIELD)
    best = np.repeat([1.0, 0.0], 400)
    assert above(null_rates(field, best), 0.8)[0] > 1e-3
    assert above(null_rates(field, best, np.array([1])), 0.8)[0] < 1e-6


def test_records_of_many_look_alikes_are_known_by_them() -> None:
    """Each of the first 100 of 1,000 records has 50 look-alikes, each other record 5."""
    rng = np.random.default_rng(4)
    rows = np.repeat(np.arange(1000), np.where(np.arange(1000) < 100, 50, 5))
    columns = rng.integers(0, 1000, len(rows))
    score = 0.3 + rng.exponential(1 / DECAY, len(rows))
    zero = np.zeros(len(rows), np.int64)
    pairs = Pairs(zero, rows, zero + 1, columns, np.minimum(score, 0.999))
    field = arrange(pairs, full(1000, 1000), ONE_FIELD)
    nothing = np.zeros(len(rows))
    found = look_alikes(field, nothing, np.full((1, BINS), 1e-4))
    # 9.5 look-alikes a record on average; to the power of .9, and drawn towards 1 a little.
    prolific, usual = found[rows < 100].mean(), found[rows >= 100].mean()
    assert prolific == pytest.approx((50 / 9.5) ** 0.9, rel=0.15)
    assert usual == pytest.approx((5 / 9.5) ** 0.9, rel=0.15)
    # What is known to be a match tells nothing of look-alikes.
    everything = look_alikes(field, np.ones(len(rows)), np.full((1, BINS), 1e-4))
    assert everything == pytest.approx(np.ones(len(rows)), abs=1e-6)


def matches(count: int, seed: int) -> tuple[Field, Array]:
    """Matches alone, of known scores."""
    score = np.clip(np.random.default_rng(seed).normal(0.75, 0.12, count), 0.301, 0.999)
    index, zero = np.arange(count), np.zeros(count, np.int64)
    pairs = Pairs(zero, index, zero + 1, index, score)
    return arrange(pairs, full(count, count), ONE_FIELD), score


def test_the_distribution_of_matches_is_found() -> None:
    field, score = matches(3000, 5)
    found = fit_matches(field, np.ones(3000), EVERYWHERE, usual_share())
    assert found.sum() == pytest.approx(1)
    for level in (0.5, 0.6, 0.7, 0.8, 0.9):
        assert found[level < RATIO].sum() == pytest.approx((score > level).mean(), abs=0.03)


def test_where_matches_cannot_be_told_the_distribution_is_carried_on() -> None:
    field, _ = matches(3000, 6)
    told = (RATIO > 0.65)[None, :]
    found = fit_matches(field, np.ones(3000), told, usual_share())
    # A normal distribution has .20 of its mass below .65: five sixths of a deviation. It is
    # carried on more broadly, as it usually is.
    assert 0.2 <= found[~told[0]].sum() <= 0.33
    assert fit_matches(field, np.ones(3000), EVERYWHERE, usual_share())[~told[0]].sum() < 0.24
    logs = np.log(found[RATIO < 0.6])
    assert (np.diff(logs) >= -0.02).all()


@pytest.mark.parametrize(("count", "broad"), [(100, 0.0273), (9000, 0.003), (99_000, 0.0003)])
def test_what_is_believed_of_broad_matches_yields_to_what_is_seen(count: int, broad: float) -> None:
    """All matches score .97 or more. Of 1,000 believed ones 30 score anywhere, of these none:
    30 / (1,000 + count), of which a normal distribution cut off at 1 has .49 between .4 and .7."""
    score = np.random.default_rng(8).uniform(0.97, 0.999, count)
    index, zero = np.arange(count), np.zeros(count, np.int64)
    field = arrange(Pairs(zero, index, zero + 1, index, score), full(count, count), ONE_FIELD)
    found = fit_matches(field, np.ones(count), EVERYWHERE, usual_share())
    assert found[(RATIO > 0.4) & (RATIO < 0.7)].sum() == pytest.approx(0.49 * broad, rel=0.1)


def test_the_density_of_matches_sums_to_one_over_the_bins_of_a_pattern() -> None:
    """A pattern of half of the weight is damped by .5 * 1.25 / .75 = .8333."""
    model = ScoreModel((100.0, 100.0), 1024, damping=0.25)
    patterns = Patterns.from_masks(np.array([3, 1], np.uint64), model)
    assert patterns.factor == pytest.approx([1, 5 / 6])
    share = usual_share()
    for number, factor in enumerate(patterns.factor):
        reached = MIDDLE[factor > MIDDLE]
        density = match_density(share, patterns, reached / factor, np.full(len(reached), number))
        floor = share[FLOOR / factor <= RATIO].sum()
        assert density.sum() == pytest.approx(floor, abs=0.01)


def test_a_cell_tells_if_all_above_it_do() -> None:
    """Uniform matches, and rates that drown them in the lowest half and in one cell above."""
    share = np.full(CELLS, 1 / CELLS)
    cell = cell_of(MIDDLE)
    # A match falls into a bin with 1/140; a prior of .014 makes that 1e-4, and .1 is enough.
    rates = np.where((cell < 14) | (cell == 20), 1.1e-3, 0.9e-3)[None, :]
    told = telling(share, ONE, rates, 0.014)
    assert np.flatnonzero(told[0]).tolist() == list(range(21, CELLS))
    assert telling(share, ONE, np.full((1, BINS), 0.9e-3), 0.014).all()


def test_the_poisson_fit_has_its_closed_forms() -> None:
    # One level without a penalty: log(sum of counts / sum of exposures).
    counts, exposure = np.array([3.0, 0.0, 5.0]), np.array([10.0, 20.0, 50.0])
    level = penalised_poisson(
        counts, np.log(exposure), np.ones((3, 1)), np.zeros((1, 1)), np.zeros(1), np.zeros(1)
    )
    assert level == pytest.approx(np.log([8 / 80]), abs=1e-3)
    # One count c = e^w + q w - pull, solved at w = .5 with q = 2 and pull .3.
    drawn = penalised_poisson(
        np.array([np.exp(0.5) + 0.7]),
        np.zeros(1),
        np.ones((1, 1)),
        np.full((1, 1), 2.0),
        np.array([0.3]),
        np.array([-4.0]),
    )
    assert drawn == pytest.approx([0.5], abs=1e-3)
    # A penalty that nothing can stand against leaves no freedom.
    held = penalised_poisson(
        counts, np.log(exposure), np.ones((3, 1)), np.full((1, 1), 1e9), np.zeros(1), np.ones(1)
    )
    assert held == pytest.approx([0.0], abs=1e-4)
