"""Which features tell of the same fact: forms of one register field, and columns that repeat others."""

from collections.abc import Collection, Mapping, Sequence
from itertools import permutations

from tacit.linkage.normalise.text import ALTERNATIVE
from tacit.linkage.schema import Feature, LinkageSchema

YEARS = frozenset({"year", "year-digits"})
DAYS = frozenset({"month-day", "day-parts"})
PARTS = YEARS | DAYS
"""Normalisers of a date's parts. A year and a day are different facts, not different forms, of one
register field."""

MOSTLY, LOOK_AT = 0.8, 2000
"""A share that stands for "mostly", and the records that show it."""


def feature_groups(
    features: Sequence[Feature], repeated: Collection[tuple[str, str]] = ()
) -> list[list[Feature]]:
    """Put together the features that tell of one fact.

    Args:
        features: of a schema.
        repeated: pairs of identifiers of which the first holds what the second does.
    """
    groups: list[list[Feature]] = []
    for feature in features:
        touching = [group for group in groups if any(_alike(feature, f, repeated) for f in group)]
        merged = [*(other for group in touching for other in group), feature]
        groups = [group for group in groups if group not in touching]
        groups.append(merged)
    order = {feature.identifier: index for index, feature in enumerate(features)}
    ordered = [sorted(group, key=lambda f: order[f.identifier]) for group in groups]
    return sorted(ordered, key=lambda group: order[group[0].identifier])


def _alike(one: Feature, other: Feature, repeated: Collection[tuple[str, str]]) -> bool:
    normalisers = {one.normaliser, other.normaliser}
    if normalisers <= PARTS and normalisers & YEARS and normalisers & DAYS:
        return False
    shared = not set(one.sources).isdisjoint(other.sources)
    pair = (one.identifier, other.identifier)
    return shared or pair in repeated or pair[::-1] in repeated


def repeated_features(
    schema: LinkageSchema, columns: Mapping[str, Sequence[str]]
) -> set[tuple[str, str]]:
    """Find the features whose words mostly stand in another feature of the same record.

    Args:
        schema: whose features are looked at.
        columns: normalised values by feature identifier.

    Returns:
        Pairs of identifiers (whole, part).
    """
    words = {f.identifier: _some_words(columns[f.identifier]) for f in schema.features}
    return {
        (whole, part)
        for whole, part in permutations(words, 2)
        if _covers(words[whole], words[part])
    }


def _some_words(values: Sequence[str]) -> list[frozenset[str]]:
    """Give the words of evenly spread records, of their first alternative."""
    some = values[:: -(-len(values) // LOOK_AT) or 1]
    return [frozenset(value.split(ALTERNATIVE)[0].split()) for value in some]


def _covers(whole: Sequence[frozenset[str]], part: Sequence[frozenset[str]]) -> bool:
    both = [(w, p) for w, p in zip(whole, part, strict=True) if w and p]
    return bool(both) and sum(p <= w for w, p in both) >= MOSTLY * len(both)
