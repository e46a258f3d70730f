"""Writing agreements: the first version of a project's, and the ones that follow it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from tacit.linkage.agreement import Agreement, Party, Purpose, validate_agreement
from tacit.linkage.codes import code_list
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.node.context import Member
from tacit.node.members import FULL, KnownMember, find_member

_USUAL: Mapping[str, Any] = {setting.name: setting.default for setting in fields(Agreement)}


@dataclass(frozen=True, slots=True)
class ProjectOptions:
    """What the creator of a project may choose; see `Agreement` for each, and for what is usual.

    Attributes:
        strata: dimension to code list; None means the schema's dimensions with the field's lists.
        repeating: members whose registers may hold a person several times, by name or member_id.
    """

    purposes: tuple[Purpose, ...] = tuple(Purpose)
    strata: Mapping[str, tuple[str, ...]] | None = None
    minimum_cell: int = _USUAL["minimum_cell"]
    disclose_members: bool = _USUAL["disclose_members"]
    check_minimum_batch: int = _USUAL["check_minimum_batch"]
    check_maximum_batch: int = _USUAL["check_maximum_batch"]
    check_budget: int = _USUAL["check_budget"]
    threshold_permille: int = _USUAL["threshold_permille"]
    precision_permille: int = _USUAL["precision_permille"]
    reasons: bool = _USUAL["reasons"]
    repeating: tuple[str, ...] = _USUAL["repeating"]
    retention_days: int = _USUAL["retention_days"]
    expires_on: str = _USUAL["expires_on"]
    epoch_days: int = _USUAL["epoch_days"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the next version of an agreement is to change.

    Attributes:
        add: members to take in, by name or member_id.
        remove: members to leave out, by name or member_id.
        schema: the linkage schema, JSON; None where it stays. A new one brings its own strata.
        repeating: as in `ProjectOptions`; None where it stays.
        values: other fields of `Agreement` by name; those that stay are left out.
        new_key: whether a new linkage key is reason enough, though nothing else changes.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    schema: str | None = None
    repeating: tuple[str, ...] | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    new_key: bool = False


def first_version(
    name: str, parties: tuple[Party, ...], schema: LinkageSchema, options: ProjectOptions
) -> Agreement:
    """Write a project's first agreement.

    Raises:
        TacitError: BAD_AGREEMENT, or NOT_FOUND (a member).
    """
    agreement = Agreement(
        name=name,
        members=parties,
        schema=schema.text,
        purposes=options.purposes,
        strata=_field_strata(schema) if options.strata is None else options.strata,
        minimum_cell=options.minimum_cell,
        disclose_members=options.disclose_members,
        check_minimum_batch=options.check_minimum_batch,
        check_maximum_batch=options.check_maximum_batch,
        check_budget=options.check_budget,
        threshold_permille=options.threshold_permille,
        precision_permille=options.precision_permille,
        reasons=options.reasons,
        repeating=_named(parties, options.repeating),
        retention_days=options.retention_days,
        expires_on=options.expires_on,
        epoch_days=options.epoch_days,
        nonce=secrets.token_hex(16),
    )
    validate_agreement(agreement)
    return agreement


def next_version(
    before: Agreement, epoch: int, wishes: Wishes, known: Sequence[KnownMember]
) -> Agreement:
    """Write the version that is to follow another.

    Args:
        before: the version that it follows.
        epoch: of the project's linkage key today.
        wishes: what is to change.
        known: the members of the coalition, for those who are taken in.

    Raises:
        TacitError: BAD_AGREEMENT; NOT_FOUND (a member); USAGE where nothing would change.
    """
    parties = _changed_parties(before, wishes, known)
    if not any(found.you and found.member_id == p.member_id for found in known for p in parties):
        raise TacitError(Code.BAD_AGREEMENT, problem="it does not name this member")
    staying = {party.member_id for party in parties}
    repeating = tuple(each for each in before.repeating if each in staying)
    if wishes.repeating is not None:
        repeating = _named(parties, wishes.repeating)
    values: dict[str, Any] = {**wishes.values, "members": parties, "repeating": repeating}
    if wishes.schema is not None:
        schema = parse_schema(wishes.schema)
        values["schema"] = schema.text
        if schema.text != before.schema:
            values["strata"] = _field_strata(schema)
    changed = replace(before, **values)
    if changed == before and not wishes.new_key:
        problem = "Nothing would change; --new-key asks for nothing but a new linkage key."
        raise TacitError(Code.USAGE, problem=problem)
    agreement = replace(
        changed,
        version=before.version + 1,
        supersedes=before.hash.hex(),
        epoch=epoch + 1,
        nonce=secrets.token_hex(16),
    )
    validate_agreement(agreement)
    return agreement


def parties_of(
    member: Member, known: Sequence[KnownMember], wanted: Sequence[str]
) -> tuple[Party, ...]:
    """Give this node's member and others as parties, by member_id.

    Raises:
        TacitError: NOT_FOUND; BAD_AGREEMENT, one of them is no member today.
    """
    keys = member.keys
    own = Party(
        member.member_id,
        member.identity.name,
        keys.signing_public.hex(),
        keys.sealing_public.hex(),
    )
    chosen = {party.member_id: party for party in (_party(known, name) for name in wanted)}
    chosen[own.member_id] = own
    return tuple(chosen[member_id] for member_id in sorted(chosen))


def _changed_parties(
    before: Agreement, wishes: Wishes, known: Sequence[KnownMember]
) -> tuple[Party, ...]:
    leaving = set(_named(before.members, wishes.remove))
    staying = {p.member_id: p for p in before.members if p.member_id not in leaving}
    joining = {party.member_id: party for party in (_party(known, name) for name in wishes.add)}
    chosen = {**joining, **staying}
    return tuple(chosen[member_id] for member_id in sorted(chosen))


def _party(known: Sequence[KnownMember], wanted: str) -> Party:
    found = find_member(known, wanted)
    if found.standing != FULL:
        raise TacitError(Code.BAD_AGREEMENT, problem=f"'{found.name}' is not a member today")
    return Party(found.member_id, found.name, found.signing_key.hex(), found.sealing_key.hex())


def _named(parties: Sequence[Party], wanted: Sequence[str]) -> tuple[str, ...]:
    """Find parties by name or member_id; gives their member_ids, in order."""
    known = {name: party.member_id for party in parties for name in (party.name, party.member_id)}
    for name in wanted:
        if name not in known:
            raise TacitError(Code.NOT_FOUND, what=f"member '{name}' in this project")
    chosen = {known[name] for name in wanted}
    return tuple(party.member_id for party in parties if party.member_id in chosen)


def _field_strata(schema: LinkageSchema) -> dict[str, tuple[str, ...]]:
    try:
        return {dimension: code_list(dimension) for dimension in schema.strata}
    except KeyError as error:
        problem = f"'strata' needs a code list for the dimension {error}"
        raise TacitError(Code.BAD_AGREEMENT, problem=problem) from error
