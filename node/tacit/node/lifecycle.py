"""Bring a project's agreement and linkage key to where they should be today.

Whatever is cut off on the way is done by the next call.
"""

from dataclasses import dataclass

from tacit.linkage.agreement import parse_agreement
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.session import Session
from tacit.node.context import Member
from tacit.node.going_on import went_on_without
from tacit.node.key_destruction import report_destroyed
from tacit.node.key_exchange import Lock, exchange_key, lock_of, make_next_key
from tacit.node.project_state import ProjectView, end_project, take_in
from tacit.node.shown_project import INVITED, read_project, unsigned
from tacit.node.store.base import Store
from tacit.node.store.projects import list_projects
from tacit.node.times import shifted
from tacit.v1 import projects_pb2 as projects

# Another node was quicker, or a version was proposed meanwhile: there is nothing left to do.
_OVERTAKEN = frozenset({Code.EPOCH_RUNNING, Code.PROPOSAL_OPEN, Code.AGREEMENT_STALE})


@dataclass(frozen=True, slots=True)
class Settled:
    """A project after its agreement and key were looked after.

    Attributes:
        view: as it stands.
        keyed: whether today's linkage key is here.
    """

    view: ProjectView
    keyed: bool


def settle(session: Session, store: Store, member: Member, offered: projects.Project) -> Settled:
    """Take in what the coordinator shows, get the keys that it needs, and give up those it had.

    Raises:
        TacitError: what `take_in` and `exchange_key` raise, or what calls raise.
    """
    view = refreshed(session, store, member, offered)
    if view.over != "removed":
        if not view.over:
            offered = _begin_epoch_if_due(session, store, member, offered)
        _exchange(session, store, member, offered, proposal_only=bool(view.over))
        # Now that today's key is here, earlier ones go.
        view = refreshed(session, store, member, offered)
    report_destroyed(session, store, member, offered.project_id)
    return Settled(view, view.key_state == "held")


def refreshed(
    session: Session, store: Store, member: Member, project: projects.Project
) -> ProjectView:
    """Take in what the coordinator shows, at the time by its own clock.

    Raises:
        TacitError: what `take_in` raises.
    """
    return take_in(store, member, project, shifted(session.greeting.clock_skew))


def ask_project(session: Session, project_id: str) -> projects.Project:
    """Ask the coordinator for one project."""
    request = projects.GetProjectRequest(project_id=project_id)
    return session.ask(session.projects.GetProject, request).project


def end_missing(
    session: Session, store: Store, member: Member, offered: set[str]
) -> tuple[str, ...]:
    """End the projects that the coordinator lists for this node no longer.

    One that was in force ends only if the ledger shows that the others went on without this node.

    Returns:
        The names of projects that have ended since the last time.

    Raises:
        TacitError: UNSIGNED_AGREEMENT, the ledger does not show it; PROOF_INVALID; or what calls
            raise.
    """
    with store.read() as connection:
        known = list_projects(connection)
    ended = []
    for project in known:
        if project.project_id in offered:
            continue
        if project.over != "removed":
            name = parse_agreement(project.agreement).name
            if project.in_force and not went_on_without(session, store, member, project):
                raise unsigned(f"it lists '{name}' no longer, and the ledger does not show why")
            end_project(store, project, over="removed")
            ended.append(name)
        report_destroyed(session, store, member, project.project_id)
    return tuple(ended)


def _begin_epoch_if_due(
    session: Session, store: Store, member: Member, offered: projects.Project
) -> projects.Project:
    shown = read_project(offered, member)
    agreement = shown.current.agreement
    now = shifted(session.greeting.clock_skew)
    if (
        shown.standing == INVITED
        or not shown.current.all_signed
        or not 0 < offered.epoch_ends_at <= now
        or offered.HasField("proposal")
        or offered.gone_member_ids
    ):
        return offered
    lock = Lock(offered.project_id, agreement, shown.epoch + 1, "", frozenset())
    request = projects.StartEpochRequest(
        project_id=offered.project_id,
        agreement_hash=agreement.hash,
        epoch=lock.epoch,
        keys=make_next_key(store, member, lock),
    )
    try:
        return session.ask(session.projects.StartEpoch, request).project
    except TacitError as error:
        if error.code not in _OVERTAKEN:
            raise
    return ask_project(session, offered.project_id)


def _exchange(
    session: Session,
    store: Store,
    member: Member,
    offered: projects.Project,
    *,
    proposal_only: bool,
) -> None:
    shown = read_project(offered, member)
    wanted = (shown.proposal,) if proposal_only else (shown.current, shown.proposal)
    for version in wanted:
        if version is None or member.member_id not in version.signed:
            continue
        try:
            exchange_key(session, store, member, lock_of(shown, version))
        except TacitError as error:
            # Dropped or replaced since it was shown.
            if error.code is not Code.AGREEMENT_STALE:
                raise
