"""Random encoded sets, and the evaluation files beside the repository."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tacit.linkage.records import EncodedSet

Table = dict[str, list[str]]


@pytest.fixture(scope="session")
def random_set() -> Callable[..., EncodedSet]:
    def make(
        records: int, *, seed: int, length: int = 1024, features: int = 4, fill: float = 0.4
    ) -> EncodedSet:
        rng = np.random.default_rng(seed)
        bits = np.zeros((records, -(-length // 64) * 64), np.uint8)
        bits[:, :length] = rng.random((records, length)) < fill
        clks = np.packbits(bits, axis=1).view("<u8").astype(np.uint64)
        return EncodedSet(clks, rng.integers(0, 1 << features, records).astype(np.uint64))

    return make


@pytest.fixture(scope="session")
def read_shared() -> Callable[[str], Table]:
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    folder = Path(os.environ.get("TACIT_SHARED", beside)) / "data"

    def read(name: str) -> Table:
        with (folder / name).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {column: [row[column] for row in rows] for column in rows[0]}

    return read
