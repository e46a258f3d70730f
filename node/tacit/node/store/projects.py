"""Projects, their linkage keys, and the tokens that stand for records in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

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
        epoch: counts the linkage keys; this is today's.
        epoch_ends_at: when the next one is due, milliseconds; 0 where none is by itself.
        proposal_hash: of the next version, while it is proposed, or None.
        gone: members of the agreement who left the coalition, separated by spaces.
        over: why nothing flows any more: "", "expired", "removed" or "left".
    """

    project_id: str
    agreement: bytes
    agreement_hash: bytes
    creator_id: str
    in_force: bool
    signed_at: int | None
    updated_at: int
    epoch: int = 1
    epoch_ends_at: int = 0
    proposal_hash: bytes | None = None
    gone: str = ""
    over: str = ""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A linkage key.

    Attributes:
        key: 32 bytes.
        maker_id: the member who made it.
        agreement_hash: of the version under which it was sealed.
    """

    project_id: str
    epoch: int
    key: bytes
    maker_id: str
    received_at: int
    agreement_hash: bytes

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


def get_linkage_key(
    connection: Connection, project_id: str, epoch: int, agreement_hash: bytes
) -> StoredKey | None:
    """Give the linkage key of an epoch under an agreement, or None while it has not arrived."""
    query = select(linkage_keys).where(
        linkage_keys.c.project_id == project_id,
        linkage_keys.c.epoch == epoch,
        linkage_keys.c.agreement_hash == agreement_hash,
    )
    return one(connection, query, StoredKey)


def list_linkage_keys(connection: Connection, project_id: str) -> Sequence[StoredKey]:
    """Give every linkage key of a project, oldest epoch first."""
    query = (
        select(linkage_keys)
        .where(linkage_keys.c.project_id == project_id)
        .order_by(linkage_keys.c.epoch)
    )
    return every(connection, query, StoredKey)


def delete_linkage_key(connection: Connection, project_id: str, epoch: int) -> None:
    """Erase a linkage key; the file keeps none of its bytes once the log is folded in."""
    connection.execute(
        delete(linkage_keys).where(
            linkage_keys.c.project_id == project_id, linkage_keys.c.epoch == epoch
        )
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
