"""From rows of the store to messages of the protocol, where several services need it."""

from collections.abc import Sequence

from tacit.coordinator.ledger import Proof
from tacit.coordinator.store.cosignatures import Cosignature
from tacit.coordinator.store.ledger import Head
from tacit.coordinator.store.members import MEMBER, REVOKED, WAITING, Member
from tacit.v1 import ledger_pb2, membership_pb2

_STANDINGS = {
    WAITING: membership_pb2.STANDING_WAITING,
    MEMBER: membership_pb2.STANDING_MEMBER,
    REVOKED: membership_pb2.STANDING_REVOKED,
}


def member_message(member: Member) -> membership_pb2.Member:
    """A member as every other member sees it, without its confirmations."""
    return membership_pb2.Member(
        member_id=member.id,
        name=member.name,
        signing_key=member.signing_key,
        sealing_key=member.sealing_key,
        standing=_STANDINGS[member.standing],
    )


def head_message(head: Head) -> ledger_pb2.TreeHead:
    """A signed tree head."""
    return ledger_pb2.TreeHead(
        tree_size=head.size,
        timestamp=head.timestamp,
        root_hash=head.root,
        signature=head.signature,
    )


def cosigned_message(head: Head, signed: Sequence[Cosignature]) -> ledger_pb2.CosignedHead:
    """A signed tree head and who cosigned it."""
    return ledger_pb2.CosignedHead(
        head=head_message(head),
        cosignatures=[
            ledger_pb2.Cosignature(
                member_id=item.member_id, cosigned_at=item.cosigned_at, signature=item.signature
            )
            for item in signed
        ],
    )


def proof_message(proof: Proof) -> ledger_pb2.InclusionProof:
    """Where a ledger entry stands."""
    return ledger_pb2.InclusionProof(leaf_index=proof.index, entry=proof.entry, path=proof.path)
