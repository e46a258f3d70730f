"""Pairs per second of Tacit's comparison against anonlink's, on one core, in the same run.

    python benchmarks/compare.py [--records 2000 10000] [--rounds 5] [--json]

Both compare all pairs of two sets of 1,024-bit CLKs, a tenth of which are matches with slips, and
keep the pairs above a threshold: anonlink by Dice (`dice_coefficient`, its compiled form where
the platform has it), Tacit by the presence-aware score. The two take turns, and
time is this process's processor time, so that other load disturbs little. The ratio is that of
the rounds' medians. What anonlink finds is compared with Dice worked out by numpy.
"""

import argparse
import json
import platform
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from bitarray import bitarray

from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel, dice
from tacit.linkage.similarity import compare_rows

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # anonlink imports pkg_resources, which warns of its own end
    from anonlink.similarities import dice_coefficient

BITS = 1024
FILL = 0.45
THRESHOLD = 0.7
MODEL = ScoreModel((150.0, 200.0, 200.0, 100.0, 60.0), BITS)


def two_sets(records: int, masks: int, seed: int) -> tuple[EncodedSet, EncodedSet]:
    """Make two sets; record i of both is the same person for the first tenth."""
    rng = np.random.default_rng(seed)
    left, right = rng.random((2, records, BITS)) < FILL
    same = records // 10
    right[:same] = np.where(rng.random((same, BITS)) < 0.1, right[:same], left[:same])
    presence = (31 - rng.integers(0, masks, (2, records))).astype(np.uint64)
    one, other = (
        EncodedSet(np.packbits(bits, axis=1).view("<u8").astype(np.uint64), mask)
        for bits, mask in zip((left, right), presence, strict=True)
    )
    return one, other


def as_bitarrays(records: EncodedSet) -> list[bitarray]:
    found = []
    for index in range(len(records)):
        bits = bitarray()
        bits.frombytes(records.clk_bytes(index))
        found.append(bits)
    return found


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def check(left: EncodedSet, right: EncodedSet, found: Any) -> None:
    """Hold anonlink's result to the definition, so that both compared the same records."""
    scores, (rows, columns) = found
    expected = dice(left, right, np.asarray(rows, np.intp), np.asarray(columns, np.intp))
    np.testing.assert_allclose(np.asarray(scores), expected)


def measure(records: int, masks: int, rounds: int) -> dict[str, float]:
    left, right = two_sets(records, masks, 1)
    datasets = as_bitarrays(left), as_bitarrays(right)
    check(left, right, dice_coefficient(datasets, THRESHOLD))
    compare_rows(MODEL, left, right)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(seconds(lambda: compare_rows(MODEL, left, right)))
        theirs.append(seconds(lambda: dice_coefficient(datasets, THRESHOLD)))
    pairs = records * records / 1e6
    tacit, anonlink = pairs / statistics.median(ours), pairs / statistics.median(theirs)
    return {
        "records": records,
        "masks": masks,
        "tacit": tacit,
        "anonlink": anonlink,
        "ratio": tacit / anonlink,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare with anonlink.")
    parser.add_argument("--records", type=int, nargs="+", default=[2000, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [
        measure(records, masks, options.rounds) for records in options.records for masks in (1, 32)
    ]
    if options.json:
        print(json.dumps(rows))
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, millions of pairs a second\n")
    print("| records per set | presence masks | anonlink Dice | Tacit | ratio |")
    print("|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['records']:,.0f} | {row['masks']:.0f} | {row['anonlink']:.0f} "
            f"| {row['tacit']:.0f} | {row['ratio']:.1f} |"
        )


if __name__ == "__main__":
    main()
