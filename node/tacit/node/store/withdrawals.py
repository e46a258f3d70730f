"""Withdrawn records in the store: what is out, what waits to be told, what was confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, or_, select, update

from tacit.node.store.rows import every, put, put_all
from tacit.node.store.tables import (
    claim_groups,
    group_decisions,
    group_links,
    group_records,
    records,
    sent_records,
    tokens,
    upload_records,
    uploads,
    withdrawals,
    withdrawn_records,
)

_BATCH = 1000

EVERYWHERE = ""
"""Stands in place of a project where a record is out of all of them."""


@dataclass(frozen=True, slots=True)
class StoredMark:
    """A record that a person took out of a project, or of all; time in milliseconds."""

    record_id: str
    project_id: str
    withdrawn_at: int


@dataclass(frozen=True, slots=True)
class StoredWithdrawal:
    """A token that the coordinator is to erase, or has erased.

    Attributes:
        token: what stood for the record; it is never used again.
        record_id: what it stood for.
        asked_at: milliseconds.
        salt: of the batch in which it goes or went, 32 bytes; None before that.
        ledger_index: of the receipt; None before it came.
    """

    project_id: str
    token: bytes
    record_id: str
    asked_at: int
    salt: bytes | None = None
    ledger_index: int | None = None


def mark_withdrawn(connection: Connection, mark: StoredMark) -> None:
    """Keep a record out of a project, or of all."""
    put(connection, withdrawn_records, mark)


def unmark(connection: Connection, record_id: str, project_id: str | None) -> int:
    """Let a record in again, of all projects where none is named; says how many marks went."""
    own = withdrawn_records.c.record_id == record_id
    if project_id is not None:
        own &= withdrawn_records.c.project_id == project_id
    return connection.execute(delete(withdrawn_records).where(own)).rowcount


def list_marks(connection: Connection) -> Sequence[StoredMark]:
    """Give everything that a person took out."""
    query = select(withdrawn_records).order_by(*withdrawn_records.primary_key.columns)
    return every(connection, query, StoredMark)


def withdrawn_from(connection: Connection, project_id: str) -> frozenset[str]:
    """Give the records that a person took out of this project, or of all."""
    query = select(withdrawn_records.c.record_id).where(
        or_(
            withdrawn_records.c.project_id == project_id,
            withdrawn_records.c.project_id == EVERYWHERE,
        )
    )
    return frozenset(connection.scalars(query))


def queue_withdrawals(
    connection: Connection, project_id: str, gone: Mapping[bytes, str], now: int
) -> None:
    """Note that the coordinator is to erase tokens, which are not used any more from now on.

    Args:
        connection: a `Store.write` transaction.
        project_id: the project.
        gone: the record that each token stands for.
        now: milliseconds.
    """
    put_all(
        connection,
        withdrawals,
        [StoredWithdrawal(project_id, token, record_id, now) for token, record_id in gone.items()],
    )
    wanted = sorted(gone)
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        for table in (tokens, sent_records):
            own = (table.c.project_id == project_id, table.c.token.in_(some))
            connection.execute(delete(table).where(*own))
        _drop_groups(connection, some)
        # What is on its way with one of them must not arrive.
        holding = select(upload_records.c.digest).where(upload_records.c.token.in_(some))
        ours = select(uploads.c.digest).where(
            uploads.c.project_id == project_id, uploads.c.digest.in_(holding)
        )
        drop_uploads(connection, connection.scalars(ours).all())


def _drop_groups(connection: Connection, gone: Sequence[bytes]) -> None:
    """Forget the match groups of records; what stays of them comes with the next results."""
    mine = (group_records.c.yours, group_records.c.token.in_(gone))
    found = select(group_records.c.run_id, group_records.c.group_id).where(*mine)
    for run_id, group_id in connection.execute(found).all():
        for table in (claim_groups, group_decisions, group_links, group_records):
            own = (table.c.run_id == run_id, table.c.group_id == group_id)
            connection.execute(delete(table).where(*own))


def drop_uploads(connection: Connection, digests: Sequence[bytes]) -> None:
    """Forget unfinished uploads and their bytes."""
    connection.execute(delete(upload_records).where(upload_records.c.digest.in_(digests)))
    unfinished = (uploads.c.digest.in_(digests), uploads.c.finished_at.is_(None))
    connection.execute(delete(uploads).where(*unfinished))


def next_batch(
    connection: Connection, project_id: str, salt: bytes, most: int
) -> Sequence[StoredWithdrawal]:
    """Give what is to be told next, by token: a batch that was begun, else a new one.

    Args:
        connection: a `Store.write` transaction.
        project_id: the project.
        salt: for a new batch, 32 random bytes.
        most: tokens in a new batch.
    """
    waiting = (withdrawals.c.project_id == project_id, withdrawals.c.ledger_index.is_(None))
    begun = select(withdrawals.c.salt).where(*waiting, withdrawals.c.salt.is_not(None)).limit(1)
    known = connection.scalar(begun)
    if known is None:
        some = select(withdrawals.c.token).where(*waiting).order_by(withdrawals.c.token)
        wanted = connection.scalars(some.limit(most)).all()
        chosen = (withdrawals.c.project_id == project_id, withdrawals.c.token.in_(wanted))
        connection.execute(update(withdrawals).where(*chosen).values(salt=salt))
    query = select(withdrawals).where(*waiting, withdrawals.c.salt == (known or salt))
    return every(connection, query.order_by(withdrawals.c.token), StoredWithdrawal)


def end_batch(connection: Connection, project_id: str, salt: bytes, ledger_index: int) -> None:
    """Note the receipt of a batch."""
    own = (withdrawals.c.project_id == project_id, withdrawals.c.salt == salt)
    connection.execute(update(withdrawals).where(*own).values(ledger_index=ledger_index))


def count_waiting(connection: Connection, project_id: str) -> int:
    """Count the tokens that the coordinator has not confirmed yet."""
    query = (
        select(func.count())
        .select_from(withdrawals)
        .where(withdrawals.c.project_id == project_id, withdrawals.c.ledger_index.is_(None))
    )
    return connection.execute(query).scalar_one()


def count_due(connection: Connection, project_id: str, today: str) -> int:
    """Count what was sent and may not stay: no longer in the register, or its consent has ended.

    Args:
        connection: to the store.
        project_id: the project.
        today: ISO date.
    """
    query = (
        select(func.count())
        .select_from(sent_records)
        .join(tokens, sent_records.c.token == tokens.c.token)
        .outerjoin(records, records.c.record_id == tokens.c.record_id)
        .where(
            sent_records.c.project_id == project_id,
            tokens.c.project_id == project_id,
            or_(
                records.c.record_id.is_(None),
                (records.c.consent_expires != "") & (records.c.consent_expires < today),
            ),
        )
    )
    return connection.execute(query).scalar_one()


def list_withdrawals(connection: Connection, project_id: str) -> Sequence[StoredWithdrawal]:
    """Give all withdrawals of a project, oldest first."""
    query = select(withdrawals).where(withdrawals.c.project_id == project_id)
    ordered = query.order_by(withdrawals.c.asked_at, withdrawals.c.token)
    return every(connection, ordered, StoredWithdrawal)
