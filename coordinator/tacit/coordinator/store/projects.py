"""Linkage projects, the signatures under their agreements and the sealed linkage keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, insert, select, update

from tacit.coordinator.store.tables import project_members, projects, sealed_keys, signatures


@dataclass(frozen=True, slots=True)
class Project:
    """A project; its agreement is canonical JSON and never changes. Time in milliseconds."""

    id: str
    agreement: bytes
    agreement_hash: bytes
    creator_id: str
    created_at: int
    in_force: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """A member's Ed25519 signature under an agreement; time in milliseconds."""

    member_id: str
    signature: bytes
    signed_at: int


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A linkage key sealed to one member: HPKE ciphertext, signed by the sender."""

    epoch: int
    recipient_id: str
    sender_id: str
    ciphertext: bytes
    signature: bytes


def add_project(connection: Connection, project: Project, member_ids: Sequence[str]) -> None:
    """Enter a project and its members, in the agreement's order."""
    connection.execute(
        insert(projects).values(
            id=project.id,
            agreement=project.agreement,
            agreement_hash=project.agreement_hash,
            creator_id=project.creator_id,
            created_at=project.created_at,
            in_force=project.in_force,
        )
    )
    connection.execute(
        insert(project_members),
        [
            {"project_id": project.id, "member_id": member_id, "ordinal": ordinal}
            for ordinal, member_id in enumerate(member_ids)
        ],
    )


def find_project(connection: Connection, project_id: str, member_id: str) -> Project | None:
    """Find a project that this member belongs to; others do not exist for it."""
    query = (
        select(projects)
        .join(project_members)
        .where(projects.c.id == project_id, project_members.c.member_id == member_id)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Project(**row)


def project_agreement(connection: Connection, project_id: str) -> bytes:
    """Give the agreement of a project that is known to exist, canonical JSON."""
    query = select(projects.c.agreement).where(projects.c.id == project_id)
    agreement: bytes = connection.execute(query).scalar_one()
    return agreement


def find_project_by_hash(connection: Connection, agreement_hash: bytes) -> Project | None:
    """Find the project with this agreement."""
    query = select(projects).where(projects.c.agreement_hash == agreement_hash)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Project(**row)


def list_projects(connection: Connection, member_id: str) -> list[Project]:
    """Give the projects that a member belongs to, oldest first."""
    query = (
        select(projects)
        .join(project_members)
        .where(project_members.c.member_id == member_id)
        .order_by(projects.c.created_at, projects.c.id)
    )
    return [Project(**row) for row in connection.execute(query).mappings()]


def add_signature(
    connection: Connection, project_id: str, signature: Signature, ledger_index: int
) -> bool:
    """Enter a signature; the last one missing puts the agreement in force.

    Returns:
        Whether the agreement is in force now.
    """
    connection.execute(
        insert(signatures).values(
            project_id=project_id,
            member_id=signature.member_id,
            signature=signature.signature,
            signed_at=signature.signed_at,
            ledger_index=ledger_index,
        )
    )
    missing = _count(connection, project_members, project_id) - _count(
        connection, signatures, project_id
    )
    if not missing:
        connection.execute(
            update(projects).where(projects.c.id == project_id).values(in_force=True)
        )
    return not missing


def list_signatures(connection: Connection, project_id: str) -> list[Signature]:
    """Give the signatures under an agreement in the order in which they came."""
    columns = (signatures.c.member_id, signatures.c.signature, signatures.c.signed_at)
    query = (
        select(*columns)
        .where(signatures.c.project_id == project_id)
        .order_by(signatures.c.ledger_index)
    )
    return [Signature(**row) for row in connection.execute(query).mappings()]


def add_sealed_key(connection: Connection, project_id: str, key: SealedKey, at: int) -> None:
    """Enter a sealed key."""
    connection.execute(
        insert(sealed_keys).values(
            project_id=project_id,
            epoch=key.epoch,
            recipient_id=key.recipient_id,
            sender_id=key.sender_id,
            ciphertext=key.ciphertext,
            signature=key.signature,
            put_at=at,
        )
    )


def find_sealed_key(
    connection: Connection, project_id: str, epoch: int, recipient_id: str
) -> SealedKey | None:
    """Find the key of an epoch that is sealed to a member."""
    table = sealed_keys.c
    query = select(
        table.epoch, table.recipient_id, table.sender_id, table.ciphertext, table.signature
    ).where(
        table.project_id == project_id,
        table.epoch == epoch,
        table.recipient_id == recipient_id,
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else SealedKey(**row)


def keyed_members(connection: Connection, project_id: str, epoch: int) -> list[str]:
    """Give the members for whom a key of this epoch was sealed."""
    query = (
        select(sealed_keys.c.recipient_id)
        .where(sealed_keys.c.project_id == project_id, sealed_keys.c.epoch == epoch)
        .order_by(sealed_keys.c.recipient_id)
    )
    return list(connection.execute(query).scalars())


def _count(connection: Connection, table: Table, project_id: str) -> int:
    query = select(func.count()).select_from(table).where(table.c.project_id == project_id)
    return int(connection.execute(query).scalar_one())
