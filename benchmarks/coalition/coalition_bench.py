"""Thirty members with ten thousand records each join, upload and link at the same time.

    python benchmarks/coalition/coalition_bench.py --members 30 --records 10000 --drop 0.1

The coordinator and every node are processes of their own, on two cores in all; each node reaches
the coordinator over a line that drops connections. At the end every group is checked, and
what was measured is printed and written as JSON. Exits with 1 where anything is not right.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coalition_checks import Verdict, judge
from coalition_data import KINDS, SCHEMA, read_truth, write_coalition
from coalition_line import Traffic
from coalition_run import Played, Wish, find_faults, play

AGREED = {"distinct": 999, "usual": 0}
"""Threshold, in thousandths, that is agreed on; 0 for the one found without truth."""


def main() -> int:
    """Run from the command line."""
    options = _options()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    started = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        data = options.data or Path(folder) / "data"
        write_coalition(
            data,
            options.members,
            options.records,
            options.seed,
            options.people,
            most=options.most,
        )
        tell("registers written")
        permille = AGREED[options.people] if options.threshold is None else options.threshold
        work = Path(folder) / "work"
        work.mkdir()
        wish = Wish(
            data, work, options.members, options.drop, options.seed, permille, options.database
        )
        played = play(wish, tell)
        tell("checking every group")
        verdict = judge(played.nodes, read_truth(data), SCHEMA, permille / 1000 or None)
    faults = find_faults(played, verdict, strict=options.people == "distinct")
    figures = _figures(played, verdict)
    print(_table(played))
    print(json.dumps({**figures, "faults": faults}, indent=1))
    if options.out:
        options.out.write_text(json.dumps({**figures, "faults": faults}, indent=1) + "\n", "utf-8")
    return 1 if faults else 0


def _figures(played: Played, verdict: Verdict) -> dict[str, Any]:
    total = Traffic()
    for stage in played.stages.values():
        total.add(stage.traffic)
    return {
        "stages": {
            name: {
                "seconds": round(stage.seconds, 1),
                "waits": stage.waits,
                "attempts": stage.attempts,
                **_traffic(stage.traffic),
            }
            for name, stage in played.stages.items()
        },
        **_traffic(total),
        "coordinator_peak_memory": played.peak_memory,
        "coordinator_processor_seconds": round(played.processor, 1),
        "groups": asdict(verdict),
    }


def _traffic(traffic: Traffic) -> dict[str, Any]:
    return {
        "connections": traffic.connections,
        "dropped": dict(traffic.dropped),
        "outward": traffic.outward,
        "inward": traffic.inward,
    }


def _table(played: Played) -> str:
    lines = ["| stage | seconds | connections | dropped | asked again | commands again | MB |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    for name, stage in played.stages.items():
        traffic = stage.traffic
        lines.append(
            f"| {name} | {stage.seconds:.0f} | {traffic.connections} | {traffic.dropped.total()} "
            f"| {stage.waits} | {stage.attempts} "
            f"| {(traffic.outward + traffic.inward) / 1e6:.1f} |"
        )
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python benchmarks/coalition/coalition_bench.py")
    parser.add_argument("--members", type=int, default=30)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--drop", type=float, default=0.1, help="share of connections")
    parser.add_argument("--people", choices=KINDS, default="distinct")
    parser.add_argument("--most", type=int, help="registers that one person is in; else all")
    parser.add_argument("--threshold", type=int, help="in thousandths; 0 finds one")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--database", default="", help="URL; SQLite by default")
    parser.add_argument("--data", type=Path, help="where the registers are kept, if they are")
    parser.add_argument("--work", type=Path, help="where to put temporary files")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
