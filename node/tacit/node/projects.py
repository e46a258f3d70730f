"""Create, sign, show and list linkage projects."""

from collections.abc import Callable, Iterable, Sequence

from tacit.linkage import statements
from tacit.linkage.agreement import Agreement
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import parse_schema
from tacit.node.agreement_writing import ProjectOptions, first_version, parties_of
from tacit.node.client.session import Session
from tacit.node.context import Member, connect, find_project, load_member
from tacit.node.lifecycle import ask_project, refreshed, settle
from tacit.node.members import refuse_unknown_keys, trusted_members
from tacit.node.project_state import ProjectView
from tacit.node.shown_project import REMOVED, read_project
from tacit.node.store.agreements import confirm_version
from tacit.node.store.base import Store
from tacit.node.times import now_ms
from tacit.v1 import projects_pb2 as projects

__all__ = [
    "ProjectOptions",
    "confirm_safety_number",
    "create_project",
    "fetch_projects",
    "list_projects",
    "read_name",
    "show_project",
    "sign_project",
]


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
        parties = parties_of(member, trusted_members(session, store, member), members)
        agreement = first_version(name, parties, schema, options or ProjectOptions())
        for known in fetch_projects(session):
            if read_name(known, member) == name:
                raise TacitError(Code.EXISTS, what=f"A project named '{name}'")
        request = projects.CreateProjectRequest(
            agreement=agreement.encode(), signature=signature(member, agreement)
        )
        project = session.ask(session.projects.CreateProject, request).project
        return settle_anew(session, store, member, project)


def sign_project(
    store: Store, project: str | None, confirm: Callable[[ProjectView], bool]
) -> ProjectView:
    """Sign a project's agreement, or the version that is proposed, once a person has read it.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        confirm: is shown the project and says whether to sign: its `proposal` where there is one
            that names this node, else its agreement.

    Returns:
        The project; `to_sign` tells whether it was signed.

    Raises:
        TacitError: NOT_FOUND, USAGE, BAD_AGREEMENT, KEY_CHANGED, NOT_NAMED, or what the connection
            raises.
    """
    member = load_member(store)
    with connect(store) as session:
        take_in_all(session, store, member)
        project_id = find_project(store, project).project_id
        view = refreshed(session, store, member, ask_project(session, project_id))
        agreement = to_sign(view)
        if agreement is None:
            return view
        refuse_unknown_keys(trusted_members(session, store, member), agreement)
        if not confirm(view):
            return view
        request = projects.SignAgreementRequest(
            project_id=project_id,
            agreement_hash=agreement.hash,
            signature=signature(member, agreement),
        )
        signed = session.ask(session.projects.SignAgreement, request).project
        return settle_anew(session, store, member, signed)


def to_sign(view: ProjectView) -> Agreement | None:
    """Give the version that this node may sign and has not: the proposed one before any other."""
    proposal = view.proposal
    if proposal is not None and proposal.names_you:
        return None if proposal.signed_by_you else proposal.agreement
    return None if view.signed_by_you or view.over == "removed" else view.agreement


def show_project(store: Store, project: str | None = None) -> ProjectView:
    """Show one project as it stands at the coordinator.

    Raises:
        TacitError: NOT_FOUND, USAGE, or what the connection raises.
    """
    member = load_member(store)
    with connect(store) as session:
        take_in_all(session, store, member)
        project_id = find_project(store, project).project_id
        return refreshed(session, store, member, ask_project(session, project_id))


def list_projects(store: Store) -> tuple[ProjectView, ...]:
    """Show every project whose agreement names this member.

    Raises:
        TacitError: what the connection raises.
    """
    member = load_member(store)
    with connect(store) as session:
        return take_in_all(session, store, member)


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
        shown = read_project(project, member)
    except TacitError:
        return None
    return None if shown.standing == REMOVED else shown.own.agreement.name


def take_in_all(session: Session, store: Store, member: Member) -> tuple[ProjectView, ...]:
    """Take in every project that this node can use; one that it cannot must not hide the others."""
    return tuple(
        refreshed(session, store, member, project)
        for project in fetch_projects(session)
        if read_name(project, member) is not None
    )


def settle_anew(
    session: Session, store: Store, member: Member, project: projects.Project
) -> ProjectView:
    """Exchange keys after something was signed, and give the project as it stands then."""
    settle(session, store, member, project)
    return refreshed(session, store, member, ask_project(session, project.project_id))


def signature(member: Member, agreement: Agreement) -> bytes:
    """Sign an agreement."""
    return member.keys.signing.sign(statements.agreement(agreement.hash))
