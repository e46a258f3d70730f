"""Clients that are slow, stuck or many, and what the others notice of them: nothing."""

import base64
import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from sqlalchemy import insert

from coalition import (
    UNHURRIED,
    Batch,
    CallError,
    Coalition,
    Node,
    Project,
    make_record,
    open_channel,
    project_in_force,
    start_coalition,
)
from raw_http2 import Wire, message
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.store.tables import runs
from tacit.linkage.errors import Code
from tacit.node.client.errors import translate
from tacit.node.client.retry import is_transient
from tacit.node.client.signed_channel import RequestSigner
from tacit.v1 import runs_pb2
from tacit.v1.encodings_pb2_grpc import EncodingsServiceStub

LIMITS = replace(
    UNHURRIED,
    silence_seconds=2,
    anonymous_seconds=2,
    handshake_seconds=1,
    idle_seconds=2,
    connections=40,
    bytes_per_second=100_000,
    stream_messages=30,
    stream_megabytes=1,
    upload_records=50,
)
SOON = 8.0
AT_ONCE = 3.0
LIST = "/tacit.v1.ProjectsService/ListProjects"
UPLOAD = "/tacit.v1.EncodingsService/UploadRecords"
WATCH = "/tacit.v1.RunsService/WatchRun"
ENROL = "/tacit.v1.EnrolmentService/Enrol"
HEALTH = "/grpc.health.v1.Health/"


@dataclass(frozen=True, slots=True)
class Scene:
    """A coordinator with short patience, who tries it, and who is to notice nothing."""

    coalition: Coalition
    rude: Node
    honest: Node
    project: Project
    folder: Path

    def wire(self, window: int = 65_535) -> Wire:
        return Wire(self.coalition.serving.address, self.rude, self.folder, window=window)

    def anonymous(self, window: int = 65_535) -> Wire:
        address = self.coalition.serving.enrol_address
        return Wire(address, self.rude, self.folder, anonymous=True, window=window)

    def others_are_served(self) -> None:
        """Call as another member, and as one who asks for health, and get an answer at once."""
        began = time.monotonic()
        assert self.honest.hello().you == self.honest.member
        address = self.coalition.serving.enrol_address
        with open_channel(address, self.honest.authority) as channel:
            assert HealthStub(channel).Check(HealthCheckRequest(), timeout=AT_ONCE).status == 1
        assert time.monotonic() - began < AT_ONCE

    def nothing_is_held(self) -> None:
        """See that no call and no seat is taken by anybody after a while."""
        means = self.coalition.coordinator._interceptor._means
        deadline = time.monotonic() + SOON
        while means.seats._taken or means.calls._open:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    coalition = start_coalition(tmp_path_factory.mktemp("slow") / "home", limits=LIMITS)
    rude, honest = coalition.enrol("Rude"), coalition.enrol("Honest")
    project = project_in_force([rude, honest])
    try:
        yield Scene(coalition, rude, honest, project, tmp_path_factory.mktemp("keys"))
    finally:
        coalition.close()


def ended_in_time(wires: list[Wire]) -> list[str]:
    """Wait for all of them, and hang up."""
    deadline = time.monotonic() + SOON
    ends = [wire.ended(max(0.1, deadline - time.monotonic())) for wire in wires]
    for wire in wires:
        wire.close()
    return ends


def test_a_message_that_never_comes(scene: Scene) -> None:
    """As many calls as one caller may have, each without its message, on both ports."""
    paths = (LIST, UPLOAD, f"{HEALTH}Check", f"{HEALTH}Watch") * (LIMITS.calls_at_once // 4)
    wires = [scene.wire() for _ in paths]
    # One is left for whoever asks for health from the same address.
    anonymous = [scene.anonymous() for _ in paths[1:]]
    for wire, path in zip(wires, paths, strict=True):
        wire.begin(path)
    for wire, path in zip(anonymous, paths[1:], strict=True):
        wire.begin(path if path.startswith(HEALTH) else ENROL)
    scene.others_are_served()
    assert outcome(scene.rude.hello) == "BUSY"
    assert set(ended_in_time([*wires, *anonymous])) == {"ended"}
    assert all(wire.says("TOO_SLOW") for wire in [*wires, *anonymous])
    scene.nothing_is_held()


def test_a_message_that_comes_a_byte_at_a_time(scene: Scene) -> None:
    wire = scene.wire()
    wire.begin(UPLOAD)
    stop = threading.Event()

    def trickle() -> None:
        with contextlib.suppress(OSError):
            for byte in message(bytes(1000)):
                wire.send(bytes([byte]))
                if stop.wait(0.1):
                    return

    thread = threading.Thread(target=trickle)
    thread.start()
    scene.others_are_served()
    assert wire.ended(SOON) == "ended"
    assert wire.says("TOO_SLOW")
    stop.set()
    thread.join()
    wire.close()
    scene.nothing_is_held()


def signed(node: Node, path: str, body: bytes) -> tuple[tuple[str, str], ...]:
    """Sign a request, as its metadata are on the wire."""
    found = RequestSigner(node.signing_key, milliseconds).sign(path, body, b"")
    return tuple(
        (key, base64.b64encode(value).decode().rstrip("=") if isinstance(value, bytes) else value)
        for key, value in found
    )


def test_a_reader_that_does_not_read(scene: Scene) -> None:
    """A window of no bytes: whatever the coordinator answers stays with it."""
    run_id = secrets.token_hex(8)
    with scene.coalition.coordinator._backend.store.write() as connection:
        connection.execute(insert(runs).values(**ended_run(scene.project, run_id)))
    watch = runs_pb2.WatchRunRequest(project_id=scene.project.id, run_id=run_id)
    wires: list[Wire] = []
    for _ in range(LIMITS.calls_at_once):
        for path, body in ((WATCH, watch.SerializeToString()), (LIST, b"")):
            if len(wires) < LIMITS.calls_at_once:
                wires.append(scene.wire(window=0))
                wires[-1].begin(path, signed(scene.rude, path, body))
                wires[-1].send(message(body), end=True)
    health = [scene.anonymous(window=0) for _ in range(4)]
    for wire in health:
        wire.begin(f"{HEALTH}Watch")
        wire.send(message(b""), end=True)
    scene.others_are_served()
    assert set(ended_in_time([*wires, *health])) == {"ended"}
    scene.nothing_is_held()


def ended_run(project: Project, run_id: str) -> dict[str, Any]:
    return {
        "id": run_id,
        "project_id": project.id,
        "agreement_hash": project.agreement.hash,
        "inputs_hash": secrets.token_bytes(32),
        "state": "cancelled",
        "created_at": 1,
        "ended_at": 2,
    }


@pytest.mark.parametrize("port", ["address", "enrol_address"])
def test_connections_that_say_nothing(scene: Scene, port: str) -> None:
    """Half-open: no TLS at all, and TLS without a call."""
    host, _, number = getattr(scene.coalition.serving, port).rpartition(":")
    bare = [socket.create_connection((host, int(number)), SOON) for _ in range(10)]
    idle = [scene.wire() if port == "address" else scene.anonymous() for _ in range(10)]
    scene.others_are_served()
    for found in bare:
        found.settimeout(SOON)
        with found, contextlib.suppress(ConnectionResetError):
            assert found.recv(1) == b""
    assert set(ended_in_time(idle)) == {"closed"}


def test_more_connections_than_one_port_bears(scene: Scene) -> None:
    """The connections beyond the limit are closed; who is connected is served, and others after."""
    scene.honest.hello()
    host, _, number = scene.coalition.serving.address.rpartition(":")
    bare = [socket.create_connection((host, int(number)), SOON) for _ in range(60)]
    assert scene.honest.hello().you == scene.honest.member
    time.sleep(LIMITS.handshake_seconds + 1)
    scene.others_are_served()
    assert scene.rude.hello().you == scene.rude.member
    for found in bare:
        found.close()


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except (CallError, grpc.RpcError) as error:
        return (error if isinstance(error, CallError) else CallError(error)).reason
    return "OK"


def test_streams_that_are_too_long_or_too_slow(scene: Scene) -> None:
    def upload(count: int, size: int, pause: float = 0.0) -> str:
        batch = Batch(scene.rude, scene.project, [make_record() for _ in range(count)])
        upload_id = batch.start().upload_id

        def chunks() -> Iterator[Any]:
            for chunk in batch.chunks(upload_id, size=size):
                yield chunk
                time.sleep(pause)

        stub = scene.rude.stubs.encodings
        return outcome(lambda: stub.UploadRecords(chunks()))

    assert upload(30, 1) == "OK"
    assert upload(31, 1) == "MALFORMED"
    # A message each time in time, but too little in all of them.
    assert upload(10, 1, 0.9) == "TOO_SLOW"
    assert outcome(lambda: Batch(scene.rude, scene.project, [make_record()] * 51).start()) == (
        "MALFORMED"
    )
    big = [make_record(sealed_claim=bytes(3072)) for _ in range(50)]
    for record in big:
        record.strata["kind"] = "x" * 20_000
    batch = Batch(scene.rude, scene.project, big)
    chunks = batch.chunks(batch.start().upload_id, size=50)
    assert outcome(lambda: scene.rude.stubs.encodings.UploadRecords(chunks)) == "MALFORMED"


def test_who_is_cut_off_is_told_why(scene: Scene) -> None:
    """A real client sends one message, and then none."""
    batch = Batch(scene.rude, scene.project, [make_record() for _ in range(4)])
    upload_id, stop = batch.start().upload_id, threading.Event()

    def chunks() -> Iterator[Any]:
        yield next(iter(batch.chunks(upload_id)))
        stop.wait(SOON)

    assert scene.rude.channel is not None
    began = time.monotonic()
    call = EncodingsServiceStub(scene.rude.channel).UploadRecords.future(chunks())
    failure = call.exception(timeout=SOON)
    stop.set()
    assert isinstance(failure, grpc.RpcError)
    assert translate(failure, "").code is Code.TOO_SLOW
    assert time.monotonic() - began < LIMITS.silence_seconds + AT_ONCE
    scene.nothing_is_held()
    # What had come is there, and the upload goes on from it.
    assert batch.start().committed


def test_who_can_be_told_nothing_has_a_node_that_says_so(scene: Scene) -> None:
    """A watcher is cut off as one that does not read: gRPC then sends no reason."""
    run_id = secrets.token_hex(8)
    row = {**ended_run(scene.project, run_id), "state": "comparing", "ended_at": None}
    with scene.coalition.coordinator._backend.store.write() as connection:
        connection.execute(insert(runs).values(**row))
    watch = runs_pb2.WatchRunRequest(project_id=scene.project.id, run_id=run_id)
    updates = scene.rude.stubs.runs.WatchRun(watch)
    next(updates)
    [held] = scene.coalition.coordinator._interceptor._means.calls._open
    held.context.cancel()
    with pytest.raises(grpc.RpcError) as failure:
        list(updates)
    error = translate(failure.value, "")
    assert (error.code, is_transient(error)) == (Code.CUT_OFF, True)
    assert "run the command again, on a better line" in str(error)
    scene.nothing_is_held()


def test_metadata_are_bounded(scene: Scene) -> None:
    assert scene.rude.channel is not None
    stub: Any = EncodingsServiceStub(scene.rude.channel).GetUpload
    with pytest.raises(grpc.RpcError) as failure:
        stub(runs_pb2.GetRunRequest(), metadata=(("x", "y" * 20_000),), timeout=10)
    assert "RESOURCE_EXHAUSTED" in str(failure.value)
    scene.others_are_served()
