"""Versions of projects' agreements and the signatures under them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tacit.coordinator.documents import agreement_of
from tacit.coordinator.store.tables import (
    agreement_signatures,
    agreement_versions,
    project_members,
    projects,
    sealed_keys,
)
from tacit.linkage.agreement import Agreement

CURRENT = "current"
"""The version that the project's row has: in force, or version 1 that not all have signed yet."""
PROPOSED = "proposed"
REPLACED = "replaced"
DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an agreement, canonical JSON; times in milliseconds."""

    agreement_hash: bytes
    project_id: str
    version: int
    agreement: bytes
    proposer_id: str
    state: str
    proposed_at: int
    ledger_index: int

    @property
    def terms(self) -> Agreement:
        """The agreement, parsed."""
        return agreement_of(self.agreement)


@dataclass(frozen=True, slots=True)
class Signature:
    """A member's Ed25519 signature under an agreement; time in milliseconds."""

    member_id: str
    signature: bytes
    signed_at: int


def add_version(connection: Connection, version: Version) -> None:
    """Enter a version; one that was dropped before is proposed anew."""
    old = agreement_versions.c.agreement_hash == version.agreement_hash
    connection.execute(
        delete(agreement_signatures).where(
            agreement_signatures.c.agreement_hash == version.agreement_hash
        )
    )
    connection.execute(delete(agreement_versions).where(old))
    connection.execute(insert(agreement_versions).values(**asdict(version)))


def find_version(connection: Connection, agreement_hash: bytes) -> Version | None:
    """Find a version of any project by its hash."""
    found = _read(connection, agreement_versions.c.agreement_hash == agreement_hash)
    return found[0] if found else None


def open_proposal(connection: Connection, project_id: str) -> Version | None:
    """Find the version that a project's members are asked to sign in place of the present one."""
    found = _read(
        connection,
        agreement_versions.c.project_id == project_id,
        agreement_versions.c.state == PROPOSED,
    )
    return found[0] if found else None


def open_proposals(connection: Connection) -> list[Version]:
    """Give the proposals of all projects."""
    return _read(connection, agreement_versions.c.state == PROPOSED)


def replaced_versions(connection: Connection, project_id: str) -> list[Version]:
    """Give the versions that a later one has replaced, oldest first."""
    return _read(
        connection,
        agreement_versions.c.project_id == project_id,
        agreement_versions.c.state == REPLACED,
    )


def set_state(connection: Connection, agreement_hash: bytes, state: str) -> None:
    """Note what has become of a version."""
    connection.execute(
        update(agreement_versions)
        .where(agreement_versions.c.agreement_hash == agreement_hash)
        .values(state=state)
    )


def add_signature(
    connection: Connection, agreement_hash: bytes, signature: Signature, ledger_index: int
) -> None:
    """Enter a signature."""
    row = {"agreement_hash": agreement_hash, **asdict(signature), "ledger_index": ledger_index}
    connection.execute(insert(agreement_signatures).values(**row))


def list_signatures(connection: Connection, agreement_hash: bytes) -> list[Signature]:
    """Give the signatures under a version in the order in which they came."""
    table = agreement_signatures.c
    query = (
        select(table.member_id, table.signature, table.signed_at)
        .where(table.agreement_hash == agreement_hash)
        .order_by(table.ledger_index)
    )
    return [Signature(**row) for row in connection.execute(query).mappings()]


def set_in_force(connection: Connection, version: Version, at: int) -> None:
    """Put a version and its members in the place of what the project had; a new epoch begins."""
    old = select(projects.c.agreement_hash).where(projects.c.id == version.project_id)
    set_state(connection, connection.execute(old).scalar_one(), REPLACED)
    set_state(connection, version.agreement_hash, CURRENT)
    connection.execute(
        update(projects)
        .where(projects.c.id == version.project_id)
        .values(
            agreement=version.agreement,
            agreement_hash=version.agreement_hash,
            in_force=True,
            epoch=version.terms.epoch,
            epoch_started_at=at,
        )
    )
    connection.execute(
        delete(project_members).where(project_members.c.project_id == version.project_id)
    )
    put_members(
        connection, version.project_id, [party.member_id for party in version.terms.members]
    )


def put_members(connection: Connection, project_id: str, member_ids: Iterable[str]) -> None:
    """Enter who belongs to a project, in the agreement's order."""
    connection.execute(
        insert(project_members),
        [
            {"project_id": project_id, "member_id": member_id, "ordinal": ordinal}
            for ordinal, member_id in enumerate(member_ids)
        ],
    )


def set_epoch(connection: Connection, project_id: str, epoch: int, at: int) -> None:
    """Begin a project's next epoch under the same agreement."""
    connection.execute(
        update(projects).where(projects.c.id == project_id).values(epoch=epoch, epoch_started_at=at)
    )


def forget_keys(connection: Connection, project_id: str, *epochs: int) -> None:
    """Drop the sealed keys of epochs that are over, or of one that will never be."""
    connection.execute(
        delete(sealed_keys).where(
            sealed_keys.c.project_id == project_id, sealed_keys.c.epoch.in_(epochs)
        )
    )


def _read(connection: Connection, *where: ColumnElement[bool]) -> list[Version]:
    query = select(agreement_versions).where(*where).order_by(agreement_versions.c.version)
    return [Version(**row) for row in connection.execute(query).mappings()]
