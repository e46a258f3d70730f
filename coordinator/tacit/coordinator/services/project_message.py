"""A project as its members see it."""

from collections.abc import Iterable

from sqlalchemy import Connection

from tacit.coordinator.documents import agreement_of
from tacit.coordinator.proposals import lapses_at, open_now
from tacit.coordinator.store.projects import Project, gone_members, keyed_members
from tacit.coordinator.store.uploads import current_uploads
from tacit.coordinator.store.versions import (
    Signature,
    Version,
    list_signatures,
    replaced_versions,
)
from tacit.linkage.agreement_versions import epoch_ends_at
from tacit.v1 import projects_pb2


def project_message(
    connection: Connection, project: Project, caller_id: str, at: int
) -> projects_pb2.Project:
    """Gather a project's signatures, sealed keys and current uploads, and what is proposed.

    Args:
        connection: a transaction.
        project: as it is.
        caller_id: who is shown it; one whom only the proposal names sees no uploads.
        at: the time, milliseconds.
    """
    agreement = agreement_of(project.agreement)
    proposal = open_now(connection, project.id, at)
    party = agreement.party(caller_id) is not None
    return projects_pb2.Project(
        project_id=project.id,
        agreement=project.agreement,
        agreement_hash=project.agreement_hash,
        signatures=_signatures(list_signatures(connection, project.agreement_hash)),
        in_force=project.in_force,
        creator_id=project.creator_id,
        keyed_member_ids=keyed_members(connection, project.id, project.epoch),
        uploads=_uploads(connection, project.id) if party else [],
        epoch=project.epoch,
        epoch_ends_at=epoch_ends_at(agreement, project.epoch_started_at),
        proposal=None if proposal is None else _proposal(connection, proposal),
        earlier=[version.agreement for version in replaced_versions(connection, project.id)],
        gone_member_ids=[member_id for member_id, _ in gone_members(connection, project.id)],
    )


def _proposal(connection: Connection, version: Version) -> projects_pb2.Proposal:
    return projects_pb2.Proposal(
        agreement=version.agreement,
        agreement_hash=version.agreement_hash,
        proposer_id=version.proposer_id,
        signatures=_signatures(list_signatures(connection, version.agreement_hash)),
        proposed_at=version.proposed_at,
        lapses_at=lapses_at(version),
        keyed_member_ids=keyed_members(connection, version.project_id, version.terms.epoch),
    )


def _signatures(found: Iterable[Signature]) -> list[projects_pb2.Signature]:
    return [
        projects_pb2.Signature(member_id=s.member_id, signature=s.signature, signed_at=s.signed_at)
        for s in found
    ]


def _uploads(connection: Connection, project_id: str) -> list[projects_pb2.MemberUpload]:
    return [
        projects_pb2.MemberUpload(
            member_id=upload.member_id,
            record_count=upload.held,
            finished_at=upload.finished_at or 0,
        )
        for upload in current_uploads(connection, project_id)
    ]
