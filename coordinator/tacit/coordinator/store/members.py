"""Members of the coalition and the invitations by which they came."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, or_, select, update

from tacit.coordinator.store.tables import invitations, members
from tacit.linkage.errors import Code, TacitError

WAITING = "waiting"
MEMBER = "member"
REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the coalition, or one who was or will be.

    Attributes:
        id: identifier given at enrolment.
        name: of the organisation.
        signing_key: Ed25519 public key, 32 bytes.
        sealing_key: X25519 public key, 32 bytes.
        standing: `WAITING`, `MEMBER` or `REVOKED`.
        needed: confirmations asked of it when it enrolled.
    """

    id: str
    name: str
    signing_key: bytes
    sealing_key: bytes
    standing: str = MEMBER
    needed: int = 0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A member's client certificate: SHA-256 fingerprint and DER."""

    fingerprint: bytes
    der: bytes


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation; times in milliseconds. Of its secret only the SHA-256 is known."""

    secret_hash: bytes
    name: str
    created_at: int
    expires_at: int
    used_at: int | None = None
    request_hash: bytes | None = None
    member_id: str | None = None


_MEMBER = (
    members.c.id,
    members.c.name,
    members.c.signing_key,
    members.c.sealing_key,
    members.c.standing,
    members.c.needed,
)


def member_by_fingerprint(connection: Connection, fingerprint: bytes) -> Member | None:
    """Find whose client certificate, or renewed one, has this SHA-256 fingerprint."""
    known = or_(members.c.fingerprint == fingerprint, members.c.next_fingerprint == fingerprint)
    return _one(connection, select(*_MEMBER).where(known))


def member_by_id(connection: Connection, member_id: str) -> Member | None:
    """Find a member by its identifier."""
    return _one(connection, select(*_MEMBER).where(members.c.id == member_id))


def member_by_name(connection: Connection, name: str) -> Member | None:
    """Find a member by its organisation's name."""
    return _one(connection, select(*_MEMBER).where(members.c.name == name))


def find_member(connection: Connection, wanted: str) -> Member:
    """Find a member of any standing as people name it: by its name, else by its identifier.

    Raises:
        TacitError: NOT_FOUND.
    """
    name = unicodedata.normalize("NFC", wanted).strip()
    found = member_by_name(connection, name) or member_by_id(connection, name)
    if found is None:
        raise TacitError(Code.NOT_FOUND, what=f"member '{name}'")
    return found


def list_members(connection: Connection) -> list[Member]:
    """Give all members in order of their identifiers, whatever their standing."""
    rows = connection.execute(select(*_MEMBER).order_by(members.c.id)).mappings()
    return [Member(**row) for row in rows]


def certificate_of(connection: Connection, member_id: str) -> bytes:
    """Give a member's client certificate, DER."""
    query = select(members.c.certificate).where(members.c.id == member_id)
    der: bytes = connection.execute(query).scalar_one()
    return der


def add_member(
    connection: Connection, member: Member, certificate: Certificate, at: int, ledger_index: int
) -> None:
    """Enter a member who has just enrolled."""
    connection.execute(
        insert(members).values(
            id=member.id,
            name=member.name,
            signing_key=member.signing_key,
            sealing_key=member.sealing_key,
            fingerprint=certificate.fingerprint,
            certificate=certificate.der,
            enrolled_at=at,
            ledger_index=ledger_index,
            standing=member.standing,
            needed=member.needed,
        )
    )


def add_invitation(connection: Connection, invitation: Invitation) -> None:
    """Enter an invitation that nobody has used yet."""
    connection.execute(
        insert(invitations).values(
            secret_hash=invitation.secret_hash,
            name=invitation.name,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
        )
    )


def find_invitation(connection: Connection, secret_hash: bytes) -> Invitation | None:
    """Find an invitation by the SHA-256 of its secret."""
    query = select(invitations).where(invitations.c.secret_hash == secret_hash)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Invitation(**row)


def use_invitation(
    connection: Connection, secret_hash: bytes, request_hash: bytes, member_id: str, at: int
) -> None:
    """Mark an invitation as used by this request for this member."""
    connection.execute(
        update(invitations)
        .where(invitations.c.secret_hash == secret_hash)
        .values(used_at=at, request_hash=request_hash, member_id=member_id)
    )


def _one(connection: Connection, query: Select[*tuple[Any, ...]]) -> Member | None:
    row: RowMapping | None = connection.execute(query).mappings().one_or_none()
    return None if row is None else Member(**row)
