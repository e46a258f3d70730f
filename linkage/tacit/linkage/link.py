"""The linkage pipeline: plan, compare, solve; the one code that service and evaluation run.

    tasks = plan(sizes)
    candidates = [compare(task, sets, model) for task in tasks]    # anywhere, in any order
    result = solve(tasks, candidates, sizes, model)

All steps are pure and deterministic: the same input gives the same bytes, whatever the order or
the process in which tasks were compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tacit.linkage.candidates import FLOOR, Candidates
from tacit.linkage.cluster import Group, Link, Pairs
from tacit.linkage.constraints import NO_CONSTRAINTS, Constraints
from tacit.linkage.greedy import share_groups
from tacit.linkage.mixture import Estimate, estimate
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel
from tacit.linkage.similarity import compare_rows

__all__ = [
    "Candidates",
    "Group",
    "Link",
    "LinkResult",
    "Task",
    "check",
    "compare",
    "link",
    "plan",
    "solve",
]


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: compare rows [start, stop) of set `left` with all of set `right`."""

    left: int
    right: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What linking found.

    Attributes:
        threshold: least score of a link; given, or found without truth.
        estimated_precision: share of links expected to be right, estimated without truth.
        estimated_recall: share of true matches expected to be found, likewise.
        groups: match groups, ordered by first member.
    """

    threshold: float
    estimated_precision: float
    estimated_recall: float
    groups: tuple[Group, ...]


def plan(sizes: Sequence[int], block: int = 2048) -> tuple[Task, ...]:
    """Cut the comparison of sets of the given sizes into tasks of at most `block` rows."""
    return tuple(
        Task(left, right, start, min(start + block, sizes[left]))
        for left in range(len(sizes))
        for right in range(left + 1, len(sizes))
        for start in range(0, sizes[left], block)
        if sizes[right]
    )


def compare(task: Task, sets: Sequence[EncodedSet], model: ScoreModel) -> Candidates:
    """Do one task.

    Returns:
        Candidates with record indices in the whole sets; at most `candidates.KEEP` per row.
    """
    rows, right = sets[task.left], sets[task.right]
    part = EncodedSet(rows.clks[task.start : task.stop], rows.presence[task.start : task.stop])
    found = compare_rows(model, part, right)
    left = (found.left + task.start).astype(np.int32)
    return Candidates(left, found.right, found.score)


def solve(
    tasks: Sequence[Task],
    candidates: Sequence[Candidates],
    sizes: Sequence[int],
    model: ScoreModel,  # noqa: ARG001 (the seam carries it for solvers that look at fields)
    threshold: float | None = None,
    *,
    constraints: Constraints = NO_CONSTRAINTS,
) -> LinkResult:
    """Turn the tasks' candidates into match groups.

    Args:
        tasks: as planned.
        candidates: of each task, in the same order.
        sizes: records in each set.
        model: what the candidates were scored with.
        threshold: least score of a link; None finds one without truth.
        constraints: known links and non-links, and which sets may hold a person twice.

    Raises:
        TacitError: CONTRADICTION; the constraints cannot all hold.
    """
    pairs = gather(tasks, candidates)
    found: Estimate = estimate(pairs, sizes)
    chosen = found.threshold if threshold is None else threshold
    precision, recall = found.at(chosen)
    kept = pairs.take(pairs.score >= chosen)
    return LinkResult(chosen, precision, recall, share_groups(kept, constraints=constraints))


def gather(tasks: Sequence[Task], candidates: Sequence[Candidates]) -> Pairs:
    """Put the candidates of all tasks into one list of pairs."""
    if not tasks:
        none = np.zeros(0, np.int64)
        return Pairs(none, none, none, none, np.zeros(0))
    counts = [len(found.score) for found in candidates]
    return Pairs(
        np.repeat(np.array([task.left for task in tasks], np.int64), counts),
        np.concatenate([found.left for found in candidates]).astype(np.int64),
        np.repeat(np.array([task.right for task in tasks], np.int64), counts),
        np.concatenate([found.right for found in candidates]).astype(np.int64),
        np.concatenate([found.score for found in candidates]).astype(np.float64),
    )


def link(
    sets: Sequence[EncodedSet],
    model: ScoreModel,
    threshold: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    constraints: Constraints = NO_CONSTRAINTS,
) -> LinkResult:
    """Plan, compare and solve in this process.

    Args:
        sets: the members' encoded records.
        model: of the agreed schema.
        threshold: see `solve`.
        progress: called with the tasks done and all tasks after each task.
        constraints: see `solve`.
    """
    sizes = [len(records) for records in sets]
    tasks = plan(sizes)
    candidates = []
    for done, task in enumerate(tasks, start=1):
        candidates.append(compare(task, sets, model))
        if progress:
            progress(done, len(tasks))
    return solve(tasks, candidates, sizes, model, threshold, constraints=constraints)


def check(
    queries: EncodedSet, others: Sequence[EncodedSet], model: ScoreModel, threshold: float
) -> list[list[tuple[int, int, float]]]:
    """Look records up in other sets.

    Args:
        queries: the records asked about.
        others: sets to look in.
        model: of the agreed schema.
        threshold: least score of an answer.

    Returns:
        For each query, (set, record, score) in set order: at most one record per set, and each
        record answers one query only, best pairs first.
    """
    answers: list[list[tuple[int, int, float]]] = [[] for _ in range(len(queries))]
    for index, other in enumerate(others):
        found = compare_rows(model, queries, other, min(FLOOR, threshold))
        order = np.lexsort((found.right, found.left, -found.score))
        rows: set[int] = set()
        columns: set[int] = set()
        for position in order[found.score[order] >= threshold].tolist():
            row, column = int(found.left[position]), int(found.right[position])
            if row not in rows and column not in columns:
                rows.add(row)
                columns.add(column)
                answers[row].append((index, column, float(found.score[position])))
    return answers
