"""Ask for the joint count, and keep what was released."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tacit.linkage.agreement import Purpose
from tacit.linkage.errors import Code, TacitError
from tacit.node.context import BoundProject, connect, signed_project
from tacit.node.fetch import newest_done_run
from tacit.node.ledger_proofs import refresh_head
from tacit.node.store.base import Store
from tacit.node.store.results import StoredRelease, put_release
from tacit.node.times import now_ms
from tacit.v1 import counts_pb2 as counts


@dataclass(frozen=True, slots=True)
class Row:
    """A key and its count; None where the count is suppressed."""

    key: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Distinct victims by one dimension."""

    dimension: str
    rows: tuple[Row, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Distinct victims documented by exactly these members; None where suppressed."""

    members: tuple[str, ...]
    count: int | None


@dataclass(frozen=True, slots=True)
class CountReport:
    """A released count; every None is a suppressed cell.

    Attributes:
        minimum_cell: counts below it, except 0, are suppressed.
        distinct: distinct victims in all.
        records: records before deduplication.
        members: distinct victims by member who documents them.
        overlap: distinct victims by exactly who documents them.
        tables: distinct victims by each dimension asked for.
        ledger_index: entry of this release in the ledger.
    """

    project_id: str
    run_id: str
    minimum_cell: int
    distinct: int | None
    records: int | None
    members: tuple[Row, ...]
    overlap: tuple[Overlap, ...]
    tables: tuple[Table, ...]
    ledger_index: int


def count(store: Store, project: str | None = None, by: Sequence[str] = ()) -> CountReport:
    """Ask how many distinct victims the members document together.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        by: dimensions to break down by; none means all of the agreement's.

    Raises:
        TacitError: PURPOSE_NOT_AGREED, USAGE (an unknown dimension), NOT_FOUND (no finished run),
            or what the connection raises.
    """
    bound = signed_project(store, project)
    if Purpose.COUNT not in bound.agreement.purposes:
        raise TacitError(Code.PURPOSE_NOT_AGREED, purpose=Purpose.COUNT.value)
    unknown = [dimension for dimension in by if dimension not in bound.agreement.strata]
    if unknown:
        known = ", ".join(bound.agreement.strata) or "none"
        problem = f"The agreement has no dimension '{unknown[0]}'; it has: {known}."
        raise TacitError(Code.USAGE, problem=problem)
    with connect(store) as session:
        run = newest_done_run(session, bound)
        if run is None:
            raise TacitError(Code.NOT_FOUND, what="finished run; `tacit link` starts one")
        request = counts.GetCountRequest(
            project_id=bound.id,
            agreement_hash=bound.agreement_hash,
            run_id=run.run_id,
            by=by,
        )
        answer = session.ask(session.counts.GetCount, request)
        bound.require_own(answer.agreement_hash)
        refresh_head(session, store)
    report = _report(bound, answer)
    release = StoredRelease(
        bound.id, report.ledger_index, report.run_id, json.dumps(asdict(report)), now_ms()
    )
    with store.write() as connection:
        put_release(connection, release)
    return report


def _report(project: BoundProject, answer: counts.GetCountResponse) -> CountReport:
    return CountReport(
        project_id=project.id,
        run_id=answer.run_id,
        minimum_cell=answer.minimum_cell,
        distinct=_value(answer.distinct),
        records=_value(answer.records),
        members=tuple(Row(row.member, _value(row.cell)) for row in answer.members),
        overlap=tuple(Overlap(tuple(row.members), _value(row.cell)) for row in answer.overlap),
        tables=tuple(
            Table(
                table.dimension,
                tuple(Row(row.key, _value(row.cell)) for row in table.rows),
                _value(table.total),
            )
            for table in answer.tables
        ),
        ledger_index=answer.ledger_index,
    )


def _value(cell: counts.Cell) -> int | None:
    return cell.count if cell.WhichOneof("value") == "count" else None
