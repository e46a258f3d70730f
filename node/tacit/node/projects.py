"""Create, sign, show and list linkage projects."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from tacit.linkage import statements
from tacit.linkage.agreement import Agreement, Party, Purpose, validate_agreement
from tacit.linkage.codes import code_list
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.node.client.session import Session
from tacit.node.context import Member, connect, find_project, load_member
from tacit.node.key_exchange import exchange_key
from tacit.node.members import (
    FULL,
    KnownMember,
    find_member,
    refuse_unknown_keys,
    trusted_members,
)
from tacit.node.project_state import ProjectView, read_agreement, take_in
from tacit.node.store.agreements import confirm_version
from tacit.node.store.base import Store
from tacit.node.times import now_ms
from tacit.v1 import projects_pb2 as projects

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


def create_project(
    store: Store,
    name: str,
    members: Sequence[str],
    schema_text: str,
    options: ProjectOptions | None = None,
) -> ProjectView:
    """Write an agreement, sign it, and seal a new linkage key to every other member.

    Args:
        store: this node's store.
        name: what people call the project; no other project of this node has it.
        members: the other members, by name or member_id; this node's own is always in.
        schema_text: the linkage schema, JSON.
        options: what else the agreement says.

    Raises:
        TacitError: BAD_SCHEMA, BAD_AGREEMENT, NOT_FOUND (a member), EXISTS (the name), or what
            the connection raises.
    """
    member, schema = load_member(store), parse_schema(schema_text)
    with connect(store) as session:
        parties = _parties(member, trusted_members(session, store, member), members)
        agreement = _agreement(name, parties, schema, options or ProjectOptions())
        for known in fetch_projects(session):
            if read_name(known, member) == name:
                raise TacitError(Code.EXISTS, what=f"A project named '{name}'")
        request = projects.CreateProjectRequest(
            agreement=agreement.encode(), signature=_signature(member, agreement)
        )
        project = session.ask(session.projects.CreateProject, request).project
        take_in(store, member, project)
        exchange_key(session, store, member, project, agreement)
        return _refresh(session, store, member, project.project_id)


def sign_project(
    store: Store, project: str | None, confirm: Callable[[ProjectView], bool]
) -> ProjectView:
    """Sign a project's agreement once a person has read it.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        confirm: is shown the agreement and says whether to sign.

    Returns:
        The project; `signed_by_you` tells whether it was signed.

    Raises:
        TacitError: NOT_FOUND, USAGE, BAD_AGREEMENT, KEY_CHANGED, or what the connection raises.
    """
    member = load_member(store)
    with connect(store) as session:
        _take_in_all(session, store, member)
        view = _refresh(session, store, member, find_project(store, project).project_id)
        if view.signed_by_you:
            return view
        refuse_unknown_keys(trusted_members(session, store, member), view.agreement)
        if not confirm(view):
            return view
        request = projects.SignAgreementRequest(
            project_id=view.project_id,
            agreement_hash=view.agreement.hash,
            signature=_signature(member, view.agreement),
        )
        signed = session.ask(session.projects.SignAgreement, request).project
        take_in(store, member, signed)
        exchange_key(session, store, member, signed, view.agreement)
        return _refresh(session, store, member, view.project_id)


def show_project(store: Store, project: str | None = None) -> ProjectView:
    """Show one project as it stands at the coordinator.

    Raises:
        TacitError: NOT_FOUND, USAGE, or what the connection raises.
    """
    member = load_member(store)
    with connect(store) as session:
        _take_in_all(session, store, member)
        return _refresh(session, store, member, find_project(store, project).project_id)


def list_projects(store: Store) -> tuple[ProjectView, ...]:
    """Show every project whose agreement names this member.

    Raises:
        TacitError: what the connection raises.
    """
    member = load_member(store)
    with connect(store) as session:
        return _take_in_all(session, store, member)


def confirm_safety_number(store: Store, project: str | None = None) -> None:
    """Note that this node's people compared the safety number with the other members.

    Raises:
        TacitError: NOT_FOUND, USAGE.
    """
    stored = find_project(store, project)
    with store.write() as connection:
        confirm_version(connection, stored.project_id, stored.agreement_hash, now_ms())


def fetch_projects(session: Session) -> Iterable[projects.Project]:
    """Ask for every project whose agreement names this member."""
    return session.ask(session.projects.ListProjects, projects.ListProjectsRequest()).projects


def read_name(project: projects.Project, member: Member) -> str | None:
    """Give a project's name, or None where its agreement cannot be used by this node."""
    try:
        return read_agreement(project, member).name
    except TacitError:
        return None


def _take_in_all(session: Session, store: Store, member: Member) -> tuple[ProjectView, ...]:
    # One unusable agreement must not hide the others.
    return tuple(
        take_in(store, member, project)
        for project in fetch_projects(session)
        if read_name(project, member) is not None
    )


def _refresh(session: Session, store: Store, member: Member, project_id: str) -> ProjectView:
    request = projects.GetProjectRequest(project_id=project_id)
    return take_in(store, member, session.ask(session.projects.GetProject, request).project)


def _signature(member: Member, agreement: Agreement) -> bytes:
    return member.keys.signing.sign(statements.agreement(agreement.hash))


def _parties(
    member: Member, known: Sequence[KnownMember], wanted: Sequence[str]
) -> tuple[Party, ...]:
    by_id = {found.member_id: found for found in known}
    chosen = {member.member_id}
    for name in wanted:
        found = find_member(known, name)
        if found.standing != FULL:
            problem = f"'{found.name}' is not a member today"
            raise TacitError(Code.BAD_AGREEMENT, problem=problem)
        chosen.add(found.member_id)
    keys = member.keys
    own = Party(
        member.member_id,
        member.identity.name,
        keys.signing_public.hex(),
        keys.sealing_public.hex(),
    )
    return tuple(
        own if member_id == own.member_id else _party(by_id[member_id])
        for member_id in sorted(chosen)
    )


def _party(found: KnownMember) -> Party:
    return Party(found.member_id, found.name, found.signing_key.hex(), found.sealing_key.hex())


def _agreement(
    name: str, parties: tuple[Party, ...], schema: LinkageSchema, options: ProjectOptions
) -> Agreement:
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
        nonce=secrets.token_hex(16),
    )
    validate_agreement(agreement)
    return agreement


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
