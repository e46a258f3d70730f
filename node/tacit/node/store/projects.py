"""Projects, their linkage keys, and the tokens that stand for records in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from tacit.node.store.rows import every, one, put, put_all
from tacit.node.store.tables import linkage_keys, projects, tokens


@dataclass(frozen=True, slots=True)
class StoredProject:
    """A project as this node last saw it.

    Attributes:
        agreement: canonical JSON.
        agreement_hash: its SHA-256.
        in_force: whether every member had signed.
        signed_at: when this node signed, or None.
        updated_at: when the coordinator was last asked.
    """

    project_id: str
    agreement: bytes
    agreement_hash: bytes
    creator_id: str
    in_force: bool
    signed_at: int | None
    updated_at: int


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A linkage key.

    Attributes:
        key: 32 bytes.
        maker_id: the member who made it.
        confirmed_at: when the safety number was compared, or None.
    """

    project_id: str
    epoch: int
    key: bytes
    maker_id: str
    received_at: int
    confirmed_at: int | None = None

    def __repr__(self) -> str:
        """Say which key it is without showing it."""
        return f"StoredKey({self.project_id!r}, epoch={self.epoch})"


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What stands for a record in one project.

    Attributes:
        token: 16 random bytes.
        salt: of the commitment to the claim, 32 random bytes.
        claim: canonical JSON of the claim that was committed to.
    """

    project_id: str
    record_id: str
    token: bytes
    salt: bytes
    claim: bytes


def put_project(connection: Connection, project: StoredProject) -> None:
    """Keep a project, in place of what was known of it."""
    put(connection, projects, project)


def get_project(connection: Connection, project_id: str) -> StoredProject | None:
    """Give a project, or None."""
    query = select(projects).where(projects.c.project_id == project_id)
    return one(connection, query, StoredProject)


def list_projects(connection: Connection) -> Sequence[StoredProject]:
    """Give all projects, by id."""
    return every(connection, select(projects).order_by(projects.c.project_id), StoredProject)


def put_linkage_key(connection: Connection, key: StoredKey) -> None:
    """Keep a linkage key."""
    put(connection, linkage_keys, key)


def get_linkage_key(connection: Connection, project_id: str, epoch: int) -> StoredKey | None:
    """Give the linkage key of an epoch, or None while it has not arrived."""
    query = select(linkage_keys).where(
        linkage_keys.c.project_id == project_id, linkage_keys.c.epoch == epoch
    )
    return one(connection, query, StoredKey)


def confirm_linkage_key(connection: Connection, project_id: str, epoch: int, now: int) -> None:
    """Note that the members compared the safety number."""
    connection.execute(
        update(linkage_keys)
        .where(linkage_keys.c.project_id == project_id, linkage_keys.c.epoch == epoch)
        .values(confirmed_at=now)
    )


def get_tokens(connection: Connection, project_id: str) -> Mapping[str, StoredToken]:
    """Give the tokens of a project, by record id."""
    query = select(tokens).where(tokens.c.project_id == project_id)
    return {t.record_id: t for t in every(connection, query, StoredToken)}


def find_token(connection: Connection, project_id: str, token: bytes) -> StoredToken | None:
    """Give what a token stands for, or None if it is not this node's."""
    query = select(tokens).where(tokens.c.project_id == project_id, tokens.c.token == token)
    return one(connection, query, StoredToken)


def put_tokens(connection: Connection, items: Iterable[StoredToken]) -> None:
    """Keep tokens, in place of earlier ones of the same records."""
    put_all(connection, tokens, items)


def delete_tokens(connection: Connection, project_id: str) -> None:
    """Forget a project's tokens."""
    connection.execute(delete(tokens).where(tokens.c.project_id == project_id))
