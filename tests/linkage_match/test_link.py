"""The pipeline: tasks cover every pair once, and how they are cut changes nothing."""

import pickle
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.link import LinkResult, Task, check, compare, link, plan, solve
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
    sizes = [len(records) for records in coalition]
    tasks = plan(sizes, block)
    backwards = [compare(task, coalition, MODEL) for task in reversed(tasks)]
    assert solve(tasks, backwards[::-1], sizes, MODEL) == link(coalition, MODEL)


def test_candidates_name_rows_of_the_whole_set(coalition: list[EncodedSet]) -> None:
    found = compare(Task(0, 1, 20, 60), coalition, MODEL)
    assert found.left.min() >= 20
    assert found.left.max() < 60
    assert {(i, i) for i in range(20, 50)} <= set(
        zip(found.left.tolist(), found.right.tolist(), strict=True)
    )


def test_a_given_threshold_is_kept(coalition: list[EncodedSet]) -> None:
    assert link(coalition, MODEL, 1.0) == LinkResult(1.0, 1.0, 0.0, ())
    assert link(coalition, MODEL, 0.6).threshold == 0.6


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


class TestCheck:
    def test_answers_from_every_set(self, coalition: list[EncodedSet]) -> None:
        queries = EncodedSet(coalition[0].clks[45:55], coalition[0].presence[45:55])
        answers = check(queries, coalition[1:], MODEL, 0.6)
        assert [[(s, r) for s, r, _ in answer] for answer in answers] == [
            *([(0, i), (1, i)] for i in range(45, 50)),
            *([] for _ in range(5)),
        ]
        assert all(0.6 <= score <= 1 for answer in answers for _, _, score in answer)

    def test_one_query_per_record(self, coalition: list[EncodedSet]) -> None:
        twice = EncodedSet(coalition[1].clks[[3, 3]], coalition[1].presence[[3, 3]])
        assert check(twice, [coalition[1]], MODEL, 0.6) == [[(0, 3, 1.0)], []]

    def test_no_queries(self, coalition: list[EncodedSet]) -> None:
        none = EncodedSet(coalition[0].clks[:0], coalition[0].presence[:0])
        assert check(none, coalition, MODEL, 0.5) == []

    def test_scores_are_those_of_linking(
        self, coalition: list[EncodedSet], random_set: Callable[..., EncodedSet]
    ) -> None:
        queries = random_set(5, seed=3, features=3)
        both = EncodedSet(
            np.concatenate([queries.clks, coalition[0].clks[:5]]),
            np.concatenate([queries.presence, coalition[0].presence[:5]]),
        )
        answers = check(both, [coalition[1]], MODEL, 0.5)
        linked = {
            group.links[0].left[1]: group.links[0].score
            for group in link([both, coalition[1]], MODEL, 0.5).groups
        }
        assert {i: a[0][2] for i, a in enumerate(answers) if a} == linked


def test_tasks_travel() -> None:
    assert pickle.loads(pickle.dumps(Task(0, 1, 2, 3))) == Task(0, 1, 2, 3)
