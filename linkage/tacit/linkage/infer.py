"""A linkage schema from column names and values, without labels.

Each column becomes a feature whose number of bit insertions follows from how well it tells
records apart (`tacit.linkage.field_weights` has the rule). Where one column repeats what another
holds (a full name beside given name and surname), the information that both hold is shared out.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tacit.linkage.column_names import Kind
from tacit.linkage.columns import NORMALISER, Column, read_columns
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.field_weights import FINE_SHARE, YEAR_SHARE, bits, weight

LENGTH = 1024
MOST_FEATURES = 48

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
    insertions = bits(
        [feature.weight for feature in features],
        [feature.column.filled for feature in features],
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
                    "source": feature.column.name,
                    "normalise": feature.normaliser,
                }
                for feature in features
            },
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _features(column: Column, columns: Sequence[Column]) -> list[_Feature]:
    own = weight(column.information, dated=column.kind in (Kind.DATE, Kind.YEAR))
    normaliser = NORMALISER[column.kind]
    taken = {other.name for other in columns}
    if column.partial:
        return [
            _Feature(_free(column.name, "year", taken), column, "year", own * YEAR_SHARE),
            _Feature(_free(column.name, "day", taken), column, "month-day", own * (1 - YEAR_SHARE)),
        ]
    if column.two_forms:
        fine = _free(column.name, "fine", taken)
        return [
            _Feature(column.name, column, normaliser, own * (1 - FINE_SHARE)),
            _Feature(fine, column, f"{normaliser}-fine", own * FINE_SHARE),
        ]
    return [_Feature(column.name, column, normaliser, own)]


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
            "comparison": dict(_COMPARISON[feature.column.kind]),
            "strategy": {"bitsPerFeature": insertions},
            "hash": {"type": "blakeHash"},
            "missingValue": {"sentinel": ""},
        },
    }
