"""Newcomers: who must confirm them, and how they become members."""

from sqlalchemy import Connection

from tacit.coordinator.store.members import MEMBER, WAITING, Member
from tacit.coordinator.store.standing import count_members, list_confirmations, set_standing


def standing_of_newcomer(connection: Connection, confirmations: int) -> str:
    """Say how a newcomer begins; those who come first have nobody who could confirm them.

    Args:
        connection: the enrolment's transaction.
        confirmations: what the coalition's rules ask for.
    """
    return WAITING if min(confirmations, count_members(connection)) else MEMBER


def confirmed_of(connection: Connection, member: Member) -> tuple[int, int]:
    """Give how many members have confirmed this one, and how many must.

    No more can be asked for than there are members.
    """
    needed = min(member.needed, count_members(connection))
    return len(list_confirmations(connection, member.id)), needed


def promote(connection: Connection, member: Member) -> bool:
    """Make a newcomer a member if enough have confirmed it; says whether it is one now."""
    if member.standing == WAITING:
        confirmed, needed = confirmed_of(connection, member)
        if confirmed < needed:
            return False
        set_standing(connection, member.id, MEMBER)
    return True
