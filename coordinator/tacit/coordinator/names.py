"""What members are called in answers to other members."""

from collections.abc import Mapping

from sqlalchemy import Connection

from tacit.coordinator.documents import agreement_of
from tacit.coordinator.store.projects import Project
from tacit.coordinator.store.versions import replaced_versions
from tacit.linkage.agreement import Agreement


def member_names(agreement: Agreement, caller_id: str) -> Mapping[str, str]:
    """Name each party for this caller, by member_id.

    Others are called "member N", N their place in the agreement from 1, where it hides names.
    """
    return {
        party.member_id: party.name
        if agreement.disclose_members or party.member_id == caller_id
        else f"member {number}"
        for number, party in enumerate(agreement.members, start=1)
    }


def names_ever(connection: Connection, project: Project, caller_id: str) -> Mapping[str, str]:
    """Name each party of a project for a caller, and those whom earlier versions named.

    What a former party is called is what the last version that named it lets it be called.
    """
    documents = [version.agreement for version in replaced_versions(connection, project.id)]
    names: dict[str, str] = {}
    for document in (*documents, project.agreement):
        names.update(member_names(agreement_of(document), caller_id))
    return names
