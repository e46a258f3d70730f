"""How well each field tells a member's records apart: learnt at its node, shared, and combined.

A node learns from its own records, without labels, how many have each feature, and how rarely two
of them agree by chance. Only these figures leave it, rounded, and only where so many records stand
behind each that none can be told from them. Those of several members make the bits of a schema, by
the rule that inferring a schema from files follows (`tacit.linkage.field_weights`).
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.feature_groups import PARTS, YEARS, feature_groups, repeated_features
from tacit.linkage.field_weights import (
    DATE_SHARES,
    FINE_SHARE,
    YEAR_SHARE,
    bits,
    collision_entropy,
    weight,
    without_overlap,
)
from tacit.linkage.schema import Feature, LinkageSchema
from tacit.linkage.schema_shape import encoded

LEAST_RECORDS = 100
"""Weights of a smaller register are not shared."""

LEAST_FILLED = 30
"""A feature that fewer records have counts as if none had it."""

SHARE_STEP, BITS_STEP = 0.05, 0.5
"""What shares and bits are rounded to."""

DATED = PARTS | {"date"}
FINE = "-fine"


@dataclass(frozen=True, slots=True)
class FeatureWeight:
    """What a member's records show of one feature, rounded.

    Attributes:
        filled: share of the records that have it, to `SHARE_STEP`.
        information: bits by which the feature's fact tells two records apart, beside what other
            fields tell too, to `BITS_STEP`; the same for all features of one fact.
        errors: share of pairs of one person's records in which it is not equal, to `SHARE_STEP`;
            None where too few pairs are known to tell.
    """

    filled: float
    information: float
    errors: float | None


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """What one member shares.

    Attributes:
        fields: `fields_hash` of the schema by which they were learnt, in hexadecimal.
        records: how many they were learnt from, to two digits.
        features: by identifier.
    """

    fields: str
    records: int
    features: Mapping[str, FeatureWeight]


def fields_hash(schema: LinkageSchema) -> str:
    """Hash which features a schema has and from what they are made, whatever their bits."""
    made = [[f.identifier, f.readings, f.normaliser] for f in schema.features]
    return sha256(json.dumps(made).encode()).hexdigest()


def learn_weights(
    schema: LinkageSchema,
    columns: Mapping[str, Sequence[str]],
    errors: Mapping[str, float] | None = None,
) -> FieldWeights:
    """Learn weights from one register.

    Args:
        schema: whose features are weighed; its own bits do not matter.
        columns: normalised values by feature identifier, as `normalise_columns` gives them.
        errors: by feature identifier, where estimated from records held twice.

    Raises:
        TacitError: USAGE; too few records to share anything.
    """
    records = len(next(iter(columns.values()), ()))
    if records < LEAST_RECORDS:
        problem = f"Weights are shared of {LEAST_RECORDS} records or more; the register has fewer."
        raise TacitError(Code.USAGE, problem=problem)
    filled = {name: sum(map(bool, values)) for name, values in columns.items()}
    held = {
        name: list(values) if filled[name] >= LEAST_FILLED else [""] * records
        for name, values in columns.items()
    }
    information = _information(schema, held)
    return FieldWeights(
        fields_hash(schema),
        _two_digits(records),
        {
            feature.identifier: FeatureWeight(
                filled=_to(SHARE_STEP, sum(map(bool, held[feature.identifier])) / records),
                information=_to(BITS_STEP, information[feature.identifier]),
                errors=None
                if errors is None or feature.identifier not in errors
                else _to(SHARE_STEP, errors[feature.identifier]),
            )
            for feature in schema.features
        },
    )


def weigh_schema(schema: LinkageSchema, shared: Sequence[FieldWeights]) -> str:
    """Give a schema the bits that follow from what its members share.

    Members count by their records. The schema's own bits count as much as what was learnt, by
    their geometric mean: who wrote them may know what no register shows, such as which fields
    relatives share. A field that tells nothing in any register gets next to nothing all the same.

    Args:
        schema: the one by which all weights were learnt.
        shared: of each member, one or more.

    Returns:
        The schema with other `bitsPerFeature`, as JSON text.

    Raises:
        TacitError: USAGE; there are no weights, or some were learnt by other fields.
    """
    if not shared:
        raise TacitError(Code.USAGE, problem="No weights are given.")
    if any(own.fields != fields_hash(schema) for own in shared):
        problem = "The weights were learnt by other fields than this schema's."
        raise TacitError(Code.USAGE, problem=problem)
    total = sum(own.records for own in shared)
    names = [feature.identifier for feature in schema.features]
    filled = {
        name: sum(own.records * own.features[name].filled for own in shared) / total
        for name in names
    }
    weights: dict[str, float] = {}
    for fact in facts(schema.features):
        dated = any(feature.normaliser in DATED for feature in fact)
        own = weight(_combined(fact[0].identifier, shared), dated=dated)
        weights.update(
            (feature.identifier, own * share)
            for feature, share in zip(fact, _shares(fact), strict=True)
        )
    believed = _believed(schema.features, weights)
    insertions = bits([believed[n] for n in names], [filled[n] for n in names], schema.length)
    document = json.loads(schema.text)
    for item, own_bits in zip(encoded(document), insertions, strict=True):
        item["hashing"]["strategy"] = {"bitsPerFeature": own_bits}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _believed(features: Sequence[Feature], weights: Mapping[str, float]) -> dict[str, float]:
    return {f.identifier: math.sqrt(f.bits * weights[f.identifier]) for f in features}


def facts(features: Sequence[Feature]) -> list[list[Feature]]:
    """Put together the features that one fact is split into: forms of a name, parts of a date.

    The form that all records have in common, or the year, comes first.
    """
    groups = feature_groups(features)
    joined: dict[tuple[str, ...], list[Feature]] = {}
    for group in groups:
        joined.setdefault(group[0].sources, []).extend(group)
    return [
        sorted(group, key=lambda f: (_is_fine(f), f.normaliser not in YEARS))
        for group in joined.values()
    ]


def _is_fine(feature: Feature) -> bool:
    return feature.normaliser.endswith(FINE)


def _shares(fact: Sequence[Feature]) -> list[float]:
    """Give what part of a fact's weight each of its features gets."""
    normalisers = [feature.normaliser for feature in fact]
    if set(normalisers) == {"year", "month-day"} and len(fact) == 2:  # noqa: PLR2004
        return [YEAR_SHARE, 1 - YEAR_SHARE]
    if set(normalisers) <= DATE_SHARES.keys() and len(fact) > 1:
        total = sum(DATE_SHARES[normaliser] for normaliser in normalisers)
        return [DATE_SHARES[normaliser] / total for normaliser in normalisers]
    others = len(fact) - 1
    return [1.0, *[FINE_SHARE / others] * others] if others else [1.0]


def _information(schema: LinkageSchema, columns: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Give the bits that each feature's fact tells beside the others."""
    groups = facts(schema.features)
    entropies = {group[0].identifier: _entropy(group, columns) for group in groups}
    head = {f.identifier: group[0].identifier for group in groups for f in group}
    repeated = {
        (head[whole], head[part])
        for whole, part in repeated_features(schema, columns)
        if head[whole] != head[part]
    }
    own = without_overlap(entropies, sorted(repeated))
    return {identifier: own[first] for identifier, first in head.items()}


def _entropy(fact: Sequence[Feature], columns: Mapping[str, Sequence[str]]) -> float:
    """Give the collision entropy of a fact: of a date's parts together, else of its first form."""
    told = fact if {feature.normaliser for feature in fact} <= PARTS else fact[:1]
    rows = zip(*(columns[feature.identifier] for feature in told), strict=True)
    return collision_entropy(Counter("\x00".join(row) for row in rows if any(row)))


def _combined(name: str, shared: Sequence[FieldWeights]) -> float:
    """Combine the chances of agreeing, not the bits: a field that tells little anywhere tells little."""
    held = [(own.records * own.features[name].filled, own.features[name]) for own in shared]
    total = sum(records for records, _ in held)
    if not total:
        return 0.0
    chance = sum(records * 2.0**-own.information for records, own in held) / total
    return -math.log2(chance)


def _to(step: float, value: float) -> float:
    return round(round(value / step) * step, 2)


def _two_digits(records: int) -> int:
    unit = 10 ** max(len(str(records)) - 2, 0)
    return int(round(records / unit) * unit)
