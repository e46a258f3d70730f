"""Scores drawn from known distributions, as comparing would give them, and who is who."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidates import FLOOR, KEEP
from tacit.linkage.cluster import Pairs, merges
from tacit.linkage.evaluate import best_accuracy
from tacit.linkage.link import Weighed, settle
from tacit.linkage.mixture import Estimate, estimate
from tacit.linkage.score import ScoreModel

DECAY = 22.0
"""Scores of non-matches above the floor fall off exponentially, so fast."""
MATCH = (9.0, 3.5)
"""Beta distribution of the scores of matches: mean .72, spread .12."""
ONE_FIELD = ScoreModel((100.0,), 1024)


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Candidates; record i of every set is person i if it is anybody's match.

    Attributes:
        sizes: records of each set.
        pairs: the candidates.
        truth: which of them are matches.
        total: matches, also those that are no candidates.
    """

    sizes: tuple[int, ...]
    pairs: Pairs
    truth: NDArray[np.bool_]
    total: int

    def presence(self) -> list[NDArray[np.uint64]]:
        return full(*self.sizes)

    def estimate(self) -> Estimate:
        return estimate(self.pairs, self.presence(), ONE_FIELD)

    def take(self, index: NDArray[np.intp]) -> "Simulated":
        return replace(self, pairs=self.pairs.take(index), truth=self.truth[index])

    def kept(self) -> "Simulated":
        """Keep the best of each row only, as comparing does; of two sets."""
        order = np.lexsort((-self.pairs.score, self.pairs.left))
        left = self.pairs.left[order]
        return self.take(order[np.arange(len(left)) - np.searchsorted(left, left) < KEEP])


def full(*sizes: int) -> list[NDArray[np.uint64]]:
    """Give the presence masks of records that have their one field."""
    return [np.ones(size, np.uint64) for size in sizes]


def simulate(
    sizes: tuple[int, ...], matched: float, seed: int, look_alikes: float = 1.0
) -> Simulated:
    """Draw scores. A record is in the common population with the chance sqrt(matched).

    Each record of the left set has `look_alikes` non-matches above the floor, on average.
    """
    rng = np.random.default_rng(seed)
    parts, scores, labels, total = [], [], [], 0
    known = [rng.random(size) < np.sqrt(matched) for size in sizes]
    for left, right in combinations(range(len(sizes)), 2):
        low = min(sizes[left], sizes[right])
        same = np.flatnonzero(known[left][:low] & known[right][:low])
        total += len(same)
        score = rng.beta(*MATCH, len(same))
        same, score = same[score >= FLOOR], score[score >= FLOOR]
        count = rng.poisson(look_alikes * sizes[left])
        rows, columns = rng.integers(0, sizes[left], count), rng.integers(0, sizes[right], count)
        rows, columns = rows[rows != columns], columns[rows != columns]
        chance = np.minimum(FLOOR + rng.exponential(1 / DECAY, len(rows)), 0.999)
        every = len(same) + len(rows)
        rows, columns = np.concatenate([same, rows]), np.concatenate([same, columns])
        parts.append(np.stack([np.full(every, left), rows, np.full(every, right), columns]))
        scores.append(np.concatenate([score, chance]))
        labels.append(np.arange(every) < len(same))
    left_set, rows, right_set, columns = np.concatenate(parts, axis=1)
    pairs = Pairs(left_set, rows, right_set, columns, np.concatenate(scores))
    return Simulated(sizes, pairs, np.concatenate(labels), total)


@dataclass(frozen=True, slots=True)
class Judged:
    """What solving without truth reached, and what it believed.

    Attributes:
        loss: F1 at the best threshold less F1 at the one found.
        groups: made.
        precision: true and estimated.
        recall: true and estimated.
    """

    loss: float
    groups: int
    precision: tuple[float, float]
    recall: tuple[float, float]


def judge(drawn: Simulated) -> Judged:
    """Solve without truth, and look at the truth then."""
    found = drawn.estimate()
    scored = replace(drawn.pairs, score=found.probability)
    weighed = Weighed(scored, found, tuple(merges(scored)))
    result = settle(weighed)
    links = [link for group in result.groups for link in combinations(group.members, 2)]
    right = sum(one[1] == other[1] for one, other in links)
    truth: Sequence[Sequence[str]] = [[str(i) for i in range(size)] for size in drawn.sizes]
    f1 = 2 * right / (len(links) + drawn.total) if links or drawn.total else 1.0
    return Judged(
        loss=best_accuracy(weighed.merges, truth, drawn.total).f1 - f1,
        groups=len(result.groups),
        precision=(right / len(links) if links else 1.0, result.estimated_precision),
        recall=(right / drawn.total if drawn.total else 1.0, result.estimated_recall),
    )
