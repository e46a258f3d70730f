"""Counting what the database holds, for metrics."""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from sqlalchemy import ColumnElement, Connection, Table, func, select

from tacit.coordinator.store.members import REVOKED
from tacit.coordinator.store.tables import (
    ledger_entries,
    members,
    projects,
    records,
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
        records: encoded records on the disk.
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
        records=_count(connection, records),
        ledger_entries=_count(connection, ledger_entries),
        first_member_end=_first_end(connection),
    )


def count_ending(connection: Connection, before: float) -> int:
    """Count members whose certificate has ended, or ends before that time (seconds since 1970)."""
    return sum(end < before for end in _ends(connection))


def _by_state(connection: Connection) -> dict[str, int]:
    query = select(runs.c.state, func.count().label("number")).group_by(runs.c.state)
    return {row.state: row.number for row in connection.execute(query)}


def _count(
    connection: Connection, table: Table, condition: ColumnElement[bool] | None = None
) -> int:
    query = select(func.count()).select_from(table)
    return connection.execute(query if condition is None else query.where(condition)).scalar_one()


def _first_end(connection: Connection) -> float | None:
    return min(_ends(connection), default=None)


def _ends(connection: Connection) -> list[float]:
    """Give when the certificates of those who were not revoked end, renewals included."""
    query = select(members.c.certificate, members.c.next_certificate).where(
        members.c.standing != REVOKED
    )
    return [
        max(map(_end, filter(None, certificates))) for certificates in connection.execute(query)
    ]


def _end(der: bytes) -> float:
    return x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp()
