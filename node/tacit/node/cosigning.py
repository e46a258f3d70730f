"""Cosign the ledger's heads, and hold what others cosigned against what this node sees.

Two members who are shown two histories cosign heads that contradict each other. The coordinator
can keep such signatures from them, but cannot make others: then a member's signature stays behind,
which `tacit ledger verify` shows, and which a head on paper tells for sure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tacit.linkage import statements
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.signing import verifies
from tacit.node.client.session import Session
from tacit.node.context import Member
from tacit.node.ledger_proofs import accept_head, proof_invalid, refresh_head
from tacit.node.pinned_keys import pinned_keys
from tacit.node.store.base import Store
from tacit.node.times import now_ms
from tacit.v1 import ledger_pb2 as ledger
from tacit.v1 import membership_pb2 as membership


@dataclass(frozen=True, slots=True)
class HeadExchange:
    """What came of comparing heads.

    Attributes:
        size: of the ledger.
        agreeing: names of the other members whose last cosigned head is part of this history.
    """

    size: int
    agreeing: tuple[str, ...]


def agree_on_head(
    session: Session, store: Store, member: Member, *, cosigning: bool = True
) -> HeadExchange:
    """Take the newest head, compare it with what others cosigned, and cosign it.

    Args:
        session: the connection.
        store: this node's store.
        member: who this node is.
        cosigning: whether to cosign; False only compares.

    Raises:
        TacitError: PROOF_INVALID, the history contradicts what this node saw before;
            LEDGER_FORKED, it contradicts what another member cosigned; or what calls raise.
    """
    head = refresh_head(session, store)
    agreeing = compare_cosigned(session, store, member)
    if cosigning:
        cosign(session, member, head)
    return HeadExchange(head.tree_size, agreeing)


def cosign(session: Session, member: Member, head: ledger.TreeHead) -> None:
    """Sign a head that this node has accepted, for the others to see.

    Raises:
        TacitError: what the call raises.
    """
    now = now_ms()
    statement = statements.cosigned_head(
        member.identity.ledger_key, signed_bytes(head), member.member_id, now
    )
    request = ledger.CosignTreeHeadRequest(
        tree_size=head.tree_size, cosigned_at=now, signature=member.keys.signing.sign(statement)
    )
    session.ask(session.ledger.CosignTreeHead, request)


def compare_cosigned(session: Session, store: Store, member: Member) -> tuple[str, ...]:
    """Hold the last head that each other member cosigned against this node's history.

    Returns:
        The names of the members who agree.

    Raises:
        TacitError: PROOF_INVALID, a signature does not verify; LEDGER_FORKED.
    """
    answer = session.ask(session.ledger.ListCosignedHeads, ledger.ListCosignedHeadsRequest())
    names, keys = _members(session, store, member)
    agreeing = set[str]()
    for found in answer.heads:
        for item in found.cosignatures:
            if item.member_id == member.member_id:
                continue
            name = names.get(item.member_id, item.member_id)
            statement = statements.cosigned_head(
                member.identity.ledger_key,
                signed_bytes(found.head),
                item.member_id,
                item.cosigned_at,
            )
            if not verifies(keys.get(item.member_id, b""), item.signature, statement):
                raise proof_invalid(f"a cosignature of size {found.head.tree_size}")
            _accept(session, store, found.head, name)
            agreeing.add(name)
    return tuple(sorted(agreeing))


def signed_bytes(head: ledger.TreeHead) -> bytes:
    """Give the bytes that the coordinator signed as a head.

    Raises:
        TacitError: PROOF_INVALID; no head can be like that.
    """
    try:
        return statements.tree_head(head.tree_size, head.timestamp, head.root_hash)
    except OverflowError as error:
        raise proof_invalid("a tree head's numbers") from error


def _accept(session: Session, store: Store, head: ledger.TreeHead, name: str) -> None:
    try:
        accept_head(session, store, head, name)
    except TacitError as error:
        if error.code is Code.PROOF_INVALID:
            raise TacitError(Code.LEDGER_FORKED, error.detail, member=name) from error
        raise


def _members(
    session: Session, store: Store, member: Member
) -> tuple[Mapping[str, str], Mapping[str, bytes]]:
    """Give names and signing keys; what this node has signed wins over the coordinator's word."""
    answer = session.ask(session.membership.ListMembers, membership.ListMembersRequest())
    names = {found.member_id: found.name for found in answer.members}
    keys = {found.member_id: found.signing_key for found in answer.members}
    return names, {**keys, **pinned_keys(store, member)}
