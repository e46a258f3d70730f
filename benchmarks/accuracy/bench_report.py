"""Results as a table, between two markers of a page."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from bench_data import TITLES

BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
HEAD = (
    "| data | records | true pairs | linker | at | F1 | P | R | estimated P, R |",
    "|---|---:|---:|---|---|---:|---:|---:|---|",
)
LINKERS: Mapping[str, str] = {
    "tacit": "**Tacit**",
    "anonlink": "clkhash + anonlink",
    "splink": "Splink, plaintext",
    "splink_latin": "Splink, plaintext through anyascii",
}
LEVELS: Mapping[str, Mapping[str, str]] = {
    "tacit": {"auto": "`auto`", "best": "`best`"},
    "anonlink": {"usual": "Dice .8", "best": "`best`"},
    "splink": {"usual": "probability .95", "best": "`best`"},
    "splink_latin": {"usual": "probability .95", "best": "`best`"},
}


def merged(stored: list[dict[str, Any]], fresh: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep what other linkers reached on the same data; if the data differ, keep nothing."""
    about = [{name: run[name] for name in run if name != "linkers"} for run in fresh]
    if about != [{name: run[name] for name in run if name != "linkers"} for run in stored]:
        return fresh
    return [
        {**new, "linkers": {**old["linkers"], **new["linkers"]}}
        for old, new in zip(stored, fresh, strict=True)
    ]


def table(results: Mapping[str, Any]) -> str:
    """Write the table; figures of several seeds are means, with the spread of F1."""
    rows = [*HEAD]
    for key, runs in results["data"].items():
        front = (
            TITLES[key],
            *(f"{round(fmean(run[n] for run in runs)):,}" for n in ("records", "true_pairs")),
        )
        for linker in LINKERS:
            scored = [run["linkers"][linker] for run in runs if linker in run["linkers"]]
            names = (LINKERS[linker], "")
            for name, (level, at) in zip(names, LEVELS[linker].items(), strict=True):
                if scored:
                    rows.append(_row((*front, name), at, scored, level))
                    front = ("", "", "")
    return "\n".join(rows) + "\n"


def section(results: Mapping[str, Any]) -> str:
    """Write what stands between the markers: the table, and what it was measured with."""
    seeds = dict.fromkeys(
        run["seed"] for runs in results["data"].values() for run in runs if "seed" in run
    )
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    said = f"Synthetic data of seed {', '.join(map(str, seeds))}. Versions: {versions}."
    return f"{table(results)}\n{said}\n"


def _row(front: Sequence[str], at: str, scored: Sequence[Mapping[str, Any]], level: str) -> str:
    points = [part[level] for part in scored]
    f1 = [part["f1"] for part in points]
    spread = f" ± {short((max(f1) - min(f1)) / 2)}" if len(f1) > 1 else ""
    figures = [f"{short(fmean(f1))}{spread}"]
    figures += [short(fmean(part[key] for part in points)) for key in ("precision", "recall")]
    estimated = (
        ", ".join(
            short(fmean(part["estimated"][key] for part in scored))
            for key in ("precision", "recall")
        )
        if level == "auto"
        else ""
    )
    return "| " + " | ".join((*front, at, *figures, estimated)) + " |"


def short(value: float) -> str:
    """Write a share with three decimals and without its zero."""
    text = f"{value:.3f}"
    return text.removeprefix("0") if value < 1 else text


def replaced(page: str, text: str) -> str:
    """Put text between the markers of a page.

    Raises:
        ValueError: the page has not both markers.
    """
    before, found, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n{text}{END}{after}"
