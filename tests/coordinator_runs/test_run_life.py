"""Runs that fail, are cancelled or watched by many."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from coalition import CallError, Members, Project
from linking import Register, Seat, seen, truth
from tacit.coordinator import execution
from tacit.coordinator.engine.serial import SerialEngine
from tacit.coordinator.services.runs import MAX_WATCHERS
from tacit.linkage import merkle, statements
from tacit.linkage.link import Task
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel
from tacit.v1 import decisions_pb2, encodings_pb2, runs_pb2


class HeldEngine:
    """Compares one task after the other, each only once it is let go."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.at_work = threading.Event()

    def run(
        self,
        tasks: Sequence[Task],
        sets: Sequence[EncodedSet],
        model: ScoreModel,
        on_done: Callable[[Task, bytes], None],
        cancelled: Callable[[], bool],
    ) -> None:
        for task in tasks:
            self.at_work.set()
            while not cancelled() and not self.go.acquire(timeout=0.05):
                pass
            SerialEngine().run([task], sets, model, on_done, cancelled)
            if cancelled():
                return


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldEngine]:
    engine = HeldEngine()
    monkeypatch.setattr(execution, "choose_engine", lambda *_: engine)
    yield engine
    engine.go.release(100)


@pytest.fixture
def pair(project: Any, members: Members) -> tuple[Seat, tuple[Register, ...]]:
    agreed: Project = project()
    registers = tuple(
        Register(node, span)
        for node, span in (
            (members.north, range(20)),
            (members.south, range(10, 30)),
            (members.east, range(15, 35)),
        )
    )
    for register in registers:
        register.upload(agreed)
    return Seat(members.north, agreed), registers


def watch(seat: Seat, run_id: str) -> Any:
    request = runs_pb2.WatchRunRequest(project_id=seat.project.id, run_id=run_id)
    return seat.node.stubs.runs.WatchRun(request)


def cancel(seat: Seat, run_id: str) -> runs_pb2.Run:
    request = runs_pb2.CancelRunRequest(project_id=seat.project.id, run_id=run_id)
    return seat.node.stubs.runs.CancelRun(request).run


Pair = tuple[Seat, tuple[Register, ...]]


def test_failed_run_says_why_and_can_be_started_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat, registers = pair

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(execution, "solve", broken)
        run = seat.link()
    assert (run.state, run.failure) == (runs_pb2.RUN_STATE_FAILED, "INTERNAL")
    with pytest.raises(CallError) as failure:
        seat.results(run.run_id)
    assert failure.value.reason == "RUN_FAILED"
    again = seat.link()
    assert again.run_id == run.run_id
    assert (again.state, again.failure) == (runs_pb2.RUN_STATE_DONE, "")
    own = {group for group in truth(registers) if any(name == "North" for name, _ in group)}
    assert seen(seat.results(run.run_id), registers) == own


def test_cancelled_run_stops_and_can_be_started_again(pair: Pair, held: HeldEngine) -> None:
    seat, _ = pair
    run_id = seat.start().run_id
    assert held.at_work.wait(60)
    stubs, named = seat.node.stubs, {**seat.names, "run_id": run_id}
    for call in (
        lambda: seat.results(run_id),
        lambda: seat.claims(run_id),
        lambda: seat.count(run_id),
        lambda: stubs.runs.PutSketches(runs_pb2.PutSketchesRequest(**named)),
        lambda: stubs.decisions.Decide(decisions_pb2.DecideRequest(**named)),
    ):
        with pytest.raises(CallError) as failure:
            call()
        assert failure.value.reason == "RUN_NOT_DONE"
    assert cancel(seat, run_id).state == runs_pb2.RUN_STATE_CANCELLED
    held.go.release(100)
    assert [run.state for run in seat.watch(run_id)] == [runs_pb2.RUN_STATE_CANCELLED]
    again = seat.link()
    assert (again.run_id, again.state) == (run_id, runs_pb2.RUN_STATE_DONE)
    assert again.pairs_done == again.pairs_total
    # What has ended cannot be cancelled.
    assert cancel(seat, run_id).state == runs_pb2.RUN_STATE_DONE


def test_watching_shows_each_finished_task(pair: Pair, held: HeldEngine) -> None:
    seat, _ = pair
    stream = watch(seat, seat.start().run_id)
    assert held.at_work.wait(60)
    done = [0]
    for message in stream:
        if message.run.pairs_done > done[-1]:
            done.append(message.run.pairs_done)
        if message.run.state == runs_pb2.RUN_STATE_COMPARING:
            held.go.release()
    assert done == [0, 400, 800, 1200]


def test_watchers_leave_room_for_other_calls(pair: Pair, held: HeldEngine) -> None:
    seat, registers = pair
    run_id = seat.start().run_id
    assert held.at_work.wait(60)
    seats = [Seat(register.node, seat.project) for register in registers]
    streams = [watch(seats[i % len(seats)], run_id) for i in range(MAX_WATCHERS)]
    for stream in streams:
        assert next(stream).run.state == runs_pb2.RUN_STATE_COMPARING
    # One more gets the state and is asked to come back.
    assert len(seat.watch(run_id)) == 1
    assert seat.get(run_id).state == runs_pb2.RUN_STATE_COMPARING
    for stream in streams:
        stream.cancel()
    held.go.release(100)
    assert seat.link().state == runs_pb2.RUN_STATE_DONE


def test_a_run_under_way_begins_anew_without_what_is_withdrawn(
    pair: Pair, held: HeldEngine
) -> None:
    seat, registers = pair
    run_id = seat.start().run_id
    assert held.at_work.wait(10)
    held.go.release()
    messages = watch(seat, run_id)
    assert any(message.run.pairs_done for message in messages)
    messages.cancel()
    # The first task is on the disk, by places that are no longer those of these records.
    for register, entity in ((registers[0], 0), (registers[1], 15)):
        node, token, salt = register.node, register.token(entity), bytes(32)
        root = merkle.root([merkle.leaf_hash(statements.withdrawn_record(salt, token))])
        signature = node.signing_key.sign(statements.withdrawal(seat.project.id, root, 1))
        node.stubs.encodings.WithdrawRecords(
            encodings_pb2.WithdrawRecordsRequest(
                **seat.names, tokens=[token], salt=salt, signature=signature
            )
        )
        register.entities = [one for one in register.entities if one != entity]
        assert seat.start().run_id == run_id
    held.go.release(100)
    last = seat.watch(run_id)[-1]
    assert last.state == runs_pb2.RUN_STATE_DONE
    assert last.revision == 0
    for register in registers:
        own = Seat(register.node, seat.project).results(run_id)
        name = register.node.member.name
        expected = {group for group in truth(registers) if any(name == one for one, _ in group)}
        assert seen(own, registers) == expected
    assert seat.start().run_id == run_id
    assert seat.start().state == runs_pb2.RUN_STATE_DONE
