"""The members of the coalition as this node knows them: their standing, and their pinned keys.

A node keeps the keys of each member as it saw them first. Where the coordinator later names other
keys, nothing goes on until people have compared the safety number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tacit.linkage import statements
from tacit.linkage.agreement import Agreement
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.signing import verifies
from tacit.node.client.session import Session
from tacit.node.context import Member
from tacit.node.store.base import Store
from tacit.node.store.pins import Pin, list_pins, put_pin
from tacit.node.times import now_ms
from tacit.v1 import membership_pb2 as membership

WAITING = "waiting"
FULL = "member"
LEFT = "left"

_STANDINGS = {
    membership.STANDING_WAITING: WAITING,
    membership.STANDING_REVOKED: LEFT,
}


@dataclass(frozen=True, slots=True)
class KnownMember:
    """A member as the coordinator lists it, held against what this node knows.

    Attributes:
        member_id: given by the coordinator.
        name: of the organisation.
        you: whether it is this node's own member.
        standing: "waiting" for confirmations, "member", or "left".
        confirmed_by: names of the members whose confirmation verifies.
        needed: how many must confirm it; 0 where the coalition asks for none.
        compared: whether this node's people compared the safety number of these very keys.
        changed: whether this node knew other keys for this member or organisation.
        signing_key: Ed25519 public key, 32 bytes.
        sealing_key: X25519 public key, 32 bytes.
    """

    member_id: str
    name: str
    you: bool
    standing: str
    confirmed_by: tuple[str, ...]
    needed: int
    compared: bool
    changed: bool
    signing_key: bytes = field(repr=False)
    sealing_key: bytes = field(repr=False)

    def identity(self, authority: bytes) -> bytes:
        """Give the bytes that stand for this member and its keys; authority is DER."""
        return statements.member_identity(
            authority, self.member_id, self.name, self.signing_key, self.sealing_key
        )

    def pin(self, compared_at: int | None = None) -> Pin:
        """Give what this node keeps of it."""
        keys = (self.signing_key, self.sealing_key)
        return Pin(self.member_id, self.name, *keys, now_ms(), compared_at)


def known_members(session: Session, store: Store, member: Member) -> tuple[KnownMember, ...]:
    """Ask who belongs to the coalition; keep the keys of those who are new.

    Raises:
        TacitError: what the call raises.
    """
    answer = session.ask(session.membership.ListMembers, membership.ListMembersRequest())
    with store.read() as connection:
        pins = list_pins(connection)
    keys = {found.member_id: found.signing_key for found in answer.members}
    keys |= {pin.member_id: pin.signing_key for pin in pins}
    names = {found.member_id: found.name for found in answer.members}
    known = tuple(
        _known(found, member, pins, _confirmers(found, member.identity.authority, keys, names))
        for found in answer.members
    )
    pinned = {pin.member_id for pin in pins}
    with store.write() as connection:
        for found in known:
            new = found.member_id not in pinned and not found.you
            if new and not found.changed and found.standing != LEFT:
                put_pin(connection, found.pin())
    return known


def trusted_members(session: Session, store: Store, member: Member) -> tuple[KnownMember, ...]:
    """Ask who belongs to the coalition, and go on only if nobody's keys have changed.

    Raises:
        TacitError: KEY_CHANGED, or what the call raises.
    """
    known = known_members(session, store, member)
    refuse_changed(known)
    return known


def refuse_changed(known: Iterable[KnownMember]) -> None:
    """Go on only if nobody's keys have changed; who has left or waits does no harm.

    Raises:
        TacitError: KEY_CHANGED, naming the first.
    """
    for found in known:
        if found.changed and found.standing == FULL:
            raise TacitError(Code.KEY_CHANGED, found.member_id, member=found.name)


def refuse_unknown_keys(known: Iterable[KnownMember], agreement: Agreement) -> None:
    """Go on only if an agreement names its members with the keys that this node knows.

    Raises:
        TacitError: KEY_CHANGED, naming the first for whom it does not; BAD_AGREEMENT, it names
            somebody who is no member today.
    """
    full = [found for found in known if found.standing == FULL]
    keys = {found.member_id: (found.signing_key, found.sealing_key) for found in full}
    for party in agreement.members:
        named = (bytes.fromhex(party.signing_key), bytes.fromhex(party.sealing_key))
        if party.member_id not in keys:
            raise TacitError(Code.BAD_AGREEMENT, problem=f"'{party.name}' is not a member today")
        if keys[party.member_id] != named:
            raise TacitError(Code.KEY_CHANGED, party.member_id, member=party.name)


def find_member(known: Sequence[KnownMember], wanted: str) -> KnownMember:
    """Find a member by identifier or name; who has left is found by identifier only.

    Raises:
        TacitError: NOT_FOUND.
    """
    for found in known:
        if found.member_id == wanted or (found.name == wanted and found.standing != LEFT):
            return found
    raise TacitError(Code.NOT_FOUND, what=f"member '{wanted}' at this coordinator")


def _known(
    found: membership.Member, member: Member, pins: Sequence[Pin], confirmed_by: tuple[str, ...]
) -> KnownMember:
    you = found.member_id == member.member_id
    own = (member.keys.signing_public, member.keys.sealing_public)
    keys = (found.signing_key, found.sealing_key)
    same = [pin for pin in pins if found.member_id == pin.member_id]
    named = [pin for pin in pins if found.name == pin.name]
    changed = keys != own if you else any(_differs(found, pin) for pin in same or named)
    return KnownMember(
        member_id=found.member_id,
        name=found.name,
        you=you,
        standing=_STANDINGS.get(found.standing, FULL),
        confirmed_by=confirmed_by,
        needed=found.confirmations_needed,
        compared=not changed and any(pin.compared_at is not None for pin in same),
        changed=changed,
        signing_key=found.signing_key,
        sealing_key=found.sealing_key,
    )


def _differs(found: membership.Member, pin: Pin) -> bool:
    if found.standing == membership.STANDING_REVOKED:
        return False
    listed = (found.member_id, found.name, found.signing_key, found.sealing_key)
    return listed != (pin.member_id, pin.name, pin.signing_key, pin.sealing_key)


def _confirmers(
    found: membership.Member,
    authority: bytes,
    keys: Mapping[str, bytes],
    names: Mapping[str, str],
) -> tuple[str, ...]:
    identity = statements.member_identity(
        authority, found.member_id, found.name, found.signing_key, found.sealing_key
    )
    statement = statements.confirmation(identity)
    return tuple(
        names.get(given.member_id, given.member_id)
        for given in found.confirmations
        if verifies(keys.get(given.member_id, b""), given.signature, statement)
    )
