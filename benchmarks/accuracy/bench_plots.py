"""Precision against recall, one panel for each data set."""

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import matplotlib as mpl

from bench_data import TITLES

mpl.use("svg")
from matplotlib.figure import Figure

COLOURS: Mapping[str, str] = {
    "tacit": "#1b6ca8",
    "anonlink": "#d1782c",
    "splink": "#4b8b3b",
    "splink_latin": "#8a63a8",
}
NAMES: Mapping[str, str] = {
    "tacit": "Tacit (● auto)",
    "anonlink": "clkhash + anonlink",
    "splink": "Splink on plaintext",
    "splink_latin": "Splink, names through anyascii",
}
STYLE = {
    "svg.hashsalt": "tacit",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
ACROSS = 3


def draw(results: Mapping[str, Any], path: Path) -> None:
    """Draw the curves of each data set's first run into an SVG file."""
    data = results["data"]
    down = ceil((len(data) + 1) / ACROSS)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.1 * ACROSS, 2.9 * down), layout="constrained")
        axes = figure.subplots(down, ACROSS, squeeze=False).flatten().tolist()
        lines: dict[str, Any] = {}
        for (key, runs), panel in zip(data.items(), axes, strict=False):
            lines |= _panel(panel, TITLES[key], runs[0]["linkers"])
        for panel in axes[len(data) :]:
            panel.set_axis_off()
        axes[len(data)].legend(
            lines.values(), [NAMES[name] for name in lines], loc="center", frameon=False
        )
        figure.savefig(path, metadata={"Date": None})


def _panel(panel: Any, title: str, linkers: Mapping[str, Any]) -> dict[str, Any]:
    lines = {}
    for name, scored in linkers.items():
        exact = [scored[at] for at in ("auto", "best") if at in scored]
        curve = [*scored["curve"], *((point["precision"], point["recall"]) for point in exact)]
        curve.sort(key=lambda point: (point[1], -point[0]))
        (lines[name],) = panel.plot(
            [recall for _, recall in curve],
            [precision for precision, _ in curve],
            color=COLOURS[name],
            linewidth=2 if name == "tacit" else 1.3,
            zorder=3 if name == "tacit" else 2,
        )
        if "auto" in scored:
            auto = scored["auto"]
            panel.plot(auto["recall"], auto["precision"], "o", color=COLOURS[name], zorder=4)
    lowest = min((p for s in linkers.values() for p, r in s["curve"] if p + r > 0.9), default=0.5)
    panel.set(title=title, xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.02))
    if lowest > 0.97:
        panel.set(xlim=(0.9, 1.003), ylim=(0.9, 1.003))
    panel.grid(alpha=0.25)
    return lines
