"""Holding a call against the project it names: who the caller is in it, and what is in force."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from tacit.coordinator.documents import agreement_of
from tacit.coordinator.policy import Caller, Rule
from tacit.coordinator.proposals import named_proposal, open_now
from tacit.coordinator.store.access import owns_upload, run_state
from tacit.coordinator.store.epochs import was_member
from tacit.coordinator.store.members import Member
from tacit.coordinator.store.projects import (
    Project,
    find_project,
    gone_members,
    read_project,
)
from tacit.coordinator.store.runs import ERASED
from tacit.coordinator.store.versions import find_version
from tacit.linkage.agreement import Agreement
from tacit.linkage.agreement_versions import epoch_ends_at, has_expired
from tacit.linkage.errors import Code, TacitError


@dataclass(frozen=True, slots=True)
class _Named:
    """The version whose hash a message carries, at a time in milliseconds."""

    agreement_hash: bytes
    at: int


def admit_to_project(
    connection: Connection, rule: Rule, member: Member, message: Any, at: int
) -> tuple[Project, Agreement]:
    """Give the project that a message names, and its agreement of today.

    Args:
        connection: a transaction.
        rule: of the RPC.
        member: who calls.
        message: the request, or the first one of a stream.
        at: the time, milliseconds.

    Raises:
        TacitError: whatever the caller or the project lacks. What is not the caller's does not
            exist for it.
    """
    project = _found(connection, rule.caller, member, message.project_id, at)
    agreement = agreement_of(project.agreement)
    if rule.bound and message.agreement_hash != project.agreement_hash:
        raise TacitError(Code.AGREEMENT_STALE)
    if rule.either or rule.proposed:
        named = _Named(message.agreement_hash, at)
        _require_version(connection, rule, member, project, named)
    if rule.in_force:
        require_in_force(project, agreement, at)
    if rule.complete:
        require_complete(connection, project)
    if rule.epoch:
        require_epoch(connection, project, agreement, at)
    if rule.purpose is not None and rule.purpose not in agreement.purposes:
        raise TacitError(Code.PURPOSE_NOT_AGREED, purpose=rule.purpose.value)
    if rule.own_upload and not owns_upload(connection, message.upload_id, project.id, member.id):
        raise TacitError(Code.NOT_FOUND, what="upload")
    if rule.run:
        _require_run(connection, message.run_id, project, agreement)
    return project, agreement


def require_in_force(project: Project, agreement: Agreement, at: int) -> None:
    """Let nothing flow before all have signed, nor after the agreement's last day.

    Raises:
        TacitError: NOT_IN_FORCE or AGREEMENT_EXPIRED.
    """
    if not project.in_force:
        raise TacitError(Code.NOT_IN_FORCE)
    if has_expired(agreement, at):
        raise TacitError(Code.AGREEMENT_EXPIRED, day=agreement.expires_on)


def require_complete(connection: Connection, project: Project) -> None:
    """Let nothing new begin while the agreement names somebody who has left the coalition.

    Raises:
        TacitError: MEMBER_GONE.
    """
    gone = gone_members(connection, project.id)
    if gone:
        raise TacitError(Code.MEMBER_GONE, names=", ".join(name for _, name in gone))


def require_epoch(connection: Connection, project: Project, agreement: Agreement, at: int) -> None:
    """Let nothing more be encoded with a linkage key that is due to be replaced.

    While a version is proposed, which would bring a key of its own, the old one goes on.

    Raises:
        TacitError: EPOCH_ENDED.
    """
    end = epoch_ends_at(agreement, project.epoch_started_at)
    if end and at >= end and open_now(connection, project.id, at) is None:
        raise TacitError(Code.EPOCH_ENDED, epoch=project.epoch)


def _found(
    connection: Connection, caller: Caller, member: Member, project_id: str, at: int
) -> Project:
    project = find_project(connection, project_id, member.id)
    if project is None and caller is Caller.NAMED:
        named = named_proposal(connection, project_id, member.id, at)
        project = None if named is None else read_project(connection, project_id)
    if project is None and caller is Caller.ONCE and was_member(connection, project_id, member.id):
        project = read_project(connection, project_id)
    if project is None:
        raise TacitError(Code.NOT_FOUND, what="project")
    return project


def _require_version(
    connection: Connection, rule: Rule, member: Member, project: Project, named: _Named
) -> None:
    """Hold the hash that a message carries against the version in force and the proposed one."""
    proposal = open_now(connection, project.id, named.at)
    if proposal is not None and proposal.agreement_hash == named.agreement_hash:
        terms, proposer = proposal.terms, proposal.proposer_id
    elif rule.proposed or named.agreement_hash != project.agreement_hash:
        raise TacitError(Code.AGREEMENT_STALE)
    else:
        terms, proposer = agreement_of(project.agreement), _proposer(connection, project)
    if rule.either and terms.party(member.id) is None:
        raise TacitError(Code.FORBIDDEN, "this version does not name the caller")
    if rule.proposer and proposer != member.id:
        raise TacitError(Code.FORBIDDEN, "not who proposed this version")


def _proposer(connection: Connection, project: Project) -> str:
    version = find_version(connection, project.agreement_hash)
    return project.creator_id if version is None else version.proposer_id


def _require_run(
    connection: Connection, run_id: str, project: Project, agreement: Agreement
) -> None:
    state = run_state(connection, run_id, project.id)
    if state == ERASED:
        what = f"run any more: results are erased after {agreement.retention_days} days, as agreed"
        raise TacitError(Code.NOT_FOUND, what=what)
    if state is None:
        raise TacitError(Code.NOT_FOUND, what="run")
