"""The data sets: their raw columns, and apart from them the truth."""

import csv
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tacit.linkage.synthesis.coalition import synthesise
from tacit.linkage.synthesis.noise import Level
from tacit.linkage.synthesis.records import Register

Table = Mapping[str, Sequence[str]]

IDENTITY = ("name", "sex", "birth_date", "birth_place", "father")
"""What of a synthetic register says who somebody is; the rest says what befell them."""

MEMBERS = 3


@dataclass(frozen=True, slots=True)
class DataSet:
    """Files to be linked.

    Attributes:
        key: short name.
        tables: per file, column name to raw values, white space stripped, "" where missing; no
            record identifiers, no truth.
        truth: per file, whom each record stands for.
    """

    key: str
    tables: tuple[Table, ...] = field(repr=False)
    truth: tuple[tuple[str, ...], ...] = field(repr=False)


def read_febrl4(folder: Path) -> DataSet:
    """Read FEBRL's data set 4: rec-N-org in the first file is rec-N-dup-0 in the second."""
    tables = [_read(folder / f"febrl4{part}.csv") for part in "ab"]
    truth = tuple(tuple(value.split("-")[1] for value in table["rec_id"]) for table in tables)
    return DataSet("febrl4", tuple(_without(table, "rec_id") for table in tables), truth)


def read_historical(folder: Path) -> DataSet:
    """Read three organisations' shares of Splink's historical figures."""
    tables = [_read(folder / f"historical_org{number}.csv") for number in range(3)]
    truth = tuple(tuple(table["cluster"]) for table in tables)
    parts = tuple(_without(table, "unique_id", "cluster") for table in tables)
    return DataSet("historical", parts, truth)


def synthetic(level: Level, seed: int, records: int) -> DataSet:
    """Invent a coalition as `tacit synth --members 3` does, its columns named by the mappings."""
    coalition = synthesise(MEMBERS, records, seed, noise=level)
    tables = tuple(_mapped(register) for register in coalition.registers)
    truth = tuple(
        tuple(known.entity for known in coalition.truth if known.slug == register.slug)
        for register in coalition.registers
    )
    return DataSet(level, tables, truth)


PUBLIC: Mapping[str, Callable[[Path], DataSet]] = {
    "febrl4": read_febrl4,
    "historical": read_historical,
}
LEVELS: tuple[Level, ...] = ("clean", "dirty", "very-dirty")

TITLES: Mapping[str, str] = {
    "febrl4": "FEBRL 4",
    "historical": "historical_org*",
    "clean": "synthetic, clean",
    "dirty": "synthetic, dirty",
    "very-dirty": "synthetic, very dirty",
}


def _mapped(register: Register) -> Table:
    names = tomllib.loads(register.mapping)["columns"]
    fields = [names.get(name) for name in register.header]
    return {
        field_name: [row[position].strip() for row in register.rows]
        for position, field_name in enumerate(fields)
        if field_name in IDENTITY
    }


def _read(path: Path) -> Table:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return {
        name.strip(): [row[position].strip() for row in rows]
        for position, name in enumerate(header)
    }


def _without(table: Table, *names: str) -> Table:
    return {name: values for name, values in table.items() if name not in names}
