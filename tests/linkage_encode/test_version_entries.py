"""Versions and epochs in a ledger made by hand, and each of their rules broken."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tacit.linkage import statements
from tacit.linkage.canonical import canonical
from tacit.linkage.entry_versions import LAPSE
from tacit.linkage.ledger_entries import read_entries
from tacit.linkage.ledger_findings import Kind

KEYS = {f"m{n}": Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3)}
AUTHORITY = b"certificate"
NOON = 1_750_000_000_000
ROOT = b"\x22" * 32
ONE, TWO, THREE = "11" * 32, "12" * 32, "13" * 32


def enrolment(member: str) -> dict[str, Any]:
    key = KEYS[member].public_key().public_bytes_raw().hex()
    said = {"type": "enrolment", "member": member, "name": member, "certificate": "00" * 32}
    return {**said, "signing_key": key, "sealing_key": "09" * 32}


def of(agreement: str, type_: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "project": "p", "agreement": agreement, **more}


def signing(agreement: str, member: str) -> dict[str, Any]:
    signed = KEYS[member].sign(statements.agreement(bytes.fromhex(agreement))).hex()
    return of(agreement, "signature", member=member, signature=signed)


def uploading(agreement: str, member: str, name: str, epoch: int) -> dict[str, Any]:
    statement = statements.upload(bytes.fromhex(agreement), 2, ROOT)
    signed = KEYS[member].sign(statement).hex()
    more = {"records": 2, "root": ROOT.hex(), "signature": signed}
    return of(agreement, "upload", member=member, upload=name, epoch=epoch, **more)


def running(agreement: str, *uploads: str) -> dict[str, Any]:
    return of(agreement, "run", run="r", uploads=list(uploads), threshold_permille=800, known=0)


def sealing(epoch: int, sender: str, *others: str) -> dict[str, Any]:
    sealed = dict.fromkeys(others, "33" * 32)
    return {"type": "keys", "project": "p", "epoch": epoch, "sender": sender, "sealed": sealed}


def proposing(agreement: str, supersedes: str, version: int, epoch: int, **more: Any) -> Any:
    said = {"member": "m1", "members": ["m1", "m3"], **more}
    return of(agreement, "proposal", supersedes=supersedes, version=version, epoch=epoch, **said)


def dropping(agreement: str, member: str) -> dict[str, Any]:
    return of(agreement, "proposal_dropped", member=member)


def destroying(member: str, epoch: int) -> dict[str, Any]:
    signed = KEYS[member].sign(statements.destroyed_key("p", epoch)).hex()
    said = {"type": "key_destruction", "project": "p", "member": member, "epoch": epoch}
    return {**said, "signature": signed}


def destroyed(member: str, epoch: int) -> dict[str, Any]:
    said = {"type": "destruction", "project": "p", "member": member, "epoch": epoch}
    return {**said, "records": 2}


# North and South agree; a second epoch begins; then South makes room for East.
STORY: list[dict[str, Any]] = [
    *map(enrolment, KEYS),
    of(ONE, "agreement", creator="m1", members=["m1", "m2"], epoch=1),
    signing(ONE, "m1"),
    sealing(1, "m1", "m2"),
    signing(ONE, "m2"),
    of(ONE, "in_force"),
    uploading(ONE, "m1", "u1", 1),
    uploading(ONE, "m2", "u2", 1),
    running(ONE, "u1", "u2"),
    of(ONE, "epoch", epoch=2, member="m2"),
    sealing(2, "m2", "m1"),
    destroyed("m1", 1),
    uploading(ONE, "m1", "u3", 2),
    proposing(TWO, ONE, 2, 3, members=["m1", "m2", "m3"]),
    dropping(TWO, "m3"),
    proposing(THREE, ONE, 2, 3),
    signing(THREE, "m1"),
    sealing(3, "m1", "m3"),
    uploading(ONE, "m2", "u4", 2),
    signing(THREE, "m3"),
    of(THREE, "in_force"),
    destroyed("m2", 2),
    destroying("m2", 2),
    uploading(THREE, "m1", "u5", 3),
    uploading(THREE, "m3", "u6", 3),
    running(THREE, "u5", "u6"),
]
START = 3


def found(entries: list[dict[str, Any]]) -> list[tuple[Kind, str]]:
    raw = [canonical({"time": NOON + n, **entry}) for n, entry in enumerate(entries)]
    findings = read_entries(raw, AUTHORITY, 0, lambda *_: None).findings
    return [(item.kind, str(item.params.get("field"))) for item in findings]


def upto(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the story's beginning, this entry included."""
    return STORY[: STORY.index(entry) + 1]


IN_FORCE = of(ONE, "in_force")
SECOND_EPOCH = of(ONE, "epoch", epoch=2, member="m2")
OPEN = proposing(THREE, ONE, 2, 3)


def test_the_story_is_right() -> None:
    assert found(STORY) == []


@pytest.mark.parametrize(
    ("before", "wrong", "field"),
    [
        # Who is named signs, and nobody else; what is in force is signed no more.
        (STORY[START], signing(ONE, "m3"), "member"),
        (IN_FORCE, signing(ONE, "m2"), "agreement"),
        (IN_FORCE, of(ONE, "agreement", creator="m1", members=["m1"], epoch=1), "project"),
        (STORY[2], of(ONE, "agreement", creator="m1", members=["m2", "m3"], epoch=1), "creator"),
        (STORY[2], of(ONE, "agreement", creator="m1", members=["m1", "m9"], epoch=1), "members"),
        # In force with the last signature, not before, and once.
        (signing(ONE, "m1"), of(ONE, "in_force"), "agreement"),
        (IN_FORCE, of(ONE, "in_force"), "agreement"),
        (signing(THREE, "m1"), of(THREE, "in_force"), "agreement"),
        # Nothing is done under a version before it is in force or after it was replaced.
        (signing(ONE, "m1"), uploading(ONE, "m1", "u", 1), "agreement"),
        (signing(THREE, "m1"), uploading(THREE, "m1", "u", 3), "agreement"),
        (STORY[-1], uploading(ONE, "m1", "u", 3), "agreement"),
        (STORY[-1], running(ONE, "u1", "u2"), "agreement"),
        (STORY[-1], of(ONE, "check", member="m1", check="55" * 16, records=6), "agreement"),
        (STORY[-1], uploading(THREE, "m2", "u", 3), "member"),
        # Encodings of two epochs never meet.
        (SECOND_EPOCH, uploading(ONE, "m1", "u", 1), "epoch"),
        (uploading(ONE, "m1", "u3", 2), running(ONE, "u2", "u3"), "uploads"),
        (STORY[-1], running(THREE, "u3", "u5"), "uploads"),
        # One epoch after the other, by a member, and not while a proposal is open.
        (IN_FORCE, of(ONE, "epoch", epoch=3, member="m2"), "epoch"),
        (IN_FORCE, of(ONE, "epoch", epoch=2, member="m3"), "member"),
        (OPEN, of(ONE, "epoch", epoch=3, member="m1"), "agreement"),
        # Keys are of an epoch that is or is proposed, from and to whom its version names.
        (IN_FORCE, sealing(2, "m1", "m2"), "epoch"),
        (IN_FORCE, sealing(1, "m3", "m2"), "sealed"),
        (OPEN, sealing(3, "m1", "m2"), "sealed"),
        # A proposal follows what there is; one at a time; by a party that it names.
        (IN_FORCE, proposing(TWO, TWO, 2, 2), "supersedes"),
        (IN_FORCE, proposing(TWO, ONE, 2, 3), "epoch"),
        (OPEN, proposing(TWO, ONE, 2, 3), "agreement"),
        (IN_FORCE, proposing(TWO, ONE, 2, 2, member="m3"), "member"),
        (IN_FORCE, proposing(TWO, ONE, 2, 2, members=["m2", "m3"]), "member"),
        (STORY[2], proposing(TWO, ONE, 2, 2), "project"),
        # It is dropped while it is open, by whom it concerns, or when its time is over.
        (IN_FORCE, dropping(ONE, "m1"), "agreement"),
        (dropping(TWO, "m3"), dropping(TWO, "m1"), "agreement"),
        (OPEN, dropping(THREE, ""), "time"),
        (proposing(TWO, ONE, 2, 3, members=["m1", "m2", "m3"]), dropping(TWO, "m9"), "member"),
        (dropping(TWO, "m3"), signing(TWO, "m2"), "agreement"),
        # Only what was can be destroyed, by members that were.
        (IN_FORCE, destroyed("m1", 2), "epoch"),
        (IN_FORCE, destroying("m1", 2), "epoch"),
        (IN_FORCE, destroyed("m3", 1), "project"),
    ],
)
def test_what_breaks_a_rule(before: dict[str, Any], wrong: dict[str, Any], field: str) -> None:
    assert found([*upto(before), wrong]) == [(Kind.ENTRY_REFERENCE, field)]


def test_a_proposal_lapses_and_goes_with_whom_it_names() -> None:
    late = {**dropping(THREE, ""), "time": NOON + STORY.index(OPEN) + LAPSE}
    assert found([*upto(OPEN), late]) == []
    gone = {"type": "revocation", "member": "m3", "by": "keeper", "signature": ""}
    assert found([*upto(OPEN), gone, dropping(THREE, "")]) == []
    # Proposed anew, it is signed anew.
    again = [*upto(signing(THREE, "m3")), dropping(THREE, "m1"), OPEN, signing(THREE, "m1")]
    assert found(again) == []
    assert found([*again, of(THREE, "in_force")]) == [(Kind.ENTRY_REFERENCE, "agreement")]


def test_entries_from_before_there_were_versions_go_on() -> None:
    old = of(ONE, "agreement", creator="m1")
    without = {k: v for k, v in uploading(ONE, "m1", "u", 1).items() if k != "epoch"}
    beginning = [*STORY[:3], old, signing(ONE, "m1"), signing(ONE, "m2"), without]
    assert found([*beginning, uploading(ONE, "m1", "u5", 1), running(ONE, "u", "u5")]) == []
    proposed = [proposing(TWO, ONE, 2, 2), signing(TWO, "m1"), signing(TWO, "m3")]
    after = [*beginning, *proposed, of(TWO, "in_force")]
    assert found([*after, uploading(TWO, "m3", "u", 2)]) == []
    assert found([*after, uploading(ONE, "m2", "u", 1)]) == [(Kind.ENTRY_REFERENCE, "agreement")]
    # The coordinator cannot go back to saying less.
    second = {**of("44" * 32, "agreement", creator="m1"), "project": "q"}
    assert found([*after, second]) == [(Kind.ENTRY_FORM, "members")]
