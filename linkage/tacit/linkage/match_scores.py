"""How matches score, learnt where they can be told and carried on below that.

The distribution of the undamped score is a histogram whose logarithm is smooth and concave, but
for its topmost bin: identical records are a case of their own. It is fitted to the expected
matches of those cells (pattern of common fields by bin) in which a match is not drowned in
non-matches, and carried on below them with the curvature it has: what stands there would be
errors of the other distribution rather than matches.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidate_rows import CELL, CELLS, WIDTH, Field, bin_of, cell_of
from tacit.linkage.candidate_sums import filled, sums
from tacit.linkage.candidates import FLOOR
from tacit.linkage.patterns import Patterns
from tacit.linkage.poisson import penalised_poisson

RATIO: NDArray[np.float64] = FLOOR + CELL * (np.arange(CELLS, dtype=np.float64) + 0.5)
"""Middle of each bin of the undamped score."""

USUAL: NDArray[np.float64] = -0.5 * ((RATIO - 0.85) / 0.3) ** 2
"""Logarithm, but for a constant, of where matches score before anything is seen."""

BEND, TWIST = 0.1, 0.2
"""How far second differences may lie from the usual, and how far third ones from none."""

CONVEX = 40.0
"""What a second difference above zero costs on top."""

RISING, FALLING = 0.8, 400.0
"""Up to this undamped score matches get no rarer as it rises; what doing so costs."""

APART = 2.0
"""How far the topmost bin may lie from its neighbour, in its logarithm."""

BROAD_SHARE, BELIEVED_MATCHES = 0.03, 1000.0
BROAD: NDArray[np.float64] = np.exp(-0.5 * ((RATIO - 0.7) / 0.15) ** 2)
"""At most such a share of matches scores anywhere about here: records that changed much. So many
matches are needed for it to halve where none of them is seen there."""

BROAD_STEPS = 5
SMALLEST = 1e-9

TELLING = 0.1
"""A cell is looked at if the odds of a match are this high there, and in all cells above."""


def usual_share() -> NDArray[np.float64]:
    """Give the share of matches in each bin that is believed before anything is seen, (CELLS,)."""
    likely: NDArray[np.float64] = np.exp(USUAL)
    share: NDArray[np.float64] = likely / likely.sum()
    return share


def match_density(
    share: NDArray[np.float64],
    patterns: Patterns,
    ratio: NDArray[np.float64],
    pattern: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Give the chance that a match scores within the score bin of each pair.

    Args:
        share: of matches in each bin of the undamped score, shape (CELLS,); sums to 1.
        patterns: of common fields.
        ratio: undamped score of each pair.
        pattern: of each pair.
    """
    return cell_density(share, patterns, cell_of(ratio), pattern)


def cell_density(
    share: NDArray[np.float64],
    patterns: Patterns,
    cell: NDArray[np.integer[Any]],
    pattern: NDArray[np.integer[Any]],
) -> NDArray[np.float64]:
    """Do the same by bins of the undamped score."""
    found: NDArray[np.float64] = share[cell] * (WIDTH / CELL) / patterns.factor[pattern]
    return found


def telling(
    share: NDArray[np.float64], patterns: Patterns, rates: NDArray[np.float64], prior: float
) -> NDArray[np.bool_]:
    """Tell the cells (P, CELLS) in which matches can be told from non-matches.

    Args:
        share: of matches in each bin, as far as it is known.
        patterns: of common fields.
        rates: of non-matches, shape (P, BINS).
        prior: share of matches among all pairs.
    """
    score = RATIO[None, :] * patterns.factor[:, None]
    null = np.take_along_axis(rates, bin_of(score), axis=1)
    null = null * (CELL * patterns.factor[:, None] / WIDTH)
    likely = (prior * share[None, :] >= TELLING * null) & (score >= FLOOR)
    told: NDArray[np.bool_] = np.cumprod(likely[:, ::-1], axis=1)[:, ::-1].astype(np.bool_)
    return told


def fit_matches(
    field: Field,
    posterior: NDArray[np.float64],
    told: NDArray[np.bool_],
    before: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Fit the distribution to the expected matches of the cells that tell.

    Args:
        field: all candidates.
        posterior: match probability of each pair.
        told: shape (P, CELLS), the cells to look at.
        before: share of matches in each bin, to begin with.

    Returns:
        Share of matches in each bin, shape (CELLS,).
    """
    counts = sums(field.cell, told_matches(field, posterior, told), CELLS)
    compared = field.compared.sum(axis=0)
    room = compared @ told / compared.sum()
    log_share = _concave(counts, room, np.log(np.maximum(before, 1e-9)))
    found = np.exp(log_share - log_share.max())
    found, anywhere = found / found.sum(), BROAD / BROAD.sum()
    broad = _broad_share(counts, room, found, anywhere)
    mixed: NDArray[np.float64] = (1 - broad) * found + broad * anywhere
    return mixed


def _broad_share(
    counts: NDArray[np.float64],
    room: NDArray[np.float64],
    found: NDArray[np.float64],
    anywhere: NDArray[np.float64],
) -> float:
    """Learn how many matches score anywhere, as the other part of a mixture with what was found."""
    matches = counts.sum() / max(room @ found, SMALLEST)
    visible = matches * (room @ anywhere)
    share = BROAD_SHARE
    for _ in range(BROAD_STEPS):
        of_both = share * anywhere + (1 - share) * found
        seen = counts @ (share * anywhere / of_both)
        share = (BELIEVED_MATCHES * BROAD_SHARE + seen) / (BELIEVED_MATCHES + visible)
        share = min(share, BROAD_SHARE)
    return float(share)


def told_matches(
    field: Field, posterior: NDArray[np.float64], told: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Give each pair's match probability where its cell tells, else 0."""
    return filled(
        len(posterior),
        np.float64,
        lambda at: np.where(told[field.pattern[at], field.cell[at]], posterior[at], 0),
    )


def _concave(
    counts: NDArray[np.float64], room: NDArray[np.float64], guess: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Smooth log counts per room; bends upwards and falls are made too dear to stay."""
    below = np.eye(CELLS)[: CELLS - 1]
    bend, twist = np.diff(below, 2, axis=0), np.diff(below, 3, axis=0)
    slope = np.diff(below, axis=0)[RATIO[1 : CELLS - 1] <= RISING]
    top = np.zeros(CELLS)
    top[-2:] = -1, 1
    smooth = bend.T @ bend / (2 * BEND**2) + twist.T @ twist / TWIST**2
    smooth += np.outer(top, top) / APART**2 + 1e-9 * np.eye(CELLS)
    pull = bend.T @ (bend @ USUAL) / (2 * BEND**2)
    used = room > 0
    basis, offset = np.eye(CELLS)[used], np.log(room[used])
    level: NDArray[np.float64] = guess + np.log(max(counts.sum(), 1.0))
    for _ in range(6):
        upwards = (bend @ level > 0).astype(np.float64)
        falling = (slope @ level < 0).astype(np.float64)
        penalty = smooth + CONVEX * bend.T @ (upwards[:, None] * bend)
        penalty += FALLING * slope.T @ (falling[:, None] * slope)
        level = penalised_poisson(counts[used], offset, basis, penalty, pull, level)
    return level
