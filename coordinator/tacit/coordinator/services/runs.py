"""RunsService: starting, following and cancelling runs, and what a member sees of their results."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import grpc
from sqlalchemy import Connection

from tacit.coordinator.backend import Backend, Component
from tacit.coordinator.changes import Changes
from tacit.coordinator.decisions import constraints_for
from tacit.coordinator.documents import schema_of
from tacit.coordinator.epochs import current, same_epoch
from tacit.coordinator.execution import Manner
from tacit.coordinator.policy import Call, call_of
from tacit.coordinator.results import revision, shown_purposes, visible_groups
from tacit.coordinator.runs import RunWorker
from tacit.coordinator.services.pages import in_pages
from tacit.coordinator.sketches import keep_sketches
from tacit.coordinator.store import runs
from tacit.coordinator.store.decisions import newest_entry, put_constraints
from tacit.coordinator.store.groups import count_groups_shown
from tacit.coordinator.store.sets import any_allowed
from tacit.coordinator.store.uploads import current_uploads
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import runs_pb2, runs_pb2_grpc

MAX_WATCHERS = 24
"""Streams that may wait at one time, so that other calls always find a thread."""

_MIN_MEMBERS = 2
_TICK_SECONDS = 0.5
_TICKS_UNSEEN = 4
_PACE_SECONDS = 1.0
_SLOWER_SECONDS = 0.01

_STATES = {
    runs.QUEUED: runs_pb2.RUN_STATE_QUEUED,
    runs.COMPARING: runs_pb2.RUN_STATE_COMPARING,
    runs.SOLVING: runs_pb2.RUN_STATE_SOLVING,
    runs.DONE: runs_pb2.RUN_STATE_DONE,
    runs.FAILED: runs_pb2.RUN_STATE_FAILED,
    runs.CANCELLED: runs_pb2.RUN_STATE_CANCELLED,
}


def component(backend: Backend) -> Component:
    """Make the runs service and the worker that executes runs."""
    changes = Changes()
    worker = RunWorker(backend, changes, Manner(backend.engine))
    service = RunsService(backend, changes, worker)
    return Component(
        lambda server: runs_pb2_grpc.add_RunsServiceServicer_to_server(service, server), worker
    )


class RunsService(runs_pb2_grpc.RunsServiceServicer):
    """Serves `RunsService`."""

    def __init__(self, backend: Backend, changes: Changes, worker: RunWorker) -> None:
        self._backend = backend
        self._changes = changes
        self._worker = worker
        self._watchers = threading.BoundedSemaphore(MAX_WATCHERS)

    def StartRun(  # noqa: N802
        self, request: runs_pb2.StartRunRequest, context: grpc.ServicerContext
    ) -> runs_pb2.StartRunResponse:
        """Queue a run over the current uploads, or give the one there is."""
        del request
        call = call_of(context)
        with self._backend.store.write() as connection:
            same_epoch(connection, call, self._backend.now())
            run = self._queue(connection, call)
        self._changes.announce(run.id)
        self._worker.wake()
        return runs_pb2.StartRunResponse(run=self._message(call, run.id))

    def GetRun(  # noqa: N802
        self, request: runs_pb2.GetRunRequest, context: grpc.ServicerContext
    ) -> runs_pb2.GetRunResponse:
        """Give one run."""
        return runs_pb2.GetRunResponse(run=self._message(call_of(context), request.run_id))

    def ListRuns(  # noqa: N802
        self, request: runs_pb2.ListRunsRequest, context: grpc.ServicerContext
    ) -> runs_pb2.ListRunsResponse:
        """Give the project's runs, oldest first."""
        del request
        call = call_of(context)
        with self._backend.store.read() as connection:
            found = runs.of_project(connection, call.project.id)
            day = self._backend.day
            messages = [_run_message(connection, run, call, day) for run in found]
        return runs_pb2.ListRunsResponse(runs=messages)

    def WatchRun(  # noqa: N802
        self, request: runs_pb2.WatchRunRequest, context: grpc.ServicerContext
    ) -> Iterator[runs_pb2.WatchRunResponse]:
        """Follow a run; where too many streams wait already, give its state and end."""
        call = call_of(context)
        seen, ticks, told = self._changes.seen(request.run_id), 0, 0
        message = self._message(call, request.run_id)
        yield runs_pb2.WatchRunResponse(run=message)
        if not _live(message) or not self._watchers.acquire(blocking=False):
            return
        try:
            while _live(message) and context.is_active() and not self._over(call):
                changed = self._changes.wait(request.run_id, seen, _TICK_SECONDS)
                ticks += 1
                # That an epoch ended, or the keeper shut a member out, is announced to nobody.
                if changed != seen or ticks % _TICKS_UNSEEN == 0:
                    before, message = message, self._message(call, request.run_id)
                    if changed != seen or message != before:
                        yield runs_pb2.WatchRunResponse(run=message)
                        told += 1
                        # Thirty who are told each of a long run's steps slow it down by half.
                        call.ended.wait(min(_PACE_SECONDS, told * _SLOWER_SECONDS))
                    seen = changed
        finally:
            self._watchers.release()

    def GetResults(  # noqa: N802
        self, request: runs_pb2.GetResultsRequest, context: grpc.ServicerContext
    ) -> Iterator[runs_pb2.GetResultsResponse]:
        """Give the caller's groups in order of their numbers, a page at a time."""
        call = call_of(context)
        with self._backend.store.read() as connection:
            run = require_done(connection, request.run_id)
        groups = visible_groups(
            self._backend.store,
            run,
            call.agreement,
            call.member.id,
            after=request.after_group_id,
            day=self._backend.day,
        )
        for page in in_pages(groups):
            yield runs_pb2.GetResultsResponse(groups=page, agreement_hash=run.agreement_hash)

    def PutSketches(  # noqa: N802
        self, request: runs_pb2.PutSketchesRequest, context: grpc.ServicerContext
    ) -> runs_pb2.PutSketchesResponse:
        """Keep sketches of the caller's own records in the run's groups."""
        call = call_of(context)
        schema = schema_of(call.agreement.schema)
        with self._backend.store.write() as connection:
            current(connection, call, self._backend.now())
            require_done(connection, request.run_id)
            if not call.agreement.reasons:
                raise TacitError(Code.PURPOSE_NOT_AGREED, purpose="reasons")
            keep_sketches(
                connection,
                request.run_id,
                call.member.id,
                schema,
                request.sketches,
                day=self._backend.day,
            )
        return runs_pb2.PutSketchesResponse()

    def CancelRun(  # noqa: N802
        self, request: runs_pb2.CancelRunRequest, context: grpc.ServicerContext
    ) -> runs_pb2.CancelRunResponse:
        """Cancel a run that has not ended; one that has ended stays as it is."""
        call = call_of(context)
        with self._backend.store.write() as connection:
            runs.end(connection, request.run_id, runs.CANCELLED, self._backend.now())
        self._changes.announce(request.run_id)
        return runs_pb2.CancelRunResponse(run=self._message(call, request.run_id))

    def _over(self, call: Call) -> bool:
        return self._backend.stopping.is_set() or call.ended.is_set()

    def _queue(self, connection: Connection, call: Call) -> runs.Run:
        inputs = [
            runs.Input(upload.id, upload.member_id, upload.withdrawn)
            for upload in current_uploads(connection, call.project.id)
            if any_allowed(connection, upload.id, call.agreement.purposes, self._backend.day)
        ]
        if len(inputs) < _MIN_MEMBERS:
            raise TacitError(Code.NOTHING_TO_LINK)
        known = constraints_for(connection, call.project.id, inputs, call.agreement)
        newest = newest_entry(connection, call.project.id)
        digest = runs.inputs_hash(call.project.agreement_hash, inputs, newest)
        found = runs.find_by_inputs(connection, call.project.id, digest)
        if found is not None:
            if found.state in {runs.FAILED, runs.CANCELLED}:
                runs.requeue(connection, found.id)
                put_constraints(connection, found.id, known)
            return found
        run = runs.Run(
            id=uuid4().hex,
            project_id=call.project.id,
            agreement_hash=call.project.agreement_hash,
            inputs_hash=digest,
            created_at=self._backend.now(),
        )
        runs.add(connection, run, inputs)
        put_constraints(connection, run.id, known)
        return run

    def _message(self, call: Call, run_id: str) -> runs_pb2.Run:
        with self._backend.store.read() as connection:
            run = runs.find(connection, run_id)
            if run is None:
                raise TacitError(Code.NOT_FOUND, what="run")
            return _run_message(connection, run, call, self._backend.day)


def require_done(connection: Connection, run_id: str) -> runs.Run:
    """Give a run that has results.

    Raises:
        TacitError: NOT_FOUND; RUN_FAILED, it failed; RUN_NOT_DONE, it is under way or cancelled.
    """
    run = runs.find(connection, run_id)
    if run is None:
        raise TacitError(Code.NOT_FOUND, what="run")
    if run.state == runs.FAILED:
        raise TacitError(Code.RUN_FAILED, run.failure or "")
    if run.state != runs.DONE:
        raise TacitError(Code.RUN_NOT_DONE)
    return run


def _run_message(connection: Connection, run: runs.Run, call: Call, day: int) -> runs_pb2.Run:
    """Show a run to a member: of the groups only the number of its own."""
    groups = added = 0
    if run.state == runs.DONE:
        added = revision(connection, run, call.member.id, day)
        shown = shown_purposes(call.agreement)
        groups = count_groups_shown(connection, run.id, call.member.id, shown, day)
    return runs_pb2.Run(
        run_id=run.id,
        project_id=run.project_id,
        agreement_hash=run.agreement_hash,
        state=_STATES[run.state],
        pairs_done=run.pairs_done,
        pairs_total=run.pairs_total,
        created_at=run.created_at,
        ended_at=run.ended_at or 0,
        threshold=run.threshold or 0,
        group_count=groups,
        failure=run.failure or "",
        estimated_precision=run.estimated_precision or 0,
        estimated_recall=run.estimated_recall or 0,
        resumptions=run.resumptions,
        revision=added,
    )


def _live(message: runs_pb2.Run) -> bool:
    return message.state in {_STATES[state] for state in runs.LIVE}
