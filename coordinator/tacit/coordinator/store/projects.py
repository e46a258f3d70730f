"""Linkage projects and the sealed linkage keys."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select, update

from tacit.coordinator.store.members import REVOKED
from tacit.coordinator.store.tables import members, project_members, projects, sealed_keys
from tacit.coordinator.store.versions import put_members


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its agreement as it is today, canonical JSON; times in milliseconds.

    Attributes:
        agreement: in force, or version 1 that not all have signed yet.
        epoch: of the linkage key in use.
        epoch_started_at: when it began.
    """

    id: str
    agreement: bytes
    agreement_hash: bytes
    creator_id: str
    created_at: int
    in_force: bool
    epoch: int
    epoch_started_at: int


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
    connection.execute(insert(projects).values(**asdict(project)))
    put_members(connection, project.id, member_ids)


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


def read_project(connection: Connection, project_id: str) -> Project | None:
    """Find a project, whoever asks."""
    query = select(projects).where(projects.c.id == project_id)
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


def set_signed(connection: Connection, project_id: str, at: int) -> None:
    """Put the agreement's version 1 in force; its first epoch begins."""
    connection.execute(
        update(projects)
        .where(projects.c.id == project_id)
        .values(in_force=True, epoch_started_at=at)
    )


def gone_members(connection: Connection, project_id: str) -> list[tuple[str, str]]:
    """Give identifier and name of each party who is a member of the coalition no longer."""
    query = (
        select(members.c.id, members.c.name)
        .join(project_members)
        .where(project_members.c.project_id == project_id, members.c.standing == REVOKED)
        .order_by(project_members.c.ordinal)
    )
    return [(row.id, row.name) for row in connection.execute(query)]


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
