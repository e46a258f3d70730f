"""The accuracy benchmark's own arithmetic, and that the page says what was measured."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from anonlink.solving import probabilistic_greedy_solve

from bench_clean import clean_date, clean_text, transliterated
from bench_curve import WAYS, Point, at, best, count, curve, groups, point, thinned
from bench_data import TITLES, synthetic
from bench_report import BEGIN, END, merged, replaced, section, short, table
from tacit.linkage.cluster import Pairs

ROOT = Path(__file__).resolve().parents[2]
# Records 0 of all three files are one person; records 1 of the first two another.
TRUTH = (("a", "b"), ("a", "b"), ("a", "c"))
TOTAL = 4
ROWS = [
    (0, 0, 1, 0, 0.9),
    (0, 1, 1, 1, 0.8),
    (0, 1, 1, 0, 0.7),
    (1, 0, 2, 0, 0.6),
    (0, 1, 2, 1, 0.5),
]


def pairs_of(rows: list[tuple[int, int, int, int, float]]) -> Pairs:
    one, other, three, four, score = (np.array(column) for column in zip(*rows, strict=True))
    return Pairs(one, other, three, four, score)


def f1(way: str) -> list[tuple[float, float, float]]:
    found = curve(WAYS[way](pairs_of(ROWS), TRUTH), TOTAL)
    return [(one.threshold, one.precision, one.recall) for one in found]


def test_each_way_from_pairs_to_links() -> None:
    assert f1("pairwise") == [
        (0.9, 1.0, 0.25),
        (0.8, 1.0, 0.5),
        (0.7, 2 / 3, 0.5),
        (0.6, 3 / 4, 0.75),
        (0.5, 3 / 5, 0.75),
    ]
    # The third pair would give two records of a file a second partner there.
    assert f1("one-to-one") == [
        (0.9, 1.0, 0.25),
        (0.8, 1.0, 0.5),
        (0.6, 1.0, 0.75),
        (0.5, 0.75, 0.75),
    ]
    # Through the second file the first and the third come together: two right links at once; then
    # one wrong pair brings two wrong links.
    assert f1("groups") == [(0.9, 1.0, 0.25), (0.8, 1.0, 0.5), (0.6, 1.0, 1.0), (0.5, 4 / 6, 1.0)]
    # The third pair joins two components of two: it and (0, 0)-(1, 1) are wrong.
    assert f1("components") == [
        (0.9, 1.0, 0.25),
        (0.8, 1.0, 0.5),
        (0.7, 0.5, 0.5),
        (0.6, 4 / 8, 1.0),
        (0.5, 4 / 12, 1.0),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_those_of_anonlink(seed: int) -> None:
    rng = np.random.default_rng(seed)
    every = [
        (a, i, b, j) for a in range(3) for b in range(a + 1, 3) for i in range(6) for j in range(6)
    ]
    some = rng.permutation(len(every))[:50]
    pairs = pairs_of(
        [(*every[row], score) for row, score in zip(some, rng.random(50), strict=True)]
    )
    truth = [[str(value) for value in part] for part in rng.integers(0, 4, (3, 6))]
    ranked = pairs.ranked()
    sets = (ranked.left_set.astype(np.uint32), ranked.right_set.astype(np.uint32))
    rows = (ranked.left.astype(np.uint32), ranked.right.astype(np.uint32))
    solved = probabilistic_greedy_solve((ranked.score, sets, rows))
    expected = count([list(group) for group in solved], truth, 30)
    last = curve(groups(pairs, truth), 30)[-1]
    assert (last.precision, last.recall) == (expected.precision, expected.recall)


def test_points() -> None:
    assert point(0.5, 4, 3, 5) == Point(0.5, 0.75, 0.6, 6 / 9)
    assert point(0.5, 0, 0, 5) == Point(0.5, 1.0, 0.0, 0.0)
    points = (point(0.9, 1, 1, 4), point(0.7, 3, 3, 4), point(0.5, 9, 4, 4))
    assert best(points) == points[1]
    assert at(points, 0.6) == points[1]
    assert at(points, 0.95).recall == 0
    assert thinned(points, 1) == (points[0], points[2])


def test_cleaning() -> None:
    assert clean_text(" CH'OE,  Mŏn-Ch'ang ") == "choe,monchang"
    assert clean_text("이미월") == "이미월"
    assert clean_text(transliterated("김미월")) == "gim mi wol"
    assert [clean_date(day) for day in ("1978/02/07", "28 February 1925", "1982", "nun")] == [
        "1978-02-07",
        "1925-02-28",
        "1982",
        "",
    ]


def test_synthetic_data_has_no_identifiers() -> None:
    data = synthetic("dirty", 1, 60)
    assert [set(table) for table in data.tables] == [
        {"name", "sex", "birth_date", "birth_place", "father"},
        {"name", "sex", "birth_date", "birth_place", "father"},
        {"name", "sex", "birth_date", "birth_place"},
    ]
    assert (
        [len(part) for part in data.truth]
        == [len(table["name"]) for table in data.tables]
        == [60] * 3
    )


def run(f1: float, precision: float) -> dict[str, Any]:
    scored = {"precision": precision, "recall": 0.5, "f1": f1}
    estimated = {"precision": 0.98, "recall": 0.6}
    linker = {"auto": scored, "best": {**scored, "f1": 1.0}, "estimated": estimated}
    return {"records": 6000, "true_pairs": 1125, "linkers": {"tacit": linker}}


def test_the_table_has_means_and_spreads() -> None:
    lines = table({"data": {"dirty": [run(0.8, 0.9), run(0.9, 1.0)]}}).splitlines()[2:]
    assert lines == [
        "| synthetic, dirty | 6,000 | 1,125 | **Tacit** | `auto` | .850 ± .050 | .950 | .500 | .980, .600 |",
        "|  |  |  |  | `best` | 1.000 ± .000 | .950 | .500 |  |",
    ]
    assert [short(value) for value in (0.0, 0.9996, 0.8994)] == [".000", "1.000", ".899"]


def test_one_linker_is_measured_again_on_the_same_data_only() -> None:
    stored = [{"seed": 1, "records": 9, "linkers": {"tacit": "old", "splink": "kept"}}]
    fresh = [{"seed": 1, "records": 9, "linkers": {"tacit": "new"}}]
    both = {"tacit": "new", "splink": "kept"}
    assert merged(stored, fresh) == [{"seed": 1, "records": 9, "linkers": both}]
    other = [{"seed": 1, "records": 8, "linkers": {"tacit": "new"}}]
    assert merged(stored, other) == other


def test_a_table_goes_between_the_markers() -> None:
    assert replaced(f"x\n{BEGIN}\nold\n{END}\ny\n", "new\n") == f"x\n{BEGIN}\nnew\n{END}\ny\n"
    with pytest.raises(ValueError, match="lacks"):
        replaced("x", "new")


def test_the_page_shows_the_stored_results() -> None:
    results = json.loads((ROOT / "benchmarks/accuracy/results.json").read_text("utf-8"))
    page = (ROOT / "docs/evaluation.md").read_text("utf-8")
    assert set(results["data"]) == set(TITLES)
    assert replaced(page, section(results)) == page
