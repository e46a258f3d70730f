"""What rules about ledger entries are made of; the rules are in `entry_members` and `entry_acts`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tacit.linkage.ledger_findings import Kind
from tacit.linkage.signing import verifies

Document = Mapping[str, Any]

LATEST = 253_402_300_799_999
"""The last millisecond that has a date: 9999-12-31T23:59:59.999Z."""

_IN_HAND = 300_000  # the longest deadline of a call, milliseconds


@dataclass(frozen=True, slots=True)
class EnrolledMember:
    """A member as the ledger has it; its public keys, Ed25519 and X25519, have 32 bytes."""

    member_id: str
    name: str
    signing_key: bytes
    sealing_key: bytes


@dataclass(frozen=True, slots=True)
class VersionSaid:
    """A version of an agreement as the ledger has it.

    Attributes:
        project: whose it is.
        members: identifiers of those whom it names; none where an old entry does not say.
        epoch: that it begins with; None likewise.
    """

    project: str
    members: frozenset[str]
    epoch: int | None


@dataclass(slots=True)
class ProjectSaid:
    """How a project stands by the entries so far.

    Attributes:
        current: hash of the version in force, or of the first that is not yet.
        epoch: that runs; None where old entries do not say.
        in_force: whether all have signed that version.
        proposal: hash of the version that is proposed; empty where none is.
        proposed_at: when it was, milliseconds.
    """

    current: str
    epoch: int | None
    in_force: bool
    proposal: str = ""
    proposed_at: int = 0


@dataclass(slots=True)
class Before:
    """What the entries so far hold; rules add to it.

    Attributes:
        authority: the coalition's certificate, DER, which members' signatures name.
        waiting: members who must be confirmed before they act.
        ended: when memberships ended, milliseconds.
        versions: of agreements, by hash.
        has_versions: whether an entry said whom its version names, as all do that follow.
        projects: how each stands.
        signed: hash and member of each signature under a version.
        uploads: the project of each, and the epoch that ran.
        runs: the project of each.
    """

    authority: bytes
    members: dict[str, EnrolledMember] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    ended: dict[str, int] = field(default_factory=dict)
    versions: dict[str, VersionSaid] = field(default_factory=dict)
    has_versions: bool = False
    projects: dict[str, ProjectSaid] = field(default_factory=dict)
    signed: set[tuple[str, str]] = field(default_factory=set)
    uploads: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)

    def key_signed(self, entry: Document, statement: bytes, who: str = "member") -> bool:
        """Say whether the member whom field `who` names made the entry's signature."""
        member = self.members.get(entry[who])
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


def is_texts(value: object) -> bool:
    """Say whether a value is a list of texts."""
    return isinstance(value, list) and all(is_text(item) for item in value)


def _is_hex(length: int) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        if not isinstance(value, str) or len(value) != 2 * length:
            return False
        return all(digit in "0123456789abcdef" for digit in value)

    return fits


is_hash = _is_hex(32)
is_signature = _is_hex(64)


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


def needs(held: bool, name: str) -> None:
    """Check that an entry rests on what is there.

    Raises:
        Wrong: field `name` refers to what no entry before holds.
    """
    if not held:
        raise Wrong(Kind.ENTRY_REFERENCE, name)


def signed_by_member(holds: bool) -> None:
    """Check that a member's signature holds.

    Raises:
        Wrong: it does not.
    """
    if not holds:
        raise Wrong(Kind.ENTRY_SIGNATURE, "signature")


def may_act(entry: Document, before: Before, who: str) -> None:
    """Check that a member may act: it has been confirmed, and has not left or been shut out."""
    needs(entry[who] not in before.waiting, who)
    not_ended(entry, before, who)


def not_ended(entry: Document, before: Before, who: str) -> None:
    """Check that a member has not left or been shut out."""
    # A call that was let in before may be entered after.
    needs(entry["time"] <= before.ended.get(entry[who], LATEST) + _IN_HAND, who)
