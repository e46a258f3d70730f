"""Receipts: the coordinator's signed word on what it erased, verified and kept."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tacit.linkage import statements
from tacit.linkage.agreement import parse_agreement
from tacit.linkage.canonical import canonical
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.receipt_file import SignedReceipt
from tacit.linkage.signing import verifies
from tacit.node.client.retry import RetryPolicy, is_transient
from tacit.node.client.session import Session
from tacit.node.context import Member, connect, find_project, load_member
from tacit.node.ledger_proofs import proof_invalid
from tacit.node.store.base import Store
from tacit.node.store.projects import StoredProject, list_projects
from tacit.node.store.receipts import StoredReceipt, list_receipts, put_receipts
from tacit.node.times import now_ms
from tacit.v1 import receipts_pb2 as receipts

KINDS = ("withdrawal", "destruction", "key_destruction")
"""Types of entries that receipts are given for."""

_IMPATIENT = RetryPolicy(patience=0.0)
# Who is a member no longer can have the rest in a file.
_SHUT_OUT = frozenset({Code.REVOKED, Code.CERTIFICATE_EXPIRED})


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A receipt, for people.

    Attributes:
        kind: one of `KINDS`.
        at: by the coordinator's clock, milliseconds.
        records: how many records it is about; None for a key.
        epoch: of the key or the encodings destroyed; None for a withdrawal.
        entry: what the coordinator signed, canonical JSON.
    """

    project_id: str
    project: str
    ledger_index: int
    kind: str
    at: int
    records: int | None
    epoch: int | None
    entry: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class ReceiptList:
    """A member's receipts.

    Attributes:
        receipts: by project, oldest first.
        new: how many of them this call fetched.
        away: why the coordinator could not be asked, or None: then the list may be incomplete.
        owed: how many more the coordinator was to give, where a file of receipts said so.
        foreign: how many it holds that are about projects which this node does not know.
    """

    receipts: tuple[ReceiptView, ...]
    new: int
    away: TacitError | None = None
    owed: int = 0
    foreign: int = 0


def all_receipts(
    store: Store, wanted: str | None = None, policy: RetryPolicy = _IMPATIENT
) -> ReceiptList:
    """Fetch what is new and list everything; what is kept, where the coordinator cannot be asked.

    Args:
        store: this node's store.
        wanted: identifier or name of the only project; None for all.
        policy: how patiently to wait for the coordinator; by default it is asked once.

    Raises:
        TacitError: NOT_ENROLLED; NOT_FOUND or USAGE for `wanted`; PROOF_INVALID, the coordinator
            shows a receipt that is none.
    """
    member = load_member(store)
    projects = _chosen(store, wanted)
    new, away = 0, None
    try:
        with connect(store, policy) as session:
            for project in projects:
                new += len(fetch_receipts(session, store, member, project.project_id))
    except TacitError as error:
        if not is_transient(error) and error.code not in _SHUT_OUT:
            raise
        away = error
    return ReceiptList(_views(store, projects), new, away)


def fetch_receipts(
    session: Session, store: Store, member: Member, project_id: str
) -> list[StoredReceipt]:
    """Fetch a project's receipts that are not here yet, and give them.

    All are asked for each time, as some may have come alone, with what they confirm.

    Raises:
        TacitError: PROOF_INVALID, one is not signed, or not this member's.
    """
    with store.read() as connection:
        known = {kept.ledger_index for kept in list_receipts(connection, project_id)}
    after, new = 0, list[StoredReceipt]()
    while True:
        request = receipts.ListReceiptsRequest(project_id=project_id, after=after)
        found = session.ask(session.receipts.ListReceipts, request).receipts
        if not found:
            return new
        kept = keep_receipts(store, member, project_id, found)
        new += [receipt for receipt in kept if receipt.ledger_index not in known]
        if found[-1].ledger_index <= after:
            raise proof_invalid("receipts out of order")
        after = found[-1].ledger_index


def keep_receipts(
    store: Store, member: Member, project_id: str, found: Iterable[receipts.Receipt]
) -> list[StoredReceipt]:
    """Verify receipts and keep them, all or none.

    Raises:
        TacitError: PROOF_INVALID.
    """
    verified = [verify_receipt(member, project_id, receipt) for receipt in found]
    with store.write() as connection:
        put_receipts(connection, verified)
    return verified


def verify_receipt(member: Member, project_id: str, receipt: receipts.Receipt) -> StoredReceipt:
    """Check that the coordinator signed a receipt for this member in a project.

    Raises:
        TacitError: PROOF_INVALID.
    """
    found = SignedReceipt(receipt.ledger_index, receipt.entry, receipt.signature)
    document = read_signed(member, found)
    whose = document.get("project"), document.get("member")
    if whose != (project_id, member.member_id) or found.index >= 2**63:
        raise proof_invalid("a receipt of another member or project")
    return stored_receipt(project_id, found)


def read_signed(member: Member, receipt: SignedReceipt) -> dict[str, Any]:
    """Read what a receipt confirms, once the coordinator's signature holds; to whom, it says.

    Raises:
        TacitError: PROOF_INVALID.
    """
    statement = statements.receipt(receipt.index, receipt.entry)
    if not verifies(member.identity.ledger_key, receipt.signature, statement):
        raise proof_invalid("a receipt's signature")
    return read_entry(receipt.entry)


def stored_receipt(project_id: str, receipt: SignedReceipt) -> StoredReceipt:
    """Make what is kept of a receipt that was verified."""
    return StoredReceipt(receipt.index, project_id, receipt.entry, receipt.signature, now_ms())


def read_entry(entry: bytes) -> dict[str, Any]:
    """Read what a receipt confirms.

    Raises:
        TacitError: PROOF_INVALID, it is no entry of a ledger that a receipt is given for.
    """
    try:
        document = json.loads(entry)
        whole = isinstance(document, dict) and canonical(document) == entry
    except (ValueError, TypeError, RecursionError) as error:
        raise proof_invalid("a receipt's entry") from error
    if not whole or document.get("type") not in KINDS or type(document.get("time")) is not int:
        raise proof_invalid("a receipt's entry")
    return dict(document)


def receipt_records(receipt: StoredReceipt) -> int:
    """Say how many records a receipt is about; none where it is about a key."""
    return int(read_entry(receipt.entry).get("records", 0))


def kept_views(store: Store, wanted: str | None = None) -> tuple[ReceiptView, ...]:
    """Give the receipts that are here, without asking anybody.

    Raises:
        TacitError: NOT_FOUND or USAGE for `wanted`.
    """
    return _views(store, _chosen(store, wanted))


def _chosen(store: Store, wanted: str | None) -> Sequence[StoredProject]:
    if wanted is not None:
        return [find_project(store, wanted)]
    with store.read() as connection:
        return list_projects(connection)


def _views(store: Store, projects: Iterable[StoredProject]) -> tuple[ReceiptView, ...]:
    views = list[ReceiptView]()
    for project in projects:
        name = parse_agreement(project.agreement).name
        with store.read() as connection:
            kept = list_receipts(connection, project.project_id)
        views += [_view(name, receipt) for receipt in kept]
    return tuple(views)


def _view(project: str, receipt: StoredReceipt) -> ReceiptView:
    entry = read_entry(receipt.entry)
    return ReceiptView(
        project_id=receipt.project_id,
        project=project,
        ledger_index=receipt.ledger_index,
        kind=entry["type"],
        at=entry["time"],
        records=entry.get("records"),
        epoch=entry.get("epoch"),
        entry=receipt.entry.decode(),
        signature=receipt.signature,
    )
