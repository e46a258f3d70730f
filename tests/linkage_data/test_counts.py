"""Exact counts against tables worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.counts import count_victims
from tacit.linkage.tabulation import stratum, tabulate

ORDER = {"a": 0, "b": 1, "other": 2, "unknown": 3}


def test_tabulates_by_hand() -> None:
    # Victim 1: members 0 and 1; victim 2: all three; the other records stand alone.
    groups = [((0, 0), (1, 0)), ((2, 0), (0, 1), (1, 1))]
    kind = [["a", "a", "b"], ["a", "b"], ["b", "unknown"]]
    exact = tabulate(groups, [3, 2, 2], {"kind": kind}, {"kind": ["a", "b"]})
    assert exact.overlap == {(0,): 1, (2,): 1, (0, 1): 1, (0, 1, 2): 1}
    assert exact.distinct == 4
    assert exact.records == 7
    assert [exact.member_total(member) for member in range(3)] == [3, 2, 2]
    # Victim 1 a; victim 2 a, b, b so b; (0, 2) b; (2, 1) unknown.
    assert exact.tables == {"kind": {"a": 1, "b": 2, "other": 0, "unknown": 1}}


def test_within_register_duplicates_count_once() -> None:
    exact = tabulate([((0, 0), (0, 1))], [2, 1], {}, {})
    assert exact.overlap == {(0,): 1, (1,): 1}
    assert (exact.distinct, exact.records) == (2, 3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a"], "a"),
        (["a", "b", "b"], "b"),
        (["b", "a"], "a"),
        (["unknown", "unknown", "b"], "b"),
        (["unknown"], "unknown"),
        (["other", "b"], "b"),
        (["never listed", "unknown"], "other"),
    ],
)
def test_disagreeing_records_have_one_stratum(values: list[str], expected: str) -> None:
    assert stratum(values, ORDER) == expected


@given(st.lists(st.sampled_from(sorted(ORDER)), min_size=1), st.randoms())
def test_record_order_never_decides(values: list[str], random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert stratum(shuffled, ORDER) == stratum(values, ORDER)


@pytest.mark.parametrize(
    "groups", [[((0, 5),)], [((3, 0),)], [((0, 0), (1, 0)), ((0, 0),)], [((0, -1),)]]
)
def test_groups_that_do_not_fit_are_refused(groups: list[tuple[tuple[int, int], ...]]) -> None:
    with pytest.raises(ValueError, match="group"):
        tabulate(groups, [1, 1], {}, {})


def test_strata_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        tabulate([], [2, 1], {"kind": [["a"], ["b"]]}, {"kind": ["a"]})


def test_counts_a_coalition() -> None:
    sizes = [100, 80, 60]
    groups = [((0, i), (1, i)) for i in range(30)] + [((0, 40 + i), (2, i)) for i in range(20)]
    kind = [["a"] * 100, ["b"] * 80, ["a"] * 60]
    result = count_victims(groups, sizes, {"kind": kind}, {"kind": ("a", "b")}, 10)
    assert result.distinct == 190
    assert result.records == 240
    assert result.members == (100, 80, 60)
    assert {row.members: row.count for row in result.overlap} == {
        (0,): 50,
        (1,): 50,
        (2,): 40,
        (0, 1): 30,
        (0, 2): 20,
        (1, 2): 0,
        (0, 1, 2): 0,
    }
    (table,) = result.tables
    # 30 groups of a and b: a stands first in the list.
    assert [(row.key, row.count) for row in table.rows] == [
        ("a", 140),
        ("b", 50),
        ("other", 0),
        ("unknown", 0),
    ]
    assert table.total == 190
    assert result.only([]).tables == ()
    assert result.only(["kind"]) == result
