"""Copy the whole ledger from the coordinator, with what this node remembers of its own acts."""

import json
from collections.abc import Callable, Iterator

from tacit.linkage.canonical import Json
from tacit.linkage.entry_rules import LATEST
from tacit.linkage.ledger_copy import CopiedHead, Cosignature, LedgerCopy, Receipt, with_growth
from tacit.node.client.session import Session
from tacit.node.context import Member
from tacit.node.ledger_proofs import proof_invalid, verify_head
from tacit.node.store.agreements import list_versions
from tacit.node.store.base import Store
from tacit.node.store.checks import list_checks, list_notices
from tacit.node.store.projects import StoredProject, list_projects
from tacit.node.store.receipts import list_receipts
from tacit.node.store.results import list_releases, list_runs
from tacit.node.store.uploads import list_uploads
from tacit.node.times import now_ms
from tacit.v1 import ledger_pb2 as ledger

Progress = Callable[[int, int], None]


def copy_ledger(session: Session, store: Store, member: Member, progress: Progress) -> LedgerCopy:
    """Read every entry and head up to the newest head.

    Of all this only the signature under the newest head is checked here.

    Args:
        session: the connection.
        store: this node's store.
        member: who this node is.
        progress: is told how many entries of how many have arrived.

    Raises:
        TacitError: PROOF_INVALID, the newest head is not signed, or entries under it are held
            back; or what calls raise.
    """
    head = session.ask(session.ledger.GetTreeHead, ledger.GetTreeHeadRequest()).head
    verify_head(head, member.identity.ledger_key)
    entries: list[bytes] = []
    while len(entries) < head.tree_size:
        progress(len(entries), head.tree_size)
        request = ledger.ListEntriesRequest(start=len(entries), end=head.tree_size)
        found = session.ask(session.ledger.ListEntries, request).entries
        if not found:
            raise proof_invalid(f"entry {len(entries)} of {head.tree_size} is held back")
        entries += found[: head.tree_size - len(entries)]
    progress(len(entries), head.tree_size)
    copy = LedgerCopy(
        ledger_key=member.identity.ledger_key,
        authority=member.identity.authority,
        copied_at=now_ms(),
        entries=tuple(entries),
        heads=tuple(_heads(session, head)),
        receipts=tuple(receipts(store, member)),
    )
    return with_growth(copy)


def receipts(store: Store, member: Member) -> Iterator[Receipt]:
    """Give what this node remembers of entries: its own acts, and what it was told of others'."""
    with store.read() as connection:
        projects = list_projects(connection)
    for project in projects:
        yield from _signatures(store, member, project.project_id)
        yield from _of_project(store, member, project)
        with store.read() as connection:
            confirmed = list_receipts(connection, project.project_id)
        for receipt in confirmed:
            yield Receipt(receipt.ledger_index, json.loads(receipt.entry))


def _signatures(store: Store, member: Member, project_id: str) -> Iterator[Receipt]:
    with store.read() as connection:
        versions = list_versions(connection, project_id)
    for version in versions:
        if version.signed_at is not None:
            yield Receipt(
                None,
                {
                    "type": "signature",
                    "project": project_id,
                    "member": member.member_id,
                    "agreement": version.agreement_hash.hex(),
                },
            )


def _of_project(store: Store, member: Member, project: StoredProject) -> Iterator[Receipt]:
    with store.read() as connection:
        uploads = list_uploads(connection, project.project_id)
        checks = list_checks(connection, project.project_id)
        notices = list_notices(connection, project.project_id)
        releases = list_releases(connection, project.project_id)
        runs = list_runs(connection, project.project_id)
    own: dict[str, Json] = {"project": project.project_id, "member": member.member_id}
    for upload in uploads:
        if upload.finished_at is not None and upload.ledger_index is not None:
            entered: dict[str, Json] = {"type": "upload", "upload": upload.upload_id}
            content: dict[str, Json] = {"records": upload.record_count, "root": upload.root.hex()}
            yield Receipt(upload.ledger_index, {**own, **entered, **content})
    for check in checks:
        if check.ledger_index is not None:
            asked: dict[str, Json] = {"type": "check", "check": check.check_id.hex()}
            yield Receipt(check.ledger_index, {**own, **asked})
    for notice in notices:
        told: dict[str, Json] = {"type": "check", "time": notice.asked_at}
        yield Receipt(notice.ledger_index, {"project": project.project_id, **told})
    for release in releases:
        given: dict[str, Json] = {"type": "release", "run": release.run_id}
        yield Receipt(release.ledger_index, {"project": project.project_id, **given})
    for run in runs:
        if run.state == "done":
            done: dict[str, Json] = {"type": "run", "run": run.run_id}
            yield Receipt(None, {"project": project.project_id, **done})


def _heads(session: Session, newest: ledger.TreeHead) -> Iterator[CopiedHead]:
    """Give all heads up to the newest, which is the last whatever the list says."""
    size, last = 0, None
    while size <= newest.tree_size:
        request = ledger.ListTreeHeadsRequest(from_size=size)
        found = session.ask(session.ledger.ListTreeHeads, request).heads
        for item in found:
            if not size <= item.head.tree_size <= newest.tree_size:
                break
            last = _head(item)
            size = last.size + 1
            yield last
        else:
            if found:
                continue
        break
    if last is None or last.size < newest.tree_size:
        yield _head(ledger.CosignedHead(head=newest))


def _head(item: ledger.CosignedHead) -> CopiedHead:
    times = (item.head.timestamp, *(signed.cosigned_at for signed in item.cosignatures))
    if not all(0 <= time <= LATEST for time in times):
        raise proof_invalid("a time that no date can have")
    return CopiedHead(
        size=item.head.tree_size,
        timestamp=item.head.timestamp,
        root=item.head.root_hash,
        signature=item.head.signature,
        cosignatures=tuple(
            Cosignature(signed.member_id, signed.cosigned_at, signed.signature)
            for signed in item.cosignatures
        ),
    )
