"""The coordinator as a process of its own: ready, stopped, killed, started again."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coalition import Batch, Node, make_record, project_in_force
from tacit.coordinator.config import Config, render_config
from tacit.coordinator.home import Home, Serving, init_home
from tacit.coordinator.invitations import invite
from tacit.coordinator.log import configure_log
from tacit.coordinator.serve import main, serve
from tacit.linkage import merkle
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import encodings_pb2, ledger_pb2

CONFIG = Config("C", "127.0.0.1:0", "127.0.0.1:0")
Process = subprocess.Popen[str]
Spawn = Callable[[Home], Process]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep the log out of the streams that pytest lends to one test only."""
    configure_log(io.StringIO())
    yield
    configure_log(io.StringIO())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return init_home(tmp_path / "home", CONFIG)


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    processes: list[Process] = []

    def start(home: Home) -> Process:
        command = [sys.executable, "-m", "tacit.coordinator.serve", "--json"]
        process = subprocess.Popen(
            [*command, "--home", str(home.path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def line_of(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    document: dict[str, Any] = json.loads(process.stdout.readline())
    return document


def test_kill_loses_nothing_acknowledged(home: Home, spawn: Spawn) -> None:
    process = spawn(home)
    line = line_of(process)
    assert (line["event"], line["pid"]) == ("ready", process.pid)
    north, south = (Node().enrol(invite(home, name)) for name in ("North", "South"))
    batch = Batch(north, project_in_force([north, south]), [make_record() for _ in range(30)])
    south.close()
    upload = batch.start()
    head = north.stubs.ledger.GetTreeHead(ledger_pb2.GetTreeHeadRequest()).head
    first = next(batch.chunks(upload.upload_id))
    assert north.stubs.encodings.UploadRecords(iter([first])).upload.committed == 10

    process = _kill_and_restart(process, home, spawn, north)
    assert batch.start() == encodings_pb2.Upload(
        upload_id=upload.upload_id, record_count=30, committed=10
    )
    batch.send(upload.upload_id, 10)
    done = batch.finish(upload.upload_id)

    process = _kill_and_restart(process, home, spawn, north)
    assert batch.start() == done
    assert batch.finish(upload.upload_id) == done
    after = north.stubs.ledger.GetTreeHead(ledger_pb2.GetTreeHeadRequest()).head
    sizes = (head.tree_size, after.tree_size)
    # Two enrolments, the agreement, two signatures, in force; then the upload.
    assert sizes == (6, 7)
    request = ledger_pb2.GetConsistencyProofRequest(first_size=sizes[0], second_size=sizes[1])
    path = north.stubs.ledger.GetConsistencyProof(request).path
    assert merkle.verify_consistency(*sizes, path, head.root_hash, after.root_hash)
    north.close()

    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 0
    events = [json.loads(entry)["event"] for entry in log.splitlines()]
    assert events[-1] == "stopped"
    assert {"serving", "call"} <= set(events)


def _kill_and_restart(process: Process, home: Home, spawn: Spawn, node: Node) -> Process:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    again = spawn(home)
    node.connect(line_of(again)["address"])
    return again


def code_of(home: Home) -> Code:
    """Serve in this process, where it is expected to fail."""
    with pytest.raises(TacitError) as failure:
        serve(home.path, lambda _: pytest.fail("it serves"), stop=threading.Event())
    return failure.value.code


def test_one_coordinator_for_one_home(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["serve", "--home", str(home.path), "--json"])
    with home.locked():
        assert code_of(home) is Code.STORE_BUSY
        assert main() == 10
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Another tacit process" in captured.err


@pytest.mark.parametrize("port", ["listen", "enrol_listen"])
def test_taken_port_is_told(home: Home, port: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        config = (
            replace(home.config, listen=address)
            if port == "listen"
            else replace(home.config, enrol_listen=address)
        )
        (home.path / "coordinator.toml").write_text(render_config(config))
        assert code_of(home) is Code.USAGE


def test_passphrase_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = init_home(tmp_path / "guarded", CONFIG, "correct horse")
    assert code_of(guarded) is Code.WRONG_PASSPHRASE
    monkeypatch.setenv("TACIT_COORDINATOR_PASSPHRASE", "correct horse")
    served: list[Serving] = []
    stop = threading.Event()
    stop.set()
    serve(guarded.path, served.append, stop=stop)
    assert served == [guarded.read_serving()]
    # The home is free again.
    serve(guarded.path, served.append, stop=stop)
