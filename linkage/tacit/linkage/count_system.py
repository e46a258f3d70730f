"""All counts of a release as sums of the same cells, which is how an attacker would see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, vstack

from tacit.linkage.release import FULL_OVERLAP_MEMBERS
from tacit.linkage.tabulation import Tabulation

LISTED_COMBINATIONS = 20  # with more members than are listed in full

Key = tuple[str, str | int | tuple[int, ...]]
DISTINCT: Key = ("distinct", 0)
RECORDS: Key = ("records", 0)


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """All counts that a release may show, as sums of base cells.

    The base cells are the non-zero cells of the overlap and of each table.

    Attributes:
        keys: what each count is: (block, name within it).
        values: shape (counts,), the true counts.
        rows: shape (counts, cells), each count as a sum of cells.
        balance: shape (tables, cells); balance @ cells is 0, since all tables have one total.
        truth: shape (cells,), the cells' values; cell c is count c.
        members: number of members.
    """

    keys: tuple[Key, ...]
    values: NDArray[np.int64]
    rows: csr_array
    balance: csr_array
    truth: NDArray[np.int64]
    members: int


def build_system(exact: Tabulation) -> System:
    """Write all counts of a release as sums of base cells."""
    order = sorted(exact.overlap, key=lambda members: (len(members), members))
    overlap = {members: exact.overlap[members] for members in order if exact.overlap[members]}
    tables = [
        (f"table {dimension}", code, count)
        for dimension, table in exact.tables.items()
        for code, count in table.items()
        if count
    ]
    keys: list[Key] = [("overlap", members) for members in overlap]
    keys += [(block, code) for block, code, _ in tables]
    truth = np.array([*overlap.values(), *(count for _, _, count in tables)], np.int64)
    sums = _sums(exact, list(overlap), len(truth))
    units = eye_array(len(truth), dtype=np.int64, format="csr")
    rows = vstack([units, csr_array(np.array([row for _, row in sums]))], format="csr")
    keys += [key for key, _ in sums]
    balance = np.zeros((len(exact.tables), len(truth)), np.int64)
    for place, dimension in enumerate(exact.tables):
        balance[place, : len(overlap)] = -1
        inside = [index for index, key in enumerate(keys) if key[0] == f"table {dimension}"]
        balance[place, inside] = 1
    return System(tuple(keys), rows @ truth, rows, csr_array(balance), truth, exact.members)


def _sums(
    exact: Tabulation, overlap: Sequence[tuple[int, ...]], cells: int
) -> list[tuple[Key, NDArray[np.int64]]]:
    """Write the totals of the release as sums of overlap cells."""

    def row(weights: Iterable[int]) -> NDArray[np.int64]:
        filled = np.zeros(cells, np.int64)
        filled[: len(overlap)] = list(weights)
        return filled

    found: list[tuple[Key, NDArray[np.int64]]] = [(DISTINCT, row(1 for _ in overlap))]
    found += [
        (("member", member), row(int(member in members) for members in overlap))
        for member in range(exact.members)
    ]
    # A reader takes the records for the sum of the member totals, and is right unless a member
    # holds a victim twice; it is safe to let the reader be right.
    found.append((RECORDS, row(len(members) for members in overlap)))
    if exact.members > FULL_OVERLAP_MEMBERS:
        found += [
            (("size", size), row(int(len(members) == size) for members in overlap))
            for size in range(1, exact.members + 1)
        ]
    return found


def unlisted(system: System, minimum: int) -> NDArray[np.bool_]:
    """Mark all combinations of members but the largest, which are listed."""
    cells = [index for index, key in enumerate(system.keys) if key[0] == "overlap"]
    largest = sorted(cells, key=lambda index: -int(system.values[index]))[:LISTED_COMBINATIONS]
    marks = np.zeros(len(system.keys), np.bool_)
    marks[cells] = True
    marks[[index for index in largest if system.values[index] >= minimum]] = False
    return marks


def sizes(system: System) -> NDArray[np.bool_]:
    """Mark the counts that tell how many records members hold."""
    return np.array([key[0] in {"member", "records"} for key in system.keys], np.bool_)
