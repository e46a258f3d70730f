"""Which entries of the ledger a member has receipts for."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, insert, select

from tacit.coordinator.store.tables import ledger_entries, receipts


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry of the ledger that a member has a receipt for."""

    index: int
    entry: bytes


def add_receipt(
    connection: Connection, index: int, project_id: str, member_id: str, subject: bytes
) -> None:
    """Note that a member has a receipt for an entry; `subject` names what it confirms."""
    connection.execute(
        insert(receipts).values(
            ledger_index=index, project_id=project_id, member_id=member_id, subject=subject
        )
    )


def find_receipt(
    connection: Connection, project_id: str, member_id: str, subject: bytes
) -> Kept | None:
    """Find a member's receipt by what it confirms."""
    query = _kept(*_own(project_id, member_id), receipts.c.subject == subject).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else Kept(*row)


def list_receipts(
    connection: Connection, project_id: str, member_id: str, after: int, most: int
) -> list[Kept]:
    """Give a member's first `most` receipts with a greater index than `after`, oldest first."""
    query = _kept(*_own(project_id, member_id), receipts.c.ledger_index > after).limit(most)
    return [Kept(*row) for row in connection.execute(query)]


def list_all_receipts(connection: Connection, member_id: str) -> list[Kept]:
    """Give all of a member's receipts, whatever project they are about, oldest first."""
    query = _kept(receipts.c.member_id == member_id)
    return [Kept(*row) for row in connection.execute(query)]


def _own(project_id: str, member_id: str) -> tuple[ColumnElement[bool], ...]:
    return receipts.c.project_id == project_id, receipts.c.member_id == member_id


def _kept(*where: ColumnElement[bool]) -> Select[int, bytes]:
    return (
        select(ledger_entries.c.index, ledger_entries.c.entry)
        .join(receipts, receipts.c.ledger_index == ledger_entries.c.index)
        .where(*where)
        .order_by(receipts.c.ledger_index)
    )
