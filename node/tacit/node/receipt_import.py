"""Receipts from a file of the coordinator's keeper, for a node that cannot ask any more.

Nothing here needs a connection: each receipt is held against the ledger key that the node pinned
when it enrolled.
"""

from collections.abc import Iterable, Mapping

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.receipt_file import ReceiptFile, SignedReceipt
from tacit.node.context import Member, find_project, load_member
from tacit.node.ledger_proofs import proof_invalid
from tacit.node.receipts import ReceiptList, kept_views, read_signed, stored_receipt
from tacit.node.store.base import Store
from tacit.node.store.projects import list_projects
from tacit.node.store.receipts import StoredReceipt, list_receipts, put_receipts
from tacit.node.store.uploads import list_uploads


def take_receipts(
    store: Store, file: ReceiptFile, where: str, wanted: str | None = None
) -> ReceiptList:
    """Verify the receipts of a file, keep all of them or none, and list what is here then.

    Args:
        store: this node's store.
        file: as its text says.
        where: the file's name, for errors.
        wanted: identifier or name of the only project to list; None for all. All are kept.

    Raises:
        TacitError: NOT_ENROLLED; BAD_INPUT, the file is another coordinator's or another member's,
            or was changed; PROOF_INVALID, the coordinator signed another receipt in the same
            place before; NOT_FOUND or USAGE for `wanted`.
    """
    member = load_member(store)
    if file.ledger_key != member.identity.ledger_key:
        problem = "it comes from another coordinator than the one that this node enrolled with"
        raise TacitError(Code.BAD_INPUT, where=where, problem=problem)
    _require_own(member, file.member_id, where)
    if wanted is not None:
        find_project(store, wanted)
    found = [_verified(member, item, where) for item in file.receipts]
    with store.write() as connection:
        projects = {project.project_id for project in list_projects(connection)}
        own = [item for item in found if item.project_id in projects]
        before = {
            kept.ledger_index: kept.entry
            for project_id in projects
            for kept in list_receipts(connection, project_id)
        }
        _refuse_contradictions(before, own)
        put_receipts(connection, [item for item in own if item.ledger_index not in before])
    return ReceiptList(
        receipts=kept_views(store, wanted),
        new=len({item.ledger_index for item in own} - before.keys()),
        owed=file.owed,
        foreign=len(found) - len(own),
    )


def count_owed(store: Store) -> int:
    """Count the epochs in which this node has uploaded and has no receipt of the destruction."""
    confirmed = {
        (view.project_id, view.epoch) for view in kept_views(store) if view.kind == "destruction"
    }
    with store.read() as connection:
        begun = {
            (project.project_id, upload.epoch)
            for project in list_projects(connection)
            for upload in list_uploads(connection, project.project_id)
            if upload.upload_id
        }
    return len(begun - confirmed)


def _verified(member: Member, receipt: SignedReceipt, where: str) -> StoredReceipt:
    try:
        document = read_signed(member, receipt)
    except TacitError as error:
        problem = f"the coordinator did not sign what it says of entry {receipt.index}; it was changed or damaged"
        raise TacitError(Code.BAD_INPUT, error.detail, where=where, problem=problem) from error
    _require_own(member, str(document.get("member")), where)
    return stored_receipt(str(document.get("project")), receipt)


def _require_own(member: Member, member_id: str, where: str) -> None:
    if member_id != member.member_id:
        problem = (
            f"it holds receipts of another member than this node's, which is {member.member_id}"
        )
        raise TacitError(Code.BAD_INPUT, where=where, problem=problem)


def _refuse_contradictions(before: Mapping[int, bytes], found: Iterable[StoredReceipt]) -> None:
    known = dict(before)
    for item in found:
        if known.setdefault(item.ledger_index, item.entry) != item.entry:
            raise proof_invalid(f"two receipts for entry {item.ledger_index}")
