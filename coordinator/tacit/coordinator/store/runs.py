"""Runs, their pinned inputs and their finished tasks at rest."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, true, update

from tacit.coordinator.store.decisions import drop_constraints
from tacit.coordinator.store.tables import (
    records,
    run_calibrations,
    run_inputs,
    run_tasks,
    runs,
    uploads,
)

QUEUED = "queued"
COMPARING = "comparing"
SOLVING = "solving"
DONE = "done"
FAILED = "failed"
CANCELLED = "cancelled"
ERASED = "erased"
"""State of a run that was done and whose results were kept for as long as agreed."""

LIVE = (QUEUED, COMPARING, SOLVING)
"""States of a run that has not ended."""


@dataclass(frozen=True, slots=True)
class Run:
    """A row of `runs`; `state` is one of this module's constants, times are in milliseconds.

    `generation` rises when a run under way begins anew because its inputs have shrunk.
    """

    id: str
    project_id: str
    agreement_hash: bytes
    inputs_hash: bytes
    created_at: int
    state: str = QUEUED
    pairs_done: int = 0
    pairs_total: int = 0
    ended_at: int | None = None
    threshold: float | None = None
    estimated_precision: float | None = None
    estimated_recall: float | None = None
    group_count: int = 0
    failure: str | None = None
    resumptions: int = 0
    generation: int = 0
    ledger_index: int | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more unless the run is started again."""
        return self.state not in LIVE


@dataclass(frozen=True, slots=True)
class Input:
    """One member's upload as a run reads it; `withdrawn` counts records taken out of it before."""

    upload_id: str
    member_id: str
    withdrawn: int = 0

    @property
    def line(self) -> str:
        """What names its content."""
        return f"{self.upload_id} withdrawn {self.withdrawn}" if self.withdrawn else self.upload_id


def inputs_hash(
    agreement_hash: bytes, inputs: Sequence[Input], decision: int | None = None
) -> bytes:
    """Name inputs: SHA-256 over the agreement's hash and the uploads' lines, in order.

    Args:
        agreement_hash: of the agreement.
        inputs: the uploads.
        decision: ledger index of the last decision on who is who, which is an input as well.
    """
    lines = [item.line for item in inputs] + [f"decision {decision}"] * (decision is not None)
    return sha256(agreement_hash + "\n".join(lines).encode()).digest()


def add(connection: Connection, run: Run, inputs: Sequence[Input]) -> None:
    """Enter a new run and pin its inputs, in their order."""
    connection.execute(insert(runs).values(**asdict(run)))
    connection.execute(
        insert(run_inputs),
        [
            {
                "run_id": run.id,
                "ordinal": ordinal,
                "upload_id": item.upload_id,
                "member_id": item.member_id,
                "withdrawn": item.withdrawn,
            }
            for ordinal, item in enumerate(inputs)
        ],
    )


def find(connection: Connection, run_id: str) -> Run | None:
    """Read a run; one whose results were erased is no more."""
    return _one(connection, select(runs).where(runs.c.id == run_id, runs.c.state != ERASED))


def find_by_inputs(connection: Connection, project_id: str, digest: bytes) -> Run | None:
    """Find the project's run over exactly these inputs."""
    query = select(runs).where(runs.c.project_id == project_id, runs.c.inputs_hash == digest)
    return _one(connection, query)


def of_project(connection: Connection, project_id: str) -> list[Run]:
    """List a project's runs, oldest first, without those whose results were erased."""
    query = select(runs).where(runs.c.project_id == project_id, runs.c.state != ERASED)
    rows = connection.execute(query.order_by(runs.c.created_at, runs.c.id)).mappings()
    return [Run(**row) for row in rows]


def last_done(connection: Connection, project_id: str) -> Run | None:
    """Find the project's most recently finished run."""
    query = select(runs).where(runs.c.project_id == project_id, runs.c.state == DONE)
    return _one(connection, query.order_by(runs.c.ended_at.desc(), runs.c.id).limit(1))


def next_live(connection: Connection) -> Run | None:
    """Find the oldest run that has not ended."""
    query = select(runs).where(runs.c.state.in_(LIVE))
    return _one(connection, query.order_by(runs.c.created_at, runs.c.id).limit(1))


def inputs(connection: Connection, run_id: str) -> tuple[Input, ...]:
    """Give the inputs of a run in their order."""
    rows = connection.execute(
        select(run_inputs.c.upload_id, run_inputs.c.member_id, run_inputs.c.withdrawn)
        .where(run_inputs.c.run_id == run_id)
        .order_by(run_inputs.c.ordinal)
    )
    return tuple(Input(row.upload_id, row.member_id, row.withdrawn) for row in rows)


def requeue(connection: Connection, run_id: str) -> None:
    """Queue a failed or cancelled run again."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run_id)
        .values(state=QUEUED, failure=None, ended_at=None, resumptions=0, pairs_done=0)
    )


def begin_anew(connection: Connection, run_id: str, inputs: Sequence[Input], digest: bytes) -> None:
    """Queue a run under way anew, over the same uploads with what they hold now."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run_id)
        .values(state=QUEUED, generation=runs.c.generation + 1, pairs_done=0, inputs_hash=digest)
    )
    for item in inputs:
        held = (run_inputs.c.run_id == run_id, run_inputs.c.upload_id == item.upload_id)
        connection.execute(update(run_inputs).where(*held).values(withdrawn=item.withdrawn))
    drop_tasks(connection, run_id)


def take_up(connection: Connection, run: Run, pairs_total: int) -> bool:
    """Begin or resume comparing; false where the run has ended meanwhile.

    A run that was under way already is counted as resumed.
    """
    done = select(func.coalesce(func.sum(run_tasks.c.pairs), 0)).where(run_tasks.c.run_id == run.id)
    return _change(
        connection,
        run.id,
        run.generation,
        state=COMPARING,
        pairs_total=pairs_total,
        pairs_done=done.scalar_subquery(),
        resumptions=runs.c.resumptions + int(run.state != QUEUED),
    )


def set_solving(connection: Connection, run: Run) -> bool:
    """Note that all tasks are finished; false where the run has ended or begun anew meanwhile."""
    return _change(connection, run.id, run.generation, state=SOLVING)


def end(
    connection: Connection,
    run_id: str,
    state: str,
    now: int,
    generation: int | None = None,
    **values: object,
) -> bool:
    """End a run that has not ended, and drop what it needed; false where it had ended already.

    Nothing ends either where `generation` is given and the run has begun anew since.
    """
    if not _change(connection, run_id, generation, state=state, ended_at=now, **values):
        return False
    drop_tasks(connection, run_id)
    drop_constraints(connection, run_id)
    _erase_superseded(connection, run_id)
    return True


def finish_task(connection: Connection, run: Run, task: int, pairs: int, candidates: bytes) -> bool:
    """Keep a finished task's candidates and count its pairs.

    False where the run has ended or begun anew.
    """
    if not _change(connection, run.id, run.generation, pairs_done=runs.c.pairs_done + pairs):
        return False
    connection.execute(
        insert(run_tasks).values(run_id=run.id, task=task, pairs=pairs, candidates=candidates)
    )
    return True


def finished_tasks(connection: Connection, run_id: str) -> dict[int, int]:
    """Give the pairs of each finished task by its number."""
    rows = connection.execute(
        select(run_tasks.c.task, run_tasks.c.pairs).where(run_tasks.c.run_id == run_id)
    )
    return {row.task: row.pairs for row in rows}


def candidates(connection: Connection, run_id: str) -> Iterator[bytes]:
    """Give the candidates of all finished tasks, by task number, one by one."""
    query = select(run_tasks.c.candidates).where(run_tasks.c.run_id == run_id)
    ordered = query.order_by(run_tasks.c.task).execution_options(yield_per=16)
    yield from connection.scalars(ordered)


def keep_calibration(connection: Connection, run_id: str, calibration: bytes) -> None:
    """Keep what a run learnt of scores."""
    connection.execute(insert(run_calibrations).values(run_id=run_id, calibration=calibration))


def calibration(connection: Connection, run_id: str) -> bytes | None:
    """Give what a run learnt of scores, where it is still kept."""
    query = select(run_calibrations.c.calibration).where(run_calibrations.c.run_id == run_id)
    return connection.scalar(query)


def drop_tasks(connection: Connection, run_id: str) -> None:
    """Erase a run's candidates: raw scores are needed for solving only."""
    connection.execute(delete(run_tasks).where(run_tasks.c.run_id == run_id))


def _erase_superseded(connection: Connection, run_id: str) -> None:
    """Erase records of replaced uploads that were kept only for a run that has ended."""
    read = select(run_inputs.c.upload_id).where(run_inputs.c.run_id == run_id)
    live = select(run_inputs.c.upload_id).join(runs).where(runs.c.state.in_(LIVE))
    replaced = select(uploads.c.id).where(
        uploads.c.superseded, uploads.c.id.in_(read), uploads.c.id.not_in(live)
    )
    connection.execute(delete(records).where(records.c.upload_id.in_(replaced)))


def _change(connection: Connection, run_id: str, generation: int | None, **values: object) -> bool:
    same = true() if generation is None else runs.c.generation == generation
    changed = connection.execute(
        update(runs).where(runs.c.id == run_id, runs.c.state.in_(LIVE), same).values(**values)
    )
    return changed.rowcount == 1


def _one(connection: Connection, query: Select[*tuple[Any, ...]]) -> Run | None:
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Run(**row)
