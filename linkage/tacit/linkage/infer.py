"""A linkage schema from column names and values, without labels.

Each column becomes a feature whose number of bit insertions follows from how well it tells
records apart: its collision entropy, which is the weight of an agreement in the model of Fellegi
and Sunter (1969) when errors are rare. Where one column repeats what another holds (a full name
beside given name and surname), the information that both hold is shared out, so that it does not
count twice. A filter of `LENGTH` bits is then filled to `FILL` by a typical record.
"""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tacit.linkage.column_names import Kind
from tacit.linkage.columns import NORMALISER, Column, read_columns
from tacit.linkage.errors import Code, TacitError

LENGTH = 1024
FILL = 0.45
MOST_FEATURES = 48

POWER = 0.9
"""Entropy counts with this exponent: a little less than in proportion, as rare values err more."""

DATE_FACTOR = 1.25
"""Dates and years that differ still share digits, so their tokens need more weight."""

FINE_SHARE = 1 / 3
"""Share of a name's weight that its finer form gets where the normalisers tell the two apart."""

YEAR_SHARE = 0.45
"""Share of a date's weight that its year gets where many dates are years alone."""

BIGRAMS = {"type": "ngram", "n": 2, "positional": False}
POSITIONAL = {"type": "ngram", "n": 2, "positional": True}
EXACT = {"type": "exact"}

_COMPARISON: Mapping[Kind, Mapping[str, Any]] = {
    Kind.NAME: BIGRAMS,
    Kind.DATE: POSITIONAL,
    Kind.YEAR: POSITIONAL,
    Kind.PLACE: BIGRAMS,
    Kind.CODE: BIGRAMS,
    Kind.NUMBER: POSITIONAL,
    Kind.SEX: EXACT,
    Kind.CATEGORY: EXACT,
    Kind.TEXT: BIGRAMS,
}


@dataclass(frozen=True, slots=True)
class _Feature:
    identifier: str
    column: Column
    normaliser: str
    weight: float


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
    typical = sum(feature.weight * feature.column.filled for feature in features)
    scale = -LENGTH * math.log(1 - FILL) / typical
    document = {
        "version": 3,
        "clkConfig": {"l": LENGTH, "kdf": {"type": "HKDF", "hash": "SHA256"}},
        "features": [_document(feature, scale) for feature in features],
        "tacit": {
            "format": 1,
            "features": {
                feature.identifier: {
                    "source": feature.column.name,
                    "normalise": feature.normaliser,
                }
                for feature in features
            },
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _features(column: Column, columns: Sequence[Column]) -> list[_Feature]:
    factor = DATE_FACTOR if column.kind in (Kind.DATE, Kind.YEAR) else 1.0
    weight = factor * column.information**POWER
    normaliser = NORMALISER[column.kind]
    taken = {other.name for other in columns}
    if column.partial:
        return [
            _Feature(_free(column.name, "year", taken), column, "year", weight * YEAR_SHARE),
            _Feature(
                _free(column.name, "day", taken), column, "month-day", weight * (1 - YEAR_SHARE)
            ),
        ]
    if column.two_forms:
        fine = _free(column.name, "fine", taken)
        return [
            _Feature(column.name, column, normaliser, weight * (1 - FINE_SHARE)),
            _Feature(fine, column, f"{normaliser}-fine", weight * FINE_SHARE),
        ]
    return [_Feature(column.name, column, normaliser, weight)]


def _free(name: str, suffix: str, taken: Collection[str]) -> str:
    """Make an identifier that no column has."""
    identifier = f"{name}_{suffix}"
    while identifier in taken:
        identifier += "_"
    return identifier


def _document(feature: _Feature, scale: float) -> dict[str, Any]:
    return {
        "identifier": feature.identifier,
        "format": {"type": "string", "encoding": "utf-8"},
        "hashing": {
            "comparison": dict(_COMPARISON[feature.column.kind]),
            "strategy": {"bitsPerFeature": max(1, round(feature.weight * scale))},
            "hash": {"type": "blakeHash"},
            "missingValue": {"sentinel": ""},
        },
    }
