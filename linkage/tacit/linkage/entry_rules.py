"""What an entry of each type must hold, and what it must rest on.

An act may only be entered once what it rests on is there: a member signs an agreement that was
made, uploads under one that it signed, a run reads uploads that were finished. Signatures of
members that entries carry are verified with the keys those members enrolled with.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tacit.linkage import statements
from tacit.linkage.ledger_findings import Kind
from tacit.linkage.signing import verifies

Document = Mapping[str, Any]

LATEST = 253_402_300_799_999
"""The last millisecond that has a date: 9999-12-31T23:59:59.999Z."""


@dataclass(frozen=True, slots=True)
class EnrolledMember:
    """A member as the ledger has it; its Ed25519 public key has 32 bytes."""

    member_id: str
    name: str
    signing_key: bytes


@dataclass(slots=True)
class Before:
    """What the entries so far hold; rules add to it."""

    members: dict[str, EnrolledMember] = field(default_factory=dict)
    # Project and hash of each agreement, and who signed which.
    agreements: set[tuple[str, str]] = field(default_factory=set)
    signed: set[tuple[str, str]] = field(default_factory=set)
    # What belongs to which project.
    uploads: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)

    def key_signed(self, entry: Document, statement: bytes) -> bool:
        """Say whether a key of the entry's member made the entry's signature."""
        member = self.members.get(entry["member"])
        signature = bytes.fromhex(entry["signature"])
        return member is not None and verifies(member.signing_key, signature, statement)


class Wrong(Exception):  # noqa: N818 (a finding, not a failure)
    """An entry is wrong in one field."""

    def __init__(self, kind: Kind, name: str) -> None:
        super().__init__(kind, name)
        self.kind = kind
        self.name = name


def require(document: Document, name: str, fits: Callable[[Any], bool]) -> None:
    """Check one field.

    Raises:
        Wrong: it is missing or not what it must be.
    """
    if not fits(document.get(name)):
        raise Wrong(Kind.ENTRY_FORM, name)


def is_text(value: object) -> bool:
    """Say whether a value is a text that is not empty."""
    return isinstance(value, str) and bool(value)


def is_count(value: object) -> bool:
    """Say whether a value is a whole number from 0 on."""
    return type(value) is int and value >= 0


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(is_text(item) for item in value)


def _is_hex(length: int) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        if not isinstance(value, str) or len(value) != 2 * length:
            return False
        return all(digit in "0123456789abcdef" for digit in value)

    return fits


_HASH = _is_hex(32)
_SIGNATURE = _is_hex(64)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an entry of one type must hold, and what it rests on."""

    fields: Mapping[str, Callable[[Any], bool]]
    rests: Callable[[Document, Before], None]

    def check(self, entry: Document, before: Before) -> None:
        """Check an entry and add what it says to what is known.

        Raises:
            Wrong: the entry is not what it must be.
        """
        for name, fits in self.fields.items():
            require(entry, name, fits)
        self.rests(entry, before)


def _needs(held: bool, name: str) -> None:
    if not held:
        raise Wrong(Kind.ENTRY_REFERENCE, name)


def _enrolment(entry: Document, before: Before) -> None:
    # A second key for a member would let whoever holds it sign in the member's name.
    _needs(entry["member"] not in before.members, "member")
    taken = any(member.name == entry["name"] for member in before.members.values())
    _needs(not taken, "name")
    key = bytes.fromhex(entry["signing_key"])
    before.members[entry["member"]] = EnrolledMember(entry["member"], entry["name"], key)


def _agreement(entry: Document, before: Before) -> None:
    _needs(entry["creator"] in before.members, "creator")
    before.agreements.add((entry["project"], entry["agreement"]))


def _made(entry: Document, before: Before) -> None:
    _needs((entry["project"], entry["agreement"]) in before.agreements, "agreement")


def _acts(entry: Document, before: Before) -> None:
    """Check an act of a member under an agreement: the member must have signed it before."""
    _made(entry, before)
    _needs((entry["agreement"], entry["member"]) in before.signed, "member")


def _signing(entry: Document, before: Before) -> None:
    _made(entry, before)
    _needs(entry["member"] in before.members, "member")
    if not before.key_signed(entry, statements.agreement(bytes.fromhex(entry["agreement"]))):
        raise Wrong(Kind.ENTRY_SIGNATURE, "signature")
    before.signed.add((entry["agreement"], entry["member"]))


def _sealing(entry: Document, before: Before) -> None:
    _needs(any(project == entry["project"] for project, _ in before.agreements), "project")
    _needs(entry["sender"] in before.members, "sender")
    _needs(all(recipient in before.members for recipient in entry["sealed"]), "sealed")


def _uploading(entry: Document, before: Before) -> None:
    _acts(entry, before)
    statement = statements.upload(
        bytes.fromhex(entry["agreement"]), entry["records"], bytes.fromhex(entry["root"])
    )
    if not before.key_signed(entry, statement):
        raise Wrong(Kind.ENTRY_SIGNATURE, "signature")
    before.uploads[entry["upload"]] = entry["project"]


def _running(entry: Document, before: Before) -> None:
    _made(entry, before)
    _needs(
        all(before.uploads.get(item) == entry["project"] for item in entry["uploads"]), "uploads"
    )
    before.runs[entry["run"]] = entry["project"]


def _releasing(entry: Document, before: Before) -> None:
    _acts(entry, before)
    _needs(before.runs.get(entry["run"]) == entry["project"], "run")


_PROJECT = {"project": is_text, "agreement": _HASH}
_ACT = {**_PROJECT, "member": is_text}


def _is_sealed(value: object) -> bool:
    return isinstance(value, dict) and all(_HASH(item) for item in value.values())


RULES: Mapping[str, Rule] = {
    "enrolment": Rule(
        {
            "member": is_text,
            "name": is_text,
            "signing_key": _HASH,
            "sealing_key": _HASH,
            "certificate": _HASH,
        },
        _enrolment,
    ),
    "agreement": Rule({**_PROJECT, "creator": is_text}, _agreement),
    "signature": Rule({**_ACT, "signature": _SIGNATURE}, _signing),
    "keys": Rule(
        {"project": is_text, "epoch": is_count, "sender": is_text, "sealed": _is_sealed},
        _sealing,
    ),
    "upload": Rule(
        {
            **_ACT,
            "upload": is_text,
            "records": lambda value: is_count(value) and value < 2**63,
            "root": _HASH,
            "signature": _SIGNATURE,
        },
        _uploading,
    ),
    "run": Rule(
        {**_PROJECT, "run": is_text, "uploads": _is_texts, "threshold_permille": is_count},
        _running,
    ),
    "release": Rule(
        {**_ACT, "run": is_text, "minimum_cell": is_count, "result": _HASH}, _releasing
    ),
    "check": Rule({**_ACT, "check": is_text, "records": is_count}, _acts),
    "decision": Rule({**_ACT, "commitment": _HASH}, _acts),
    "erasure": Rule({**_PROJECT, **dict.fromkeys(("uploads", "records", "runs"), is_count)}, _made),
}
