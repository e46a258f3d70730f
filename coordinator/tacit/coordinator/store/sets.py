"""Reading uploads as sets that can be compared."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, FromClause, func, or_, select

from tacit.coordinator.store.tables import records
from tacit.linkage.records import EncodedSet, from_bytes


@dataclass(frozen=True, slots=True, eq=False)
class UploadSet:
    """The records of an upload that may be used for a purpose.

    Attributes:
        encoded: their encodings.
        positions: int64 of shape (records,): their positions in the upload.
        objects: bool of shape (records,): whether publication is objected to.
    """

    encoded: EncodedSet
    positions: NDArray[np.int64]
    objects: NDArray[np.bool_]


_OBJECTED = 2
"""`PUBLICATION_OBJECTED` of the protocol."""


def allows(record_purposes: Collection[str], purposes: Collection[str]) -> bool:
    """Say whether consent covers one of these purposes; no purpose named means none is allowed."""
    return not set(purposes).isdisjoint(record_purposes)


def in_time(day: int, held: FromClause = records) -> ColumnElement[bool]:
    """Ask that a record's consent has not ended before `day`, in days since 1970-01-01."""
    return or_(held.c.consent_expires == 0, held.c.consent_expires >= day)


def load_set(
    connection: Connection, upload_id: str, purposes: Collection[str], day: int
) -> UploadSet:
    """Read the records whose consent on `day` covers at least one of `purposes`, in upload order."""
    columns = (
        records.c.position,
        records.c.clk,
        records.c.presence,
        records.c.purposes,
        records.c.publication,
    )
    held = (records.c.upload_id == upload_id, in_time(day))
    query = select(*columns).where(*held).order_by(records.c.position)
    clks: list[bytes] = []
    presence: list[int] = []
    positions: list[int] = []
    objects: list[bool] = []
    for row in connection.execute(query.execution_options(yield_per=2000)):
        if allows(row.purposes, purposes):
            clks.append(row.clk)
            presence.append(row.presence)
            positions.append(row.position)
            objects.append(row.publication == _OBJECTED)
    return UploadSet(
        from_bytes(clks, presence), np.asarray(positions, np.int64), np.asarray(objects, np.bool_)
    )


def any_allowed(
    connection: Connection, upload_id: str, purposes: Collection[str], day: int
) -> bool:
    """Say whether an upload has a record whose consent on `day` covers one of `purposes`."""
    query = select(records.c.purposes).where(records.c.upload_id == upload_id, in_time(day))
    stream = connection.execute(query.execution_options(yield_per=200))
    try:
        return any(allows(row.purposes, purposes) for row in stream)
    finally:
        stream.close()


def count_ended(
    connection: Connection, upload_ids: Collection[str], first: int, before: int
) -> int:
    """Count the records of uploads whose consent ended from day `first` on and before `before`."""
    query = (
        select(func.count())
        .select_from(records)
        .where(
            records.c.upload_id.in_(upload_ids),
            records.c.consent_expires >= max(first, 1),
            records.c.consent_expires < before,
        )
    )
    return connection.execute(query).scalar_one()
