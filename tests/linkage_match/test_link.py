"""The pipeline: tasks cover every pair once, and how they are cut changes nothing."""

import pickle
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.link import (
    LinkResult,
    Task,
    compare,
    link,
    plan,
    settle,
    solve,
    weigh,
)
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel

MODEL = ScoreModel((100.0, 100.0, 100.0), 1024)


@pytest.fixture(scope="module")
def coalition() -> list[EncodedSet]:
    """Three sets of 90, 80 and 70; record i of each is the same person for i below 50."""
    rng = np.random.default_rng(7)
    people = rng.random((50, 1024)) < 0.3
    sets = []
    for size in (90, 80, 70):
        bits = rng.random((size, 1024)) < 0.3
        slips = rng.random((50, 1024)) < 0.06
        bits[:50] = np.where(slips, bits[:50], people)
        sets.append(
            EncodedSet(
                np.packbits(bits, axis=1).view("<u8").astype(np.uint64), np.full(size, 7, np.uint64)
            )
        )
    return sets


@given(st.lists(st.integers(0, 40), min_size=0, max_size=4), st.integers(1, 15))
def test_a_plan_covers_each_pair_once(sizes: list[int], block: int) -> None:
    covered = [
        (task.left, task.right, row)
        for task in plan(sizes, block)
        for row in range(task.start, task.stop)
    ]
    expected = [
        (left, right, row)
        for left, right in combinations(range(len(sizes)), 2)
        for row in range(sizes[left])
        if sizes[right]
    ]
    assert covered == expected
    assert all(0 < task.stop - task.start <= block for task in plan(sizes, block))


def test_finds_the_same_people(coalition: list[EncodedSet]) -> None:
    result = link(coalition, MODEL)
    found = [group.members for group in result.groups]
    assert found == [((0, i), (1, i), (2, i)) for i in range(50)]
    assert 0.4 < result.threshold < 0.9
    assert result.estimated_precision == pytest.approx(1, abs=0.01)
    assert result.estimated_recall == pytest.approx(1, abs=0.01)
    assert all(len(group.links) == 3 for group in result.groups)
    assert all(link.score >= result.threshold for group in result.groups for link in group.links)


@pytest.mark.parametrize("block", [1, 13, 64])
def test_the_cut_into_tasks_changes_nothing(coalition: list[EncodedSet], block: int) -> None:
    tasks = plan([len(records) for records in coalition], block)
    backwards = [compare(task, coalition, MODEL) for task in reversed(tasks)]
    presence = [records.presence for records in coalition]
    one, other = solve(tasks, backwards[::-1], presence, MODEL), link(coalition, MODEL)
    assert replace(one, calibration=None) == replace(other, calibration=None)
    assert one.calibration is not None
    assert other.calibration is not None
    assert one.calibration.to_bytes() == other.calibration.to_bytes()


def test_candidates_name_rows_of_the_whole_set(coalition: list[EncodedSet]) -> None:
    found = compare(Task(0, 1, 20, 60), coalition, MODEL)
    assert found.left.min() >= 20
    assert found.left.max() < 60
    assert {(i, i) for i in range(20, 50)} <= set(
        zip(found.left.tolist(), found.right.tolist(), strict=True)
    )


def test_a_given_threshold_is_kept(coalition: list[EncodedSet]) -> None:
    assert link(coalition, MODEL, 1.0) == LinkResult(1.0, 1.0, 0.0, (), None)
    assert link(coalition, MODEL, 0.6).threshold == 0.6
    assert len(link(coalition, MODEL, 0.999).groups) == 50


def test_a_wished_precision_is_met_by_the_estimate(coalition: list[EncodedSet]) -> None:
    """Of 300 persons each slips in up to half of all bits: many are doubtful."""
    rng = np.random.default_rng(9)
    people = rng.random((300, 1024)) < 0.3
    slips = rng.random((300, 1024)) < rng.uniform(0.05, 0.75, 300)[:, None]
    other = np.where(slips, rng.random((300, 1024)) < 0.3, people)
    sets = [
        EncodedSet(
            np.packbits(bits, axis=1).view("<u8").astype(np.uint64), np.full(300, 7, np.uint64)
        )
        for bits in (people, other)
    ]
    balanced, precise = link(sets, MODEL), link(sets, MODEL, precision=0.995)
    assert precise.estimated_precision >= 0.995
    assert precise.threshold >= balanced.threshold
    wrong = [group for group in precise.groups if group.members[0][1] != group.members[1][1]]
    assert len(wrong) <= 0.01 * len(precise.groups)
    assert len(precise.groups) > 100


def test_probabilities_are_learnt_once_for_all_thresholds(coalition: list[EncodedSet]) -> None:
    tasks = plan([len(records) for records in coalition])
    candidates = [compare(task, coalition, MODEL) for task in tasks]
    presence = [records.presence for records in coalition]
    weighed = weigh(tasks, candidates, presence, MODEL)
    for threshold in (None, 0.3, 0.99):
        expected = solve(tasks, candidates, presence, MODEL, threshold)
        found = settle(weighed, threshold)
        assert replace(found, calibration=None) == replace(expected, calibration=None)


def test_sets_without_common_records_have_no_groups(coalition: list[EncodedSet]) -> None:
    apart = [EncodedSet(part.clks[50:], part.presence[50:]) for part in coalition]
    assert link(apart, MODEL) == LinkResult(1.0, 1.0, 1.0, (), None)


def test_progress_is_told(coalition: list[EncodedSet]) -> None:
    told: list[tuple[int, int]] = []
    link(coalition, MODEL, progress=lambda done, all_: told.append((done, all_)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("count", [0, 1])
def test_one_set_or_none_has_no_groups(coalition: list[EncodedSet], count: int) -> None:
    assert link(coalition[:count], MODEL).groups == ()


def test_an_empty_set_is_no_obstacle(coalition: list[EncodedSet]) -> None:
    empty = EncodedSet(np.zeros((0, 0), np.uint64), np.zeros(0, np.uint64))
    result = link([coalition[0], empty, coalition[1]], MODEL)
    assert [group.members for group in result.groups] == [((0, i), (2, i)) for i in range(50)]


def test_tasks_travel() -> None:
    assert pickle.loads(pickle.dumps(Task(0, 1, 2, 3))) == Task(0, 1, 2, 3)
