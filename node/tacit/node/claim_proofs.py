"""Verify one claim: who made it, what it says, and that the ledger held it when it is said to.

Nothing the coordinator says is taken on trust. From the claim itself to the signed tree head:

1. the sealed text opens under the project's key, for this token;
2. text and salt give the commitment;
3. the commitment stands in the upload's tree, at its place, under the upload's root;
4. the root is in an upload entry that the claiming member signed;
5. the entry stands in the ledger's tree under a head that the coordinator signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tacit.linkage import merkle, statements
from tacit.linkage.agreement import Party
from tacit.node.context import BoundProject
from tacit.node.ledger_proofs import proof_invalid, verify_entry
from tacit.node.sealed_claims import ClaimSealer, ClaimText
from tacit.v1 import claims_pb2 as claims
from tacit.v1 import ledger_pb2 as ledger


@dataclass(frozen=True, slots=True)
class VerifiedClaim:
    """A claim whose proof holds.

    Attributes:
        party: the member who claims, as the agreement names it.
        text: what it claims now.
        ledger_index: place of the upload's entry in the ledger.
        recorded_at: when the coordinator entered it, milliseconds.
        unchanged: whether the text is the one that was recorded then.
    """

    party: Party
    text: ClaimText
    ledger_index: int
    recorded_at: int
    unchanged: bool


def verify_claim(
    claim: claims.Claim, head: ledger.TreeHead, project: BoundProject, sealer: ClaimSealer
) -> VerifiedClaim:
    """Verify a claim against a tree head that was accepted already.

    Raises:
        TacitError: PROOF_INVALID; the detail says which step fails.
    """
    entry = verify_entry(claim.entry, head)
    party = _signed_upload(claim, entry, project)
    leaf = merkle.leaf_hash(claim.claim_commitment)
    if not merkle.verify_inclusion(
        leaf,
        claim.upload_position,
        claim.upload_size,
        list(claim.upload_path),
        bytes.fromhex(entry["root"]),
    ):
        raise proof_invalid("a commitment's place in its upload")
    opened = sealer.open(claim.sealed_claim, claim.token)
    same = opened.text.commitment(opened.salt, claim.token) == claim.claim_commitment
    if same is not claim.unchanged:
        raise proof_invalid("a claim's text against its commitment")
    if entry.get("time") != claim.recorded_at:
        raise proof_invalid("the time at which a claim was recorded")
    return VerifiedClaim(party, opened.text, claim.entry.leaf_index, claim.recorded_at, same)


def _signed_upload(claim: claims.Claim, entry: Mapping[str, Any], project: BoundProject) -> Party:
    """Check the entry of the upload that the claim was recorded with, and give its member."""
    expected = {
        "type": "upload",
        "project": project.id,
        "records": claim.upload_size,
    }
    # What was recorded under an earlier version stays recorded under the ones that continue it.
    version = project.version(str(entry.get("agreement")))
    if version is None or any(entry.get(name) != value for name, value in expected.items()):
        raise proof_invalid(f"entry {claim.entry.leaf_index} is another upload's")
    party = version.party(str(entry.get("member")))
    if party is None or party.name != claim.member:
        raise proof_invalid(f"the member of entry {claim.entry.leaf_index}")
    try:
        statement = statements.upload(version.hash, claim.upload_size, bytes.fromhex(entry["root"]))
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(party.signing_key))
        key.verify(bytes.fromhex(entry["signature"]), statement)
    except (InvalidSignature, KeyError, TypeError, ValueError) as error:
        raise proof_invalid(f"the signature in entry {claim.entry.leaf_index}") from error
    return party
