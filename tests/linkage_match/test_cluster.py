"""Match groups: those of anonlink's solver, at every threshold."""

from itertools import combinations

import numpy as np
import pytest
from anonlink.solving import probabilistic_greedy_solve
from hypothesis import given, settings
from hypothesis import strategies as st

from tacit.linkage.cluster import Group, Link, Merge, Pairs, groups, merges
from tacit.linkage.constraints import Constraints

Row = tuple[int, int, int, int, float]


def pairs_of(rows: list[Row]) -> Pairs:
    sets, records, others, matches = np.array([row[:4] for row in rows], np.int64).reshape(-1, 4).T
    return Pairs(sets, records, others, matches, np.array([row[4] for row in rows], np.float64))


def anonlink_groups(pairs: Pairs, merge: float) -> list[tuple[tuple[int, int], ...]]:
    ranked = pairs.ranked()
    sets = (ranked.left_set.astype(np.uint32), ranked.right_set.astype(np.uint32))
    records = (ranked.left.astype(np.uint32), ranked.right.astype(np.uint32))
    found = probabilistic_greedy_solve(
        (ranked.score, sets, records), merge_threshold=merge, deduplicated=True
    )
    return sorted(tuple(sorted((int(s), int(r)) for s, r in group)) for group in found)


@st.composite
def candidates(draw: st.DrawFn) -> Pairs:
    sets, records = draw(st.integers(2, 5)), draw(st.integers(1, 6))
    every = [
        (left, one, right, other)
        for left, right in combinations(range(sets), 2)
        for one in range(records)
        for other in range(records)
    ]
    chosen = draw(st.lists(st.sampled_from(every), unique=True, max_size=70))
    scores = st.integers(1, 20).map(lambda number: number / 20)
    return pairs_of([(*pair, draw(scores)) for pair in chosen])


@given(candidates(), st.sampled_from([0.25, 0.5, 1.0]))
@settings(max_examples=200)
def test_the_groups_are_anonlinks(pairs: Pairs, merge: float) -> None:
    if len(pairs):
        assert [group.members for group in groups(pairs, merge)] == anonlink_groups(pairs, merge)


@given(candidates())
def test_one_record_of_a_set_and_one_group_of_a_record(pairs: Pairs) -> None:
    found = groups(pairs)
    for group in found:
        sets = [member[0] for member in group.members]
        assert len(sets) == len(set(sets)) >= 2
    members = [member for group in found for member in group.members]
    assert len(members) == len(set(members))
    assert [group.members for group in found] == sorted(group.members for group in found)


@given(candidates(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_is_no_matter(pairs: Pairs, random: object) -> None:
    index = np.arange(len(pairs))
    random.shuffle(index)  # type: ignore[attr-defined]
    assert groups(pairs.take(index)) == groups(pairs)


@given(candidates(), st.integers(0, 20))
def test_what_was_merged_so_far_makes_the_groups_of_each_threshold(
    pairs: Pairs, twentieths: int
) -> None:
    threshold = twentieths / 20
    ranked = pairs.ranked()
    members: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
    for merge in merges(ranked):
        if ranked.score[merge.position] >= threshold:
            joined = tuple(sorted(merge.left + merge.right))
            members.update(dict.fromkeys(joined, joined))
    expected = groups(pairs.take(pairs.score >= threshold))
    assert sorted(set(members.values())) == [group.members for group in expected]


def test_the_better_pair_wins() -> None:
    found = groups(pairs_of([(0, 0, 1, 0, 0.8), (0, 0, 1, 1, 0.9), (0, 1, 1, 1, 0.85)]))
    assert found == (Group(((0, 0), (1, 1)), (Link((0, 0), (1, 1), 0.9),)),)


def test_of_equal_pairs_the_first_wins() -> None:
    found = groups(pairs_of([(0, 1, 1, 0, 0.9), (0, 0, 1, 1, 0.9), (0, 0, 1, 0, 0.9)]))
    assert [group.members for group in found] == [((0, 0), (1, 0))]


def test_a_chain_of_three_needs_half_of_its_pairs() -> None:
    chain: list[Row] = [(0, 0, 1, 0, 0.9), (1, 0, 2, 0, 0.8)]
    (group,) = groups(pairs_of(chain))
    assert group.members == ((0, 0), (1, 0), (2, 0))
    assert group.links == (Link((0, 0), (1, 0), 0.9), Link((1, 0), (2, 0), 0.8))
    assert [g.members for g in groups(pairs_of(chain), merge=1.0)] == [((0, 0), (1, 0))]


def test_nothing_gives_no_groups() -> None:
    assert groups(pairs_of([])) == ()


def test_links_are_scored() -> None:
    rows: list[Row] = [(0, 3, 1, 4, 0.7), (0, 3, 2, 5, 0.6), (1, 4, 2, 5, 0.5), (0, 9, 1, 4, 0.4)]
    (group,) = groups(pairs_of(rows))
    assert [link.score for link in group.links] == pytest.approx([0.7, 0.6, 0.5])


def test_known_links_merge_first_and_below_the_threshold() -> None:
    pairs = pairs_of([(0, 0, 1, 1, 0.9), (0, 1, 1, 1, 0.8)])
    constraints = Constraints(same=(((1, 1), (0, 1)), ((2, 4), (0, 1))))
    first, second = merges(pairs.ranked(), constraints=constraints)
    assert (first, second) == (
        Merge(-1, ((0, 1),), ((1, 1),)),
        Merge(-1, ((0, 1), (1, 1)), ((2, 4),)),
    )
    (group,) = groups(pairs_of([]), constraints=constraints)
    assert group == Group(((0, 1), (1, 1), (2, 4)), ())


def test_a_known_non_link_is_not_made_through_a_chain() -> None:
    rows: list[Row] = [(0, 0, 1, 0, 0.9), (1, 0, 2, 0, 0.8), (0, 0, 2, 0, 0.7)]
    constraints = Constraints(different=(((2, 0), (0, 0)),))
    assert [g.members for g in groups(pairs_of(rows), constraints=constraints)] == [
        ((0, 0), (1, 0))
    ]


def test_only_a_set_that_does_not_promise_otherwise_has_several_in_a_group() -> None:
    rows: list[Row] = [(0, 0, 1, 0, 0.9), (0, 0, 1, 1, 0.8), (0, 0, 2, 0, 0.8), (0, 0, 2, 1, 0.8)]
    found = groups(pairs_of(rows), constraints=Constraints(several=frozenset({1})))
    assert [group.members for group in found] == [((0, 0), (1, 0), (1, 1))]
