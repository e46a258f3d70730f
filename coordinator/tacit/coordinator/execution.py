"""One run from pinned uploads to match groups, in steps that survive a kill at any moment.

Every finished task is on disk before it is counted. Groups, the run's end and its ledger entry
are one transaction. What is taken up again starts from the tasks on disk; as comparing and
solving are deterministic, the groups are those of an undisturbed run.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tacit.coordinator.backend import Backend, day_of
from tacit.coordinator.decisions import several_of
from tacit.coordinator.documents import schema_of
from tacit.coordinator.engine.choose import choose_engine
from tacit.coordinator.store import runs
from tacit.coordinator.store.decisions import RunConstraint, constraints_of
from tacit.coordinator.store.groups import Link, Place, Solved, add_groups
from tacit.coordinator.store.sets import UploadSet, load_set
from tacit.linkage.agreement import Agreement
from tacit.linkage.constraints import Constraints
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.link import Candidates, LinkResult, Task, plan, solve
from tacit.linkage.score import ScoreModel

_MIN_SETS = 2
_ID_SPACE = 10**9


class Stopped(Exception):  # noqa: N818 (no error: the run was cancelled or put down)
    """The run is not to go on in this process."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How runs are executed.

    Attributes:
        engine: "auto", "serial" or "process".
        workers: processes of the process engine; the number of cores by default.
    """

    engine: str = "auto"
    workers: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A run made ready: its inputs in memory and its plan."""

    run: runs.Run
    agreement: Agreement
    inputs: tuple[runs.Input, ...]
    sets: tuple[UploadSet, ...]
    constraints: Constraints
    model: ScoreModel
    tasks: tuple[Task, ...]

    @property
    def sizes(self) -> list[int]:
        """Records of each set that take part."""
        return [len(item.positions) for item in self.sets]

    def pairs(self, task: Task) -> int:
        """How many pairs a task compares."""
        return (task.stop - task.start) * self.sizes[task.right]


def execute(
    backend: Backend,
    run: runs.Run,
    agreement: Agreement,
    manner: Manner,
    changed: Callable[[], None],
) -> None:
    """Bring a run to its end.

    Args:
        backend: the coordinator.
        run: a run that has not ended.
        agreement: of its project.
        manner: how to compare.
        changed: called after each committed change.

    Raises:
        Stopped: the run was cancelled or begins anew, or the coordinator is stopping.
        TacitError: NOTHING_TO_LINK, too few records may be used; or what the store reports.
    """
    job = _prepare(backend, run, agreement)
    left = _take_up(backend, job)
    changed()
    _compare(backend, job, left, manner, changed)
    with backend.store.write() as connection:
        _go_on(runs.set_solving(connection, run))
    changed()
    _solve(backend, job)
    changed()


def _prepare(backend: Backend, run: runs.Run, agreement: Agreement) -> Job:
    with backend.store.read() as connection:
        inputs = runs.inputs(connection, run.id)
        # As of the day it was queued: what is taken up again another day must find the same sets.
        day = day_of(run.created_at)
        sets = tuple(
            load_set(connection, item.upload_id, agreement.purposes, day) for item in inputs
        )
        known = constraints_of(connection, run.id)
    if sum(len(item.positions) > 0 for item in sets) < _MIN_SETS:
        raise TacitError(Code.NOTHING_TO_LINK)
    model = ScoreModel.from_schema(schema_of(agreement.schema))
    tasks = plan([len(item.positions) for item in sets])
    constraints = _constraints(known, sets, several_of(inputs, agreement))
    return Job(run, agreement, inputs, sets, constraints, model, tasks)


def _constraints(
    known: Sequence[RunConstraint], sets: Sequence[UploadSet], several: frozenset[int]
) -> Constraints:
    """Translate upload positions to records of the sets; records without consent are in none."""
    index = [{int(place): n for n, place in enumerate(part.positions)} for part in sets]
    pairs: dict[bool, list[tuple[tuple[int, int], tuple[int, int]]]] = {True: [], False: []}
    for item in known:
        left, right = index[item.left_set].get(item.left), index[item.right_set].get(item.right)
        if left is not None and right is not None:
            pairs[item.same].append(((item.left_set, left), (item.right_set, right)))
    return Constraints(tuple(pairs[True]), tuple(pairs[False]), several)


def _take_up(backend: Backend, job: Job) -> list[int]:
    """Mark the run as under way and give the numbers of the tasks that are still to be done."""
    total = sum(job.pairs(task) for task in job.tasks)
    with backend.store.write() as connection:
        done = runs.finished_tasks(connection, job.run.id)
        pairs = [job.pairs(task) for task in job.tasks]
        if any(number >= len(pairs) or pairs[number] != done[number] for number in done):
            # Other software planned these tasks: its pieces do not fit this plan.
            runs.drop_tasks(connection, job.run.id)
            done = {}
        _go_on(runs.take_up(connection, job.run, total))
    return [number for number in range(len(job.tasks)) if number not in done]


def _compare(
    backend: Backend, job: Job, left: Sequence[int], manner: Manner, changed: Callable[[], None]
) -> None:
    numbers = {job.tasks[number]: number for number in left}
    cancelled = False

    def keep(task: Task, candidates: bytes) -> None:
        nonlocal cancelled
        with backend.store.write() as connection:
            cancelled = not runs.finish_task(
                connection, job.run, numbers[task], job.pairs(task), candidates
            )
        changed()

    engine = choose_engine(manner.engine, sum(map(job.pairs, numbers)), manner.workers)
    encoded = [item.encoded for item in job.sets]
    engine.run(
        list(numbers), encoded, job.model, keep, lambda: cancelled or backend.stopping.is_set()
    )
    _go_on(not cancelled and not backend.stopping.is_set())


def _solve(backend: Backend, job: Job) -> None:
    result = solve(
        job.tasks,
        _candidates(backend, job.run.id),
        [item.encoded.presence for item in job.sets],
        job.model,
        agreed_threshold(job.agreement),
        precision=agreed_precision(job.agreement),
        constraints=job.constraints,
    )
    record_result(backend, job, result)


def _candidates(backend: Backend, run_id: str) -> Iterator[Candidates]:
    """Read what the tasks found one by one: nobody needs their bytes while the rest is solved."""
    with backend.store.read() as connection:
        for stored in runs.candidates(connection, run_id):
            yield Candidates.from_bytes(stored)


def agreed_threshold(agreement: Agreement) -> float | None:
    """Give the threshold that the agreement fixes, or None where the model is to find it."""
    return agreement.threshold_permille / 1000 or None


def agreed_precision(agreement: Agreement) -> float | None:
    """Give the precision that the agreement wishes for, from which the threshold follows."""
    return agreement.precision_permille / 1000 or None


def record_result(backend: Backend, job: Job, result: LinkResult) -> None:
    """Write groups, the run's end and its ledger entry in one transaction."""
    solved = _number(job, result)
    now = backend.now()
    with backend.store.write() as connection:
        index = backend.ledger.append(
            connection,
            "run",
            now,
            project=job.run.project_id,
            agreement=job.run.agreement_hash.hex(),
            run=job.run.id,
            uploads=[item.upload_id for item in job.inputs],
            threshold_permille=round(result.threshold * 1000),
            known=len(job.constraints.same) + len(job.constraints.different),
        )
        add_groups(connection, job.run.id, solved)
        if result.calibration is not None:
            runs.keep_calibration(connection, job.run.id, result.calibration.to_bytes())
        _go_on(
            runs.end(
                connection,
                job.run.id,
                runs.DONE,
                now,
                job.run.generation,
                threshold=result.threshold,
                estimated_precision=result.estimated_precision,
                estimated_recall=result.estimated_recall,
                group_count=len(solved),
                ledger_index=index,
            )
        )


def _number(job: Job, result: LinkResult) -> list[Solved]:
    """Give each group a random number, so that a member's numbers tell nothing of the others."""
    space = range(1, max(_ID_SPACE, 100 * len(result.groups)))
    numbers = secrets.SystemRandom().sample(space, len(result.groups))
    solved = []
    for number, group in zip(numbers, result.groups, strict=True):
        place = {member: index for index, member in enumerate(group.members)}
        places = [
            Place(
                job.inputs[index].upload_id,
                int(job.sets[index].positions[record]),
                job.inputs[index].member_id,
            )
            for index, record in group.members
        ]
        links = [
            Link(place[link.left], place[link.right], round(link.score, 2)) for link in group.links
        ]
        solved.append(Solved(number, places, links))
    return solved


def _go_on(alive: bool) -> None:
    if not alive:
        raise Stopped
