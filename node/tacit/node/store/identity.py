"""Who this node is, and its settings."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from tacit.node.store.rows import one, put
from tacit.node.store.tables import identity, settings


@dataclass(frozen=True, slots=True)
class Identity:
    """This node's membership.

    Attributes:
        member_id: given by the coordinator.
        name: of the member organisation.
        address: of the coordinator, host:port.
        authority: certificate of the coalition's authority, DER; every TLS peer is pinned to it.
        certificate: this node's client certificate, DER.
        ledger_key: Ed25519 public key under which tree heads are signed, 32 bytes.
        enrolled_at: milliseconds since 1970.
    """

    member_id: str
    name: str
    address: str
    authority: bytes
    certificate: bytes
    ledger_key: bytes
    enrolled_at: int
    id: int = 1


@dataclass(frozen=True, slots=True)
class _Setting:
    name: str
    value: str


def get_identity(connection: Connection) -> Identity | None:
    """Give this node's membership, or None before it is enrolled."""
    return one(connection, select(identity), Identity)


def put_identity(connection: Connection, member: Identity) -> None:
    """Keep this node's membership, in place of an earlier one."""
    put(connection, identity, member)


def get_setting(connection: Connection, name: str) -> str | None:
    """Give a setting, or None."""
    return connection.execute(
        select(settings.c.value).where(settings.c.name == name)
    ).scalar_one_or_none()


def put_setting(connection: Connection, name: str, value: str) -> None:
    """Keep a setting."""
    put(connection, settings, _Setting(name, value))
