"""The agreement: what the members of a linkage project sign before anything flows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Any

from tacit.linkage.canonical import canonical
from tacit.linkage.errors import Code, TacitError


class Purpose(StrEnum):
    """What records may be linked for."""

    CHECK = "check"
    COUNT = "count"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Party:
    """A member as the agreement names it; the keys are hexadecimal, 32 bytes each.

    Signing an agreement is signing the other members' keys with it.
    """

    member_id: str
    name: str
    signing_key: str
    sealing_key: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """A linkage project's manifest.

    Attributes:
        name: what people call the project.
        members: all parties, by member_id.
        schema: the linkage schema, JSON text (clkhash v3 with Tacit's extension).
        purposes: what the linkage may serve.
        strata: dimension to its code list; "other" and "unknown" always belong.
        minimum_cell: counts from 1 to minimum_cell - 1 are suppressed.
        disclose_members: whether results show other members by name.
        check_minimum_batch: fewest records in one check.
        check_maximum_batch: most records in one check.
        check_budget: records each member may check in one epoch.
        threshold_permille: least match probability of a link in thousandths; 0 lets the mixture
            model find it.
        precision_permille: wished share of right links among all links, in thousandths, from
            which the threshold follows without truth; 0 asks for the best balance of precision
            and recall. Not beside a fixed threshold.
        reasons: whether members are told which fields of two matched records agree.
        repeating: member_ids of members whose registers may hold a person several times; every
            other member promises that it holds each once.
        retention_days: days after which the coordinator drops encodings and results.
        epoch: counts the linkage keys; a new key is a new epoch. The one that this version
            begins with.
        nonce: random hexadecimal, so that two projects never share a hash.
        version: counts the versions of a project's agreement; every change is a new one.
        supersedes: hash of the version before, hexadecimal; empty in version 1 alone.
        expires_on: last day (UTC) on which it holds, an ISO date; empty where it has no end.
        epoch_days: days after which a new linkage key is due; 0 where none is by itself.
    """

    name: str
    members: tuple[Party, ...]
    schema: str
    purposes: tuple[Purpose, ...] = tuple(Purpose)
    strata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    minimum_cell: int = 10
    disclose_members: bool = True
    check_minimum_batch: int = 5
    check_maximum_batch: int = 10_000
    check_budget: int = 20_000
    threshold_permille: int = 0
    precision_permille: int = 0
    reasons: bool = False
    repeating: tuple[str, ...] = ()
    retention_days: int = 365
    epoch: int = 1
    nonce: str = ""
    format: int = 1
    version: int = 1
    supersedes: str = ""
    expires_on: str = ""
    epoch_days: int = 0

    def encode(self) -> bytes:
        """Serialise to canonical JSON."""
        written = asdict(self)
        # Agreements that were signed before these fields existed keep their hash.
        for name, default in _LATER.items():
            if written[name] == default and type(written[name]) is type(default):
                del written[name]
        return canonical(written)

    @property
    def hash(self) -> bytes:
        """SHA-256 of the canonical form, 32 bytes."""
        return sha256(self.encode()).digest()

    def party(self, member_id: str) -> Party | None:
        """Find a party by its member_id."""
        return next((party for party in self.members if party.member_id == member_id), None)


_LATER = {
    name: Agreement.__dataclass_fields__[name].default
    for name in ("version", "supersedes", "expires_on", "epoch_days")
}
"""Fields that are left out of the canonical form where they hold what they hold by default."""


def parse_agreement(document: bytes) -> Agreement:
    """Read and validate an agreement from its canonical JSON.

    Raises:
        TacitError: BAD_AGREEMENT; the sentence names the field that is wrong.
    """
    try:
        raw = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise _bad("it is not JSON") from error
    if not isinstance(raw, dict):
        raise _bad("it is not a JSON object")
    unknown = raw.keys() - {f.name for f in fields(Agreement)}
    if unknown:
        raise _bad(f"unknown field '{min(unknown)}'")
    agreement = _build(raw)
    validate_agreement(agreement)
    try:
        written = agreement.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        written = b""
    if written != document:
        raise _bad("it is not in canonical form")
    return agreement


def _build(raw: dict[str, Any]) -> Agreement:
    try:
        return Agreement(
            **{
                **raw,
                "members": tuple(Party(**party) for party in raw["members"]),
                "purposes": tuple(Purpose(purpose) for purpose in raw["purposes"]),
                "repeating": tuple(raw["repeating"]),
                "strata": {key: tuple(codes) for key, codes in raw["strata"].items()},
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _bad("a field is missing or has the wrong type") from error


def validate_agreement(agreement: Agreement) -> None:
    """Check what every agreement must hold.

    Raises:
        TacitError: BAD_AGREEMENT; the sentence names the field that is wrong.
    """
    for problem in _mistyped(agreement) or _problems(agreement):
        raise _bad(problem)


def _mistyped(agreement: Agreement) -> list[str]:
    """Find values of the wrong type, which JSON allows and `_problems` would stumble over."""
    parties = [value for party in agreement.members for value in asdict(party).values()]
    strata = [*agreement.strata, *(code for codes in agreement.strata.values() for code in codes)]
    checks = [
        (_are_text([agreement.name]), "'name' is not text"),
        (_are_text(parties), "'members' holds something other than text"),
        (_are_text([agreement.schema]), "'schema' is not JSON text"),
        (_are_text(strata), "'strata' holds something other than text"),
        (_are(bool, [agreement.disclose_members]), "'disclose_members' is neither true nor false"),
        (_are(bool, [agreement.reasons]), "'reasons' is neither true nor false"),
        (_are(str, list(agreement.repeating)), "'repeating' holds something other than text"),
        (_are(str, [agreement.nonce]), "'nonce' is not text"),
        (_are(str, [agreement.supersedes]), "'supersedes' is not text"),
        (_are(str, [agreement.expires_on]), "'expires_on' is not text"),
    ]
    return [problem for holds, problem in checks if not holds]


def _are_text(values: list[Any]) -> bool:
    # No database keeps a NUL in a text.
    return _are(str, values) and not any("\0" in value for value in values)


def _are(kind: type, values: list[Any]) -> bool:
    return all(isinstance(value, kind) for value in values)


def _problems(agreement: Agreement) -> list[str]:
    ids = [party.member_id for party in agreement.members]
    keys = [key for p in agreement.members for key in (p.signing_key, p.sealing_key)]
    whole = {
        "minimum_cell": (agreement.minimum_cell, 3, 1000),
        "check_minimum_batch": (agreement.check_minimum_batch, 1, 10_000),
        "check_maximum_batch": (agreement.check_maximum_batch, 1, 100_000),
        "check_budget": (agreement.check_budget, 1, 10_000_000),
        "threshold_permille": (agreement.threshold_permille, 0, 1000),
        "precision_permille": (agreement.precision_permille, 0, 999),
        "retention_days": (agreement.retention_days, 1, 3650),
        "epoch": (agreement.epoch, 1, 1_000_000),
        "format": (agreement.format, 1, 1),
        "version": (agreement.version, 1, 10_000),
        "epoch_days": (agreement.epoch_days, 0, 3650),
    }
    checks = [
        (agreement.name.strip() != "", "'name' is empty"),
        (len(ids) >= 2, "'members' names fewer than two"),  # noqa: PLR2004
        (len(ids) <= 30, "'members' names more than thirty"),  # noqa: PLR2004
        (ids == sorted(set(ids)), "'members' must be in order of member_id, each once"),
        (all(_is_key(key) for key in keys), "'members' holds a key that is not 32 bytes"),
        (
            list(agreement.repeating) == [one for one in ids if one in agreement.repeating],
            "'repeating' must name members in order, each once",
        ),
        (bool(agreement.purposes), "'purposes' is empty"),
        (
            len(agreement.purposes) == len(set(agreement.purposes)),
            "'purposes' names one purpose twice",
        ),
        (
            agreement.disclose_members or Purpose.ATTRIBUTE not in agreement.purposes,
            "'disclose_members' must be true where a purpose is attribute",
        ),
        *(
            (
                isinstance(value, int) and not isinstance(value, bool) and low <= value <= high,
                f"'{name}' must be a whole number from {low} to {high}",
            )
            for name, (value, low, high) in whole.items()
        ),
        (
            # A tuple: what stands here may be anything that JSON can write.
            0 in (agreement.threshold_permille, agreement.precision_permille),
            "'precision_permille' must be 0 where 'threshold_permille' fixes the threshold",
        ),
        (
            (agreement.supersedes == "") == (agreement.version == 1),
            "'supersedes' must be empty in version 1 and in no other",
        ),
        (
            agreement.supersedes == "" or _is_key(agreement.supersedes),
            "'supersedes' is not a hash of 32 bytes",
        ),
        (
            agreement.expires_on == "" or _is_date(agreement.expires_on),
            "'expires_on' is not a date such as 2027-12-31",
        ),
    ]
    return [problem for holds, problem in checks if not holds]


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_key(text: str) -> bool:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return False
    # One spelling only, so that equal keys are equal texts.
    return len(key) == 32 and key.hex() == text  # noqa: PLR2004


def _bad(problem: str) -> TacitError:
    return TacitError(Code.BAD_AGREEMENT, problem=problem)
