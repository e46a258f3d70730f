"""The other members' keys as this node saw them first, and whether people compared them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from tacit.node.store.rows import every, put
from tacit.node.store.tables import pins


@dataclass(frozen=True, slots=True)
class Pin:
    """What this node holds to be another member's keys.

    Attributes:
        member_id: given by the coordinator.
        name: of the organisation.
        signing_key: Ed25519 public key, 32 bytes.
        sealing_key: X25519 public key, 32 bytes.
        seen_at: milliseconds since 1970.
        compared_at: when people compared the safety number; None until then.
    """

    member_id: str
    name: str
    signing_key: bytes
    sealing_key: bytes
    seen_at: int
    compared_at: int | None = None


def list_pins(connection: Connection) -> Sequence[Pin]:
    """Give all pins in order of their identifiers."""
    return every(connection, select(pins).order_by(pins.c.member_id), Pin)


def put_pin(connection: Connection, pin: Pin) -> None:
    """Keep a pin, in place of every other of the same member or of the same name."""
    connection.execute(delete(pins).where(pins.c.name == pin.name))
    put(connection, pins, pin)
