"""Turn a register's columns into the schema's features."""

from collections.abc import Mapping, Sequence

from tacit.linkage.normalise.missing import is_missing
from tacit.linkage.normalise.registry import NORMALISERS, none
from tacit.linkage.normalise.text import alternatives
from tacit.linkage.schema import Feature, LinkageSchema


def normalise_column(normaliser: str, values: Sequence[str]) -> list[str]:
    """Normalise one column; each distinct value is worked out once.

    What says that a value is missing (`tacit.linkage.normalise.missing`) is missing, unless values
    are left as they are.

    Args:
        normaliser: a key of `NORMALISERS`.
        values: raw values, "" where missing.

    Raises:
        KeyError: there is no such normaliser.
    """
    function = NORMALISERS[normaliser]
    if function is none:
        return list(values)
    memo = {value: "" if is_missing(value) else function(value) for value in set(values)}
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
    read = [
        normalise_column(feature.normaliser, joined(reading, columns, records))
        for reading in feature.readings
        if any(field in columns for field in reading)
    ]
    if len(read) == 1:
        return read[0]
    return [alternatives(row) for row in zip(*read, strict=True)] if read else [""] * records


def joined(
    fields: Sequence[str], columns: Mapping[str, Sequence[str]], records: int
) -> Sequence[str]:
    """Join what several register fields hold, one space apart.

    Args:
        fields: names, in order; those that no column has are empty.
        columns: raw values by name.
        records: length of the columns.
    """
    held = [columns[field] for field in fields if field in columns]
    if len(held) == 1:
        return held[0]
    rows = zip(*held, strict=True) if held else [()] * records
    return [" ".join(filter(None, map(str.strip, row))) for row in rows]
