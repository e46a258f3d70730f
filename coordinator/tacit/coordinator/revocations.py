"""The end of a membership: at once, for every connection, and in the ledger."""

import time

from sqlalchemy import Connection

from tacit.coordinator.epochs import cancel_runs
from tacit.coordinator.home import Home
from tacit.coordinator.ledger import append_entry
from tacit.coordinator.proposals import drop
from tacit.coordinator.store.decisions import forget_withdrawn
from tacit.coordinator.store.epochs import end_for
from tacit.coordinator.store.members import REVOKED, Member, find_member
from tacit.coordinator.store.projects import list_projects
from tacit.coordinator.store.retention import erase_sketches
from tacit.coordinator.store.standing import revoke
from tacit.coordinator.store.versions import open_proposals

KEEPER = "keeper"
"""Who ends a membership in the ledger's words, where it is not the member itself."""


def revoke_member(home: Home, organisation: str) -> Member:
    """Shut a member out, by name or identifier; works beside a running coordinator.

    A coordinator that serves refuses the member's next call, and ends the open ones within a
    second or so. Revoking twice is revoking once.

    Raises:
        TacitError: NOT_FOUND, or what opening the database raises.
    """
    store = home.open_store()
    try:
        with store.write() as connection:
            member = find_member(connection, organisation)
            end_membership(connection, member, time.time_ns() // 1_000_000, KEEPER)
    finally:
        store.close()
    return member


def end_membership(
    connection: Connection, member: Member, at: int, by: str, signature: bytes = b""
) -> None:
    """End a membership and enter it in the ledger; what has ended stays as it is.

    What the member uploaded counts no longer, in no project, and is erased within seconds by the
    coordinator's worker, or when the coordinator starts.

    Args:
        connection: a `Store.write` transaction.
        member: who is a member no longer.
        at: milliseconds.
        by: `KEEPER`, or the member's own identifier where it leaves.
        signature: the member's, where it leaves.
    """
    if member.standing == REVOKED:
        return
    revoke(connection, member.id, at)
    entry = {"member": member.id, "by": by, "signature": signature.hex()}
    append_entry(connection, "revocation", at, **entry)
    for project in list_projects(connection, member.id):
        cancel_runs(connection, project.id, at)
        end_for(connection, project.id, member.id, project.epoch, at)
        erase_sketches(connection, project.id, member.id)
        forget_withdrawn(connection, project.id, member.id)
    for version in open_proposals(connection):
        # Nobody can sign it for whom it names.
        if version.terms.party(member.id) is not None:
            drop(connection, version, "", at)
