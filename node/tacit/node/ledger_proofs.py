"""What the coordinator proves about its ledger, checked against what this node has seen before."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tacit.linkage import merkle, statements
from tacit.linkage.entry_rules import LATEST
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.ledger_audit import CLOCK_TOLERANCE
from tacit.node.client.session import Session
from tacit.node.store.base import Store
from tacit.node.store.identity import get_identity
from tacit.node.store.ledger import (
    Evidence,
    StoredTreeHead,
    add_evidence,
    last_tree_head,
    put_tree_head,
    tree_head_of_size,
)
from tacit.node.times import now_ms
from tacit.v1 import ledger_pb2 as ledger

COORDINATOR = "the coordinator"
"""Who showed a head that no other member stands for."""


def verify_head(head: ledger.TreeHead, ledger_key: bytes) -> None:
    """Check the coordinator's signature under a tree head.

    Raises:
        TacitError: PROOF_INVALID.
    """
    if not 0 <= head.timestamp <= LATEST:
        raise proof_invalid("a tree head's time")
    try:
        statement = statements.tree_head(head.tree_size, head.timestamp, head.root_hash)
        Ed25519PublicKey.from_public_bytes(ledger_key).verify(head.signature, statement)
    except (InvalidSignature, ValueError, OverflowError) as error:
        raise proof_invalid("a tree head's signature") from error


def verify_entry(proof: ledger.InclusionProof, head: ledger.TreeHead) -> Mapping[str, Any]:
    """Check that an entry stands in the tree of a verified head, and read it.

    Raises:
        TacitError: PROOF_INVALID.
    """
    leaf = merkle.leaf_hash(proof.entry)
    if not merkle.verify_inclusion(
        leaf, proof.leaf_index, head.tree_size, list(proof.path), head.root_hash
    ):
        raise proof_invalid(f"inclusion of entry {proof.leaf_index}")
    try:
        entry = json.loads(proof.entry)
    except ValueError as error:
        raise proof_invalid(f"entry {proof.leaf_index} is not JSON") from error
    if not isinstance(entry, dict):
        raise proof_invalid(f"entry {proof.leaf_index} is not an object")
    return entry


def accept_head(
    session: Session, store: Store, head: ledger.TreeHead, seen_by: str = COORDINATOR
) -> None:
    """Check that a head continues every head this node has seen, and keep it.

    A coordinator that has rewritten its ledger, or shows this node another one than before or
    than to others, is found out here. The head that gave it away is kept as evidence.

    Args:
        session: where proofs are asked for.
        store: what was seen before.
        head: the head.
        seen_by: who showed it, for the evidence: a member's name where a member cosigned it.

    Raises:
        TacitError: PROOF_INVALID; the head is not kept as one to go on from.
    """
    with store.read() as connection:
        identity = get_identity(connection)
        last = last_tree_head(connection)
        same = tree_head_of_size(connection, head.tree_size)
    if identity is None:
        raise TacitError(Code.NOT_ENROLLED)
    verify_head(head, identity.ledger_key)
    try:
        if same is not None:
            if (same.root, same.timestamp) != (head.root_hash, head.timestamp):
                raise proof_invalid(f"two heads of size {head.tree_size}")
            return
        if last is not None:
            _verify_growth(session, last, head)
    except TacitError as error:
        if error.code is Code.PROOF_INVALID:
            _keep_evidence(store, head, seen_by)
        raise
    with store.write() as connection:
        put_tree_head(
            connection,
            StoredTreeHead(
                head.tree_size, head.timestamp, head.root_hash, head.signature, now_ms()
            ),
        )


def refresh_head(session: Session, store: Store) -> ledger.TreeHead:
    """Ask for the ledger's newest head and accept it.

    Raises:
        TacitError: PROOF_INVALID, or what the call raises.
    """
    answer = session.ask(session.ledger.GetTreeHead, ledger.GetTreeHeadRequest())
    accept_head(session, store, answer.head)
    return answer.head


def proof_invalid(what: str) -> TacitError:
    """Make the error for a proof that does not hold; `what` is for the log."""
    return TacitError(Code.PROOF_INVALID, f"does not verify: {what}")


def _keep_evidence(store: Store, head: ledger.TreeHead, seen_by: str) -> None:
    found = Evidence(
        head.tree_size, head.timestamp, head.root_hash, head.signature, seen_by, now_ms()
    )
    with store.write() as connection:
        add_evidence(connection, found)


def _verify_growth(session: Session, last: StoredTreeHead, head: ledger.TreeHead) -> None:
    older = (last.tree_size, last.root, last.timestamp)
    newer = (head.tree_size, head.root_hash, head.timestamp)
    if newer[0] < older[0]:
        # Heads may arrive out of order; it must still be a prefix of what was seen.
        older, newer = newer, older
    if newer[2] < older[2] - CLOCK_TOLERANCE:
        raise proof_invalid(f"the head of size {newer[0]} is dated before a smaller one")
    request = ledger.GetConsistencyProofRequest(first_size=older[0], second_size=newer[0])
    try:
        answer = session.ask(session.ledger.GetConsistencyProof, request)
    except TacitError as error:
        if error.code not in (Code.NOT_FOUND, Code.MALFORMED):
            raise
        # It signed both sizes, and now says that its ledger has no such size.
        raise proof_invalid(f"the ledger is shorter than {newer[0]}, which was signed") from error
    if not merkle.verify_consistency(older[0], newer[0], list(answer.path), older[1], newer[1]):
        raise proof_invalid(f"consistency from size {older[0]} to {newer[0]}")
