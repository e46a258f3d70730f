"""Finding and erasing what a project has kept for as long as its agreement says.

Commitments, ledger entries, checks (their cost counts against the budget) and releases stay:
proofs go on holding, and what was published cannot be unpublished.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)

from tacit.coordinator.store.decisions import count_older, erase_older
from tacit.coordinator.store.runs import DONE, ERASED, LIVE
from tacit.coordinator.store.tables import (
    group_links,
    group_records,
    groups,
    notices,
    projects,
    records,
    run_calibrations,
    run_inputs,
    runs,
    sketches,
    uploads,
)
from tacit.coordinator.store.uploads import drop_upload


@dataclass(frozen=True, slots=True)
class Kept:
    """A project and its agreement, canonical JSON."""

    project_id: str
    agreement: bytes
    agreement_hash: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What is older is erased. Times in milliseconds.

    Attributes:
        kept: uploads finished, runs ended, checks and decisions made before it.
        unfinished: uploads started before it and never finished.
    """

    kept: int
    unfinished: int


@dataclass(frozen=True, slots=True)
class Expired:
    """What a project holds beyond its time; identifiers.

    Attributes:
        current: uploads that counted until now and that no run under way reads.
        unfinished: uploads that were never finished, and those whose epoch ended before.
        replaced: uploads that count no longer and still hold records that nothing needs.
        runs: runs that have groups.
        notices: how many.
        decisions: how many.
    """

    current: Sequence[str] = ()
    unfinished: Sequence[str] = ()
    replaced: Sequence[str] = ()
    runs: Sequence[str] = ()
    notices: int = 0
    decisions: int = 0

    def __bool__(self) -> bool:
        uploads_too_old = self.current or self.unfinished or self.replaced
        return bool(uploads_too_old or self.runs or self.notices or self.decisions)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        uploads: uploads of which nothing but commitments is left.
        records: encodings, each with its sealed claim.
        runs: runs whose groups and links are gone.
        notices: notices of checks.
        decisions: known links and non-links.
    """

    uploads: int
    records: int
    runs: int
    notices: int
    decisions: int


def all_projects(connection: Connection) -> list[Kept]:
    """Give every project of the coalition, oldest first."""
    columns = (projects.c.id, projects.c.agreement, projects.c.agreement_hash)
    query = select(*columns).order_by(projects.c.created_at, projects.c.id)
    return [Kept(*row) for row in connection.execute(query)]


def find_expired(connection: Connection, project_id: str, limits: Limits) -> Expired:
    """Find what a project holds beyond its time."""
    own = select(uploads.c.id).where(uploads.c.project_id == project_id).order_by(uploads.c.id)
    needed = select(run_inputs.c.upload_id).join(runs).where(runs.c.state.in_(LIVE))
    live = own.where(~uploads.c.superseded)
    held = exists().where(records.c.upload_id == uploads.c.id)

    def ids(query: Select[str]) -> list[str]:
        return list(connection.scalars(query))

    return Expired(
        current=ids(
            live.where(
                uploads.c.finished,
                uploads.c.finished_at < limits.kept,
                uploads.c.id.not_in(needed),
            )
        ),
        unfinished=ids(
            own.where(
                ~uploads.c.finished,
                or_(uploads.c.superseded, uploads.c.started_at < limits.unfinished),
            )
        ),
        replaced=ids(
            own.where(uploads.c.finished, uploads.c.superseded, uploads.c.id.not_in(needed), held)
        ),
        runs=ids(
            select(runs.c.id)
            .where(
                runs.c.project_id == project_id,
                runs.c.state == DONE,
                runs.c.ended_at < limits.kept,
            )
            .order_by(runs.c.id)
        ),
        notices=connection.execute(
            select(func.count()).select_from(notices).where(*_old_notices(project_id, limits))
        ).scalar_one(),
        decisions=count_older(connection, project_id, limits.kept),
    )


def erase(
    connection: Connection, project_id: str, expired: Expired, limits: Limits, most: int
) -> Erased:
    """Erase what is expired; of finished uploads no more than `most` records.

    An upload counts no longer from the first batch on, also where its records take several: what
    is left of them is found as `replaced` by the next `find_expired`.

    Args:
        connection: a `Store.write` transaction.
        project_id: the project.
        expired: found in the same transaction.
        limits: by which it was found.
        most: records.
    """
    connection.execute(
        update(uploads).where(uploads.c.id.in_(expired.current)).values(superseded=True)
    )
    uploads_done, records_done = _erase_records(
        connection, [*expired.replaced, *expired.current], most
    )
    for upload_id in expired.unfinished:
        records_done += _count_records(connection, upload_id)
        drop_upload(connection, upload_id)
    _erase_groups(connection, expired.runs)
    connection.execute(delete(notices).where(*_old_notices(project_id, limits)))
    erase_older(connection, project_id, limits.kept)
    return Erased(
        uploads_done + len(expired.unfinished),
        records_done,
        len(expired.runs),
        expired.notices,
        expired.decisions,
    )


def _erase_records(connection: Connection, upload_ids: Sequence[str], most: int) -> tuple[int, int]:
    """Erase up to `most` records, upload by upload; gives uploads emptied and records erased."""
    emptied, erased = 0, 0
    for upload_id in upload_ids:
        of_upload = records.c.upload_id == upload_id
        first = connection.execute(select(func.min(records.c.position)).where(of_upload)).scalar()
        if first is not None:
            if erased == most:
                continue
            reached = records.c.position < first + most - erased
            erased += connection.execute(delete(records).where(of_upload, reached)).rowcount
        emptied += _count_records(connection, upload_id) == 0
    return emptied, erased


def _count_records(connection: Connection, upload_id: str) -> int:
    query = select(func.count()).select_from(records).where(records.c.upload_id == upload_id)
    return int(connection.execute(query).scalar_one())


def erase_results(connection: Connection, project_id: str) -> None:
    """Erase what all runs of a project found."""
    query = select(runs.c.id).where(runs.c.project_id == project_id, runs.c.state == DONE)
    _erase_groups(connection, list(connection.scalars(query)))


def erase_sketches(connection: Connection, project_id: str, member_id: str | None = None) -> None:
    """Erase the sketches in a project's groups, all of them or those of one member's records."""
    mine = select(runs.c.id).where(runs.c.project_id == project_id)
    own = exists().where(
        group_records.c.run_id == sketches.c.run_id,
        group_records.c.group_id == sketches.c.group_id,
        group_records.c.place == sketches.c.place,
        group_records.c.member_id == member_id,
    )
    concerned = true() if member_id is None else own
    connection.execute(delete(sketches).where(sketches.c.run_id.in_(mine), concerned))


def _erase_groups(connection: Connection, run_ids: Sequence[str]) -> None:
    for table in (sketches, group_links, group_records, groups, run_calibrations):
        connection.execute(delete(table).where(table.c.run_id.in_(run_ids)))
    connection.execute(
        update(runs)
        .where(runs.c.id.in_(run_ids))
        .values(
            state=ERASED,
            threshold=None,
            estimated_precision=None,
            estimated_recall=None,
            group_count=0,
        )
    )


def _old_notices(project_id: str, limits: Limits) -> tuple[ColumnElement[bool], ...]:
    return notices.c.project_id == project_id, notices.c.asked_at < limits.kept
