"""Suspected pairs become groups, as a person has settled them."""

from tacit.linkage.within import Likeness
from tacit.linkage.within_groups import Pair, Suspicion, same_groups, suspicions


def pairs(*scored: tuple[int, int, float]) -> list[Likeness]:
    return [Likeness(left, right, probability, ()) for left, right, probability in scored]


def records(found: tuple[Suspicion, ...]) -> list[tuple[tuple[int, ...], float]]:
    return [(group.records, group.probability) for group in found]


def test_likely_pairs_make_groups_of_the_weakest_probability() -> None:
    found = suspicions(pairs((0, 1, 0.9), (1, 2, 0.8), (0, 2, 0.6), (5, 6, 0.95), (7, 8, 0.4)))
    assert records(found) == [((5, 6), 0.95), ((0, 1, 2), 0.8)]
    assert [(p.left, p.right) for p in found[1].pairs] == [(0, 1), (1, 2), (0, 2)]
    assert records(suspicions(pairs((7, 8, 0.4)), least=0.3)) == [((7, 8), 0.4)]


def test_a_chain_of_single_links_does_not_run_on() -> None:
    # 0-1 and 2-3 come first; of the four pairs between them only 1-2 is likely.
    found = suspicions(pairs((0, 1, 0.9), (2, 3, 0.9), (1, 2, 0.8)))
    assert records(found) == [((0, 1), 0.9), ((2, 3), 0.9)]


def test_what_is_settled_is_not_reported_again() -> None:
    likely = pairs((0, 1, 0.9), (2, 3, 0.9))
    assert records(suspicions(likely, same=[(1, 0)])) == [((2, 3), 0.9)]
    assert records(suspicions(likely, different=[(3, 2)])) == [((0, 1), 0.9)]


def test_a_new_record_beside_settled_ones_is_reported_with_them() -> None:
    # 9 is like 2 only, which is known to be one person with 0 and 1.
    found = suspicions(pairs((2, 9, 0.7)), same=[(0, 1), (1, 2)])
    assert records(found) == [((0, 1, 2, 9), 0.7)]


def test_different_people_keep_all_that_is_same_as_them_apart() -> None:
    likely: list[Likeness] = pairs((1, 2, 0.9))
    different: list[Pair] = [(0, 3)]
    assert suspicions(likely, same=[(0, 1), (2, 3)], different=different) == ()
    third = pairs((0, 1, 0.9), (1, 2, 0.8))
    assert records(suspicions(third, different=[(0, 2)])) == [((0, 1), 0.9)]


def test_same_is_transitive() -> None:
    assert same_groups([(4, 2), (2, 7), (1, 3)]) == [(1, 3), (2, 4, 7)]
    assert same_groups([]) == []
