"""Entries, heads and cosignatures of a ledger made by hand, and each of them spoilt."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tacit.linkage import statements
from tacit.linkage.canonical import canonical
from tacit.linkage.ledger_audit import audit, compare, compare_copies
from tacit.linkage.ledger_copy import (
    CopiedHead,
    Cosignature,
    LedgerCopy,
    Receipt,
    read_copy,
    tree_of,
    with_growth,
    write_copy,
)
from tacit.linkage.ledger_findings import Kind, LedgerFinding

LEDGER, NORTH, SOUTH, EAST = (
    Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(4)
)
KEYS = {"m1": NORTH, "m2": SOUTH, "m3": EAST}
AUTHORITY = b"certificate"
HASH, ROOT = b"\x11" * 32, b"\x22" * 32
NOON = 1_750_000_000_000
MINUTE = 60_000


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def enrolment(member: str, name: str, **more: str) -> dict[str, Any]:
    keys = {"signing_key": public(KEYS[member]).hex(), "sealing_key": (b"\x09" * 32).hex()}
    return {
        "type": "enrolment",
        "member": member,
        "name": name,
        "certificate": "00" * 32,
        **keys,
        **more,
    }


def signature(member: str) -> dict[str, Any]:
    signed = KEYS[member].sign(statements.agreement(HASH)).hex()
    return {"type": "signature", **ACT, "member": member, "signature": signed}


PROJECT = {"project": "p", "agreement": HASH.hex()}
ACT = {**PROJECT, "member": "m1"}
IDENTITY = statements.member_identity(AUTHORITY, "m3", "East", public(EAST), b"\x09" * 32)
ENTRIES: list[dict[str, Any]] = [
    enrolment("m1", "North"),
    enrolment("m2", "South"),
    enrolment("m3", "East", standing="waiting"),
    {
        "type": "confirmation",
        "member": "m3",
        "by": "m1",
        "signature": NORTH.sign(statements.confirmation(IDENTITY)).hex(),
    },
    {"type": "agreement", **PROJECT, "creator": "m1"},
    signature("m1"),
    signature("m3"),
    {"type": "keys", "project": "p", "epoch": 1, "sender": "m1", "sealed": {"m3": "33" * 32}},
    {
        "type": "upload",
        **ACT,
        "upload": "u",
        "records": 2,
        "root": ROOT.hex(),
        "signature": NORTH.sign(statements.upload(HASH, 2, ROOT)).hex(),
    },
    {"type": "run", **PROJECT, "run": "r", "uploads": ["u"], "threshold_permille": 800, "known": 0},
    {"type": "release", **ACT, "run": "r", "minimum_cell": 3, "dimensions": "", "result": "44" * 32},
    {"type": "check", **ACT, "check": "55" * 16, "records": 6},
    {"type": "decision", **ACT, "commitment": "66" * 32},
    {"type": "erasure", **PROJECT, "uploads": 1, "records": 2, "runs": 0, "notices": 0, "decisions": 0},
    {"type": "renewal", "member": "m1", "certificate": "77" * 32},
    {
        "type": "revocation",
        "member": "m3",
        "by": "m3",
        "signature": EAST.sign(statements.leaving(AUTHORITY, "m3")).hex(),
    },
]  # fmt: skip


def timed(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"time": NOON + n, **entry} for n, entry in enumerate(entries)]


def head_of(copy: LedgerCopy, size: int, time: int = NOON + MINUTE) -> CopiedHead:
    """Sign a head, and let North and South cosign it."""
    root = tree_of(copy.entries).root(size)
    statement = statements.tree_head(size, time, root)
    signed = tuple(
        Cosignature(
            member,
            time,
            key.sign(statements.cosigned_head(copy.ledger_key, statement, member, time)),
        )
        for member, key in (("m1", NORTH), ("m2", SOUTH))
    )
    return CopiedHead(size, time, root, LEDGER.sign(statement), signed)


def ledger(entries: list[dict[str, Any]]) -> LedgerCopy:
    raw = tuple(canonical(entry) for entry in entries)
    bare = LedgerCopy(public(LEDGER), AUTHORITY, NOON, raw, ())
    heads = tuple(head_of(bare, size) for size in sorted({2, len(raw)}))
    return with_growth(replace(bare, heads=heads))


def kinds(copy: LedgerCopy) -> list[Kind]:
    return [found.kind for found in audit(copy).findings]


def test_a_right_ledger_has_nothing_to_find_and_survives_its_file() -> None:
    copy = ledger(timed(ENTRIES))
    assert kinds(copy) == []
    assert read_copy(write_copy(copy), "file") == copy
    witnesses = {item.member.name: item.size for item in audit(copy).witnesses}
    assert witnesses == {"North": 16, "South": 16, "East": 0}


@pytest.mark.parametrize(
    ("type_", "changes", "kind"),
    [
        ("enrolment", {"signing_key": "00"}, Kind.ENTRY_FORM),
        ("agreement", {"creator": "m9"}, Kind.ENTRY_REFERENCE),
        ("agreement", {"agreement": "zz" * 32}, Kind.ENTRY_FORM),
        ("signature", {"signature": "00" * 64}, Kind.ENTRY_SIGNATURE),
        ("signature", {"member": "m2"}, Kind.ENTRY_SIGNATURE),
        ("signature", {"project": "other"}, Kind.ENTRY_REFERENCE),
        ("confirmation", {"by": "m2"}, Kind.ENTRY_SIGNATURE),
        ("confirmation", {"by": "m3"}, Kind.ENTRY_REFERENCE),
        ("keys", {"sealed": {"m9": "33" * 32}}, Kind.ENTRY_REFERENCE),
        ("keys", {"sealed": ["m3"]}, Kind.ENTRY_FORM),
        ("upload", {"records": 3}, Kind.ENTRY_SIGNATURE),
        ("upload", {"records": -1}, Kind.ENTRY_FORM),
        ("upload", {"records": True}, Kind.ENTRY_FORM),
        ("upload", {"root": HASH.hex()}, Kind.ENTRY_SIGNATURE),
        ("upload", {"member": "m2"}, Kind.ENTRY_REFERENCE),
        ("run", {"uploads": ["u", "v"]}, Kind.ENTRY_REFERENCE),
        ("run", {"uploads": "u"}, Kind.ENTRY_FORM),
        ("release", {"run": "none"}, Kind.ENTRY_REFERENCE),
        ("check", {"member": "m2"}, Kind.ENTRY_REFERENCE),
        ("decision", {"commitment": "66"}, Kind.ENTRY_FORM),
        ("erasure", {"agreement": ROOT.hex()}, Kind.ENTRY_REFERENCE),
        ("renewal", {"member": "m9"}, Kind.ENTRY_REFERENCE),
        ("revocation", {"signature": "00" * 64}, Kind.ENTRY_SIGNATURE),
        ("revocation", {"signature": ""}, Kind.ENTRY_FORM),
        ("check", {"time": NOON - 3 * MINUTE}, Kind.ENTRY_ORDER),
        ("check", {"time": "noon"}, Kind.ENTRY_FORM),
        ("check", {"time": 10**18}, Kind.ENTRY_FORM),
        ("check", {"type": "novelty"}, Kind.UNKNOWN_TYPE),
    ],
)
def test_each_entry_is_held_to_what_it_must_be(
    type_: str, changes: Mapping[str, Any], kind: Kind
) -> None:
    entries = timed(ENTRIES)
    place = next(n for n, entry in enumerate(entries) if entry["type"] == type_)
    entries[place] = {**entries[place], **changes}
    # What rests on the spoilt entry may be found too.
    assert kind in kinds(ledger(entries))


def test_bytes_that_are_no_canonical_json_are_found() -> None:
    copy = ledger(timed(ENTRIES))
    for raw in (b"", b"[]", b'{"a": 1}', b'{"a":1.5}', b"[" * 100_000, b"\xff"):
        spoilt = replace(copy, entries=(*copy.entries, raw))
        found = audit(with_growth(replace(spoilt, heads=(head_of(spoilt, 17),)))).findings
        assert [item.kind for item in found] == [Kind.ENTRY_FORM]
        assert found[0].sentence() == (
            "Entry 16 is not what an entry of its type must be ('JSON')."
        )


def test_who_waits_or_has_left_may_not_act() -> None:
    late = {"type": "check", **ACT, "member": "m3", "check": "55" * 16, "records": 6}
    soon, later = ({**late, "time": NOON + n * MINUTE} for n in (4, 6))
    assert kinds(ledger([*timed(ENTRIES), soon])) == [Kind.HEAD_ORDER]
    found = audit(ledger([*timed(ENTRIES), later])).findings
    assert found[0].kind is Kind.ENTRY_REFERENCE
    unconfirmed = [entry for entry in ENTRIES if entry["type"] != "confirmation"]
    assert Kind.ENTRY_REFERENCE in kinds(ledger(timed(unconfirmed)))


def test_a_name_is_free_again_once_its_member_left() -> None:
    KEYS["m4"] = Ed25519PrivateKey.from_private_bytes(b"\x04" * 32)
    again = enrolment("m4", "East")
    assert kinds(ledger(timed([*ENTRIES, again]))) == []
    assert Kind.ENTRY_REFERENCE in kinds(ledger(timed([*ENTRIES[:4], again])))


def test_heads_are_held_against_the_entries() -> None:
    copy = ledger(timed(ENTRIES))
    small, large = copy.heads
    early = head_of(copy, 16, NOON - 3 * MINUTE)
    assert kinds(with_growth(replace(copy, heads=(small, early)))) == [Kind.HEAD_ORDER]
    other = replace(large, signature=bytes(64))
    assert kinds(replace(copy, heads=(small, other))) == [Kind.HEAD_SIGNATURE]
    assert kinds(with_growth(replace(copy, heads=(small,)))) == [Kind.HEAD_MISSING]
    assert kinds(replace(copy, growth=((),))) == [Kind.GROWTH]
    twice = replace(copy, heads=(small, large, head_of(copy, 16, NOON + 2 * MINUTE)))
    assert kinds(with_growth(twice)) == [Kind.FORK]
    cut = replace(copy, entries=copy.entries[:-1])
    assert kinds(cut) == [Kind.HEAD_SIZE]
    assert set(
        kinds(replace(copy, entries=(copy.entries[1], copy.entries[0], *copy.entries[2:])))
    ) == {Kind.HEAD_ROOT}


def test_cosignatures_hold_only_for_who_made_them() -> None:
    copy = ledger(timed(ENTRIES))
    small, large = copy.heads
    for member in ("m3", "m9"):
        stolen = replace(large.cosignatures[0], member_id=member)
        spoilt = replace(copy, heads=(small, replace(large, cosignatures=(stolen,))))
        assert kinds(spoilt) == [Kind.COSIGNATURE]


def test_who_says_nothing_for_a_week_is_silent_unless_it_left() -> None:
    week = 7 * 24 * 60 * MINUTE
    for entries, silent in ((ENTRIES[:15], {"East"}), (ENTRIES, set())):
        copy = replace(ledger(timed(entries)), copied_at=NOON + week)
        found = audit(copy)
        assert {w.member.name for w in found.witnesses if found.is_silent(w)} == silent
    # North and South have cosigned all there is, so that nothing more is to be said.
    later = audit(replace(copy, copied_at=NOON + 9 * week))
    assert not any(later.is_silent(witness) for witness in later.witnesses)


def test_receipts_with_and_without_their_place() -> None:
    copy = ledger(timed(ENTRIES))
    upload = {"type": "upload", "upload": "u"}
    right = (Receipt(8, upload), Receipt(None, upload))
    assert kinds(replace(copy, receipts=right)) == []
    wrong = (Receipt(7, upload), Receipt(None, {**upload, "records": 9}), Receipt(99, upload))
    found = kinds(replace(copy, receipts=wrong))
    assert found == [Kind.RECEIPT, Kind.RECEIPT, Kind.RECEIPT_GONE]


def test_two_copies_and_what_was_seen_elsewhere() -> None:
    long = ledger(timed(ENTRIES))
    short = ledger(timed(ENTRIES)[:10])
    assert list(compare_copies(long, short)) == list(compare_copies(short, long)) == []
    forked = ledger([*timed(ENTRIES)[:9], {"time": NOON + 9, **ENTRIES[11]}])
    (parting,) = compare_copies(long, forked)
    assert (parting.kind, parting.params) == (Kind.PARTING, {"index": 9})
    found = [item.kind for item in compare_copies(short, forked)]
    assert found == [Kind.PARTING, Kind.FORK]
    seen = compare(tree_of(forked.entries), long.heads, "North")
    assert [(item.kind, item.params["size"]) for item in seen] == [(Kind.SEEN_SIZE, 16)]
    (changed,) = compare(tree_of(forked.entries), short.heads[1:], "North")
    assert changed.sentence().startswith("A head of size 10 that North saw")
    (key,) = compare_copies(long, replace(long, ledger_key=public(NORTH)))
    assert key.kind is Kind.LEDGER_KEY


def test_every_kind_has_its_words_in_both_languages() -> None:
    params = dict.fromkeys(("index", "seconds", "field", "size", "entries", "member", "day", "seen_by", "settled", "note", "type", "name", "count"), 1)  # fmt: skip

    for kind in Kind:
        finding = LedgerFinding(kind, params)
        assert finding.sentence() != finding.sentence("ko")
