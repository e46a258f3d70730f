"""Epochs that are over: whose encodings are being erased, and whose are gone."""

from dataclasses import dataclass

from sqlalchemy import Connection, exists, func, insert, or_, select, update

from tacit.coordinator.store.tables import (
    delta_records,
    ended_epochs,
    project_members,
    records,
    uploads,
)


@dataclass(frozen=True, slots=True)
class Owed:
    """A member whose encodings of an ended epoch are to be erased; `records` were there."""

    project_id: str
    member_id: str
    epoch: int
    records: int


def was_member(connection: Connection, project_id: str, member_id: str) -> bool:
    """Say whether a member belonged to a project when one of its epochs ended."""
    query = select(ended_epochs.c.epoch).where(
        ended_epochs.c.project_id == project_id, ended_epochs.c.member_id == member_id
    )
    return connection.execute(query.limit(1)).first() is not None


def has_ended(connection: Connection, project_id: str, member_id: str, epoch: int) -> bool:
    """Say whether an epoch that this member took part in is over for it."""
    query = select(ended_epochs.c.epoch).where(
        ended_epochs.c.project_id == project_id,
        ended_epochs.c.member_id == member_id,
        ended_epochs.c.epoch == epoch,
    )
    return connection.execute(query).first() is not None


def is_open(connection: Connection, project_id: str, epoch: int) -> bool:
    """Say whether an epoch has not ended yet for some member of the project."""
    over = exists().where(
        ended_epochs.c.project_id == project_id,
        ended_epochs.c.member_id == project_members.c.member_id,
        ended_epochs.c.epoch == epoch,
    )
    query = select(project_members.c.member_id).where(
        project_members.c.project_id == project_id, ~over
    )
    return connection.execute(query.limit(1)).first() is not None


def end_for_all(connection: Connection, project_id: str, epoch: int, at: int) -> None:
    """Let no upload of a project count any more; see `end_for`."""
    query = select(project_members.c.member_id).where(project_members.c.project_id == project_id)
    member_ids = sorted(connection.execute(query).scalars())
    for member_id in member_ids:
        end_for(connection, project_id, member_id, epoch, at)


def end_for(connection: Connection, project_id: str, member_id: str, epoch: int, at: int) -> None:
    """Let no upload of a member count any more, and note what is to be erased of it.

    Ending an epoch twice is ending it once.

    Args:
        connection: a `Store.write` transaction.
        project_id: the project.
        member_id: one of its members.
        epoch: the one that ends.
        at: milliseconds.
    """
    own = (uploads.c.project_id == project_id, uploads.c.member_id == member_id)
    ids = select(uploads.c.id).where(*own, uploads.c.epoch == epoch)
    uploaded = connection.execute(ids.limit(1)).first() is not None
    held = sum(
        connection.execute(select(func.count()).where(table.c.upload_id.in_(ids))).scalar_one()
        for table in (records, delta_records)
    )
    connection.execute(update(uploads).where(*own, ~uploads.c.superseded).values(superseded=True))
    if has_ended(connection, project_id, member_id, epoch):
        return
    connection.execute(
        insert(ended_epochs).values(
            project_id=project_id,
            member_id=member_id,
            epoch=epoch,
            ended_at=at,
            records=held if uploaded else None,
        )
    )


def owed(connection: Connection) -> list[Owed]:
    """Give all encodings that are to be erased, or whose erasure nobody was told of yet."""
    table = ended_epochs.c
    query = (
        select(table.project_id, table.member_id, table.epoch, table.records)
        .where(table.records.is_not(None), table.destroyed_index.is_(None))
        .order_by(table.project_id, table.epoch, table.member_id)
    )
    return [Owed(**row) for row in connection.execute(query).mappings()]


def is_gone(connection: Connection, item: Owed) -> bool:
    """Say whether no encoding of an ended epoch is left."""
    left = [exists().where(t.c.upload_id == uploads.c.id) for t in (records, delta_records)]
    query = select(uploads.c.id).where(
        uploads.c.project_id == item.project_id,
        uploads.c.member_id == item.member_id,
        uploads.c.epoch <= item.epoch,
        or_(*left),
    )
    return connection.execute(query.limit(1)).first() is None


def set_destroyed(connection: Connection, item: Owed, ledger_index: int) -> None:
    """Note by which entry of the ledger the member has its receipt."""
    connection.execute(
        update(ended_epochs)
        .where(
            ended_epochs.c.project_id == item.project_id,
            ended_epochs.c.member_id == item.member_id,
            ended_epochs.c.epoch == item.epoch,
        )
        .values(destroyed_index=ledger_index)
    )
