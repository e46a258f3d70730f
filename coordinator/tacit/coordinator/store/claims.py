"""Where the coordinator first held a record: commitments and the uploads that brought them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tacit.coordinator.store.tables import commitments, uploads


@dataclass(frozen=True, slots=True)
class First:
    """A record's first commitment; time in milliseconds."""

    upload_id: str
    upload_size: int
    position: int
    commitment: bytes
    ledger_index: int
    recorded_at: int


def first_commitments(
    connection: Connection, project_id: str, tokens: Collection[bytes]
) -> dict[tuple[str, bytes], First]:
    """Find where each record stands first in the ledger, by member and token."""
    query = (
        select(
            uploads.c.member_id,
            commitments.c.token,
            commitments.c.upload_id,
            uploads.c.record_count,
            commitments.c.position,
            commitments.c.commitment,
            uploads.c.ledger_index,
            uploads.c.finished_at,
        )
        .join_from(commitments, uploads, uploads.c.id == commitments.c.upload_id)
        .where(
            uploads.c.project_id == project_id,
            uploads.c.finished,
            commitments.c.token.in_(tokens),
        )
        .order_by(uploads.c.ledger_index.desc())
    )
    # Later rows, of earlier entries, win.
    return {
        (row.member_id, row.token): First(
            row.upload_id,
            row.record_count,
            row.position,
            row.commitment,
            row.ledger_index,
            row.finished_at,
        )
        for row in connection.execute(query)
    }


def upload_commitments(connection: Connection, upload_id: str) -> list[bytes]:
    """Give all commitments of an upload in its order; they never change."""
    query = (
        select(commitments.c.commitment)
        .where(commitments.c.upload_id == upload_id)
        .order_by(commitments.c.position)
    )
    return list(connection.scalars(query))
