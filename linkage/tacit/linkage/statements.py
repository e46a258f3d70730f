"""The exact bytes that are signed or committed to, one function each.

Node and coordinator must agree on them to the bit, so both take them from here. Every statement
starts with its own label, so that no signature can stand for another.
"""

from collections.abc import Iterable
from hashlib import sha256

from tacit.linkage.canonical import Json, canonical


def _join(label: str, *parts: bytes) -> bytes:
    """Concatenate a label and length-prefixed parts (4 bytes big-endian each)."""
    return label.encode() + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def request(
    method: str, body_hash: bytes, agreement_hash: bytes, dated: int, nonce: bytes
) -> bytes:
    """Bytes a member signs over each request.

    Args:
        method: full name of the RPC, as on the wire.
        body_hash: SHA-256 of the message as sent; of the first one where a stream is sent.
        agreement_hash: what that message holds as `agreement_hash`; empty where it has no such.
        dated: by the coordinator's clock, milliseconds.
        nonce: 16 random bytes, of this request alone.
    """
    return _join(
        "tacit request v1",
        method.encode(),
        body_hash,
        agreement_hash,
        dated.to_bytes(8, "big"),
        nonce,
    )


def check_batch(queries: Iterable[tuple[bytes, int]]) -> bytes:
    """Name what is asked about: SHA-256 over CLKs, length-prefixed, and masks (8 bytes), in order."""
    digest = sha256(b"tacit check v1")
    for clk, presence in queries:
        digest.update(len(clk).to_bytes(4, "big") + clk + presence.to_bytes(8, "big"))
    return digest.digest()


def enrolment(
    invitation: bytes, certificate_request: bytes, signing_key: bytes, sealing_key: bytes
) -> bytes:
    """Bytes a node signs to prove the signing key it enrols with."""
    hashes = (
        sha256(p).digest() for p in (invitation, certificate_request, signing_key, sealing_key)
    )
    return _join("tacit enrol v1", *hashes)


def renewal(member_id: str, certificate_request: bytes) -> bytes:
    """Bytes a member signs to have a certificate for another TLS key."""
    return _join("tacit renew v1", member_id.encode(), sha256(certificate_request).digest())


def member_identity(
    authority: bytes, member_id: str, name: str, signing_key: bytes, sealing_key: bytes
) -> bytes:
    """Bytes that stand for a member and its keys in one coalition; authority is DER."""
    hashes = (sha256(authority).digest(), signing_key, sealing_key)
    return _join("tacit member v1", member_id.encode(), name.encode(), *hashes)


def confirmation(identity: bytes) -> bytes:
    """Bytes a member signs to confirm a newcomer; `identity` is its `member_identity`."""
    return _join("tacit confirm v1", sha256(identity).digest())


def leaving(authority: bytes, member_id: str) -> bytes:
    """Bytes a member signs to leave its coalition for good; authority is DER."""
    return _join("tacit leave v1", sha256(authority).digest(), member_id.encode())


def agreement(agreement_hash: bytes) -> bytes:
    """Bytes a member signs to accept an agreement."""
    return _join("tacit agreement v1", agreement_hash)


def sealed_key(agreement_hash: bytes, epoch: int, recipient_id: str, ciphertext: bytes) -> bytes:
    """Bytes the maker of the linkage key signs for each recipient."""
    return _join(
        "tacit sealed key v1",
        agreement_hash,
        epoch.to_bytes(4, "big"),
        recipient_id.encode(),
        ciphertext,
    )


def upload(agreement_hash: bytes, record_count: int, root: bytes) -> bytes:
    """Bytes a member signs over a finished upload."""
    return _join("tacit upload v1", agreement_hash, record_count.to_bytes(8, "big"), root)


def receipt(ledger_index: int, entry: bytes) -> bytes:
    """Bytes the coordinator signs to give an entry of its ledger as a receipt."""
    return _join("tacit receipt v1", ledger_index.to_bytes(8, "big"), sha256(entry).digest())


def destroyed_key(project_id: str, epoch: int) -> bytes:
    """Bytes a member signs once its node has destroyed the linkage key of an epoch."""
    return _join("tacit destroyed v1", project_id.encode(), epoch.to_bytes(4, "big"))


def withdrawal(project_id: str, root: bytes, records: int) -> bytes:
    """Bytes a member signs to withdraw records; `root` is over their `withdrawn_record`s."""
    return _join("tacit withdrawal v1", project_id.encode(), root, records.to_bytes(8, "big"))


def withdrawn_record(salt: bytes, token: bytes) -> bytes:
    """Commit to a withdrawn record without naming it: SHA-256; salt of 32 random bytes."""
    return sha256(_join("tacit withdrawn record v1", salt, token)).digest()


def decision_commitment(salt: bytes, tokens: tuple[bytes, bytes], judgement: str) -> bytes:
    """Commit to what a member decided about two records: SHA-256; salt of 32 random bytes."""
    return sha256(_join("tacit decision v1", salt, *tokens, judgement.encode())).digest()


def tree_head(tree_size: int, timestamp: int, root: bytes) -> bytes:
    """Bytes the coordinator signs over the ledger; timestamp in milliseconds."""
    return _join(
        "tacit tree head v1", tree_size.to_bytes(8, "big"), timestamp.to_bytes(8, "big"), root
    )


def cosigned_head(ledger_key: bytes, head: bytes, member_id: str, cosigned_at: int) -> bytes:
    """Bytes a member signs over a head that continues all it has seen.

    Args:
        ledger_key: of the coordinator, 32 bytes.
        head: what the coordinator signed, as `tree_head` gives it.
        member_id: who cosigns.
        cosigned_at: by the member's clock, milliseconds.
    """
    return _join(
        "tacit cosigned head v1",
        ledger_key,
        head,
        member_id.encode(),
        cosigned_at.to_bytes(8, "big"),
    )


def paper_head(ledger_key: bytes, tree_size: int, root: bytes) -> bytes:
    """Bytes whose SHA-256 a head's paper form starts from: which ledger, how long, which root."""
    return _join("tacit paper head v1", ledger_key, tree_size.to_bytes(8, "big"), root)


def claim_commitment(salt: bytes, token: bytes, claim: Json) -> bytes:
    """Commit to a claim without disclosing it: SHA-256, 32 bytes; salt of 32 random bytes."""
    return sha256(_join("tacit claim v1", salt, token, canonical(claim))).digest()
