"""Bring node and coordinator to the same state: agreements, keys, uploads, results, notices."""

import contextlib
from collections.abc import Callable, Iterable, Mapping

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.schema import parse_schema
from tacit.node.client.retry import CONCERNS_ALL, RetryPolicy
from tacit.node.client.session import Session
from tacit.node.context import (
    BoundProject,
    Member,
    connect,
    find_project,
    load_member,
    signed_project,
)
from tacit.node.cosigning import agree_on_head
from tacit.node.due import due
from tacit.node.duplicates import find_duplicates
from tacit.node.eligible import Selection, select_records
from tacit.node.encode_register import Prepared, prepare_upload
from tacit.node.fetch import RunView, fetch_notices, fetch_results, newest_done_run
from tacit.node.lifecycle import ask_project, end_missing, refreshed, settle
from tacit.node.members import trusted_members
from tacit.node.project_state import ProjectView
from tacit.node.projects import fetch_projects, read_name
from tacit.node.receipts import receipt_records
from tacit.node.store.base import Store
from tacit.node.store.receipts import StoredReceipt
from tacit.node.store.records import count_records
from tacit.node.store.retention import erase_results
from tacit.node.sync_report import ProjectFailure, ProjectSync, SyncReport, UploadReport
from tacit.node.times import shifted, today
from tacit.node.upload import Way, forget_base, must_be_whole, send_upload
from tacit.node.withdrawing import count_forgotten, send_withdrawals, withdraw_gone
from tacit.v1 import projects_pb2 as projects

__all__ = ["Progress", "ProjectFailure", "ProjectSync", "SyncReport", "UploadReport", "sync"]

Progress = Callable[[str, int, int], None]
"""Is told the stage ("compare", "encode", "upload" or "results"), how far it is, and of how much."""

_DAY = 24 * 60 * 60 * 1000


def sync(
    store: Store,
    project: str | None = None,
    progress: Progress = lambda _stage, _done, _total: None,
    policy: RetryPolicy | None = None,
) -> SyncReport:
    """Exchange everything there is to exchange; cut off at any moment, the next call goes on.

    Args:
        store: this node's store.
        project: identifier or name of the only project to look after; None for all.
        progress: is told how far a stage is.
        policy: how patiently to wait for a coordinator that is away.

    What is wrong with one project alone, such as a record that cannot be encoded or an agreement
    that changed, does not keep the others from being synchronised: see `SyncReport.failures`.

    Raises:
        TacitError: what the connection raises; KEY_CHANGED, a member's keys are not those that
            this node knows; NOT_FOUND or USAGE for `project`; PROOF_INVALID
            or LEDGER_FORKED where the coordinator cannot be believed.
    """
    member = load_member(store)
    with connect(store, policy) as session:
        trusted_members(session, store, member)
        offered = list(fetch_projects(session))
        usable = [found for found in offered if read_name(found, member) is not None]
        if project is not None:
            usable = _only(session, store, member, usable, project)
        done, failures = _sync_each(session, store, member, usable, progress)
        heads = agree_on_head(session, store, member)
        ended: tuple[str, ...] = ()
        if project is None:
            # Only now is it sure that the history is the one that this node knows.
            listed = {found.project_id for found in offered}
            ended = end_missing(session, store, member, listed)
        greeting = session.greeting
    named = {found.project_id for found in offered if read_name(found, member) is None}
    return SyncReport(
        member=member.identity.name,
        address=member.identity.address,
        coordinator_version=greeting.software,
        clock_skew=greeting.clock_skew,
        clock_is_off=greeting.clock_is_off,
        projects=done,
        failures=failures,
        unusable=tuple(sorted(named)),
        ended=ended,
        ledger_size=heads.size,
        ledger_agreeing=heads.agreeing,
    )


def _only(
    session: Session, store: Store, member: Member, offered: Iterable[projects.Project], wanted: str
) -> list[projects.Project]:
    """Give the one project that is wanted, which may be new to the store."""
    for found in offered:
        with contextlib.suppress(TacitError):  # told again, and reported, if it is the wanted one
            refreshed(session, store, member, found)
    project_id = find_project(store, wanted).project_id
    return [found for found in offered if found.project_id == project_id]


def _sync_each(
    session: Session,
    store: Store,
    member: Member,
    offered: Iterable[projects.Project],
    progress: Progress,
) -> tuple[tuple[ProjectSync, ...], tuple[ProjectFailure, ...]]:
    done: list[ProjectSync] = []
    failures: list[ProjectFailure] = []
    for found in offered:
        try:
            done.append(_sync_one(session, store, member, found, progress))
        except TacitError as error:
            if error.code in CONCERNS_ALL:
                raise
            name = read_name(found, member) or ""
            failures.append(ProjectFailure(found.project_id, name, error))
    return tuple(done), tuple(failures)


def _sync_one(
    session: Session,
    store: Store,
    member: Member,
    offered: projects.Project,
    progress: Progress,
) -> ProjectSync:
    settled = settle(session, store, member, offered)
    view = settled.view
    waiting_for, names = _obstacle(store, view, keyed=settled.keyed)
    upload = None
    if not waiting_for:
        upload = _upload(session, store, member, view, progress)
    elif view.signed_by_you and view.in_force and not view.over:
        # Whatever else is waited for, nobody's withdrawn consent is.
        _withdraw(session, store, member, signed_project(store, view.project_id))
    run, new_notices = None, 0
    if view.signed_by_you and view.in_force and not view.over:
        run = _results(session, store, view, progress)
        new_notices = _notices(session, store, view)
    view = refreshed(session, store, member, ask_project(session, view.project_id))
    soon = due(view.agreement, view.epoch_ends_at, shifted(session.greeting.clock_skew))
    return ProjectSync(view, upload, waiting_for, names, run, new_notices, soon)


def _obstacle(store: Store, view: ProjectView, *, keyed: bool) -> tuple[str, Mapping[str, object]]:
    """Say what a project waits for, a template of `WAITS` and the values of its places."""
    if view.over:
        expired = view.over == "expired"
        return (
            "a new version: this one has expired" if expired else "a version that names you"
        ), {}
    if not view.signed_by_you:
        version = view.agreement.version
        signature = "your signature on version {version}" if version > 1 else "your signature"
        return signature, {"version": version}
    if not view.in_force:
        return "signatures", {}
    if view.gone:
        return "a new version without {names}", {"names": ", ".join(view.gone)}
    if not keyed:
        return "key", {}
    with store.read() as connection:
        held = count_records(connection)
    # An empty register still replaces an upload that was made before it was emptied.
    uploaded = any(party.you and party.records for party in view.parties)
    return "" if held or uploaded else "records", {}


def _upload(
    session: Session, store: Store, member: Member, view: ProjectView, progress: Progress
) -> UploadReport:
    bound = signed_project(store, view.project_id)
    held = any(party.you and party.uploaded_at is not None for party in view.parties)
    duplicates = find_duplicates(
        store,
        parse_schema(bound.agreement.schema),
        lambda done, total: progress("compare", done, total),
    )
    selection, confirmed = _withdraw(session, store, member, bound)
    forgotten = count_forgotten(session, store, member, bound.id)

    def prepare(*, held: bool) -> Prepared:
        return prepare_upload(
            store,
            bound,
            today(),
            lambda done, total: progress("encode", done, total),
            held=held,
            selection=selection,
        )

    way = Way(session, store, member, bound, lambda done, total: progress("upload", done, total))
    prepared = prepare(held=held)
    upload = prepared.upload
    sent = upload.finished_at is None
    if sent:
        try:
            upload = send_upload(way, upload)
        except TacitError as error:
            if not must_be_whole(upload, error):
                raise
            forget_base(store, upload)
            upload = send_upload(way, prepare(held=False).upload)
    return UploadReport(
        records=prepared.records,
        travelled=upload.expected if sent else 0,
        withdrawn=sum(receipt_records(receipt) for receipt in confirmed),
        forgotten=forgotten,
        withheld=sum(prepared.withheld.values()),
        withheld_reasons={reason.value: count for reason, count in prepared.withheld.items()},
        held_twice=prepared.held_twice,
        suspected=len(duplicates.groups),
        sent=sent,
        ledger_index=upload.ledger_index or 0,
    )


def _withdraw(
    session: Session, store: Store, member: Member, bound: BoundProject
) -> tuple[Selection, list[StoredReceipt]]:
    """Withdraw what may not be in a project any more; gives what may, and the receipts."""
    selection = select_records(store, bound, today())
    withdraw_gone(store, bound.id, selection)
    return selection, send_withdrawals(session, store, member, bound.stored)


def _results(
    session: Session, store: Store, view: ProjectView, progress: Progress
) -> RunView | None:
    bound = signed_project(store, view.project_id)
    # By the coordinator's clock, which dated the runs.
    now = shifted(session.greeting.clock_skew)
    before = now - bound.agreement.retention_days * _DAY
    with store.write() as connection:
        erase_results(connection, bound.id, before)
    run = newest_done_run(session, bound)
    if run is not None and run.ended_at < before:
        # The coordinator is about to erase it.
        return None
    if run is not None:
        total = run.group_count
        fetch_results(session, store, bound, run, lambda n: progress("results", n, total))
    return run


def _notices(session: Session, store: Store, view: ProjectView) -> int:
    try:
        return fetch_notices(session, store, signed_project(store, view.project_id))
    except TacitError as error:
        if error.code is Code.PURPOSE_NOT_AGREED:
            return 0
        raise
