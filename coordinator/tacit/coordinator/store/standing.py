"""How members stand: renewed certificates, confirmations, and their end."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from tacit.coordinator.store.members import MEMBER, REVOKED, Certificate
from tacit.coordinator.store.tables import confirmations, members


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One member's signed word for a newcomer; time in milliseconds."""

    member_id: str
    confirmer_id: str
    signature: bytes
    confirmed_at: int


def count_members(connection: Connection) -> int:
    """Count those who are members in full."""
    query = select(func.count()).where(members.c.standing == MEMBER)
    return int(connection.execute(query).scalar_one())


def set_standing(connection: Connection, member_id: str, standing: str) -> None:
    """Note how a member stands from now on."""
    connection.execute(update(members).where(members.c.id == member_id).values(standing=standing))


def revoke(connection: Connection, member_id: str, at: int) -> None:
    """End a membership; a certificate that was under way dies with it."""
    connection.execute(
        update(members)
        .where(members.c.id == member_id)
        .values(standing=REVOKED, ended_at=at, next_fingerprint=None, next_certificate=None)
    )


def set_aside_name(connection: Connection, member_id: str, name: str) -> None:
    """Call a former member otherwise, so that its organisation may join again by its name."""
    connection.execute(update(members).where(members.c.id == member_id).values(name=name))


def revoked_fingerprints(connection: Connection) -> set[bytes]:
    """Give the certificates of all who are members no longer."""
    query = select(members.c.fingerprint).where(members.c.standing == REVOKED)
    return set(connection.execute(query).scalars())


def next_certificate(connection: Connection, member_id: str) -> bytes | None:
    """Give the renewed certificate, DER, that has not been shown yet; None if there is none."""
    query = select(members.c.next_certificate).where(members.c.id == member_id)
    return connection.execute(query).scalar_one_or_none()


def put_next_certificate(connection: Connection, member_id: str, certificate: Certificate) -> None:
    """Keep a renewed certificate until it is shown, in place of an earlier one."""
    connection.execute(
        update(members)
        .where(members.c.id == member_id)
        .values(next_fingerprint=certificate.fingerprint, next_certificate=certificate.der)
    )


def is_next(connection: Connection, fingerprint: bytes) -> bool:
    """Tell whether this is a renewed certificate that is shown for the first time."""
    query = select(members.c.id).where(members.c.next_fingerprint == fingerprint)
    return connection.execute(query).first() is not None


def take_next(connection: Connection, fingerprint: bytes) -> None:
    """Put the renewed certificate in the place of the old one, which is known no longer."""
    connection.execute(
        update(members)
        .where(members.c.next_fingerprint == fingerprint)
        .values(
            fingerprint=members.c.next_fingerprint,
            certificate=members.c.next_certificate,
            next_fingerprint=None,
            next_certificate=None,
        )
    )


def replace_certificate(connection: Connection, member_id: str, certificate: Certificate) -> None:
    """Put a certificate in the place of all others of this member."""
    put_next_certificate(connection, member_id, certificate)
    take_next(connection, certificate.fingerprint)


def list_confirmations(connection: Connection, member_id: str) -> Sequence[Confirmation]:
    """Give the confirmations of a newcomer by those who are members today, oldest first."""
    columns = (
        confirmations.c.member_id,
        confirmations.c.confirmer_id,
        confirmations.c.signature,
        confirmations.c.confirmed_at,
    )
    query = (
        select(*columns)
        .join(members, members.c.id == confirmations.c.confirmer_id)
        .where(confirmations.c.member_id == member_id, members.c.standing == MEMBER)
        .order_by(confirmations.c.confirmed_at, confirmations.c.confirmer_id)
    )
    return [Confirmation(**row) for row in connection.execute(query).mappings()]


def add_confirmation(connection: Connection, confirmation: Confirmation, ledger_index: int) -> None:
    """Enter one member's word for a newcomer."""
    connection.execute(
        insert(confirmations).values(
            member_id=confirmation.member_id,
            confirmer_id=confirmation.confirmer_id,
            signature=confirmation.signature,
            confirmed_at=confirmation.confirmed_at,
            ledger_index=ledger_index,
        )
    )
