"""Records per second of Tacit's encoder against clkhash's, on one core, cold memo.

    python benchmarks/encode.py [--records 10000] [--rounds 7] [--json]

Both get the same values, schema and secret, validate every value and run in this process, in turn
(`max_workers=1` keeps clkhash from spawning). Every round makes a new `Encoder`, so that no token
is known beforehand. Time is this process's processor time, so that other load disturbs little.
The results of the first round are compared bit for bit.

Workloads: the names, birth dates and sexes of clkhash's own benchmark with clkhash's schema for
them; FEBRL 4 where the evaluation data lies beside the repository, with a schema such as
`tacit schema infer` gives.
"""

import argparse
import csv
import json
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tacit.linkage.clkhash_import import clkhash_schema
from tacit.linkage.encode import Encoder
from tacit.linkage.schema import parse_schema

from clkhash import clk, randomnames  # isort: skip  (after the import that silences its warning)

SECRET = b"benchmark secret, never used elsewhere"
SHARED = Path(os.environ.get("TACIT_SHARED", Path(__file__).parents[2] / "shared"))


@dataclass(frozen=True, slots=True)
class Workload:
    """Rows in the order of the schema's fields."""

    name: str
    schema: str
    rows: list[tuple[str, ...]]


def feature(name: str, bits: int, n: int = 2, **format_: Any) -> dict[str, Any]:
    return {
        "identifier": name,
        "format": {"type": "string", **format_},
        "hashing": {
            "comparison": {"type": "ngram", "n": n},
            "strategy": {"bitsPerFeature": bits},
            "hash": {"type": "blakeHash"},
        },
    }


def random_names(records: int) -> Workload:
    names = randomnames.NameList(records)
    document = {
        "version": 3,
        "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}},
        "features": [
            {"identifier": "INDEX", "ignored": True},
            feature("NAME", 200, case="mixed", minLength=3),
            feature("DOB", 200, type="date", format="%Y/%m/%d"),
            feature("GENDER", 50, n=1, type="enum", values=["M", "F"]),
        ],
    }
    rows = [tuple(str(value) for value in row) for row in names.names]
    return Workload("clkhash's random names", json.dumps(document), rows)


def febrl(records: int) -> Workload:
    fields = {
        "given_name": 150,
        "surname": 200,
        "street_number": 60,
        "address_1": 150,
        "suburb": 150,
        "postcode": 100,
        "state": 40,
        "date_of_birth": 200,
        "soc_sec_id": 150,
    }
    rows: list[tuple[str, ...]] = []
    for name in ("febrl4a.csv", "febrl4b.csv"):
        with (SHARED / "data" / name).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            rows += [tuple(row[field].strip() for field in fields) for row in reader]
    document = {
        "version": 3,
        "clkConfig": {"l": 1024, "kdf": {"type": "HKDF"}},
        "features": [feature(name, bits) for name, bits in fields.items()],
    }
    return Workload("FEBRL 4", json.dumps(document), rows[:records])


def run_tacit(work: Workload) -> tuple[float, np.ndarray]:
    schema = parse_schema(work.schema)
    names = [item["identifier"] for item in json.loads(work.schema)["features"]]
    columns = dict(zip(names, map(list, zip(*work.rows, strict=True)), strict=True))
    started = time.process_time()
    encoded = Encoder(schema, SECRET).encode(columns)
    return time.process_time() - started, encoded.clks


def run_clkhash(work: Workload) -> tuple[float, np.ndarray]:
    schema = clkhash_schema.from_json_dict(json.loads(work.schema))
    started = time.process_time()
    encoded = clk.generate_clks(work.rows, schema, SECRET, validate=True, max_workers=1)
    seconds = time.process_time() - started
    return seconds, np.frombuffer(b"".join(e.tobytes() for e in encoded), "<u8").reshape(
        len(encoded), -1
    )


def measure(work: Workload, rounds: int) -> dict[str, Any]:
    ours, theirs = [], []
    for number in range(rounds):
        seconds, clks = run_tacit(work)
        ours.append(seconds)
        seconds, reference = run_clkhash(work)
        theirs.append(seconds)
        if number == 0 and not np.array_equal(clks, reference):
            raise SystemExit(f"{work.name}: the encodings differ")
    records = len(work.rows)
    return {
        "workload": work.name,
        "records": records,
        "rounds": rounds,
        "tacit": round(records / statistics.median(ours)),
        "clkhash": round(records / statistics.median(theirs)),
        "ratio": round(
            statistics.median(their / our for our, their in zip(ours, theirs, strict=True)), 1
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Encoding speed against clkhash")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    workloads = [random_names(options.records)]
    if (SHARED / "data" / "febrl4a.csv").exists():
        workloads.append(febrl(options.records))
    results = [measure(work, options.rounds) for work in workloads]
    if options.json:
        print(json.dumps(results))
        return
    print(
        "| workload | records | Tacit, records/s | clkhash, records/s | ratio (median of pairs) |"
    )
    print("|---|---:|---:|---:|---:|")
    for row in results:
        print(
            f"| {row['workload']} | {row['records']:,} | {row['tacit']:,} | {row['clkhash']:,} "
            f"| {row['ratio']} |"
        )


if __name__ == "__main__":
    main()
