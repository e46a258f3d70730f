"""Reading a run's records for a joint count, and releases at rest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from tacit.coordinator.store.groups import join_current
from tacit.coordinator.store.tables import (
    commitments,
    group_records,
    records,
    releases,
    run_inputs,
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A record of a run as it is now; `group_id` is None where it matched nothing."""

    member_id: str
    group_id: int | None
    purposes: Sequence[str]
    strata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Release:
    """A count that was released. Time in milliseconds; `result` is JSON."""

    run_id: str
    dimensions: str
    project_id: str
    released_at: int
    result: Mapping[str, Any]
    ledger_index: int


def run_records(connection: Connection, run_id: str, day: int) -> list[Counted]:
    """Give every record that a run compared and that its member still uploads, in fixed order.

    Without those whose consent had ended before `day`, in days since 1970-01-01.
    """
    pinned = commitments.alias("pinned")
    query = (
        select(
            run_inputs.c.member_id,
            pinned.c.upload_id,
            pinned.c.position,
            records.c.purposes,
            records.c.strata,
        )
        .select_from(join_current(pinned, day))
        .join(run_inputs, run_inputs.c.upload_id == pinned.c.upload_id)
        .where(run_inputs.c.run_id == run_id)
        .order_by(run_inputs.c.ordinal, pinned.c.position)
    )
    group_of = _group_of(connection, run_id)
    return [
        Counted(
            row.member_id, group_of.get((row.upload_id, row.position)), row.purposes, row.strata
        )
        for row in connection.execute(query)
    ]


def _group_of(connection: Connection, run_id: str) -> dict[tuple[str, int], int]:
    """Give the group of each record that is in one, by upload and position."""
    query = select(
        group_records.c.upload_id, group_records.c.position, group_records.c.group_id
    ).where(group_records.c.run_id == run_id)
    return {(row.upload_id, row.position): row.group_id for row in connection.execute(query)}


def find_release(connection: Connection, run_id: str, dimensions: str) -> Release | None:
    """Find what was released of a run."""
    query = select(releases).where(releases.c.run_id == run_id, releases.c.dimensions == dimensions)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Release(**row)


def add_release(connection: Connection, release: Release) -> None:
    """Enter a release; it never changes."""
    connection.execute(insert(releases).values(**asdict(release)))
