"""Start a linkage run, follow it to its end, and fetch what it found for this member."""

from collections.abc import Callable

from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import RetryPolicy, is_transient, pause
from tacit.node.client.session import Session
from tacit.node.context import BoundProject, connect, signed_project
from tacit.node.fetch import RunView, fetch_results, run_view
from tacit.node.ledger_proofs import refresh_head
from tacit.node.store.base import Store
from tacit.v1 import runs_pb2 as runs

WATCH = 60.0
"""Seconds after which a silent stream is opened anew."""

Progress = Callable[[RunView], None]
"""Is told of each change of the run."""


def link(
    store: Store,
    project: str | None,
    progress: Progress,
    policy: RetryPolicy | None = None,
) -> RunView:
    """Link a project's current uploads, or join the run that links them already.

    Interrupted and called again it follows the same run: the same uploads give the same run.

    Args:
        store: this node's store.
        project: identifier or name; None where there is only one.
        progress: is told of each change.
        policy: how patiently to wait for a coordinator that is away.

    Raises:
        TacitError: NOT_IN_FORCE, NOTHING_TO_LINK, RUN_FAILED, or what the connection raises.
    """
    bound = signed_project(store, project)
    with connect(store, policy) as session:
        request = runs.StartRunRequest(project_id=bound.id, agreement_hash=bound.agreement_hash)
        started = session.ask(session.runs.StartRun, request).run
        bound.require_own(started.agreement_hash)
        run = watch_run(session, bound, started.run_id, progress)
        if run.state == "failed":
            raise TacitError(Code.RUN_FAILED, f"run {run.run_id}: {run.failure}")
        if run.state == "done":
            fetch_results(session, store, bound, run, lambda _: None)
        refresh_head(session, store)
    return run


def watch_run(session: Session, project: BoundProject, run_id: str, progress: Progress) -> RunView:
    """Follow a run until it has ended, through restarts of the coordinator.

    Raises:
        TacitError: UNAVAILABLE once the coordinator has been silent for longer than patience.
    """
    request = runs.WatchRunRequest(project_id=project.id, run_id=run_id)
    waits = session.policy.waits()
    while True:
        try:
            for answer in session.stream(session.runs.WatchRun, request, WATCH):
                project.require_own(answer.run.agreement_hash)
                run = run_view(answer.run)
                progress(run)
                if run.ended:
                    return run
                waits = session.policy.waits()
            # The coordinator has no stream to spare, or is about to stop.
            session.policy.sleep(min(1.0, session.policy.cap))
        except TacitError as error:
            if not is_transient(error):
                raise
            wait = next(waits, None)
            if wait is None:
                raise
            pause(session.policy, wait, error)
