"""A project as its members see it."""

from sqlalchemy import Connection

from tacit.coordinator.documents import agreement_of
from tacit.coordinator.store.projects import Project, keyed_members, list_signatures
from tacit.coordinator.store.uploads import current_uploads
from tacit.v1 import projects_pb2


def project_message(connection: Connection, project: Project) -> projects_pb2.Project:
    """Gather a project's signatures, sealed keys and current uploads."""
    epoch = agreement_of(project.agreement).epoch
    return projects_pb2.Project(
        project_id=project.id,
        agreement=project.agreement,
        agreement_hash=project.agreement_hash,
        signatures=[
            projects_pb2.Signature(
                member_id=s.member_id, signature=s.signature, signed_at=s.signed_at
            )
            for s in list_signatures(connection, project.id)
        ],
        in_force=project.in_force,
        creator_id=project.creator_id,
        keyed_member_ids=keyed_members(connection, project.id, epoch),
        uploads=[
            projects_pb2.MemberUpload(
                member_id=upload.member_id,
                record_count=upload.record_count,
                finished_at=upload.finished_at or 0,
            )
            for upload in current_uploads(connection, project.id)
        ],
    )
