"""Tacit, clkhash + anonlink and Splink on plaintext, on the same raw columns.

    make bench-accuracy                       # everything, into docs/
    python benchmarks/accuracy --only dirty   # one data set, to the terminal

Results go to benchmarks/accuracy/results.json, from which the table in docs/evaluation.md and the
curves in docs/images/accuracy.svg are made; with `--only` or `--linker` that part of them is
replaced, if `--write` is given. docs/evaluation.md says how each figure is worked out.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench_curve import Point, thinned
from bench_data import LEVELS, PUBLIC, TITLES, DataSet, synthetic
from bench_report import merged, replaced, section, table
from tacit.linkage.evaluate import true_pairs

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks/accuracy/results.json"
PAGE, IMAGE = ROOT / "docs/evaluation.md", ROOT / "docs/images/accuracy.svg"
PACKAGES = ("tacit", "clkhash", "anonlink", "splink", "duckdb", "anyascii")
DRAWN = 120
"""Points of a stored curve."""

Linker = Callable[[DataSet, bool], dict[str, Any]]


def main() -> None:
    given = _arguments()
    if given.render:
        write(_read())
        return
    part = bool(given.only or given.linker)
    results = _read() if part else {"data": {}}
    fresh = {key: _runs(key, given) for key in given.only or TITLES}
    kept = {key: merged(results["data"].get(key, []), runs) for key, runs in fresh.items()}
    both = {**results["data"], **kept}
    results["data"] = {key: both[key] for key in TITLES if key in both}
    results["versions"] = {"python": platform.python_version()} | {
        name: version(name) for name in PACKAGES
    }
    shown = {**results, "data": fresh}
    if given.write or not part:
        write(results)
    print(json.dumps(shown, ensure_ascii=False, indent=1) if given.json else table(shown))


def write(results: Mapping[str, Any]) -> None:
    """Write results, table and curves."""
    from bench_plots import draw  # noqa: PLC0415 (not needed to print a table)

    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    PAGE.write_text(replaced(PAGE.read_text("utf-8"), section(results)), "utf-8")
    draw(results, IMAGE)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks/accuracy")
    parser.add_argument("--only", action="append", choices=[*TITLES], help="a data set; repeatable")
    parser.add_argument("--linker", action="append", choices=[*_linkers()], help="likewise")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="folder")
    parser.add_argument("--records", type=int, default=2000, help="of each synthetic member")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="synthetic data")
    parser.add_argument("--render", action="store_true", help="stored results into docs/ again")
    parser.add_argument("--write", action="store_true", help="into docs/ also with --only")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    return parser.parse_args()


def _runs(key: str, given: argparse.Namespace) -> list[dict[str, Any]]:
    if key in PUBLIC:
        return [_run(PUBLIC[key](given.data), given, {}, first=True)]
    level = next(level for level in LEVELS if level == key)
    return [
        _run(synthetic(level, seed, given.records), given, {"seed": seed}, first=not place)
        for place, seed in enumerate(given.seeds)
    ]


def _run(
    data: DataSet, given: argparse.Namespace, about: Mapping[str, Any], *, first: bool
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, linker in _linkers().items():
        if (given.linker and name not in given.linker) or (
            name == "splink_latin" and data.key in PUBLIC
        ):
            continue
        started = time.perf_counter()
        found[name] = linker(data, first)
        _tell(f"{TITLES[data.key]} {about or ''} {name}: {time.perf_counter() - started:.0f} s")
    sizes = [len(part) for part in data.truth]
    return {
        **about,
        "files": len(sizes),
        "records": sum(sizes),
        "true_pairs": true_pairs(data.truth),
        "linkers": found,
    }


def _linkers() -> Mapping[str, Linker]:
    return {
        "tacit": _tacit,
        "anonlink": _anonlink,
        "splink": _splink,
        "splink_latin": _splink_latin,
    }


# Each linker is loaded when it runs, so that one can be tried without the others.
def _tacit(data: DataSet, first: bool) -> dict[str, Any]:
    import bench_tacit  # noqa: PLC0415

    found = bench_tacit.run(data)
    return {
        "auto": _rounded(found.auto.as_dict()),
        "best": _rounded(found.best.as_dict()),
        "estimated": _rounded(
            {"precision": found.estimated_precision, "recall": found.estimated_recall}
        ),
        "curve": _curve(bench_tacit.draw(data)) if first else [],
    }


def _anonlink(data: DataSet, first: bool) -> dict[str, Any]:
    import bench_anonlink  # noqa: PLC0415
    import bench_clean  # noqa: PLC0415

    return _other(
        bench_anonlink.run(data if data.key in PUBLIC else bench_clean.cleaned(data)), first
    )


def _splink(data: DataSet, first: bool) -> dict[str, Any]:
    import bench_splink  # noqa: PLC0415

    return _other(bench_splink.run(data), first)


def _splink_latin(data: DataSet, first: bool) -> dict[str, Any]:
    import bench_splink  # noqa: PLC0415

    return _other(bench_splink.run_transliterated(data), first)


def _other(found: Any, first: bool) -> dict[str, Any]:
    return {
        "best": _rounded(asdict(found.best)),
        "usual": _rounded(asdict(found.usual)),
        "way": found.way,
        "curve": _curve(found.curve) if first else [],
    }


def _curve(points: tuple[Point, ...]) -> list[tuple[float, float]]:
    return [(round(one.precision, 4), round(one.recall, 4)) for one in thinned(points, DRAWN)]


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in numbers.items()}


def _read() -> dict[str, Any]:
    if not RESULTS.exists():
        return {"data": {}}
    found: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    return found


def _tell(text: str) -> None:
    print(" ".join(text.split()), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
