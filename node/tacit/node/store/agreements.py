"""Versions of agreements, and linkage keys that are gone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from tacit.node.store.rows import every, one, put
from tacit.node.store.tables import agreement_versions, destroyed_keys


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of a project's agreement.

    Attributes:
        agreement_hash: SHA-256 of the agreement, 32 bytes.
        version: counts from 1.
        agreement: canonical JSON.
        signed_at: when this node signed it, milliseconds, or None.
        in_force_at: when this node first saw it in force, or None.
        confirmed_at: when its safety number was compared, or None.
    """

    project_id: str
    agreement_hash: bytes
    version: int
    agreement: bytes
    signed_at: int | None = None
    in_force_at: int | None = None
    confirmed_at: int | None = None


@dataclass(frozen=True, slots=True)
class DestroyedKey:
    """A linkage key that this node destroyed; `reported_at` once the coordinator was told."""

    project_id: str
    epoch: int
    destroyed_at: int
    reported_at: int | None = None


def put_version(connection: Connection, version: StoredVersion) -> None:
    """Keep a version, in place of what was known of it."""
    put(connection, agreement_versions, version)


def get_version(
    connection: Connection, project_id: str, agreement_hash: bytes
) -> StoredVersion | None:
    """Give a version by its hash, or None."""
    query = select(agreement_versions).where(
        agreement_versions.c.project_id == project_id,
        agreement_versions.c.agreement_hash == agreement_hash,
    )
    return one(connection, query, StoredVersion)


def list_versions(connection: Connection, project_id: str) -> Sequence[StoredVersion]:
    """Give every version of a project's agreement, oldest first."""
    table = agreement_versions
    query = (
        select(table)
        .where(table.c.project_id == project_id)
        .order_by(table.c.version, table.c.agreement_hash)
    )
    return every(connection, query, StoredVersion)


def confirm_version(
    connection: Connection, project_id: str, agreement_hash: bytes, now: int
) -> None:
    """Note that the members compared the safety number of a version."""
    connection.execute(
        update(agreement_versions)
        .where(
            agreement_versions.c.project_id == project_id,
            agreement_versions.c.agreement_hash == agreement_hash,
        )
        .values(confirmed_at=now)
    )


def drop_proposals(connection: Connection, project_id: str, keep: Sequence[bytes]) -> None:
    """Forget versions that were proposed and never signed here, but for those with these hashes."""
    table = agreement_versions
    connection.execute(
        delete(table).where(
            table.c.project_id == project_id,
            table.c.in_force_at.is_(None),
            table.c.signed_at.is_(None),
            table.c.agreement_hash.not_in(keep),
        )
    )


def put_destroyed(connection: Connection, key: DestroyedKey) -> None:
    """Note that a linkage key is gone, or that the coordinator was told of it."""
    put(connection, destroyed_keys, key)


def list_destroyed(connection: Connection, project_id: str) -> Sequence[DestroyedKey]:
    """Give a project's destroyed keys, oldest epoch first."""
    query = (
        select(destroyed_keys)
        .where(destroyed_keys.c.project_id == project_id)
        .order_by(destroyed_keys.c.epoch)
    )
    return every(connection, query, DestroyedKey)
