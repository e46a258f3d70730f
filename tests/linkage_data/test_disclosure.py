"""An attacker who solves all shown sums together must not pin down a suppressed count.

The attacker is written from the release alone, apart from the code that made it.
"""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from tacit.linkage.disclosure import protect
from tacit.linkage.release import CountResult
from tacit.linkage.tabulation import Tabulation

MINIMUM = 10
FAR = 1_000_000


def subsets(members: int) -> list[tuple[int, ...]]:
    everyone = range(members)
    return [s for size in range(1, members + 1) for s in combinations(everyone, size)]


def tabulation(members: int, overlap: dict[Any, int], **tables: list[int]) -> Tabulation:
    """Tables are filled up to the common total by a last code."""
    distinct = sum(overlap.values())
    filled = {}
    for name, counts in tables.items():
        kept = [min(count, max(0, distinct - sum(counts[:i]))) for i, count in enumerate(counts)]
        filled[name] = {
            **{str(i): count for i, count in enumerate(kept)},
            "rest": distinct - sum(kept),
        }
    records = sum(len(key) * count for key, count in overlap.items())
    return Tabulation(members, records, overlap, filled)


def attack(  # noqa: C901, PLR0912 (one system of equations, read top down)
    release: CountResult, members: int, known_sizes: tuple[int, ...] | None = None
) -> dict[str, tuple[int, int]]:
    """Least and greatest value of every suppressed count."""
    cells: dict[str, int] = {}
    low: list[float] = []
    high: list[float] = []

    def cell(name: str, count: int | None) -> None:
        cells[name] = len(cells)
        low.append(1 if count is None else count)
        high.append(FAR if count is None else count)

    listed = {row.members: row.count for row in release.overlap}
    for subset in subsets(members):
        if members <= 5 or subset in listed:
            cell(f"overlap {subset}", listed[subset])
        else:
            cell(f"overlap {subset}", None)
            low[-1] = 0
    for table in release.tables:
        if table.dimension != "members":
            for row in table.rows:
                cell(f"{table.dimension} {row.key}", row.count)
    forms: dict[str, tuple[dict[str, int], int | None]] = {
        "distinct": ({f"overlap {s}": 1 for s in subsets(members)}, release.distinct),
        "records": ({f"overlap {s}": len(s) for s in subsets(members)}, release.records),
    }
    for member, total in enumerate(release.members):
        known = known_sizes[member] if known_sizes else total
        holds = {f"overlap {s}": 1 for s in subsets(members) if member in s}
        forms[f"member {member}"] = (holds, known)
    for table in release.tables:
        if table.dimension == "members":
            for row in table.rows:
                size = {f"overlap {s}": 1 for s in subsets(members) if len(s) == int(row.key)}
                forms[f"size {row.key}"] = (size, row.count)
        else:
            balance = {f"{table.dimension} {row.key}": 1 for row in table.rows}
            balance |= {f"overlap {s}": -1 for s in subsets(members)}
            forms[f"balance {table.dimension}"] = (balance, 0)
    matrix = np.zeros((len(forms), len(cells)))
    for place, (weights, _) in enumerate(forms.values()):
        for name, weight in weights.items():
            matrix[place, cells[name]] = weight
    shown = [place for place, (_, value) in enumerate(forms.values()) if value is not None]
    values = [value for _, value in forms.values() if value is not None]
    constraints = LinearConstraint(matrix[shown], values, values) if shown else ()
    found: dict[str, tuple[int, int]] = {}
    wanted = {name: np.eye(len(cells))[index] for name, index in cells.items()}
    wanted = {name: row for name, row in wanted.items() if low[cells[name]] < high[cells[name]]}
    if members > 5:
        wanted = {name: row for name, row in wanted.items() if not name.startswith("overlap")}
    for place, (name, (_, value)) in enumerate(forms.items()):
        if value is None:
            wanted[name] = matrix[place]
    for name, row in wanted.items():
        ends = []
        for sign in (1, -1):
            solution = milp(
                sign * row,
                integrality=np.ones(len(cells)),
                bounds=Bounds(low, high),
                constraints=constraints,
                options={"mip_rel_gap": 0},
            )
            assert solution.x is not None
            ends.append(round(float(row @ solution.x)))
        found[name] = (ends[0], ends[1])
    return found


def assert_withstands(exact: Tabulation, release: CountResult, minimum: int = MINIMUM) -> None:
    narrow = {
        name: span
        for name, span in attack(release, exact.members).items()
        if span[1] - span[0] < minimum
    }
    assert narrow == {}
    shown = [release.distinct, release.records, *release.members]
    shown += [row.count for row in release.overlap]
    shown += [row.count for table in release.tables for row in table.rows]
    assert not [count for count in shown if count is not None and 0 < count < minimum]


def test_the_attacker_can_win() -> None:
    exact = tabulation(3, {(0,): 90, (1,): 80, (2,): 70, (0, 1): 3})
    careless = protect(exact, 3)  # nothing is below 3, so all is shown
    assert careless.distinct == 243
    hiding = CountResult(
        10,
        careless.distinct,
        careless.records,
        careless.members,
        tuple(
            type(row)(row.members, None if row.count == 3 else row.count)
            for row in careless.overlap
        ),
        (),
    )
    assert attack(hiding, 3) == {"overlap (0, 1)": (3, 3)}


def test_nothing_small_nothing_hidden() -> None:
    overlap = {(0,): 100, (1,): 90, (2,): 80, (0, 1): 30, (0, 2): 20, (1, 2): 15, (0, 1, 2): 10}
    release = protect(tabulation(3, overlap, kind=[50, 0, 60]), MINIMUM)
    assert release.distinct == 345
    assert release.records == 100 + 90 + 80 + 2 * (30 + 20 + 15) + 3 * 10
    assert release.members == (160, 145, 125)
    assert [row.count for row in release.overlap] == [100, 90, 80, 30, 20, 15, 10]
    assert [row.count for row in release.tables[0].rows] == [50, 0, 60, 235]


def test_one_small_cell_hides_the_next_smallest() -> None:
    overlap = {(0,): 200, (1,): 200}
    release = protect(tabulation(2, overlap, kind=[4, 40, 56]), MINIMUM)
    assert [row.count for row in release.tables[0].rows] == [None, None, 56, 300]
    assert release.tables[0].total == 400


def test_a_pair_too_small_together_hides_a_third() -> None:
    # 4 + 5 known to be 9 ties each to 1..8.
    release = protect(tabulation(2, {(0,): 200, (1,): 200}, kind=[4, 5, 40]), MINIMUM)
    assert [row.count for row in release.tables[0].rows] == [None, None, None, 351]


def test_small_triple_overlap_with_public_sizes() -> None:
    overlap = {(0,): 150, (1,): 160, (2,): 170, (0, 1): 20, (0, 2): 15, (1, 2): 12, (0, 1, 2): 4}
    exact = tabulation(3, overlap)
    release = protect(exact, MINIMUM)
    shown = {row.members: row.count for row in release.overlap}
    assert shown[(0, 1, 2)] is None
    assert release.distinct == 531
    # By hand: x012 up needs one member's pair cells down and that member's own cell up.
    assert sum(count is None for count in shown.values()) == 4
    assert_withstands(exact, release)
    sizes = tuple(exact.member_total(member) for member in range(3))
    for low, high in attack(release, 3, sizes).values():
        assert high - low >= MINIMUM


def test_one_small_overlap_hides_the_total_where_sizes_are_public() -> None:
    exact = tabulation(3, {(0,): 150, (1,): 160, (2,): 170, (0, 1): 3}, kind=[200, 100])
    release = protect(exact, MINIMUM)
    assert release.distinct is None
    assert release.tables[0].total is None
    assert None in [row.count for row in release.tables[0].rows]
    sizes = tuple(exact.member_total(member) for member in range(3))
    for low, high in attack(release, 3, sizes).values():
        assert high - low >= MINIMUM
    assert protect(exact, MINIMUM, sizes_public=False).distinct == 483


def test_empty_and_tiny_coalitions() -> None:
    assert protect(tabulation(2, {}, kind=[0, 0]), MINIMUM).distinct == 0
    tiny = protect(tabulation(2, {(0,): 3}, kind=[2]), MINIMUM)
    assert (tiny.distinct, tiny.records, tiny.members) == (None, None, (None, 0))
    assert [row.count for row in tiny.tables[0].rows] == [None, None]


def test_the_same_question_has_the_same_answer() -> None:
    overlap = {subset: (sum(subset) * 37 + 5) % 41 for subset in subsets(4)}
    exact = tabulation(4, overlap, kind=[3, 4, 50], year=[1, 9, 12, 40])
    assert protect(exact, MINIMUM) == protect(exact, MINIMUM)
    reordered = Tabulation(4, exact.records, dict(reversed(overlap.items())), exact.tables)
    assert protect(reordered, MINIMUM) == protect(exact, MINIMUM)


counts = st.one_of(st.just(0), st.integers(1, 12), st.integers(10, 300))


@st.composite
def tabulations(draw: st.DrawFn) -> Tabulation:
    members = draw(st.integers(2, 4))
    overlap = {subset: draw(counts) for subset in subsets(members)}
    tables = draw(st.lists(st.lists(counts, min_size=1, max_size=4), max_size=2))
    return tabulation(members, overlap, **{f"t{i}": table for i, table in enumerate(tables)})


@settings(max_examples=30, deadline=None)
@given(tabulations(), st.booleans())
def test_no_suppressed_count_can_be_pinned_down(exact: Tabulation, public: bool) -> None:
    assert_withstands(exact, protect(exact, MINIMUM, sizes_public=public))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(15, 300), min_size=7, max_size=7), st.integers(0, 6), st.integers(1, 9))
def test_knowing_the_sizes_does_not_help(large: list[int], place: int, small: int) -> None:
    large[place] = small
    exact = tabulation(3, dict(zip(subsets(3), large, strict=True)), kind=[20])
    release = protect(exact, MINIMUM)
    sizes = tuple(exact.member_total(member) for member in range(3))
    for low, high in attack(release, 3, sizes).values():
        assert high - low >= MINIMUM


@pytest.mark.parametrize("seed", [1, 2])
def test_many_members_are_counted_by_their_number(seed: int) -> None:
    random = np.random.default_rng(seed)
    overlap = {
        subset: int(random.integers(0, 60 if len(subset) < 3 else 9))
        for subset in subsets(6)
        if random.random() < 0.7
    }
    exact = tabulation(6, overlap, kind=[5, 40])
    release = protect(exact, MINIMUM)
    assert release.tables[0].dimension == "members"
    assert [row.key for row in release.tables[0].rows] == ["1", "2", "3", "4", "5", "6"]
    assert len(release.overlap) <= 20
    for row in release.overlap:
        assert row.count == overlap[row.members]
        assert row.count >= MINIMUM
    assert_withstands(exact, release)
    assert {t.dimension for t in release.only([]).tables} == {"members"}
