"""Receipts: entries of the ledger that the coordinator signs for the member they concern.

A receipt is given in the transaction of what it confirms, and can be had again at any time.
"""

from hashlib import sha256

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.ledger import Ledger
from tacit.coordinator.store import receipts
from tacit.coordinator.store.receipts import Kept
from tacit.linkage.canonical import Json, canonical
from tacit.linkage.receipt_file import SignedReceipt
from tacit.v1 import receipts_pb2


def give(  # noqa: PLR0917 (all of it is what is confirmed, to whom, when)
    backend: Backend,
    connection: Connection,
    kind: str,
    member_id: str,
    project_id: str,
    now: int,
    **fields: Json,
) -> SignedReceipt:
    """Enter something in the ledger and give the member it concerns a receipt.

    Args:
        backend: the coordinator.
        connection: the `Store.write` transaction of what the receipt confirms.
        kind: type of the entry.
        member_id: whom it concerns.
        project_id: in which project.
        now: milliseconds.
        fields: of the entry, besides project and member; never anything about a victim.
    """
    index = backend.ledger.append(
        connection, kind, now, project=project_id, member=member_id, **fields
    )
    subject = _subject(kind, fields)
    receipts.add_receipt(connection, index, project_id, member_id, subject)
    [kept] = receipts.list_receipts(connection, project_id, member_id, index - 1, 1)
    return signed(backend.ledger, kept)


def given(
    backend: Backend,
    connection: Connection,
    kind: str,
    member_id: str,
    project_id: str,
    **fields: Json,
) -> SignedReceipt | None:
    """Find the receipt that was given before for the very same, so that nothing is done twice."""
    subject = _subject(kind, fields)
    kept = receipts.find_receipt(connection, project_id, member_id, subject)
    return None if kept is None else signed(backend.ledger, kept)


def receipts_of(
    backend: Backend,
    connection: Connection,
    project_id: str,
    member_id: str,
    *,
    after: int,
    most: int,
) -> list[SignedReceipt]:
    """Give a member's first `most` receipts in a project with a greater index than `after`."""
    found = receipts.list_receipts(connection, project_id, member_id, after, most)
    return [signed(backend.ledger, kept) for kept in found]


def receipt_message(receipt: SignedReceipt) -> receipts_pb2.Receipt:
    """Give the message of a receipt."""
    return receipts_pb2.Receipt(
        ledger_index=receipt.index, entry=receipt.entry, signature=receipt.signature
    )


def signed(ledger: Ledger, kept: Kept) -> SignedReceipt:
    """Sign an entry of the ledger for the member who has a receipt for it."""
    return SignedReceipt(kept.index, kept.entry, ledger.sign_receipt(kept.index, kept.entry))


def _subject(kind: str, fields: dict[str, Json]) -> bytes:
    return sha256(canonical({"type": kind, **fields})).digest()
