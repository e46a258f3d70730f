"""Match groups: what all pairs between two groups together say, and what is known beforehand."""

import math
from itertools import combinations, product
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver_pairs import Row, anonlink_groups, candidates, constraints, pairs_of
from tacit.linkage.cluster import Group, Link, Merge, Pairs, groups, merges
from tacit.linkage.constraints import Constraints, Record, known_groups
from tacit.linkage.errors import TacitError
from tacit.linkage.evidence import LEAST

PROBABILITIES = st.floats(0.0, 1.0)
UNEQUAL = st.integers(1, 10**9).map(lambda number: 0.02 + 0.97 * number / 10**9)

Members = tuple[Record, ...]


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def members(
    pairs: Pairs, threshold: float = 0.5, known: Constraints | None = None
) -> list[Members]:
    return [group.members for group in groups(pairs, threshold, known or Constraints())]


def by_definition(pairs: Pairs, threshold: float) -> list[Members]:
    """Compare every two groups anew, as the rule is written down, and merge the surest two."""
    rows = zip(pairs.left_set, pairs.left, pairs.right_set, pairs.right, pairs.score, strict=True)
    score = {((int(a), int(b)), (int(c), int(d))): float(p) for a, b, c, d, p in rows}
    records = sorted({record for pair in score for record in pair})
    found: list[Members] = [(record,) for record in records]

    def log_odds(one: Members, other: Members) -> float:
        if {record[0] for record in one} & {record[0] for record in other}:
            return -math.inf
        said = []
        for left, right in product(one, other):
            p = score.get((min(left, right), max(left, right)), 0.0)
            odds = math.log(p / (1 - p)) if p else -math.inf
            if len(one) == len(other) == 1:
                return odds
            said.append(max(min(odds, 6.0) + 3.0, -2.0))
        return math.sqrt(max(len(one), len(other))) * sum(said) / len(said) - 3.0

    while len(found) > 1:
        best, one, other = max(
            (log_odds(one, other), one, other) for one, other in combinations(found, 2)
        )
        if best < math.log(threshold / (1 - threshold)):
            break
        found = [group for group in found if group not in (one, other)] + [one + other]
    return sorted(tuple(sorted(group)) for group in found if len(group) > 1)


@given(candidates(4, UNEQUAL), st.sampled_from([0.1, 0.5, 0.9]))
@settings(max_examples=150)
def test_the_surest_groups_merge_as_the_rule_says(pairs: Pairs, threshold: float) -> None:
    assume(len(set(pairs.score.tolist())) == len(pairs))
    assert members(pairs, threshold) == by_definition(pairs, threshold)


@given(candidates(2), st.sampled_from([0.05, 0.5, 0.8]))
def test_between_two_sets_the_groups_are_anonlinks(pairs: Pairs, threshold: float) -> None:
    kept = pairs.take(pairs.score >= threshold)
    if len(kept):
        assert members(pairs, threshold) == anonlink_groups(kept)


def everything_holds(found: list[Members], known: Constraints) -> bool:
    group_of = {record: index for index, group in enumerate(found) for record in group}
    once = all(
        len({record for record in group if record[0] == number}) <= 1
        for group in found
        for number in range(5)
        if number not in known.several
    )
    same = all(
        left == right or group_of.get(left, "none") == group_of.get(right)
        for left, right in known.same
    )
    different = all(
        left not in group_of or group_of[left] != group_of.get(right)
        for left, right in known.different
    )
    return once and same and different and len(group_of) == sum(map(len, found))


@given(
    pairs=candidates(5, PROBABILITIES), known=constraints(), threshold=st.sampled_from([0.0, 0.5])
)
@settings(max_examples=150)
def test_constraints_always_hold(pairs: Pairs, known: Constraints, threshold: float) -> None:
    try:
        known_groups(known)
    except TacitError:
        with pytest.raises(TacitError):
            groups(pairs, threshold, known)
        return
    found = [group.members for group in groups(pairs, threshold, known)]
    assert everything_holds(found, known)
    assert found == sorted(found)
    assert all(len(group) > 1 for group in found)


@given(candidates(5), constraints(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_and_of_what_is_known_is_no_matter(
    pairs: Pairs, known: Constraints, random: Random
) -> None:
    try:
        expected = groups(pairs, 0.3, known)
    except TacitError:
        return
    index = list(range(len(pairs)))
    random.shuffle(index)
    turned = Constraints(known.same[::-1], known.different[::-1], known.several)
    assert groups(pairs.take(np.array(index, np.intp)), 0.3, turned) == expected


@given(candidates(5, PROBABILITIES))
def test_merges_come_by_falling_score(pairs: Pairs) -> None:
    scores = [merge.score for merge in merges(pairs)]
    assert scores == sorted(scores, reverse=True)
    assert all(LEAST <= score <= 1 for score in scores)


CHAIN: list[Row] = [(0, 0, 1, 0, 0.9), (1, 0, 2, 0, 0.8)]


def test_an_improbable_chain_is_refused() -> None:
    """ln 4 + 3 for the one pair, -2 for the other: root 2 (ln 4 + 1) / 2 - 3, which is .212."""
    assert members(pairs_of(CHAIN)) == [((0, 0), (1, 0))]
    first, second = merges(pairs_of(CHAIN))
    assert first == Merge(0.9, ((1, 0),), ((0, 0),))
    expected = probability(math.sqrt(2) * (math.log(4) + 1) / 2 - 3)
    assert second.score == pytest.approx(expected, rel=1e-12)
    assert members(pairs_of(CHAIN), 0.21) == [((0, 0), (1, 0), (2, 0))]


def test_a_third_pair_that_tells_little_does_not_break_a_chain() -> None:
    """ln 4 + 3 for the one pair, -ln 4 + 3 for the other: root 2 * 3 - 3, which is .776."""
    pairs = pairs_of([*CHAIN, (0, 0, 2, 0, 0.2)])
    (group,) = groups(pairs, 0.5)
    assert group.members == ((0, 0), (1, 0), (2, 0))
    assert group.links == (Link((0, 0), (1, 0), 0.9), Link((1, 0), (2, 0), 0.8))
    expected = probability(math.sqrt(2) * 3 - 3)
    assert [merge.score for merge in merges(pairs)] == [0.9, pytest.approx(expected, rel=1e-12)]
    known = Constraints(same=(((0, 0), (1, 0)),))
    assert list(merges(pairs, known))[1].score == pytest.approx(expected, rel=1e-12)


def test_one_strong_link_does_not_chain_groups_that_disagree() -> None:
    """Of four pairs one counts 6 + 3 at most, three -2: root 2 * 3/4 - 3, which is .126."""
    rows: list[Row] = [(0, 0, 1, 0, 0.99999), (2, 0, 3, 0, 0.99999), (1, 0, 2, 0, 0.9999)]
    assert members(pairs_of(rows)) == [((0, 0), (1, 0)), ((2, 0), (3, 0))]
    expected = probability(math.sqrt(2) * 3 / 4 - 3)
    assert list(merges(pairs_of(rows)))[2].score == pytest.approx(expected, rel=1e-9)


def test_a_pair_has_its_own_score_however_sure() -> None:
    rows: list[Row] = [
        (0, 0, 1, 0, 1.0),
        (0, 1, 1, 1, 0.99999),
        (0, 2, 1, 2, 0.01),
        (0, 3, 1, 3, 0.0),
    ]
    assert [merge.score for merge in merges(pairs_of(rows))] == [1.0, 0.99999, 0.01]


def test_of_equal_pairs_the_first_wins() -> None:
    found = members(pairs_of([(0, 1, 1, 0, 0.9), (0, 0, 1, 1, 0.9), (0, 0, 1, 0, 0.9)]))
    assert found == [((0, 0), (1, 0))]


def test_known_links_merge_first_and_below_the_threshold() -> None:
    pairs = pairs_of([(0, 0, 1, 1, 0.9), (0, 1, 1, 1, 0.8)])
    known = Constraints(same=(((1, 1), (0, 1)), ((2, 4), (0, 1))))
    assert list(merges(pairs, known)) == [
        Merge(1.0, ((0, 1),), ((1, 1),)),
        Merge(1.0, ((0, 1), (1, 1)), ((2, 4),)),
    ]
    assert groups(pairs_of([]), 1.0, known) == (Group(((0, 1), (1, 1), (2, 4)), ()),)


def test_known_links_are_joined_by_others_on_all_their_pairs() -> None:
    """Two pairs of odds 1: root 2 * 3 - 3; one of them alone: root 2 (3 - 2) / 2 - 3."""
    known = Constraints(same=(((0, 0), (1, 0)),))
    both: list[Row] = [(0, 0, 2, 0, 0.5), (1, 0, 2, 0, 0.5)]
    found = [list(merges(pairs_of(rows), known))[1].score for rows in (both, both[:1])]
    root = math.sqrt(2)
    assert found == pytest.approx([probability(root * 3 - 3), probability(root / 2 - 3)])


def test_a_known_non_link_is_not_made_through_a_chain() -> None:
    pairs = pairs_of([*CHAIN, (0, 0, 2, 0, 0.7)])
    assert members(pairs) == [((0, 0), (1, 0), (2, 0))]
    assert members(pairs, known=Constraints(different=(((2, 0), (0, 0)),))) == [((0, 0), (1, 0))]


def test_only_a_set_that_does_not_promise_otherwise_has_several_in_a_group() -> None:
    """Two records of one set are not compared: the other pair counts alone."""
    rows: list[Row] = [(0, 0, 1, 0, 0.9), (0, 0, 1, 1, 0.8), (0, 0, 2, 0, 0.7), (0, 0, 2, 1, 0.8)]
    pairs = pairs_of(rows[:2])
    assert members(pairs, known=Constraints(several=frozenset({1}))) == [((0, 0), (1, 0), (1, 1))]
    (_, second) = merges(pairs, Constraints(several=frozenset({1})))
    assert second.score == pytest.approx(0.8, rel=1e-12)
    (group,) = groups(pairs_of(rows), 0.0, Constraints(several=frozenset({1})))
    assert [record[0] for record in group.members].count(2) == 1
