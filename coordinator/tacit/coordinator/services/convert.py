"""From rows of the store to messages of the protocol, where several services need it."""

from tacit.coordinator.ledger import Proof
from tacit.coordinator.store.ledger import Head
from tacit.coordinator.store.members import Member
from tacit.v1 import ledger_pb2, membership_pb2


def member_message(member: Member) -> membership_pb2.Member:
    """A member as every other member sees it."""
    return membership_pb2.Member(
        member_id=member.id,
        name=member.name,
        signing_key=member.signing_key,
        sealing_key=member.sealing_key,
    )


def head_message(head: Head) -> ledger_pb2.TreeHead:
    """A signed tree head."""
    return ledger_pb2.TreeHead(
        tree_size=head.size,
        timestamp=head.timestamp,
        root_hash=head.root,
        signature=head.signature,
    )


def proof_message(proof: Proof) -> ledger_pb2.InclusionProof:
    """Where a ledger entry stands."""
    return ledger_pb2.InclusionProof(leaf_index=proof.index, entry=proof.entry, path=proof.path)
