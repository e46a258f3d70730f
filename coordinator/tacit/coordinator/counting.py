"""Releasing the joint count of a run.

All dimensions are counted and protected at once, and the release is kept: however often and by
whatever dimension members ask, one run gives one set of numbers.
"""

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.project_admission import require_complete
from tacit.coordinator.store.counting import (
    Counted,
    Release,
    add_release,
    find_release,
    run_records,
)
from tacit.coordinator.store.projects import read_project
from tacit.coordinator.store.runs import Run, inputs
from tacit.coordinator.store.sets import allows
from tacit.coordinator.store.uploads import current_uploads, find_upload
from tacit.linkage.agreement import Agreement, Purpose
from tacit.linkage.canonical import canonical
from tacit.linkage.codes import UNKNOWN
from tacit.linkage.counts import CountResult, CountRow, CountTable, OverlapRow, count_victims
from tacit.linkage.errors import Code, TacitError


def released_count(
    backend: Backend, run: Run, agreement: Agreement, member_id: str
) -> tuple[CountResult, int]:
    """Give a run's count, releasing it if this is the first time anyone asks.

    Args:
        backend: the coordinator.
        run: a finished run.
        agreement: of its project.
        member_id: who asks; the first one's name goes into the ledger.

    Returns:
        The count over all dimensions, its members in the agreement's order, and the release's
        index in the ledger.

    Raises:
        TacitError: what `require_countable` raises, where it is not released yet.
    """
    dimensions = canonical(sorted(agreement.strata)).decode()
    while True:
        with backend.store.read() as connection:
            known = find_release(connection, run.id, dimensions)
            held = _held(connection, run)
            counted = run_records(connection, run.id, backend.day) if known is None else []
        if known is not None:
            break
        result = count_records(counted, agreement)
        with backend.store.write() as connection:
            if _held(connection, run) != held:
                continue  # a record was withdrawn meanwhile
            # Who released first has released for all.
            known = find_release(connection, run.id, dimensions)
            if known is None:
                require_countable(connection, run)
                known = _release(
                    backend, connection, run, dimensions, member_id, result, agreement.minimum_cell
                )
            break
    return _read(known.result), known.ledger_index


def require_countable(connection: Connection, run: Run) -> None:
    """Let no count be fixed for good while members of the run have no records there.

    Raises:
        TacitError: AGREEMENT_STALE; MEMBER_GONE; EPOCH_ENDED, a new epoch has begun and not all
            members have uploaded anew.
    """
    project = read_project(connection, run.project_id)
    if project is None or project.agreement_hash != run.agreement_hash:
        raise TacitError(Code.AGREEMENT_STALE)
    require_complete(connection, project)
    there = {upload.member_id for upload in current_uploads(connection, project.id)}
    for item in inputs(connection, run.id):
        upload = find_upload(connection, item.upload_id)
        if upload and upload.epoch < project.epoch and item.member_id not in there:
            raise TacitError(Code.EPOCH_ENDED, epoch=upload.epoch)


def _held(connection: Connection, run: Run) -> list[tuple[str, int]]:
    return [(item.id, item.withdrawn) for item in current_uploads(connection, run.project_id)]


def count_records(counted: list[Counted], agreement: Agreement) -> CountResult:
    """Count those records whose consent covers it, under the agreement's disclosure control."""
    order = {party.member_id: index for index, party in enumerate(agreement.members)}
    sizes = [0] * len(order)
    strata: dict[str, list[list[str]]] = {
        dimension: [[] for _ in order] for dimension in agreement.strata
    }
    groups: dict[int, list[tuple[int, int]]] = {}
    for record in counted:
        if not allows(record.purposes, (Purpose.COUNT,)):
            continue
        member = order[record.member_id]
        if record.group_id is not None:
            groups.setdefault(record.group_id, []).append((member, sizes[member]))
        for dimension, columns in strata.items():
            columns[member].append(record.strata.get(dimension, UNKNOWN))
        sizes[member] += 1
    return count_victims(
        list(groups.values()), sizes, strata, agreement.strata, agreement.minimum_cell
    )


def require_dimensions(by: list[str], agreement: Agreement) -> None:
    """Check what is asked for before anything is released.

    Raises:
        TacitError: MALFORMED, the agreement has no such dimension.
    """
    if any(dimension not in agreement.strata for dimension in by):
        problem = f"the agreement's dimensions are: {', '.join(sorted(agreement.strata))}."
        raise TacitError(Code.MALFORMED, problem=problem)


def choose_tables(result: CountResult, by: list[str]) -> CountResult:
    """Leave the tables of these dimensions; none named means all."""
    return result.only(by) if by else result


def _release(  # noqa: PLR0917 (all of it is what is released)
    backend: Backend,
    connection: Connection,
    run: Run,
    dimensions: str,
    member_id: str,
    result: CountResult,
    minimum: int,
) -> Release:
    now = backend.now()
    document = asdict(result)
    index = backend.ledger.append(
        connection,
        "release",
        now,
        project=run.project_id,
        agreement=run.agreement_hash.hex(),
        run=run.id,
        member=member_id,
        minimum_cell=minimum,
        dimensions=dimensions,
        result=sha256(canonical(document)).hexdigest(),
    )
    release = Release(run.id, dimensions, run.project_id, now, document, index)
    add_release(connection, release)
    return release


def _read(document: Mapping[str, Any]) -> CountResult:
    tables = (
        CountTable(
            table["dimension"], tuple(CountRow(**row) for row in table["rows"]), table["total"]
        )
        for table in document["tables"]
    )
    return CountResult(
        minimum=document["minimum"],
        distinct=document["distinct"],
        records=document["records"],
        members=tuple(document["members"]),
        overlap=tuple(
            OverlapRow(tuple(row["members"]), row["count"]) for row in document["overlap"]
        ),
        tables=tuple(tables),
    )
