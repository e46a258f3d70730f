"""What groups are expected to get right, worked out by hand, and the thresholds that follow."""

import numpy as np
import pytest

from tacit.linkage.cluster import Merge
from tacit.linkage.expectation import NO_MATCH, SUREST, Expectation, expect

NOTHING = np.zeros(0)


def merge(score: float, record: int) -> Merge:
    return Merge(score, ((0, record),), ((1, record),))


@pytest.fixture
def expected() -> Expectation:
    """Three merges of probability .9, .6 and .2, and a pair of .1 that never merges.

    Right so far: .9, 1.5, 1.7 of 1, 2, 3 links; 1.8 matches in all. Twice the right over links
    and matches: 1.8 / 2.8 = .643, 3 / 3.8 = .789, 3.4 / 4.8 = .708.
    """
    merges = [merge(0.9, 0), merge(0.6, 1), merge(0.2, 2)]
    return expect(merges, np.array([0.1, 0.6, 0.9, 0.2]))


def test_precision_and_recall_of_a_threshold(expected: Expectation) -> None:
    assert expected.at(0.95) == (1.0, 0.0)
    assert expected.at(0.9) == pytest.approx((0.9, 0.9 / 1.8))
    assert expected.at(0.4) == pytest.approx((1.5 / 2, 1.5 / 1.8))
    assert expected.at(0.0) == pytest.approx((1.7 / 3, 1.7 / 1.8))


def test_the_best_balance_lies_halfway_to_what_is_left_out(expected: Expectation) -> None:
    assert expected.best() == pytest.approx((0.6 + 0.2) / 2)


def test_a_wished_precision(expected: Expectation) -> None:
    assert expected.precise(0.8) == pytest.approx((0.9 + 0.6) / 2)
    # All three together would be right often enough, but the best balance leaves the third out.
    assert expected.precise(0.5) == pytest.approx(0.4)
    assert expected.precise(0.95) == NO_MATCH


def test_a_precision_counts_all_links_of_a_threshold() -> None:
    """Of three the last two are alike: both are in, and then .92 are right, or neither."""
    found = expect([merge(0.96, 0), merge(0.9, 1), merge(0.9, 2)], np.array([0.96, 0.9, 0.9]))
    assert found.precise(0.925) == pytest.approx(0.93)
    assert found.precise(0.919) == pytest.approx(0.45)


def test_the_best_balance_counts_all_links_of_a_threshold() -> None:
    """After one link of .9 come two merges of .5, of one link and of fifteen, mostly wrong.

    Right over links and matches, which are 3: .9 / 4, 1.4 / 5, but after both 1.9 / 20.
    """
    merges = Expectation(
        np.array([0.9, 0.5, 0.5]), np.array([0.9, 1.4, 1.9]), np.array([1.0, 2.0, 17.0]), 3.0
    )
    assert merges.best() == pytest.approx(0.7)


def test_links_of_which_most_are_wrong_are_no_result() -> None:
    assert expect([merge(0.4, 0)], np.array([0.4])).best() == NO_MATCH
    assert expect([merge(0.5, 0)], np.array([0.5])).best() == pytest.approx(0.25)


def test_nothing() -> None:
    found = expect([], NOTHING)
    assert (found.best(), found.precise(0.9), found.at(0.5)) == (NO_MATCH, NO_MATCH, (1.0, 1.0))
    assert expect([], np.array([0.1])).at(0.5) == (1.0, 0.0)


def test_a_merge_of_groups_brings_a_link_for_each_pair_of_different_sets() -> None:
    """Two links at .8; then one of two, as records of one set make none."""
    first = Merge(0.9, ((0, 0),), ((1, 0),))
    second = Merge(0.8, ((0, 0), (1, 0)), ((2, 0),))
    third = Merge(0.5, ((0, 0), (1, 0), (2, 0)), ((1, 1),))
    found = expect([first, second, third], np.array([0.9, 0.8, 0.8, 0.5]))
    assert found.found.tolist() == [1, 3, 5]
    assert found.right == pytest.approx([0.9, 0.9 + 1.6, 0.9 + 1.6 + 1.0])
    # Groups may be surer than their pairs: never more is found than there is.
    assert found.matches == pytest.approx(3.5)
    assert found.at(0.0) == pytest.approx((3.5 / 5, 1.0))


def test_nothing_but_what_is_known_is_certain() -> None:
    assert SUREST < NO_MATCH
    assert expect([merge(1.0, 0)], NOTHING).at(NO_MATCH) == (1.0, 1.0)
    assert expect([merge(SUREST, 0)], np.array([SUREST])).at(NO_MATCH) == (1.0, 0.0)
