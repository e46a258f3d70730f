"""How alike two records are in plaintext, field by field, as the schema would have them encoded.

For a member's own records only. Each feature is compared by the tokens that encoding would hash
(Dice's coefficient of n-grams, alternatives taken at their best). Features that tell the same make
one field, so that no agreement counts twice: several forms of one register field (a name's coarse
and fine form), and columns whose words mostly stand in another (a surname beside the full name).
The year and the day of a date are separate facts and stay two.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.clkhash_import import comparators
from tacit.linkage.feature_groups import feature_groups, repeated_features
from tacit.linkage.normalise.text import ALTERNATIVE
from tacit.linkage.schema import LinkageSchema
from tacit.linkage.tokens import UnreadableTextError, tokeniser

CLOSE, PARTLY = 0.8, 0.55
"""Similarities from which a field that is not equal agrees closely, or in part."""

ALMOST = 1 - 1e-6
"""Similarity of different texts with the same tokens."""

WORD = 64
MOST_BITS = 1024
"""Tokens beyond so many share bits, which makes similarities a trifle too high."""

Indices = NDArray[np.int64]


class Verdict(StrEnum):
    """How two records compare in a field."""

    AGREES = "agrees"
    PARTLY = "partly"
    DIFFERS = "differs"
    MISSING = "missing"


AGREES_LEVEL, CLOSE_LEVEL, PARTLY_LEVEL, DIFFERS_LEVEL, MISSING_LEVEL = range(5)
VERDICTS = (Verdict.AGREES, Verdict.PARTLY, Verdict.PARTLY, Verdict.DIFFERS, Verdict.MISSING)
"""The verdict of each level of agreement."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One feature of all records.

    Attributes:
        texts: distinct texts; a record's value is one of them or several alternatives.
        alternatives: numbers of the texts of each distinct value, value after value.
        first: where each distinct value's alternatives begin; one more entry than values.
        value: the distinct value of each record, -1 where missing.
        share: of each text that two records have, how likely somebody else has it.
        bits: of each text, its tokens as a bit set; None where only equality counts.
        weight: expected number of bit insertions, to weigh the forms of a field.
    """

    texts: tuple[str, ...]
    alternatives: Indices
    first: Indices
    value: Indices
    share: NDArray[np.float64]
    bits: NDArray[np.uint64] | None
    weight: float

    def compare(
        self, left: Indices, right: Indices
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Compare records pair by pair.

        Returns:
            Similarities in [0, 1], NaN where either lacks the feature; and how likely somebody
            else has the rarest text that both have, 1 where they have none in common.
        """
        similarity = np.full(len(left), np.nan)
        share = np.ones(len(left))
        both = np.flatnonzero((self.value[left] >= 0) & (self.value[right] >= 0))
        one, other = self.value[left[both]], self.value[right[both]]
        pair, a, b = self._expanded(one, other)
        alike = self._dice(a, b)
        best = np.zeros(len(both))
        np.maximum.at(best, pair, alike)
        similarity[both] = best
        common = np.ones(len(both))
        equal = a == b
        np.minimum.at(common, pair[equal], self.share[a[equal]])
        share[both] = common
        return similarity, share

    def _expanded(self, one: Indices, other: Indices) -> tuple[Indices, Indices, Indices]:
        """Give every combination of alternatives: number of the pair, its texts."""
        start, counts = self.first[:-1], np.diff(self.first)
        rows, columns = counts[one], counts[other]
        if (rows == 1).all() and (columns == 1).all():
            texts = self.alternatives
            return np.arange(len(one)), texts[start[one]], texts[start[other]]
        sizes = rows * columns
        pair = np.repeat(np.arange(len(one)), sizes)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        a = self.alternatives[start[one[pair]] + place // columns[pair]]
        b = self.alternatives[start[other[pair]] + place % columns[pair]]
        return pair, a, b

    def _dice(self, a: Indices, b: Indices) -> NDArray[np.float64]:
        equal = a == b
        if self.bits is None:
            return np.where(equal, 1.0, 0.0)
        x, y = self.bits[a], self.bits[b]
        shared = np.bitwise_count(x & y).sum(axis=1, dtype=np.int64)
        total = np.bitwise_count(x).sum(axis=1, dtype=np.int64)
        total += np.bitwise_count(y).sum(axis=1, dtype=np.int64)
        dice: NDArray[np.float64] = np.where(
            equal, 1.0, np.minimum(2 * shared / np.maximum(total, 1), ALMOST)
        )
        return dice


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What records hold of one fact, in one or several forms.

    Attributes:
        name: the register field, or the feature's identifier where a register field holds several
            facts.
        forms: the features, in the schema's order.
        normaliser: of the first of them, which tells names and dates from other facts.
    """

    name: str
    forms: tuple[Form, ...]
    normaliser: str

    def compare(
        self, left: Indices, right: Indices
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Give the level of agreement of each pair, and how likely it is by chance.

        Returns:
            Levels, indices of `VERDICTS`; and how likely somebody else has what agrees, in the
            rarest form.
        """
        total, weight = np.zeros(len(left)), np.zeros(len(left))
        share, equal = np.ones(len(left)), np.ones(len(left), np.bool_)
        for form in self.forms:
            similarity, common = form.compare(left, right)
            held = ~np.isnan(similarity)
            total[held] += form.weight * similarity[held]
            weight[held] += form.weight
            equal[held] &= similarity[held] >= 1
            share = np.minimum(share, common)
        mean = total / np.maximum(weight, 1e-9)
        level = np.full(len(left), DIFFERS_LEVEL, np.uint8)
        level[mean >= PARTLY] = PARTLY_LEVEL
        level[mean >= CLOSE] = CLOSE_LEVEL
        level[equal] = AGREES_LEVEL
        level[weight == 0] = MISSING_LEVEL
        return level, share


def read_fields(schema: LinkageSchema, columns: Mapping[str, Sequence[str]]) -> tuple[Field, ...]:
    """Prepare a register's normalised columns for comparing.

    Args:
        schema: what is compared and how.
        columns: normalised values by feature identifier, as `normalise_columns` gives them.

    Raises:
        KeyError: a feature has no column.
    """
    specs = [spec for spec in schema.clk.fields if spec.hashing_properties]
    forms = {
        feature.identifier: _form(columns[feature.identifier], feature.bits, spec)
        for feature, spec in zip(schema.features, specs, strict=True)
    }
    groups = feature_groups(schema.features, repeated_features(schema, columns))
    heads = [group[0].sources[0] for group in groups]
    return tuple(
        Field(
            name=head if heads.count(head) == 1 else group[0].identifier,
            forms=tuple(forms[feature.identifier] for feature in group),
            normaliser=group[0].normaliser,
        )
        for head, group in zip(heads, groups, strict=True)
    )


def _form(values: Sequence[str], weight: float, spec: Any) -> Form:
    missing = spec.hashing_properties.missing_value
    nothing = {"", missing.sentinel} if missing is not None else {""}
    held = Counter(value for value in values if value not in nothing)
    number = {value: index for index, value in enumerate(held)}
    parts = [list(dict.fromkeys(filter(None, value.split(ALTERNATIVE)))) for value in held]
    counts: Counter[str] = Counter()
    for own, times in zip(parts, held.values(), strict=True):
        counts.update(dict.fromkeys(own, times))
    text_number = {text: index for index, text in enumerate(counts)}
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    return Form(
        texts=tuple(counts),
        alternatives=np.array([text_number[text] for own in parts for text in own], np.int64),
        first=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        value=np.fromiter((number.get(value, -1) for value in values), np.int64, len(values)),
        share=_chance_of_meeting(np.array(list(counts.values()), np.float64), held.total()),
        bits=_bit_sets(list(counts), spec.hashing_properties.comparator),
        weight=weight,
    )


def _chance_of_meeting(counts: NDArray[np.float64], total: int) -> NDArray[np.float64]:
    """Estimate how likely somebody else has a text that two records have.

    The share of the other records that have it too; for a text that only the two have, that is
    less than can be told of it alone, so what two random records have in common stands in, where
    it is less than one record's worth.

    Args:
        counts: records that have each text.
        total: records that have any.
    """
    if not total:
        return np.zeros(0)
    pairs = max(total * (total - 1) / 2, 1)
    usual = max(float((counts * (counts - 1)).sum()) / 2, 1.0) / pairs
    others = np.maximum((counts - 2) / total, usual)
    chance: NDArray[np.float64] = np.minimum(np.maximum(counts - 1, 1) / total, others)
    return chance


def _bit_sets(texts: list[str], comparator: Any) -> NDArray[np.uint64] | None:
    """Give each text's tokens as a bit set, or None where texts are equal or not."""
    if not texts or isinstance(comparator, comparators.ExactComparison):
        return None
    try:
        tokens, counts = tokeniser(comparator).split(texts)
    except UnreadableTextError:
        return None
    words = min(max(-(-(int(tokens.max(initial=0)) + 1) // WORD), 1), MOST_BITS // WORD)
    sets = np.zeros((len(texts), words), np.uint64)
    bit = (tokens % (words * WORD)).astype(np.uint64)
    rows = np.repeat(np.arange(len(texts)), counts)
    np.bitwise_or.at(
        sets, (rows, (bit >> np.uint64(6)).astype(np.int64)), np.uint64(1) << (bit & np.uint64(63))
    )
    return sets
