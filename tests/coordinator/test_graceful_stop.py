"""SIGTERM while members are at work: over within the grace time, and nothing acknowledged lost."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from sqlalchemy import select

from coalition import Batch, CallError, Node, make_record, open_channel, project_in_force
from tacit.coordinator.config import Config
from tacit.coordinator.home import Home, init_home
from tacit.coordinator.invitations import invite
from tacit.coordinator.server import _GRACE_SECONDS
from tacit.coordinator.store.engine import connect_store
from tacit.coordinator.store.tables import ledger_entries, uploads
from tacit.v1.encodings_pb2_grpc import EncodingsServiceStub

# Beyond the grace time: workers, and a machine that has other things to do.
SLACK = 15.0


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Home:
    config = Config("C", "127.0.0.1:0", "127.0.0.1:0", database=database_url)
    return init_home(tmp_path / "home", config)


@pytest.fixture
def process(home: Home) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tacit.coordinator.serve", "--json", "--home", str(home.path)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert json.loads(started.stdout.readline())["event"] == "ready"
    yield started
    if started.poll() is None:
        started.kill()
        started.communicate()


class Busy(threading.Thread):
    """A member that uploads again and again, and remembers what was acknowledged."""

    def __init__(self, batch: Batch) -> None:
        super().__init__()
        self._batch = batch
        self.acknowledged: list[str] = []
        self.begun = threading.Event()

    def run(self) -> None:
        while True:
            batch = Batch(self._batch.node, self._batch.project, [make_record()])
            try:
                self.acknowledged.append(batch.upload().upload_id)
            except (CallError, grpc.RpcError):
                return
            self.begun.set()


def test_stop_with_open_streams(home: Home, process: "subprocess.Popen[str]") -> None:
    north, south = (Node().enrol(invite(home, name)) for name in ("North", "South"))
    project = project_in_force([north, south])
    held = Batch(south, project, [make_record() for _ in range(20)])
    upload = held.start()
    leave = threading.Event()

    def never_ending() -> Iterator[Any]:
        yield next(held.chunks(upload.upload_id))
        leave.wait(120)

    assert south.channel is not None
    stuck = EncodingsServiceStub(south.channel).UploadRecords.future(never_ending())
    serving = home.read_serving()
    assert serving is not None
    anonymous = open_channel(serving.enrol_address, north.authority)
    watching = HealthStub(anonymous).Watch(HealthCheckRequest())
    next(watching)
    busy = Busy(Batch(north, project, []))
    busy.start()
    assert busy.begun.wait(60)

    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    took = time.monotonic() - began

    assert process.returncode == 0
    assert took < _GRACE_SECONDS + SLACK
    assert json.loads(log.splitlines()[-1])["event"] == "stopped"
    busy.join(60)
    with pytest.raises(grpc.RpcError):
        stuck.result(timeout=60)
    leave.set()
    with pytest.raises(grpc.RpcError):
        for _ in watching:
            pass
    for channel in (anonymous, north.channel, south.channel):
        assert channel is not None
        channel.close()
    recorded, committed = stored(home, upload.upload_id)
    assert busy.acknowledged
    assert set(busy.acknowledged) <= recorded
    # What was sent of the open stream is on the disk whole, or not at all; it goes on there.
    assert committed in {0, 10}


def stored(home: Home, upload_id: str) -> tuple[set[str], int]:
    """Give the uploads in the ledger, and how much of one has arrived."""
    with closing(connect_store(home.database_url)) as store, store.read() as connection:
        entries = [
            json.loads(entry) for entry in connection.scalars(select(ledger_entries.c.entry))
        ]
        query = select(uploads.c.committed).where(uploads.c.id == upload_id)
        committed = connection.execute(query).scalar_one()
    return {entry["upload"] for entry in entries if entry["type"] == "upload"}, committed
