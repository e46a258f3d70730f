"""A claim verifies only where every step of its proof does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tacit.linkage import merkle, statements
from tacit.linkage.agreement import Agreement, Party
from tacit.linkage.canonical import canonical
from tacit.linkage.errors import Code, TacitError
from tacit.node.claim_proofs import verify_claim
from tacit.node.context import BoundProject
from tacit.node.ledger_proofs import verify_head
from tacit.node.sealed_claims import ClaimSealer, ClaimText
from tacit.node.store.projects import StoredProject
from tacit.v1 import claims_pb2 as claims
from tacit.v1 import ledger_pb2 as ledger

KEY = bytes(range(32))
SIGNERS = {name: Ed25519PrivateKey.from_private_bytes(name.encode() * 32) for name in "AB"}
TEXT = ClaimText("2014-03-02", "WGEID", "17/2014", "family")
TIME = 1_700_000_000_000


def _party(name: str) -> Party:
    public = SIGNERS[name].public_key().public_bytes_raw().hex()
    return Party(f"m{name}", name, public, "00" * 32)


AGREEMENT = Agreement("P", (_party("A"), _party("B")), "{}", nonce="00")
PROJECT = BoundProject(
    StoredProject("p1", AGREEMENT.encode(), AGREEMENT.hash, "mA", True, 1, 1), AGREEMENT, KEY
)
SEALER = ClaimSealer(KEY, AGREEMENT.hash)


@dataclass
class Case:
    """An upload of three records by A, entered third of five in a ledger."""

    claim: claims.Claim
    head: ledger.TreeHead
    entry: dict[str, Any]
    others: list[bytes]

    def enter(self) -> None:
        """Write the entry into the ledger anew, as a coordinator may do at will."""
        self.claim.entry.entry = canonical(self.entry)
        leaves = [merkle.leaf_hash(entry) for entry in self.others]
        leaves[2] = merkle.leaf_hash(self.claim.entry.entry)
        self.claim.entry.path[:] = merkle.inclusion_path(2, leaves)
        self.head.root_hash = merkle.root(leaves)


@pytest.fixture
def case() -> Case:
    tokens = [bytes([number]) * 16 for number in range(3)]
    salts = [bytes([number]) * 32 for number in range(3)]
    commitments = [TEXT.commitment(salt, token) for salt, token in zip(salts, tokens, strict=True)]
    leaves = [merkle.leaf_hash(commitment) for commitment in commitments]
    root = merkle.root(leaves)
    entry = {
        "type": "upload",
        "project": "p1",
        "member": "mA",
        "agreement": AGREEMENT.hash.hex(),
        "upload": "u1",
        "records": 3,
        "root": root.hex(),
        "signature": SIGNERS["A"].sign(statements.upload(AGREEMENT.hash, 3, root)).hex(),
        "time": TIME,
    }
    claim = claims.Claim(
        member="A",
        token=tokens[1],
        claim_commitment=commitments[1],
        sealed_claim=SEALER.seal(TEXT, salts[1], tokens[1]),
        upload_position=1,
        upload_size=3,
        upload_path=merkle.inclusion_path(1, leaves),
        entry=ledger.InclusionProof(leaf_index=2),
        rank=1,
        unchanged=True,
        recorded_at=TIME,
    )
    made = Case(
        claim,
        ledger.TreeHead(tree_size=5),
        entry,
        [canonical({"type": "enrolment", "n": number}) for number in range(5)],
    )
    made.enter()
    return made


def verify(case: Case) -> Any:
    return verify_claim(case.claim, case.head, PROJECT, SEALER)


def test_a_sound_claim_verifies(case: Case) -> None:
    proof = verify(case)
    assert (proof.party.name, proof.text, proof.ledger_index) == ("A", TEXT, 2)
    assert (proof.recorded_at, proof.unchanged) == (TIME, True)


def _set(name: str, value: Any) -> Callable[[Case], None]:
    return lambda case: setattr(case.claim, name, value)


def _enter(**changes: Any) -> Callable[[Case], None]:
    def change(case: Case) -> None:
        case.entry.update(changes)
        case.enter()

    return change


def _signed_by_b(case: Case) -> None:
    statement = statements.upload(AGREEMENT.hash, 3, bytes.fromhex(case.entry["root"]))
    case.entry["signature"] = SIGNERS["B"].sign(statement).hex()
    case.enter()


def _earlier_place(case: Case) -> None:
    case.claim.entry.leaf_index = 1


def _not_json(case: Case) -> None:
    case.others[2] = b"\xff"
    case.claim.entry.entry = b"\xff"
    leaves = [merkle.leaf_hash(entry) for entry in case.others]
    case.claim.entry.path[:] = merkle.inclusion_path(2, leaves)
    case.head.root_hash = merkle.root(leaves)


def _entry_changed_after_the_head(case: Case) -> None:
    case.claim.entry.entry = canonical({**case.entry, "time": TIME - 1})
    case.claim.recorded_at = TIME - 1


def _other_text(case: Case) -> None:
    case.claim.sealed_claim = SEALER.seal(ClaimText(petition="1/1999"), bytes(32), bytes([1]) * 16)


@pytest.mark.parametrize(
    "forge",
    [
        _set("member", "B"),
        _set("member", "C"),
        _set("token", bytes([0]) * 16),
        _set("claim_commitment", bytes(32)),
        _set("sealed_claim", b""),
        _set("sealed_claim", bytes(100)),
        _set("upload_position", 0),
        _set("upload_size", 4),
        _set("unchanged", False),
        _set("recorded_at", TIME - 1),
        _earlier_place,
        _entry_changed_after_the_head,
        _not_json,
        _other_text,
        _signed_by_b,
        _enter(type="run"),
        _enter(project="p2"),
        _enter(agreement="00" * 32),
        _enter(records=4),
        _enter(root="00" * 32),
        _enter(root="zz"),
        _enter(root=None),
        _enter(signature="00" * 64),
        _enter(signature=7),
        _enter(member="mB"),
        _enter(member="mC"),
        _enter(time=TIME - 1),
    ],
)
def test_nothing_can_be_changed(case: Case, forge: Callable[[Case], None]) -> None:
    forge(case)
    with pytest.raises(TacitError) as caught:
        verify(case)
    assert caught.value.code is Code.PROOF_INVALID


def test_a_claim_changed_since_is_shown_as_changed(case: Case) -> None:
    _other_text(case)
    case.claim.unchanged = False
    proof = verify(case)
    assert (proof.text.petition, proof.unchanged) == ("1/1999", False)


def test_a_head_counts_only_under_the_ledgers_key() -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    signature = key.sign(statements.tree_head(5, TIME, bytes(32)))
    head = ledger.TreeHead(tree_size=5, timestamp=TIME, root_hash=bytes(32), signature=signature)
    verify_head(head, public)
    for name, value in (("tree_size", 6), ("timestamp", -1), ("root_hash", bytes(31))):
        forged = ledger.TreeHead()
        forged.CopyFrom(head)
        setattr(forged, name, value)
        with pytest.raises(TacitError) as caught:
            verify_head(forged, public)
        assert caught.value.code is Code.PROOF_INVALID
