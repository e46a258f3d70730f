"""Take records out of projects: note it at once, tell the coordinator as soon as it can be reached.

What is withdrawn keeps its mark in the store, so that no import and no synchronisation brings it
back; its token is never used again.
"""

import contextlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tacit.linkage import merkle, statements
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import RetryPolicy, is_transient
from tacit.node.client.session import LONG, Session
from tacit.node.context import Member, connect, find_project, load_member
from tacit.node.duplicates import marked_same
from tacit.node.eligible import Selection
from tacit.node.ledger_proofs import proof_invalid
from tacit.node.receipts import fetch_receipts, read_entry, receipt_records, verify_receipt
from tacit.node.store.base import Store
from tacit.node.store.projects import StoredProject, StoredToken, get_tokens, list_projects
from tacit.node.store.receipts import StoredReceipt, put_receipts
from tacit.node.store.records import get_record
from tacit.node.store.sent import sent_hashes, travelling_tokens
from tacit.node.store.uploads import list_uploads
from tacit.node.store.withdrawals import (
    EVERYWHERE,
    StoredMark,
    StoredWithdrawal,
    count_waiting,
    end_batch,
    list_withdrawals,
    mark_withdrawn,
    next_batch,
    queue_withdrawals,
    unmark,
    withdrawn_from,
)
from tacit.node.times import now_ms
from tacit.v1 import encodings_pb2 as encodings

MOST_TOKENS = 1000
"""Tokens in one call, which the protocol bounds."""

_SALT_BYTES = 32
_IMPATIENT = RetryPolicy(patience=0.0)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be withdrawn.

    Attributes:
        records: ids of records, with those marked as the same person.
        tokens: what stands for them, by project.
        project_id: out of which project; empty for all.
    """

    records: tuple[str, ...]
    tokens: Mapping[str, Mapping[bytes, str]]
    project_id: str = EVERYWHERE

    @property
    def token_count(self) -> int:
        """How many encodings the coordinator may hold of them."""
        return sum(map(len, self.tokens.values()))


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What came of telling the coordinator.

    Attributes:
        receipts: what it confirmed now.
        waiting: tokens that it has not confirmed yet, over all projects.
        away: why it could not be told, or None.
    """

    receipts: tuple[StoredReceipt, ...]
    waiting: int
    away: TacitError | None


def choose_record(store: Store, record_id: str, wanted: str | None = None) -> Chosen:
    """Find what there is of a record, and of others that are marked as the same person.

    Args:
        store: this node's store.
        record_id: the organisation's own identifier.
        wanted: identifier or name of the only project; None for all.

    Raises:
        TacitError: NOT_FOUND; no such record is here, nor was it ever in a project.
    """
    only = None if wanted is None else find_project(store, wanted)
    with store.read() as connection:
        same = next((g for g in marked_same(connection) if record_id in g), (record_id,))
        known = get_record(connection, record_id) is not None
        projects = list_projects(connection) if only is None else [only]
        held = {p.project_id: get_tokens(connection, p.project_id) for p in projects}
    tokens = {project: _tokens_of(same, found) for project, found in held.items()}
    if not known and not any(tokens.values()):
        raise TacitError(Code.NOT_FOUND, what=f"record '{record_id}'")
    return Chosen(tuple(same), tokens, EVERYWHERE if only is None else only.project_id)


def choose_token(store: Store, text: str) -> Chosen:
    """Find the record that a token stands for, in the token's project.

    Raises:
        TacitError: NOT_FOUND; no record of this node has that token.
    """
    token = b""
    with contextlib.suppress(ValueError):
        token = bytes.fromhex(text)
    with store.read() as connection:
        projects = list_projects(connection)
        for project in projects:
            for found in get_tokens(connection, project.project_id).values():
                if found.token == token:
                    return choose_record(store, found.record_id, project.project_id)
    raise TacitError(Code.NOT_FOUND, what="record with this token")


def withdraw(store: Store, chosen: Iterable[Chosen]) -> None:
    """Take records out: mark them, and note what the coordinator is to erase; all or nothing."""
    now = now_ms()
    with store.write() as connection:
        for item in chosen:
            for record_id in item.records:
                mark_withdrawn(connection, StoredMark(record_id, item.project_id, now))
            for project_id, tokens in item.tokens.items():
                queue_withdrawals(connection, project_id, tokens, now)


def reinstate(store: Store, record_id: str, wanted: str | None = None) -> None:
    """Let a record in again, for the future: it gets a new token where its consent allows it.

    Raises:
        TacitError: NOT_FOUND; nobody took it out.
    """
    project_id = None if wanted is None else find_project(store, wanted).project_id
    with store.write() as connection:
        same = next((g for g in marked_same(connection) if record_id in g), (record_id,))
        let_in = sum(unmark(connection, one, project_id) for one in same)
        if not let_in:
            if project_id and record_id in withdrawn_from(connection, project_id):
                problem = "The record was taken out of all projects: leave --project away."
                raise TacitError(Code.USAGE, problem=problem)
            raise TacitError(Code.NOT_FOUND, what=f"withdrawn record '{record_id}'")


def tell_coordinator(store: Store, policy: RetryPolicy = _IMPATIENT) -> Withdrawn:
    """Tell the coordinator what is withdrawn; what it cannot be told now waits.

    Raises:
        TacitError: PROOF_INVALID, its receipt is none; or what the connection raises.
    """
    with store.read() as connection:
        projects = [project for project in list_projects(connection) if not project.over]
    receipts: list[StoredReceipt] = []
    away = None
    try:
        member = load_member(store)
        with connect(store, policy) as session:
            for project in projects:
                receipts += send_withdrawals(session, store, member, project)
    except TacitError as error:
        if not is_transient(error) and error.code not in _LATER:
            raise
        away = error
    with store.read() as connection:
        waiting = sum(count_waiting(connection, project.project_id) for project in projects)
    return Withdrawn(tuple(receipts), waiting, away)


_LATER = {Code.NOT_ENROLLED, Code.AGREEMENT_STALE, Code.UNCONFIRMED}


def send_withdrawals(
    session: Session, store: Store, member: Member, project: StoredProject
) -> list[StoredReceipt]:
    """Tell the coordinator what is withdrawn from a project, batch by batch, and keep its receipts.

    Cut off at any moment, the next call goes on with the same batch, which has the same receipt.

    Raises:
        TacitError: PROOF_INVALID, a receipt is not for what was asked; or what calls raise.
    """
    receipts: list[StoredReceipt] = []
    while True:
        with store.read() as connection:
            if not count_waiting(connection, project.project_id):
                return receipts
        salt = secrets.token_bytes(_SALT_BYTES)
        with store.write() as connection:
            batch = next_batch(connection, project.project_id, salt, MOST_TOKENS)
        receipts.append(_send_batch(session, store, member, project, batch))


def _send_batch(
    session: Session,
    store: Store,
    member: Member,
    project: StoredProject,
    batch: Iterable[StoredWithdrawal],
) -> StoredReceipt:
    tokens = [item.token for item in batch]
    [salt] = {item.salt or b"" for item in batch}
    leaves = [merkle.leaf_hash(statements.withdrawn_record(salt, token)) for token in tokens]
    root = merkle.root(leaves)
    statement = statements.withdrawal(project.project_id, root, len(tokens))
    request = encodings.WithdrawRecordsRequest(
        project_id=project.project_id,
        agreement_hash=project.agreement_hash,
        tokens=tokens,
        salt=salt,
        signature=member.keys.signing.sign(statement),
    )
    answer = session.ask(session.encodings.WithdrawRecords, request, LONG)
    receipt = verify_receipt(member, project.project_id, answer.receipt)
    entry = read_entry(receipt.entry)
    confirmed = (entry["type"], entry.get("records"), entry.get("root"))
    if confirmed != ("withdrawal", len(tokens), root.hex()):
        raise proof_invalid("a receipt of another withdrawal")
    with store.write() as connection:
        put_receipts(connection, [receipt])
        end_batch(connection, project.project_id, salt, receipt.ledger_index)
    return receipt


def count_forgotten(session: Session, store: Store, member: Member, project_id: str) -> int:
    """Count withdrawn records that this store knows nothing of, as one restored from a backup.

    What is fetched is kept, so that each is told of once.

    Raises:
        TacitError: PROOF_INVALID, or what calls raise.
    """
    new = fetch_receipts(session, store, member, project_id)
    with store.read() as connection:
        own = {item.ledger_index for item in list_withdrawals(connection, project_id)}
    return sum(
        receipt_records(receipt)
        for receipt in new
        if read_entry(receipt.entry)["type"] == "withdrawal" and receipt.ledger_index not in own
    )


def withdraw_gone(store: Store, project_id: str, selection: Selection) -> int:
    """Note for withdrawal what was sent to a project and may not be there any more.

    That is what the register no longer holds, or what its consent no longer covers. A record in
    whose place another one of the same person goes is no withdrawal: it just leaves the upload.

    Returns:
        How many records.
    """
    now = {item.token.token for item in selection.records}
    with store.write() as connection:
        tokens = get_tokens(connection, project_id)
        sent = {*sent_hashes(connection, project_id), *travelling_tokens(connection, project_id)}
        if not sent and any(
            u.finished_at is not None for u in list_uploads(connection, project_id)
        ):
            # An earlier version of Tacit did not note what it sent.
            sent = {token.token for token in tokens.values()}
        gone = {
            token.token: token.record_id
            for token in tokens.values()
            if token.token in sent - now and token.record_id not in selection.permitted
        }
        queue_withdrawals(connection, project_id, gone, now_ms())
    return len(gone)


def _tokens_of(record_ids: Iterable[str], tokens: Mapping[str, StoredToken]) -> dict[bytes, str]:
    return {tokens[one].token: one for one in record_ids if one in tokens}
