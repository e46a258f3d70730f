"""Relatives that one register holds, who are not one person held twice.

People of one household share a surname, an address and a telephone, and often all of them at once.
Among independent fields that would be no accident, so they look like one person of whom a few
fields are wrong. They are therefore a class of pairs of their own beside one person and strangers,
as in the mixtures of Larsen and Rubin (2001): in each field they either share what the field holds
or compare as strangers do, and which of the two is usual is learnt.

The class is believed only where it is what it is meant for: its pairs have different names and
different dates. Otherwise it is the person who moved house, or the badly copied record.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.feature_groups import PARTS
from tacit.linkage.plain_similarity import (
    CLOSE_LEVEL,
    DIFFERS_LEVEL,
    MISSING_LEVEL,
    PARTLY_LEVEL,
    Field,
)

NAMES = frozenset({"name", "name-fine"})
DATES = PARTS | {"date"}

SHARED = (0.4, 0.05, 0.05)
"""How often relatives share a field before anything is seen: equal, written closely, in part."""

SHARED_DATE = (0.04, 0.005, 0.005)
"""The same of dates: relatives are born on different days."""

PRIOR_PAIRS = 4.0
"""How many pairs that belief weighs."""

APART = 0.25
"""Relatives share a field that tells them apart at most so often."""

LEAST_PAIRS = 3.0
"""So many pairs that have a field are needed to say how it compares."""


@dataclass(frozen=True, slots=True, eq=False)
class Relatives:
    """How the fields of relatives compare.

    Attributes:
        shared: for each field, how often it is shared and equal, close, or in part; what is left
            compares as strangers do.
        seen: for each field, the expected pairs of relatives that both have it.
    """

    shared: NDArray[np.float64]
    seen: NDArray[np.float64]

    def log_likelihood(
        self, levels: NDArray[np.uint8], chance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give the logarithm of how likely relatives compare so.

        Args:
            levels: of agreement, of shape (pairs, fields).
            chance: logarithm of how likely strangers compare so, of the same shape; 0 where
                missing.
        """
        total = np.zeros(len(levels))
        for number in range(len(self.shared)):
            total += np.log(self._likelihood(number, levels[:, number], chance[:, number]))
        return total

    def learnt(
        self,
        fields: Sequence[Field],
        levels: NDArray[np.uint8],
        chance: NDArray[np.float64],
        probability: NDArray[np.float64],
    ) -> "Relatives":
        """Learn from pairs that are relatives with some probability.

        Args:
            fields: what is compared.
            levels: as above.
            chance: as above.
            probability: of being relatives, of each pair.
        """
        first = first_relatives(fields).shared
        shared, seen = np.empty_like(self.shared), np.empty_like(self.seen)
        for number, belief in enumerate(first):
            level = levels[:, number]
            likelihood = self._likelihood(number, level, chance[:, number])
            part = probability * self._padded(number)[level] / likelihood
            part[level == MISSING_LEVEL] = 0
            seen[number] = probability[level != MISSING_LEVEL].sum()
            counted = np.bincount(level, part, MISSING_LEVEL + 1)[:DIFFERS_LEVEL]
            shared[number] = (PRIOR_PAIRS * belief + counted) / (PRIOR_PAIRS + seen[number])
        return Relatives(shared, seen)

    def are_told_apart(self, fields: Sequence[Field]) -> bool:
        """Tell whether a name and every date differ, in enough pairs to say so."""
        alike = self.shared[:, :PARTLY_LEVEL].sum(axis=1)
        known = self.seen >= LEAST_PAIRS
        names = np.array([field.normaliser in NAMES for field in fields]) & known
        dates = np.array([field.normaliser in DATES for field in fields]) & known
        apart = alike <= APART
        return bool((names & apart).any() and dates.any() and apart[dates].all())

    def _likelihood(
        self, number: int, level: NDArray[np.uint8], chance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        strange = (1 - self.shared[number].sum()) * np.exp(chance)
        likelihood = self._padded(number)[level] + strange
        return np.where(level == MISSING_LEVEL, 1.0, likelihood)

    def _padded(self, number: int) -> NDArray[np.float64]:
        return np.append(self.shared[number], [0.0, 0.0])


def first_relatives(fields: Sequence[Field]) -> Relatives:
    """Give what is believed of relatives before anything is seen."""
    shared = [SHARED_DATE if field.normaliser in DATES else SHARED for field in fields]
    return Relatives(np.array(shared).reshape(-1, CLOSE_LEVEL + 2), np.zeros(len(fields)))
