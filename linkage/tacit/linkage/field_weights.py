"""The rule by which a field's bits follow from how well it tells records apart.

A field weighs its collision entropy, which is the weight of an agreement in the model of Fellegi
and Sunter (1969) when errors are rare. What two fields both tell is shared out between them, so
that it does not count twice, and a filter is filled to `FILL` by a typical record.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

FILL = 0.45

POWER = 0.9
"""Entropy counts with this exponent: a little less than in proportion, as rare values err more."""

DATE_FACTOR = 1.25
"""Dates and years that differ still share digits, so their tokens need more weight."""

FINE_SHARE = 0.5
"""Of a name's weight its finer form gets so much on top, where the normalisers tell the two apart:
it confirms what the coarse form, in which different names may fall together, lets agree."""

YEAR_SHARE = 0.45
"""Share of a date's weight that its year gets where many dates are years alone."""

DATE_SHARES: Mapping[str, float] = {
    "year-digits": 0.3,
    "year": 0.2,
    "month-day": 0.35,
    "day-parts": 0.075,
}
"""Share of a date's weight by normaliser: its year digit by digit and by nearness, month and day in
order, and in either order, where two alternatives share the weight."""

YEAR_SHARES: Mapping[str, float] = {"year-digits": 0.6, "year": 0.4}
"""Likewise of a year alone."""


def collision_entropy(counts: Mapping[str, int]) -> float:
    """Give -log2 of the chance that two different records share a value, in bits.

    Estimated without bias from all pairs of records; where no two share one, as if one pair did.

    Args:
        counts: records by value, those without a value left out.
    """
    total = sum(counts.values())
    pairs = total * (total - 1) / 2
    same = sum(count * (count - 1) / 2 for count in counts.values())
    return math.log2(pairs / max(same, 1.0)) if pairs >= 1 else 0.0


def without_overlap(
    entropies: Mapping[str, float], covered: Iterable[tuple[str, str]]
) -> dict[str, float]:
    """Share out what two fields both tell: each keeps half, but at least half of its own.

    Args:
        entropies: of fields by name, in bits.
        covered: pairs of names (whole, part) where what the part holds stands in the whole too.

    Returns:
        What each field tells beside the others, in bits.
    """
    repeated = dict.fromkeys(entropies, 0.0)
    for whole, part in covered:
        repeated[whole] += entropies[part] / 2
        repeated[part] += entropies[part] / 2
    return {name: max(entropy - repeated[name], entropy / 2) for name, entropy in entropies.items()}


def weight(information: float, *, dated: bool) -> float:
    """Give the weight of a field that tells so many bits."""
    return (DATE_FACTOR if dated else 1.0) * math.pow(max(information, 0.0), POWER)


def bits(weights: Sequence[float], filled: Sequence[float], length: int) -> list[int]:
    """Give the bit insertions of features so that a typical record fills a filter to `FILL`.

    Args:
        weights: of the features.
        filled: share of records that have each feature.
        length: of the filter, in bits.
    """
    typical = sum(own * share for own, share in zip(weights, filled, strict=True))
    scale = -length * math.log(1 - FILL) / typical if typical > 0 else 0.0
    return [max(1, round(own * scale)) for own in weights]
