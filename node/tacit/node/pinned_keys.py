"""Signing keys that this node knows on better authority than the coordinator's word."""

from collections.abc import Mapping

from tacit.linkage.agreement import parse_agreement
from tacit.node.context import Member
from tacit.node.store.agreements import list_versions
from tacit.node.store.base import Store
from tacit.node.store.projects import list_projects


def pinned_keys(store: Store, member: Member) -> Mapping[str, bytes]:
    """Give the key of every member of an agreement that this node signed, and its own.

    Returns:
        Ed25519 public keys by member_id.
    """
    with store.read() as connection:
        versions = [
            version
            for project in list_projects(connection)
            for version in list_versions(connection, project.project_id)
        ]
    keys: dict[str, bytes] = {}
    for version in versions:
        if version.signed_at is not None:
            for party in parse_agreement(version.agreement).members:
                keys[party.member_id] = bytes.fromhex(party.signing_key)
    return {**keys, member.member_id: member.keys.signing_public}
