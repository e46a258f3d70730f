"""What officers do about each other's keys: compare, confirm newcomers, leave."""

from dataclasses import dataclass

from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.safety_number import code_text, half, safety_number, same_number
from tacit.node.context import Member, connect, load_member
from tacit.node.members import LEFT, KnownMember, find_member, known_members
from tacit.node.project_state import end_project
from tacit.node.store.base import Store
from tacit.node.store.pins import put_pin
from tacit.node.store.projects import list_projects
from tacit.node.times import now_ms
from tacit.v1 import membership_pb2 as membership


@dataclass(frozen=True, slots=True)
class SafetyNumber:
    """What two officers compare.

    Attributes:
        member_id: whose number it is; this node's own where `number` is only its half.
        name: the same by name.
        number: digits in groups of five: sixty for two members, thirty for this node's half.
        code: what a QR code of it holds.
        compared: whether it was compared before, for these very keys.
        changed: whether this node knew other keys before.
    """

    member_id: str
    name: str
    number: str
    code: str
    compared: bool
    changed: bool


def own_half(store: Store) -> SafetyNumber:
    """Give this node's half of every safety number; works also while it waits.

    Raises:
        TacitError: NOT_ENROLLED.
    """
    member = load_member(store)
    number = half(_own_identity(member))
    name = member.identity.name
    return SafetyNumber(member.member_id, name, number, code_text(number), False, False)


def show_safety_number(store: Store, wanted: str) -> SafetyNumber:
    """Give the safety number of this node and another member.

    Args:
        store: this node's store.
        wanted: the other member, by name or identifier.

    Raises:
        TacitError: NOT_FOUND, USAGE (this node's own member), or what the connection raises.
    """
    member = load_member(store)
    with connect(store) as session:
        found = _other(find_member(known_members(session, store, member), wanted))
    return _number(member, found)


def compare_safety_number(store: Store, wanted: str, given: str | None = None) -> SafetyNumber:
    """Note that people compared the safety number; the keys of today are trusted from now on.

    Args:
        store: this node's store.
        wanted: the other member, by name or identifier.
        given: the number as the other side read it, or what its QR code holds, or the other's
            half alone; None where people compared it by eye and ear.

    Raises:
        TacitError: NUMBER_DIFFERS, or what `show_safety_number` raises.
    """
    member = load_member(store)
    with connect(store) as session:
        found = _other(find_member(known_members(session, store, member), wanted))
    return _compared(store, member, found, given)


def confirm_member(store: Store, wanted: str, given: str | None = None) -> KnownMember:
    """Give this member's signed word for a newcomer, once its safety number was compared.

    Args:
        store: this node's store.
        wanted: the newcomer, by name or identifier.
        given: as for `compare_safety_number`.

    Returns:
        The newcomer as it stands afterwards.

    Raises:
        TacitError: NUMBER_DIFFERS, or what `show_safety_number` raises.
    """
    member = load_member(store)
    with connect(store) as session:
        found = _other(find_member(known_members(session, store, member), wanted))
        _compared(store, member, found, given)
        statement = statements.confirmation(found.identity(member.identity.authority))
        request = membership.ConfirmMemberRequest(
            member_id=found.member_id, signature=member.keys.signing.sign(statement)
        )
        session.ask(session.membership.ConfirmMember, request)
        return find_member(known_members(session, store, member), found.member_id)


def leave(store: Store) -> None:
    """End this node's membership, at once and for good, and with it all its projects.

    Linkage keys and results are erased; the register stays as it is.

    Raises:
        TacitError: what the connection raises.
    """
    member = load_member(store)
    statement = statements.leaving(member.identity.authority, member.member_id)
    request = membership.LeaveRequest(signature=member.keys.signing.sign(statement))
    try:
        with connect(store) as session:
            session.ask(session.membership.Leave, request)
    except TacitError as error:
        # Asked again after a lost answer, the coordinator does not know this member any more.
        if error.code is not Code.REVOKED:
            raise
    with store.read() as connection:
        known = list_projects(connection)
    for project in known:
        end_project(store, project, over="left")


def _other(found: KnownMember) -> KnownMember:
    if found.you:
        raise TacitError(Code.USAGE, problem="That is this node's own member.")
    if found.standing == LEFT:
        raise TacitError(Code.NOT_FOUND, what=f"member '{found.name}' at this coordinator")
    return found


def _own_identity(member: Member) -> bytes:
    return statements.member_identity(
        member.identity.authority,
        member.member_id,
        member.identity.name,
        member.keys.signing_public,
        member.keys.sealing_public,
    )


def _number(member: Member, found: KnownMember) -> SafetyNumber:
    identity = found.identity(member.identity.authority)
    number = safety_number(_own_identity(member), identity)
    return SafetyNumber(
        found.member_id, found.name, number, code_text(number), found.compared, found.changed
    )


def _compared(store: Store, member: Member, found: KnownMember, given: str | None) -> SafetyNumber:
    shown = _number(member, found)
    theirs = half(found.identity(member.identity.authority))
    if given is not None and not (same_number(given, shown.number) or same_number(given, theirs)):
        raise TacitError(Code.NUMBER_DIFFERS, member=found.name)
    with store.write() as connection:
        put_pin(connection, found.pin(now_ms()))
    return SafetyNumber(found.member_id, found.name, shown.number, shown.code, True, False)
