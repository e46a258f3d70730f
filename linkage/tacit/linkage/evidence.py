"""How surely two groups of records are one person, from all pairs between them together.

Let p be the score of a pair, taken as its probability of being a match. Its log-odds ln p/(1-p)
are the evidence of the two records themselves plus the prior odds that two records match at all,
which are low. Were log-odds summed over the pairs between two groups, the prior would be counted
once for each pair: it is taken off each and put back once. Nor are k m pairs between k and m
records so many independent witnesses: each record takes part in many pairs, and a look-alike of
one person is a look-alike of all of that person's records. They count as the square root of the
larger of k and m, each with the mean evidence. Hence

    log-odds of two groups = max(k, m)^1/2 (mean of (ln p/(1-p) + PRIOR) over all pairs) - PRIOR

which for two single records is the log-odds of their pair. What a pair says is bounded: at most
as much as log-odds of MOST, so that no single link carries a group, and at least -AGAINST, also
where the pair is no candidate, so that records in which much is missing do not block.

Mean evidence as a criterion of merging is average linkage (Sokal and Michener, 1958); adding up
log-odds for and against is correlation clustering (Bansal, Blum and Chawla, 2004).
"""

from math import exp

import numpy as np
from numpy.typing import NDArray

PRIOR = 3.0
"""Log-odds against any two candidates: less than the share of matches among all pairs would say,
as errors in a record weigh on all its pairs. Chosen by trial: sets with few matches do better with
less, sets in which nearly everybody is in every file with more (docs/evaluation.md)."""

AGAINST = 2.0
"""Most that a pair speaks against a merge, in log-odds without the prior."""

MOST = 6.0
"""Log-odds above which a pair says no more about groups; a probability of .9975."""

LEAST = 1 / (1 + exp(PRIOR + AGAINST))
"""Score (.0067) at and under which a pair speaks against a merge as much as no candidate does."""


def support(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what each pair says above a pair that is no candidate, from 0 up, in log-odds.

    Args:
        score: probabilities in [0, 1].
    """
    with np.errstate(divide="ignore"):
        odds = np.log(score) - np.log1p(-score)
    above: NDArray[np.float64] = np.clip(odds, -PRIOR - AGAINST, MOST) + (PRIOR + AGAINST)
    return above


def together(total: float, pairs: int, larger: int) -> float:
    """Give the probability that two groups are one person.

    Args:
        total: support of the pairs between them, summed.
        pairs: between them that could have been candidates; at least one.
        larger: records of the larger group.
    """
    log_odds = min(larger, pairs) ** 0.5 * (total / pairs - AGAINST) - PRIOR
    return 1 / (1 + exp(-log_odds))
