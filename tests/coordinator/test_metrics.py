"""Figures for Prometheus: right, on loopback, and naming nobody."""

import re
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from prometheus_client.parser import text_string_to_metric_families

from coalition import Batch, CallError, Coalition, make_record, project_in_force, start_coalition
from tacit.coordinator.home import Home
from tacit.coordinator.metrics import Metrics, MetricsServer
from tacit.coordinator.policy import RULES
from tacit.coordinator.server import Coordinator
from tacit.linkage.errors import Code, TacitError
from tacit.v1 import encodings_pb2, projects_pb2
from tacit.v1.encodings_pb2_grpc import EncodingsServiceStub

Series = dict[tuple[str, tuple[str, ...]], float]
NAME = "Project PLANTED"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Coalition]:
    """A coordinator that serves metrics."""
    coalition = start_coalition(tmp_path / "home")
    coalition.coordinator.stop()
    coordinator = Coordinator(coalition.home, metrics="127.0.0.1:0")
    served = replace(coalition, coordinator=coordinator, serving=coordinator.start())
    yield served
    served.close()


def text_of(coalition: Coalition) -> str:
    url = f"http://{coalition.serving.metrics_address}/metrics"
    with urllib.request.urlopen(url, timeout=20) as answer:
        text: str = answer.read().decode()
    return text


def series(text: str) -> Series:
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_calls_and_what_is_held_are_counted(watched: Coalition) -> None:
    north, south = watched.enrol("North"), watched.enrol("South")
    batch = Batch(north, project_in_force([north, south], name=NAME), [make_record()] * 1)
    batch.upload()
    unfinished = Batch(south, batch.project, [make_record() for _ in range(3)])
    unfinished.start()
    with pytest.raises(CallError):
        north.stubs.projects.GetProject(projects_pb2.GetProjectRequest(project_id="none"))
    found = series(text_of(watched))
    projects, encodings = "/tacit.v1.ProjectsService/", "/tacit.v1.EncodingsService/"
    expected = {
        ("tacit_calls_total", ("OK", "/tacit.v1.EnrolmentService/Enrol")): 2,
        ("tacit_calls_total", ("NOT_FOUND", projects + "GetProject")): 1,
        ("tacit_calls_total", ("OK", encodings + "StartUpload")): 2,
        ("tacit_call_seconds_count", (encodings + "StartUpload",)): 2,
        ("tacit_healthy", ()): 1,
        ("tacit_uploads", ("finished",)): 1,
        ("tacit_uploads", ("unfinished",)): 1,
        ("tacit_projects", ("in_force",)): 1,
        ("tacit_projects", ("unsigned",)): 0,
        ("tacit_members", ()): 2,
        ("tacit_records", ()): 1,
        # Two enrolments, the project, two signatures, its force, one upload.
        ("tacit_ledger_entries", ()): 7,
    }
    assert {key: found.get(key) for key in expected} == expected
    end = watched.home.authority_certificate().not_valid_after_utc.timestamp()
    assert found["tacit_certificate_end_seconds", ("authority",)] == end
    assert found["tacit_certificate_end_seconds", ("member",)] < end


def test_calls_in_hand_are_counted_until_they_end(watched: Coalition) -> None:
    north, south = watched.enrol("North"), watched.enrol("South")
    batch = Batch(north, project_in_force([north, south]), [make_record()] * 1)
    upload = batch.start()
    leave = threading.Event()

    def slow() -> Iterator[encodings_pb2.UploadRecordsRequest]:
        yield from batch.chunks(upload.upload_id)
        leave.wait(60)

    assert north.channel is not None
    call = EncodingsServiceStub(north.channel).UploadRecords.future(slow())
    assert comes(watched, ("tacit_calls_in_hand", ()), 1)
    call.cancel()
    assert comes(watched, ("tacit_calls_in_hand", ()), 0)
    leave.set()
    cut = ("CANCELLED", "/tacit.v1.EncodingsService/UploadRecords")
    assert comes(watched, ("tacit_calls_total", cut), 1)


def comes(coalition: Coalition, key: tuple[str, tuple[str, ...]], value: float) -> bool:
    """Wait until a figure is what it should become: a call ends a little after its answer."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if series(text_of(coalition)).get(key) == value:
            return True
        time.sleep(0.05)
    return False


def test_nobody_is_named(watched: Coalition) -> None:
    north, south = watched.enrol("북녘 PLANTED"), watched.enrol("South PLANTED")
    batch = Batch(north, project_in_force([north, south], name=NAME), [make_record()])
    upload = batch.upload()
    assert north.channel is not None
    unknown: Any = north.channel.unary_unary("/PLANTED.v1/Method")
    with pytest.raises(grpc.RpcError):
        unknown(b"")
    text = text_of(watched)
    for named in ("PLANTED", "북녘", north.id, south.id, batch.project.id, upload.upload_id):
        assert named not in text
    labels = set(re.findall(r'(\w+)="([^"]*)"', text))
    known = {*RULES, "other"}
    states = {"finished", "unfinished", "in_force", "unsigned", "authority", "member"}
    for key, value in labels - {("le", value) for key, value in labels if key == "le"}:
        allowed = {"method": known, "code": {"OK", *Code}, "state": states, "certificate": states}
        assert value in allowed[key], (key, value)


def test_a_lost_database_leaves_the_rest(watched: Coalition) -> None:
    file = watched.home.path / "coordinator.sqlite3"
    file.rename(file.with_suffix(".away"))
    watched.coordinator._health.refresh()
    found = series(text_of(watched))
    assert found["tacit_healthy", ()] == 0
    assert ("tacit_members", ()) not in found
    assert found["tacit_certificate_end_seconds", ("authority",)] > 0
    file.with_suffix(".away").rename(file)


def test_metrics_are_off_unless_asked_for(alone: Coalition) -> None:
    assert alone.serving.metrics_address == ""
    assert alone.home.read_serving() == alone.serving


def refused(home: Home, address: str) -> str:
    with pytest.raises(TacitError) as failure:
        Coordinator(home, metrics=address).start()
    assert failure.value.code is Code.USAGE
    return str(failure.value)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.1:9464", "example.org:9464", "[::]:0"])
def test_metrics_stay_on_loopback(alone: Coalition, address: str) -> None:
    alone.coordinator.stop()
    assert "loopback only" in refused(alone.home, address)


def test_a_taken_port_is_told(alone: Coalition) -> None:
    alone.coordinator.stop()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "Cannot listen" in refused(alone.home, f"127.0.0.1:{taken.getsockname()[1]}")


def test_labels_cannot_be_made_by_callers(alone: Coalition) -> None:
    metrics = Metrics(alone.coordinator._backend.store, 0.0, lambda: True)
    metrics.ended("/PLANTED", "PLANTED", 1.0)
    server = MetricsServer(metrics, "localhost:0")
    with urllib.request.urlopen(f"http://{server.address}/metrics", timeout=20) as answer:
        text = answer.read().decode()
    server.close()
    assert "PLANTED" not in text
    assert 'tacit_calls_total{code="other",method="other"} 1.0' in text
