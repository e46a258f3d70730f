"""Propose the next version of a project's agreement, or drop the one that is proposed."""

from collections.abc import Callable
from dataclasses import dataclass

from tacit.linkage.agreement import Agreement
from tacit.linkage.errors import Code, TacitError
from tacit.node.agreement_changes import Change, changes
from tacit.node.agreement_words import safety_number, terms
from tacit.node.agreement_writing import Wishes, next_version
from tacit.node.context import connect, find_project, load_member, refuse_over
from tacit.node.lifecycle import ask_project, refreshed
from tacit.node.members import refuse_unknown_keys, trusted_members
from tacit.node.project_state import ProjectView, end_project
from tacit.node.projects import read_name, settle_anew, signature, take_in_all
from tacit.node.store.base import Store
from tacit.v1 import projects_pb2 as projects


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that was written and not proposed yet.

    Attributes:
        project: as it stands.
        agreement: the version.
        safety_number: what members would compare once it is in force.
        changes: what it changes, in English.
        changes_ko: the same in Korean.
        terms: the whole of it in plain English sentences.
        terms_ko: the same in Korean.
    """

    project: ProjectView
    agreement: Agreement
    safety_number: str
    changes: tuple[Change, ...]
    changes_ko: tuple[Change, ...]
    terms: tuple[str, ...]
    terms_ko: tuple[str, ...]


def propose_version(
    store: Store, project: str | None, wishes: Wishes, confirm: Callable[[Draft], bool]
) -> ProjectView:
    """Write the next version, sign it, and seal its linkage key to every other member.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        wishes: what is to change.
        confirm: is shown what would change and says whether to propose it.

    Returns:
        The project; its `proposal` is what was proposed, unless it is in force already.

    Raises:
        TacitError: PROPOSAL_OPEN; NOT_NAMED; NOT_FOUND, USAGE or BAD_AGREEMENT for what is
            wished; MEMBER_GONE; KEY_CHANGED; or what the connection raises.
    """
    member = load_member(store)
    with connect(store) as session:
        take_in_all(session, store, member)
        stored = find_project(store, project)
        if stored.over == "removed":
            refuse_over(stored)
        view = refreshed(session, store, member, ask_project(session, stored.project_id))
        if view.proposal is not None:
            raise TacitError(Code.PROPOSAL_OPEN, version=view.proposal.version)
        known = trusted_members(session, store, member)
        agreement = next_version(view.agreement, view.epoch, wishes, known)
        gone = [p.name for p in view.parties if p.gone and agreement.party(p.member_id)]
        if gone:
            raise TacitError(Code.MEMBER_GONE, names=", ".join(gone))
        refuse_unknown_keys(known, agreement)
        if not confirm(_draft(view, agreement)):
            return view
        request = projects.ProposeVersionRequest(
            project_id=view.project_id,
            agreement_hash=view.agreement.hash,
            agreement=agreement.encode(),
            signature=signature(member, agreement),
        )
        proposed = session.ask(session.projects.ProposeVersion, request).project
        return settle_anew(session, store, member, proposed)


def drop_proposal(
    store: Store, project: str | None, confirm: Callable[[ProjectView], bool]
) -> ProjectView:
    """Drop the version that is proposed: take it back, or decline it.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        confirm: is shown the project and says whether to drop its `proposal`.

    Returns:
        The project; for a node that only the proposal named, as it stood before.

    Raises:
        TacitError: NOT_FOUND, there is no proposal or project; USAGE; or what the connection
            raises.
    """
    member = load_member(store)
    with connect(store) as session:
        take_in_all(session, store, member)
        project_id = find_project(store, project).project_id
        view = refreshed(session, store, member, ask_project(session, project_id))
        if view.proposal is None:
            raise TacitError(Code.NOT_FOUND, what="proposed version of this agreement")
        if not confirm(view):
            return view
        request = projects.DropProposalRequest(
            project_id=project_id, agreement_hash=view.proposal.agreement.hash
        )
        dropped = session.ask(session.projects.DropProposal, request).project
    if read_name(dropped, member) is not None:
        return refreshed(session, store, member, dropped)
    # Only the proposal named this node.
    end_project(store, find_project(store, project_id), over="removed")
    return view


def _draft(view: ProjectView, agreement: Agreement) -> Draft:
    before = view.agreement
    return Draft(
        view,
        agreement,
        safety_number(agreement.hash),
        changes(before, agreement),
        changes(before, agreement, "ko"),
        terms(agreement),
        terms(agreement, "ko"),
    )
