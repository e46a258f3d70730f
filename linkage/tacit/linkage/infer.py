"""A linkage schema from column names and values, without labels.

Each column becomes a feature whose number of bit insertions follows from how well it tells
records apart (`tacit.linkage.field_weights` has the rule). Where one column repeats what another
holds (a full name beside given name and surname), the information that both hold is shared out.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tacit.linkage.column_groups import Reading
from tacit.linkage.column_names import Kind
from tacit.linkage.columns import Column, read_columns
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.field_weights import DATE_SHARES, FINE_SHARE, YEAR_SHARES, bits, weight
from tacit.linkage.schema_extension import JOIN

LENGTH = 1024
MOST_FEATURES = 48

BIGRAMS = {"type": "ngram", "n": 2, "positional": False}
POSITIONAL = {"type": "ngram", "n": 2, "positional": True}
EXACT = {"type": "exact"}
NEAR_YEARS = {"type": "numeric", "thresholdDistance": 3, "resolution": 3, "fractionalPrecision": 0}
"""Years one apart share five of seven tokens, years three apart one."""

_COMPARISON: Mapping[Kind, Mapping[str, Any]] = {
    Kind.NAME: BIGRAMS,
    Kind.PLACE: BIGRAMS,
    Kind.CODE: BIGRAMS,
    Kind.NUMBER: POSITIONAL,
    Kind.SEX: EXACT,
    Kind.CATEGORY: EXACT,
    Kind.TEXT: BIGRAMS,
}


_DATE_PARTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "year-digits": ("year", POSITIONAL),
    "year": ("near", NEAR_YEARS),
    "month-day": ("day", POSITIONAL),
    "day-parts": ("parts", EXACT),
}
"""What a date is split into, by normaliser: the ending of the feature's name, and how it is
compared."""

NEAR = 0.2
QUARTILES = 1.349
"""Between the quartiles of a normal distribution lie so many standard deviations."""
LEAST_STEPS = 2
RESOLUTION = 4
MOST_DIGITS = 2


@dataclass(frozen=True, slots=True)
class _Feature:
    identifier: str
    column: Column
    normaliser: str
    weight: float
    comparison: Mapping[str, Any]


def infer_schema(
    tables: Sequence[Mapping[str, Sequence[str]]], ignore: Collection[str] = ()
) -> str:
    """Propose a schema for linking tables.

    Columns that number a file's own records, and columns that are named like a truth (cluster,
    entity, label, ...), are left out. Of several tables, columns that at least two have are used.

    Args:
        tables: per file, column name to raw values ("" where missing), of equal lengths within a
            file. Deterministic: the same tables give the same text.
        ignore: names of further columns to leave out.

    Returns:
        A clkhash v3 schema with Tacit's extension, as JSON text.

    Raises:
        TacitError: BAD_SCHEMA; no column can be used.
    """
    columns = read_columns(tables, ignore)
    if not columns:
        raise TacitError(Code.BAD_SCHEMA, problem="no column of the files can be used for linking")
    features = [feature for column in columns for feature in _features(column, columns)]
    if len(features) > MOST_FEATURES:
        least = sorted((feature.weight for feature in features), reverse=True)[MOST_FEATURES - 1]
        features = [feature for feature in features if feature.weight >= least][:MOST_FEATURES]
    insertions = bits(
        [feature.weight for feature in features],
        [feature.column.filled * feature.column.load for feature in features],
        LENGTH,
    )
    document = {
        "version": 3,
        "clkConfig": {"l": LENGTH, "kdf": {"type": "HKDF", "hash": "SHA256"}},
        "features": [
            _document(feature, own) for feature, own in zip(features, insertions, strict=True)
        ],
        "tacit": {
            "format": 1,
            "features": {
                feature.identifier: {
                    **_sources(feature.column.readings),
                    "normalise": feature.normaliser,
                }
                for feature in features
            },
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _sources(readings: Sequence[Reading]) -> dict[str, Any]:
    if len(readings) > 1:
        return {"sources": [own[0] if len(own) == 1 else list(own) for own in readings]}
    if len(readings[0]) > 1:
        return {"sources": list(readings[0]), "combine": JOIN}
    return {"source": readings[0][0]}


def _features(column: Column, columns: Sequence[Column]) -> list[_Feature]:
    dated = column.kind in (Kind.DATE, Kind.YEAR)
    own = weight(column.information, dated=dated)
    taken = {other.name for other in columns}
    if dated:
        shares = DATE_SHARES if column.kind is Kind.DATE else YEAR_SHARES
        return [
            _Feature(
                _free(column.name, _DATE_PARTS[part][0], taken),
                column,
                part,
                own * share,
                _DATE_PARTS[part][1],
            )
            for part, share in shares.items()
        ]
    comparison = _near(column) if column.kind is Kind.QUANTITY else _COMPARISON[column.kind]
    if column.two_forms:
        fine = _free(column.name, "fine", taken)
        return [
            _Feature(column.name, column, column.normaliser, own, comparison),
            _Feature(fine, column, f"{column.normaliser}-fine", own * FINE_SHARE, comparison),
        ]
    return [_Feature(column.name, column, column.normaliser, own, comparison)]


def _near(column: Column) -> Mapping[str, Any]:
    """Choose how near numbers must be to agree in part: a fifth of their robust spread."""
    numbers = sorted(float(value) for value in column.values)
    spread = (numbers[len(numbers) * 3 // 4] - numbers[len(numbers) // 4]) / QUARTILES
    digits = max(len(value.partition(".")[2]) for value in column.values)
    precision = min(digits, MOST_DIGITS)
    distance = max(NEAR * spread, LEAST_STEPS * 10.0**-precision)
    return {
        "type": "numeric",
        "thresholdDistance": float(f"{distance:.{precision + 1}f}"),
        "resolution": RESOLUTION,
        "fractionalPrecision": precision,
    }


def _free(name: str, suffix: str, taken: Collection[str]) -> str:
    """Make an identifier that no column has."""
    identifier = f"{name}_{suffix}"
    while identifier in taken:
        identifier += "_"
    return identifier


def _document(feature: _Feature, insertions: int) -> dict[str, Any]:
    return {
        "identifier": feature.identifier,
        "format": {"type": "string", "encoding": "utf-8"},
        "hashing": {
            "comparison": dict(feature.comparison),
            "strategy": {"bitsPerFeature": insertions},
            "hash": {"type": "blakeHash"},
            "missingValue": {"sentinel": ""},
        },
    }
