"""Groups from scores that are no probabilities: those of anonlink's solver, at every threshold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver_pairs import Row, anonlink_groups, candidates, pairs_of
from tacit.linkage.cluster import Group, Link, Merge, Pairs
from tacit.linkage.constraints import Constraints, Record
from tacit.linkage.greedy import share_groups, share_merges


@given(candidates(), st.sampled_from([0.25, 0.5, 1.0]))
@settings(max_examples=200)
def test_the_groups_are_anonlinks(pairs: Pairs, merge: float) -> None:
    if len(pairs):
        found = [group.members for group in share_groups(pairs, merge)]
        assert found == anonlink_groups(pairs, merge)


@given(candidates(), st.integers(0, 20))
def test_what_was_merged_so_far_makes_the_groups_of_each_threshold(
    pairs: Pairs, twentieths: int
) -> None:
    threshold = twentieths / 20
    members: dict[Record, tuple[Record, ...]] = {}
    for merge in share_merges(pairs.ranked()):
        if merge.score >= threshold:
            joined = tuple(sorted(merge.left + merge.right))
            members.update(dict.fromkeys(joined, joined))
    expected = share_groups(pairs.take(pairs.score >= threshold))
    assert sorted(set(members.values())) == [group.members for group in expected]


def test_the_better_pair_wins() -> None:
    found = share_groups(pairs_of([(0, 0, 1, 0, 0.8), (0, 0, 1, 1, 0.9), (0, 1, 1, 1, 0.85)]))
    assert found == (Group(((0, 0), (1, 1)), (Link((0, 0), (1, 1), 0.9),)),)


def test_of_equal_pairs_the_first_wins() -> None:
    found = share_groups(pairs_of([(0, 1, 1, 0, 0.9), (0, 0, 1, 1, 0.9), (0, 0, 1, 0, 0.9)]))
    assert [group.members for group in found] == [((0, 0), (1, 0))]


def test_a_chain_of_three_needs_half_of_its_pairs() -> None:
    chain: list[Row] = [(0, 0, 1, 0, 0.9), (1, 0, 2, 0, 0.8)]
    (group,) = share_groups(pairs_of(chain))
    assert group.members == ((0, 0), (1, 0), (2, 0))
    assert group.links == (Link((0, 0), (1, 0), 0.9), Link((1, 0), (2, 0), 0.8))
    assert [g.members for g in share_groups(pairs_of(chain), merge=1.0)] == [((0, 0), (1, 0))]


def test_nothing_gives_no_groups() -> None:
    assert share_groups(pairs_of([])) == ()


def test_links_are_scored() -> None:
    rows: list[Row] = [(0, 3, 1, 4, 0.7), (0, 3, 2, 5, 0.6), (1, 4, 2, 5, 0.5), (0, 9, 1, 4, 0.4)]
    (group,) = share_groups(pairs_of(rows))
    assert [link.score for link in group.links] == pytest.approx([0.7, 0.6, 0.5])


def test_known_links_merge_first_and_below_the_threshold() -> None:
    pairs = pairs_of([(0, 0, 1, 1, 0.9), (0, 1, 1, 1, 0.8)])
    constraints = Constraints(same=(((1, 1), (0, 1)), ((2, 4), (0, 1))))
    assert list(share_merges(pairs.ranked(), constraints=constraints)) == [
        Merge(1.0, ((0, 1),), ((1, 1),)),
        Merge(1.0, ((0, 1), (1, 1)), ((2, 4),)),
    ]
    (group,) = share_groups(pairs_of([]), constraints=constraints)
    assert group == Group(((0, 1), (1, 1), (2, 4)), ())


def test_a_known_non_link_is_not_made_through_a_chain() -> None:
    rows: list[Row] = [(0, 0, 1, 0, 0.9), (1, 0, 2, 0, 0.8), (0, 0, 2, 0, 0.7)]
    constraints = Constraints(different=(((2, 0), (0, 0)),))
    (group,) = share_groups(pairs_of(rows), constraints=constraints)
    assert group.members == ((0, 0), (1, 0))


def test_only_a_set_that_does_not_promise_otherwise_has_several_in_a_group() -> None:
    rows: list[Row] = [(0, 0, 1, 0, 0.9), (0, 0, 1, 1, 0.8), (0, 0, 2, 0, 0.8), (0, 0, 2, 1, 0.8)]
    (group,) = share_groups(pairs_of(rows), constraints=Constraints(several=frozenset({1})))
    assert group.members == ((0, 0), (1, 0), (1, 1))
