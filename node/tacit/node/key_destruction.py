"""Destroying linkage keys that are of no use any more, and saying so, with a receipt."""

from dataclasses import replace

from sqlalchemy import Connection

from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.session import Session
from tacit.node.context import Member
from tacit.node.receipts import keep_receipts
from tacit.node.store.agreements import DestroyedKey, list_destroyed, put_destroyed
from tacit.node.store.base import Store
from tacit.node.store.projects import StoredProject, delete_linkage_key, list_linkage_keys
from tacit.node.times import now_ms
from tacit.v1 import projects_pb2 as projects

# The coordinator does not know yet that the epoch is over, or knows nothing of the project: it is
# told another time, and that does no harm to what goes on.
_UNHEARD = frozenset({Code.EPOCH_RUNNING, Code.NOT_FOUND})


def destroy_useless(connection: Connection, project: StoredProject) -> bool:
    """Erase the keys of a project that can open and encode nothing any more.

    Those are all up to today's where the project is over; else those of earlier epochs, once
    today's is here; and those of proposals that were dropped.

    Args:
        connection: a `Store.write` transaction.
        project: as it stands now.

    Returns:
        Whether any was erased; then `Store.fold_log` takes its bytes out of the log as well.
    """
    keys = list_linkage_keys(connection, project.project_id)
    today = (project.epoch, project.agreement_hash)
    held = any((key.epoch, key.agreement_hash) == today for key in keys)
    erased = False
    for key in keys:
        dropped = key.epoch > project.epoch and key.agreement_hash != project.proposal_hash
        old = key.epoch < project.epoch and held
        over = project.over and key.epoch <= project.epoch
        if not (over or dropped or old):
            continue
        delete_linkage_key(connection, project.project_id, key.epoch)
        if not dropped:
            put_destroyed(connection, DestroyedKey(key.project_id, key.epoch, now_ms()))
        erased = True
    return erased


def report_destroyed(session: Session, store: Store, member: Member, project_id: str) -> None:
    """Tell the coordinator of destroyed keys that it was not told of, and keep its receipts.

    Raises:
        TacitError: PROOF_INVALID, a receipt that does not verify; or what the call raises.
    """
    with store.read() as connection:
        waiting = [key for key in list_destroyed(connection, project_id) if key.reported_at is None]
    for key in waiting:
        statement = statements.destroyed_key(project_id, key.epoch)
        request = projects.ReportDestroyedRequest(
            project_id=project_id,
            epoch=key.epoch,
            signature=member.keys.signing.sign(statement),
        )
        try:
            receipt = session.ask(session.projects.ReportDestroyed, request).receipt
        except TacitError as error:
            if error.code not in _UNHEARD:
                raise
            continue
        keep_receipts(store, member, project_id, [receipt])
        with store.write() as connection:
            put_destroyed(connection, replace(key, reported_at=now_ms()))
