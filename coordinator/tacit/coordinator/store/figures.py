"""Counting what the database holds, for metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

from cryptography import x509
from sqlalchemy import ColumnElement, Connection, Table, case, func, select

from tacit.coordinator.store.members import REVOKED
from tacit.coordinator.store.tables import (
    ledger_entries,
    members,
    projects,
    runs,
    uploads,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is of everything.

    Attributes:
        runs: runs by state.
        uploads: uploads that were not superseded, "finished" and "unfinished".
        projects: "in_force" and "unsigned".
        members: members that have enrolled and were not revoked.
        records: encoded records of uploads that count, finished or on their way.
        ledger_entries: entries of the ledger.
        first_member_end: when the first of the members' certificates ends, seconds since 1970.
    """

    runs: Mapping[str, int]
    uploads: Mapping[str, int]
    projects: Mapping[str, int]
    members: int
    records: int
    ledger_entries: int
    first_member_end: float | None


def read_figures(connection: Connection) -> Figures:
    """Count everything, at one moment."""
    live = ~uploads.c.superseded
    return Figures(
        runs=_by_state(connection),
        uploads={
            "finished": _count(connection, uploads, live & uploads.c.finished),
            "unfinished": _count(connection, uploads, live & ~uploads.c.finished),
        },
        projects={
            "in_force": _count(connection, projects, projects.c.in_force),
            "unsigned": _count(connection, projects, ~projects.c.in_force),
        },
        members=_count(connection, members, members.c.standing != REVOKED),
        records=_records(connection),
        ledger_entries=_count(connection, ledger_entries),
        first_member_end=_first_end(connection),
    )


def count_ending(connection: Connection, now: float, share: float) -> int:
    """Count members whose certificate has ended, or of whose time no more than a share is left.

    Args:
        connection: to the database.
        now: seconds since 1970.
        share: of the time for which the certificate was made.
    """
    return sum(end - now <= (end - start) * share for start, end in _spans(connection))


def _by_state(connection: Connection) -> dict[str, int]:
    query = select(runs.c.state, func.count().label("number")).group_by(runs.c.state)
    return {row.state: row.number for row in connection.execute(query)}


def _count(
    connection: Connection, table: Table, condition: ColumnElement[bool] | None = None
) -> int:
    query = select(func.count()).select_from(table)
    return connection.execute(query if condition is None else query.where(condition)).scalar_one()


def _records(connection: Connection) -> int:
    """Add up what uploads say of themselves: counting millions of rows at each scrape takes long."""
    held = case(
        (uploads.c.finished, uploads.c.record_count - uploads.c.withdrawn),
        else_=uploads.c.committed,
    )
    query = select(func.coalesce(func.sum(held), 0)).where(~uploads.c.superseded)
    return int(connection.execute(query).scalar_one())


def _first_end(connection: Connection) -> float | None:
    return min((end for _, end in _spans(connection)), default=None)


def _spans(connection: Connection) -> list[tuple[float, float]]:
    """Give when the certificates of those who were not revoked begin and end, renewals included."""
    query = select(members.c.certificate, members.c.next_certificate).where(
        members.c.standing != REVOKED
    )
    return [
        max(map(_span, filter(None, certificates)), key=itemgetter(1))
        for certificates in connection.execute(query)
    ]


def _span(der: bytes) -> tuple[float, float]:
    certificate = x509.load_der_x509_certificate(der)
    return (
        certificate.not_valid_before_utc.timestamp(),
        certificate.not_valid_after_utc.timestamp(),
    )
