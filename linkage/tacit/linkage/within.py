"""Records that one register holds twice, found in plaintext.

The model is that of Fellegi and Sunter (1969). A field that two records both have agrees, agrees
closely, in part, or differs; a missing field says nothing. How often the fields of two different
people come out so is seen from random pairs, and for equal values from how common the value is;
how often those of one person do is learnt by expectation maximisation (Dempster, Laird and Rubin,
1977), together with how many pairs there are. No labels are needed. Relatives, who share much
without being one person, are a class of their own (`within_relatives`).

Only records of one member are compared, on that member's own machine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.plain_similarity import (
    AGREES_LEVEL,
    MISSING_LEVEL,
    VERDICTS,
    Field,
    Indices,
    Verdict,
    read_fields,
)
from tacit.linkage.schema import LinkageSchema
from tacit.linkage.within_blocks import candidate_pairs
from tacit.linkage.within_relatives import Relatives, first_relatives

LIKELY = 0.5
"""Probability from which two records are suspected to be one person."""

KEPT = 0.2
"""Pairs less probable than this are not reported at all."""

RANDOM_PAIRS = 300_000
"""So many random pairs show how different people compare; all pairs where there are fewer."""

SEED = 20_261_122
CHUNK = 1 << 17

SAME_PERSON = (0.8, 0.1, 0.05, 0.05)
"""How the fields of one person compare before anything is seen: agree, close, in part, differ."""

PRIOR_PAIRS = 20.0
"""How many pairs that belief weighs."""

MOST_UNEQUAL = (0.2, 0.08, 0.15)
"""One person's records agree closely, agree in part and differ at most so often in any field.
Without these bounds, where nothing is held twice, relatives or people of one place are learnt
instead."""

FIRST_SHARE = 0.02
"""Pairs to begin with, for each record."""

LEAST_FOUND = 0.5
"""Pairs that there are at least: keeps odds finite where nothing is held twice."""

STEPS = 100
CONVERGED = 1e-4
HOPELESS = -14.0
"""Natural logarithm of the first odds below which a pair is let go."""

Progress = Callable[[int, int], None]
"""Is told how many pairs are compared, of how many."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two records of a register that may be one person.

    Attributes:
        left: index of the one record.
        right: index of the other, higher.
        probability: of being one person, in [0, 1].
        verdicts: how they compare in each field, in the order of `Within.fields`.
    """

    left: int
    right: int
    probability: float
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """What comparing a register with itself found.

    Attributes:
        records: how many there are.
        fields: names of the compared fields.
        pairs: those of probability `KEPT` or more, by falling probability.
        expected: expected number of pairs of records that are one person.
        errors: for each field, the share of pairs of one person in which it is not equal though
            both records have it, as learnt; only as good as `expected` is large.
    """

    records: int
    fields: tuple[str, ...]
    pairs: tuple[Likeness, ...]
    expected: float
    errors: tuple[float, ...]


def find_within(
    schema: LinkageSchema,
    columns: Mapping[str, Sequence[str]],
    progress: Progress = lambda _done, _total: None,
) -> Within:
    """Compare a register with itself.

    Args:
        schema: which fields count, and how they are compared.
        columns: normalised values by feature identifier, as `normalise_columns` gives them.
        progress: is told how many pairs are compared, of how many.

    Raises:
        KeyError: a feature has no column.
    """
    fields = read_fields(schema, columns)
    records = len(next(iter(columns.values()), ()))
    names = tuple(field.name for field in fields)
    if records < 2:  # noqa: PLR2004 (nothing to compare)
        return Within(records, names, (), 0.0, tuple(1 - SAME_PERSON[0] for _ in names))
    model = _Model(fields, records)
    model.compare(*candidate_pairs(fields, records), progress)
    probability = model.fit()
    kept = np.flatnonzero(probability >= KEPT)
    kept = kept[np.lexsort((model.right[kept], model.left[kept], -probability[kept]))]
    pairs = tuple(
        Likeness(
            int(model.left[at]),
            int(model.right[at]),
            float(probability[at]),
            tuple(VERDICTS[level] for level in model.levels[at]),
        )
        for at in kept.tolist()
    )
    errors = tuple(float(1 - same[AGREES_LEVEL]) for same in model.same)
    return Within(records, names, pairs, float(probability.sum()), errors)


class _Model:
    """Weights of agreement, and the candidate pairs that are worth keeping."""

    def __init__(self, fields: Sequence[Field], records: int) -> None:
        self._fields = fields
        self._pairs = records * (records - 1) / 2
        self._first = self._found = max(FIRST_SHARE * records, LEAST_FOUND)
        self._different = _different_people(fields, records)
        self.same = np.tile(np.array(SAME_PERSON), (len(fields), 1))
        self.left, self.right = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.levels = np.zeros((0, len(fields)), np.uint8)
        self._chance = np.zeros((0, len(fields)))

    def compare(self, left: Indices, right: Indices, progress: Progress) -> None:
        """Compare candidates and keep those that are not hopeless."""
        parts = []
        for start in range(0, len(left), CHUNK):
            one, other = left[start : start + CHUNK], right[start : start + CHUNK]
            levels = np.empty((len(one), len(self._fields)), np.uint8)
            chance = np.empty((len(one), len(self._fields)))
            for number, field in enumerate(self._fields):
                level, share = field.compare(one, other)
                levels[:, number] = level
                chance[:, number] = self._log_chance(number, level, share)
            hope = self._log_odds(levels, chance) >= HOPELESS
            parts.append((one[hope], other[hope], levels[hope], chance[hope]))
            progress(start + len(one), len(left))
        if parts:
            columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
            self.left, self.right, self.levels, self._chance = columns

    def fit(self) -> NDArray[np.float64]:
        """Learn how the fields of one person compare; give each pair's probability."""
        probability, relatives = self._learn(first_relatives(self._fields))
        if relatives is None or relatives.are_told_apart(self._fields):
            return probability
        return self._learn(None)[0]

    def _learn(self, relatives: Relatives | None) -> tuple[NDArray[np.float64], Relatives | None]:
        """Learn from the beginning, with relatives as a class of their own or without."""
        self.same[:] = SAME_PERSON
        self._found = self._related = self._first
        probability, related = self._probabilities(relatives)
        for _ in range(STEPS):
            before = self._found, self._related
            self._found = max(float(probability.sum()), LEAST_FOUND)
            self._related = max(float(related.sum()), LEAST_FOUND)
            for number in range(len(self._fields)):
                seen = np.bincount(self.levels[:, number], probability, MISSING_LEVEL + 1)
                belief = PRIOR_PAIRS * np.array(SAME_PERSON) + seen[:MISSING_LEVEL]
                self.same[number] = _bounded(belief / belief.sum())
            if relatives is not None:
                relatives = relatives.learnt(self._fields, self.levels, self._chance, related)
            probability, related = self._probabilities(relatives)
            if np.allclose((self._found, self._related), before, CONVERGED, 0):
                break
        return probability, relatives

    def _probabilities(
        self, relatives: Relatives | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give each pair's probability of being one person, and of being relatives."""
        same = np.exp(np.clip(self._log_odds(self.levels, self._chance), -60, 60))
        if relatives is None:
            return same / (1 + same), np.zeros(len(same))
        told = relatives.log_likelihood(self.levels, self._chance) - self._chance.sum(axis=1)
        related = np.exp(np.clip(self._prior(self._related) + told, -60, 60))
        total = 1 + same + related
        return same / total, related / total

    def _prior(self, found: float) -> float:
        """Give the logarithm of the odds that any two records are of a class of so many."""
        return float(np.log(found / max(self._pairs - found, 0.5)))

    def _log_chance(
        self, number: int, level: NDArray[np.uint8], share: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give the logarithm of the chance that different people compare so in a field."""
        chance: NDArray[np.float64] = np.log(np.append(self._different[number], 1.0))[level]
        equal = level == AGREES_LEVEL
        chance[equal] = np.log(share[equal])
        return chance

    def _log_odds(
        self, levels: NDArray[np.uint8], chance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        odds = self._prior(self._found) - chance.sum(axis=1)
        for number, same in enumerate(self.same):
            odds += np.log(np.append(same, 1.0))[levels[:, number]]
        return np.asarray(odds, np.float64)


def _bounded(same: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep how the fields of one person compare within what can be so."""
    unequal = np.minimum(same[AGREES_LEVEL + 1 :], MOST_UNEQUAL)
    return np.concatenate([[1 - unequal.sum()], unequal])


def _different_people(fields: Sequence[Field], records: int) -> NDArray[np.float64]:
    """Give, for each field, how often two random records that both have it compare so."""
    if records * (records - 1) // 2 <= RANDOM_PAIRS:
        left, right = (side.astype(np.int64) for side in np.triu_indices(records, 1))
    else:
        random = np.random.default_rng(SEED)
        left = random.integers(0, records, RANDOM_PAIRS)
        right = (left + random.integers(1, records, RANDOM_PAIRS)) % records
    seen = np.full((len(fields), MISSING_LEVEL), 0.5)
    for start in range(0, len(left), CHUNK):
        one, other = left[start : start + CHUNK], right[start : start + CHUNK]
        for number, field in enumerate(fields):
            level = field.compare(one, other)[0]
            seen[number] += np.bincount(level, minlength=MISSING_LEVEL + 1)[:MISSING_LEVEL]
    share: NDArray[np.float64] = seen / seen.sum(axis=1, keepdims=True)
    return share
