"""Versions of an agreement that are not in force yet: which are open, and how they end.

One proposal of a project is open at a time. It comes into force when all whom it names have
signed, is dropped by any party, or lapses.
"""

from sqlalchemy import Connection

from tacit.coordinator.backend import Backend
from tacit.coordinator.ledger import append_entry
from tacit.coordinator.store.projects import Project, list_projects, read_project
from tacit.coordinator.store.versions import (
    DROPPED,
    Version,
    forget_keys,
    open_proposal,
    open_proposals,
    set_state,
)
from tacit.linkage.agreement_versions import DAY

LAPSE_DAYS = 30
"""A proposal that has not come into force so many days after it was made is dropped."""


def lapses_at(version: Version) -> int:
    """Give when a proposal is dropped unless all have signed, milliseconds."""
    return version.proposed_at + LAPSE_DAYS * DAY


def open_now(connection: Connection, project_id: str, at: int) -> Version | None:
    """Find the proposal of a project, unless its time is over."""
    found = open_proposal(connection, project_id)
    return None if found is None or at >= lapses_at(found) else found


def named_proposal(
    connection: Connection, project_id: str, member_id: str, at: int
) -> Version | None:
    """Find the proposal of a project that names a member."""
    found = open_now(connection, project_id, at)
    return None if found is None or found.terms.party(member_id) is None else found


def projects_naming(connection: Connection, member_id: str, at: int) -> list[Project]:
    """Give the projects whose agreement, as it is or as it is proposed, names a member."""
    found = {project.id: project for project in list_projects(connection, member_id)}
    for version in open_proposals(connection):
        named = version.terms.party(member_id) is not None and at < lapses_at(version)
        project = read_project(connection, version.project_id) if named else None
        if project is not None:
            found.setdefault(project.id, project)
    return sorted(found.values(), key=lambda project: (project.created_at, project.id))


def drop(connection: Connection, version: Version, member_id: str, now: int) -> None:
    """End a proposal; its sealed keys go with it.

    Args:
        connection: a `Store.write` transaction.
        version: an open proposal.
        member_id: who drops it; empty where it lapses, or names somebody who has left.
        now: milliseconds.
    """
    set_state(connection, version.agreement_hash, DROPPED)
    forget_keys(connection, version.project_id, version.terms.epoch)
    append_entry(
        connection,
        "proposal_dropped",
        now,
        project=version.project_id,
        agreement=version.agreement_hash.hex(),
        member=member_id,
    )


def settle_lapsed(connection: Connection, project_id: str, now: int) -> Version | None:
    """Find the proposal of a project, after dropping one whose time is over.

    Args:
        connection: a `Store.write` transaction.
        project_id: whose.
        now: milliseconds.
    """
    found = open_proposal(connection, project_id)
    if found is not None and now >= lapses_at(found):
        drop(connection, found, "", now)
        return None
    return found


def drop_lapsed(backend: Backend, now: int) -> int:
    """Drop every proposal whose time is over; gives how many there were."""
    with backend.store.read() as connection:
        # Writers take turns: mostly there is nothing to take one for.
        if not any(now >= lapses_at(version) for version in open_proposals(connection)):
            return 0
    with backend.store.write() as connection:
        lapsed = [v for v in open_proposals(connection) if now >= lapses_at(v)]
        for version in lapsed:
            drop(connection, version, "", now)
    return len(lapsed)
