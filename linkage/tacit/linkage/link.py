"""The linkage pipeline: plan, compare, solve; the one code that service and evaluation run.

    tasks = plan(sizes)
    candidates = [compare(task, sets, model) for task in tasks]    # anywhere, in any order
    result = solve(tasks, candidates, presence, model)

All steps are pure and deterministic: the same input gives the same bytes, whatever the order or
the process in which tasks were compared.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.calibration import Calibration
from tacit.linkage.candidates import Candidates
from tacit.linkage.cluster import Group, Link, Merge, Pairs, groups_of, merges
from tacit.linkage.constraints import NO_CONSTRAINTS, Constraints
from tacit.linkage.expectation import NO_MATCH, expect
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
    "compare",
    "link",
    "plan",
    "settle",
    "solve",
    "weigh",
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
        threshold: least match probability of a link; given, or found without truth.
        estimated_precision: share of links expected to be right, estimated without truth.
        estimated_recall: share of true matches expected to be found, likewise.
        groups: match groups, ordered by first member; the scores are match probabilities.
        calibration: what a score says, for checks; None where nothing matched.
    """

    threshold: float
    estimated_precision: float
    estimated_recall: float
    groups: tuple[Group, ...]
    calibration: Calibration | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Candidates with their match probabilities, and how they merge.

    Attributes:
        pairs: all candidates; their score is the probability of being a match.
        estimate: what was learnt.
        merges: by falling score.
    """

    pairs: Pairs
    estimate: Estimate
    merges: tuple[Merge, ...]


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
    candidates: Iterable[Candidates],
    presence: Sequence[NDArray[np.uint64]],
    model: ScoreModel,
    threshold: float | None = None,
    *,
    precision: float | None = None,
    constraints: Constraints = NO_CONSTRAINTS,
) -> LinkResult:
    """Turn the tasks' candidates into match groups.

    Args:
        tasks: as planned.
        candidates: of each task, in the same order; not held on to, as they may be many.
        presence: presence masks of each set's records, uint64.
        model: what the candidates were scored with.
        threshold: least match probability of a link; None finds one without truth.
        precision: wished share of links that are right, from which the threshold follows; None
            takes that of the highest expected F-measure. Counts without a threshold only.
        constraints: known links and non-links, and which sets may hold a person twice.

    Raises:
        TacitError: CONTRADICTION; the constraints cannot all hold.
    """
    return settle(weigh(tasks, candidates, presence, model, constraints), threshold, precision)


def weigh(
    tasks: Sequence[Task],
    candidates: Iterable[Candidates],
    presence: Sequence[NDArray[np.uint64]],
    model: ScoreModel,
    constraints: Constraints = NO_CONSTRAINTS,
) -> Weighed:
    """Learn match probabilities and merge what belongs together, for all thresholds at once.

    Args: see `solve`.

    Raises:
        TacitError: CONTRADICTION; the constraints cannot all hold.
    """
    pairs = gather(tasks, candidates)
    found = estimate(pairs, presence, model, constraints)
    scored = replace(pairs, score=found.probability)
    return Weighed(scored, found, tuple(merges(scored, constraints)))


def settle(
    weighed: Weighed, threshold: float | None = None, precision: float | None = None
) -> LinkResult:
    """Take a threshold, given or found without truth, and make its groups; see `solve`."""
    expected = expect(weighed.merges, weighed.pairs.score)
    if threshold is None:
        threshold = expected.best() if precision is None else expected.precise(precision)
        if not weighed.estimate.any_found:
            threshold = NO_MATCH
    likely, recalled = expected.at(threshold)
    return LinkResult(
        threshold=threshold,
        estimated_precision=likely,
        estimated_recall=recalled,
        groups=groups_of(weighed.merges, weighed.pairs, threshold),
        calibration=weighed.estimate.calibration if threshold < NO_MATCH else None,
    )


def gather(tasks: Sequence[Task], candidates: Iterable[Candidates]) -> Pairs:
    """Put the candidates of all tasks into one list of pairs."""
    if not tasks:
        none = np.zeros(0, np.int64)
        return Pairs(none, none, none, none, np.zeros(0))
    found = list(candidates)
    counts = [len(part.score) for part in found]
    # Short numbers: a coalition of thirty has tens of millions of candidates.
    return Pairs(
        np.repeat(np.array([task.left for task in tasks], np.int16), counts),
        np.concatenate([part.left for part in found]),
        np.repeat(np.array([task.right for task in tasks], np.int16), counts),
        np.concatenate([part.right for part in found]),
        np.concatenate([part.score for part in found]).astype(np.float64),
    )


def link(
    sets: Sequence[EncodedSet],
    model: ScoreModel,
    threshold: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    precision: float | None = None,
    constraints: Constraints = NO_CONSTRAINTS,
) -> LinkResult:
    """Plan, compare and solve in this process.

    Args:
        sets: the members' encoded records.
        model: of the agreed schema.
        threshold: see `solve`.
        progress: called with the tasks done and all tasks after each task.
        precision: see `solve`.
        constraints: see `solve`.
    """
    tasks = plan([len(records) for records in sets])
    candidates = []
    for done, task in enumerate(tasks, start=1):
        candidates.append(compare(task, sets, model))
        if progress:
            progress(done, len(tasks))
    presence = [records.presence for records in sets]
    return solve(
        tasks, candidates, presence, model, threshold, precision=precision, constraints=constraints
    )
