"""Turn a register's columns into the schema's features."""

from collections.abc import Mapping, Sequence

from tacit.linkage.normalise.registry import NORMALISERS
from tacit.linkage.normalise.text import alternatives
from tacit.linkage.schema import Feature, LinkageSchema
from tacit.linkage.schema_extension import JOIN


def normalise_column(normaliser: str, values: Sequence[str]) -> list[str]:
    """Normalise one column; each distinct value is worked out once.

    Args:
        normaliser: a key of `NORMALISERS`.
        values: raw values, "" where missing.

    Raises:
        KeyError: there is no such normaliser.
    """
    function = NORMALISERS[normaliser]
    memo = {value: function(value) for value in set(values)}
    return [memo[value] for value in values]


def normalise_columns(
    schema: LinkageSchema, columns: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Turn a register's columns into the schema's features.

    Args:
        schema: the linkage schema.
        columns: register field to raw values, of equal lengths; a field that the schema wants
            and the register lacks is missing in every record.

    Returns:
        Feature identifier to normalised values, "" where missing; several alternatives of a
        value have ALTERNATIVE between them.

    Raises:
        ValueError: the columns differ in length.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ValueError("columns differ in length")
    records = lengths.pop() if lengths else 0
    return {feature.identifier: _feature(feature, columns, records) for feature in schema.features}


def _feature(feature: Feature, columns: Mapping[str, Sequence[str]], records: int) -> list[str]:
    held = [columns[source] for source in feature.sources if source in columns]
    if not held:
        return [""] * records
    if len(held) == 1:
        return normalise_column(feature.normaliser, held[0])
    if feature.combine == JOIN:
        rows = zip(*held, strict=True)
        joined = [" ".join(filter(None, map(str.strip, row))) for row in rows]
        return normalise_column(feature.normaliser, joined)
    read = [normalise_column(feature.normaliser, values) for values in held]
    return [alternatives(row) for row in zip(*read, strict=True)]
