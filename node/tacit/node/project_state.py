"""Projects as the coordinator shows them, taken in only as far as signatures bear them out."""

from dataclasses import replace

from sqlalchemy import Connection

from tacit.linkage.agreement import Agreement
from tacit.linkage.agreement_versions import has_expired
from tacit.linkage.errors import Code, TacitError
from tacit.node.context import Member
from tacit.node.key_destruction import destroy_useless
from tacit.node.project_views import Held, PartyView, ProjectView, ProposalView, project_view
from tacit.node.shown_project import (
    INVITED,
    REMOVED,
    ShownProject,
    read_project,
    refuse_break,
)
from tacit.node.store.agreements import (
    StoredVersion,
    drop_proposals,
    get_version,
    list_versions,
    put_version,
)
from tacit.node.store.base import Store
from tacit.node.store.projects import (
    StoredProject,
    get_linkage_key,
    get_project,
    put_project,
)
from tacit.node.store.retention import erase_all_results
from tacit.node.store.uploads import drop_old_upload_records
from tacit.node.times import now_ms
from tacit.v1 import projects_pb2 as projects

__all__ = ["PartyView", "ProjectView", "ProposalView", "end_project", "take_in"]


def take_in(
    store: Store, member: Member, project: projects.Project, now: int | None = None
) -> ProjectView:
    """Keep what the coordinator says of a project, where it can be believed.

    This node has signed where its own signature stands under the agreement: nobody else can have
    made it. So a creation or signature whose answer was lost is taken up here. Where a new version
    is in force, what was found under the one before is erased.

    Args:
        store: this node's store.
        member: who this node is.
        project: what the coordinator shows.
        now: milliseconds, by the coordinator's clock; by this machine's if left out.

    Raises:
        TacitError: BAD_AGREEMENT; SIGNATURE_INVALID or UNSIGNED_AGREEMENT where the project's
            agreement is another than before and does not continue it.
    """
    shown = read_project(project, member)
    with store.write() as connection:
        known = get_project(connection, project.project_id)
        refuse_break(shown, list_versions(connection, project.project_id))
        if shown.standing == REMOVED and known is None:
            raise TacitError(Code.BAD_AGREEMENT, problem="it does not name this member")
        stored = _stored(shown, member, known, now_ms() if now is None else now)
        put_project(connection, stored)
        _keep_versions(connection, shown, member)
        erased = _erase(connection, known, stored)
        held = _held(connection, stored)
    if erased:
        store.fold_log()
    return project_view(shown, member, held)


def end_project(store: Store, project: StoredProject, *, over: str) -> None:
    """Note that a project goes on without this node, and erase what it has no use for any more.

    Args:
        store: this node's store.
        project: which.
        over: "removed", the coordinator lists it no longer; or "left", nor does any other.
    """
    stored = replace(project, over=over, proposal_hash=None, updated_at=now_ms())
    with store.write() as connection:
        put_project(connection, stored)
        drop_proposals(connection, stored.project_id, keep=())
        erased = _erase(connection, project, stored)
    if erased:
        store.fold_log()


def _stored(
    shown: ShownProject, member: Member, known: StoredProject | None, at: int
) -> StoredProject:
    if shown.standing == REMOVED and known is not None:
        # The last version that named this node stays, to tell what it was.
        return replace(known, over="removed", proposal_hash=None, updated_at=now_ms())
    own = shown.own
    invited = shown.standing == INVITED
    return StoredProject(
        project_id=shown.message.project_id,
        agreement=own.document,
        agreement_hash=own.agreement.hash,
        creator_id=shown.message.creator_id,
        in_force=own.all_signed and not invited,
        signed_at=own.signed.get(member.member_id),
        updated_at=now_ms(),
        epoch=own.agreement.epoch if invited else shown.epoch,
        epoch_ends_at=0 if invited else shown.message.epoch_ends_at,
        proposal_hash=shown.proposal.agreement.hash if shown.proposal else None,
        gone=" ".join(shown.message.gone_member_ids),
        over="expired" if has_expired(own.agreement, at) else "",
    )


def _keep_versions(connection: Connection, shown: ShownProject, member: Member) -> None:
    project_id = shown.message.project_id
    for agreement in shown.chain[:-1]:
        # That they were in force is the word of those who signed the next one.
        _keep_version(connection, project_id, agreement, None, in_force=True)
    for version in (shown.current, shown.proposal):
        if version is not None:
            signed_at = version.signed.get(member.member_id)
            in_force = version is shown.current and version.all_signed
            _keep_version(connection, project_id, version.agreement, signed_at, in_force=in_force)
    open_now = [shown.proposal.agreement.hash] if shown.proposal else []
    drop_proposals(connection, project_id, [*open_now, shown.current.agreement.hash])


def _keep_version(
    connection: Connection,
    project_id: str,
    agreement: Agreement,
    signed_at: int | None,
    *,
    in_force: bool,
) -> None:
    before = get_version(connection, project_id, agreement.hash)
    kept = before or StoredVersion(
        project_id, agreement.hash, agreement.version, agreement.encode()
    )
    changed = replace(
        kept,
        signed_at=kept.signed_at if signed_at is None else signed_at,
        in_force_at=(kept.in_force_at or now_ms()) if in_force else kept.in_force_at,
    )
    if changed != before:
        put_version(connection, changed)


def _erase(connection: Connection, known: StoredProject | None, stored: StoredProject) -> bool:
    """Erase what the project as it stands now leaves no use for; says whether a key was."""
    replaced = known is not None and known.agreement_hash != stored.agreement_hash
    if stored.over or replaced:
        erase_all_results(connection, stored.project_id)
    epoch = stored.epoch + 1 if stored.over else stored.epoch
    drop_old_upload_records(connection, stored.project_id, epoch)
    return destroy_useless(connection, stored)


def _held(connection: Connection, stored: StoredProject) -> Held:
    project_id, agreement_hash = stored.project_id, stored.agreement_hash
    key = get_linkage_key(connection, project_id, stored.epoch, agreement_hash)
    version = get_version(connection, project_id, agreement_hash)
    confirmed = version is not None and version.confirmed_at is not None
    return Held(key is not None, confirmed, stored.over)
