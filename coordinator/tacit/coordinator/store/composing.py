"""Uploads of what has changed: a base and its changes make a whole, in the order of tokens."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Subquery, delete, func, insert, literal, select, union_all

from tacit.coordinator.store.tables import delta_records, records, uploads
from tacit.coordinator.store.uploads import Upload

_CARRIED = tuple(
    column.name for column in records.columns if column.name not in {"upload_id", "position"}
)


@dataclass(frozen=True, slots=True)
class BaseState:
    """A base as it was read; where it is another when the whole is made, the whole would be too."""

    superseded: bool
    withdrawn: int
    records: int


def base_state(connection: Connection, upload: Upload) -> BaseState | None:
    """Say how an upload's base stands; None where there is none, or none any more."""
    query = select(uploads.c.superseded, uploads.c.withdrawn).where(uploads.c.id == upload.base_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    held = select(func.count()).select_from(records).where(records.c.upload_id == upload.base_id)
    return BaseState(row.superseded, row.withdrawn, connection.execute(held).scalar_one())


def whole_commitments(connection: Connection, upload: Upload) -> Iterator[bytes]:
    """Give the claim commitments of the whole in the order of tokens, a few thousand at a time."""
    whole = _whole(upload)
    query = select(whole.c.claim_commitment).order_by(whole.c.token)
    yield from connection.execute(query.execution_options(yield_per=2000)).scalars()


def make_whole(connection: Connection, upload: Upload) -> None:
    """Put base and changes together as the upload's records, and let the changes go."""
    whole = _whole(upload)
    position = func.row_number().over(order_by=whole.c.token) - 1
    rows = select(literal(upload.id), position, *(whole.c[name] for name in _CARRIED))
    columns = ["upload_id", "position", *_CARRIED]
    connection.execute(insert(records).from_select(columns, rows))
    connection.execute(delete(delta_records).where(delta_records.c.upload_id == upload.id))


def _whole(upload: Upload) -> Subquery:
    own = delta_records.c.upload_id == upload.id
    # A change without a CLK says that the record has left.
    changed = select(*(delta_records.c[name] for name in _CARRIED)).where(
        own, func.length(delta_records.c.clk) > 0
    )
    kept = select(*(records.c[name] for name in _CARRIED)).where(
        records.c.upload_id == upload.base_id,
        records.c.token.not_in(select(delta_records.c.token).where(own)),
    )
    return union_all(kept, changed).subquery()
