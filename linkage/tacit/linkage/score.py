"""How alike two encoded records are, given which fields each of them has.

A record's CLK is a Bloom filter: inserting its tokens leaves a share of bits at zero, and the
logarithm of that share measures how much was inserted. Let qA, qB be the shares of zero bits of
two records and I = |A and B|. Independent filters overlap in L (1 - qA)(1 - qB) bits; tokens
that both records hold add to that. If the common tokens alone would leave a share q of zeros,
the expected overlap is L (1 - qA - qB + qA qB / q), hence

    shared  = -ln q = ln(1 + (I - |A||B| / L) / (L qA qB))

estimates the weight of the tokens that both hold (compare Swamidass and Baldi, 2007, on
estimating the cardinality of set unions from Bloom filters). The presence masks tell which
fields both records have, and so the weight that could be shared at most:

    common  = (-ln qA wC / wA - ln qB wC / wB) / 2

with wA, wB, wC the summed `Feature.bits` of the fields that A, B, and both have. Their ratio says
how well the common fields agree: a missing field neither agrees nor disagrees. As little evidence
deserves less trust, the ratio is damped where the common fields carry a share c of all fields'
weight: times c (1 + k) / (c + k). That is what holding (shared, common) against a line does that
does not pass through the origin, so a threshold on the score asks for some evidence in any case.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.records import EncodedSet
from tacit.linkage.schema import LinkageSchema

DAMPING = 0.25
"""k above: a quarter of all fields' weight. Accuracy is flat from 0.1 to 0.5 on six data sets."""

MAX_FEATURES = 64


@dataclass(frozen=True, slots=True)
class ScoreModel:
    """All that comparing needs to know of a schema.

    Attributes:
        weights: expected number of bit insertions of each feature, in mask order.
        length: bits of a CLK, without the padding to whole words.
        damping: see `DAMPING`.
    """

    weights: tuple[float, ...]
    length: int
    damping: float = DAMPING

    def __post_init__(self) -> None:
        if not self.weights or len(self.weights) > MAX_FEATURES or min(self.weights) <= 0:
            raise ValueError("between 1 and 64 features, each of positive weight, are needed")
        if self.length <= 0:
            raise ValueError("the length must be positive")

    @classmethod
    def from_schema(cls, schema: LinkageSchema) -> "ScoreModel":
        """Take what is needed from a schema."""
        return cls(tuple(feature.bits for feature in schema.features), schema.length)


def mask_weights(model: ScoreModel, masks: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Sum the weights of the features of each presence mask."""
    total = np.zeros(masks.shape, np.float64)
    for index, weight in enumerate(model.weights):
        total += ((masks >> np.uint64(index)) & np.uint64(1)).astype(np.float64) * weight
    return total


def damp(model: ScoreModel, coverage: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the factor for common fields of a share `coverage` of all weight; 1 at full coverage."""
    k = model.damping
    return coverage * (1 + k) / (coverage + k) if k else np.ones_like(coverage)


def zero_share(model: ScoreModel, popcounts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give each record's share of zero bits, kept off 0 so that logarithms exist."""
    return np.maximum(1 - popcounts / model.length, 0.5 / model.length)


def popcounts(clks: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Count the bits of each record."""
    counts: NDArray[np.int64] = np.bitwise_count(clks).sum(axis=1, dtype=np.int64)
    return counts


def score_pairs(
    model: ScoreModel,
    left: EncodedSet,
    right: EncodedSet,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Score the pairs (rows[i], columns[i]): the plain definition that the kernel must equal.

    Returns:
        Scores in [0, 1]; 1 for identical complete records, about 0 for unrelated ones.
    """
    a, b = left.clks[rows], right.clks[columns]
    mask_a, mask_b = left.presence[rows], right.presence[columns]
    overlap = popcounts(a & b)
    count_a, count_b = popcounts(a), popcounts(b)
    zero_a, zero_b = zero_share(model, count_a), zero_share(model, count_b)
    weight_a, weight_b = mask_weights(model, mask_a), mask_weights(model, mask_b)
    weight_common = mask_weights(model, mask_a & mask_b)
    excess = (overlap - count_a * count_b / model.length) / (model.length * zero_a * zero_b)
    shared = np.log1p(np.maximum(excess, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        common = weight_common * (-np.log(zero_a) / weight_a - np.log(zero_b) / weight_b) / 2
        ratio = np.where(common > 0, shared / common, 0)
    coverage = weight_common / sum(model.weights)
    scores: NDArray[np.float64] = np.clip(np.nan_to_num(ratio), 0, 1) * damp(model, coverage)
    return scores


def dice(
    left: EncodedSet, right: EncodedSet, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Give the plain Dice coefficient 2 |A and B| / (|A| + |B|), for reference."""
    a, b = left.clks[rows], right.clks[columns]
    total = popcounts(a) + popcounts(b)
    overlap = 2 * popcounts(a & b)
    scores: NDArray[np.float64] = np.divide(
        overlap, total, out=np.zeros(len(total)), where=total > 0
    )
    return scores
