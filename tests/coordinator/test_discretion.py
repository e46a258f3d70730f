"""What an answer or the log must not say, and what one caller must not take."""

import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select, text

from coalition import Batch, CallError, Coalition, Invitation, Node, make_record, project_in_force
from tacit.coordinator.limits import Limits
from tacit.coordinator.store.tables import records
from tacit.v1 import encodings_pb2, projects_pb2
from tacit.v1.encodings_pb2_grpc import EncodingsServiceStub

PLANTED = "PLANTED-7c1d"


def pair(coalition: Coalition) -> list[Node]:
    return [coalition.enrol("North"), coalition.enrol("South")]


def test_unforeseen_errors_tell_nothing(alone: Coalition) -> None:
    nodes = pair(alone)
    batch = Batch(nodes[0], project_in_force(nodes), [make_record()])
    upload = batch.start()
    batch.send(upload.upload_id)
    # What no request could do: the value that the error will quote comes from the disk.
    with alone.coordinator._backend.store.write() as connection:
        connection.execute(text("UPDATE records SET strata = :s"), {"s": json.dumps(PLANTED)})
    with pytest.raises(CallError) as failure:
        batch.finish(upload.upload_id)
    error = failure.value
    assert (error.status, error.reason, error.params) == ("INTERNAL", "INTERNAL", {})
    assert error.sentence == "Something went wrong that Tacit did not foresee."
    entries = [json.loads(line) for line in alone.log.getvalue().splitlines()]
    [unforeseen] = [entry for entry in entries if entry["event"] == "unforeseen"]
    assert any("record_rules.py" in frame for frame in unforeseen["frames"])
    assert PLANTED not in alone.log.getvalue()


def test_log_does_not_hold_what_requests_held(alone: Coalition) -> None:
    nodes = pair(alone)
    project = project_in_force(nodes, name=PLANTED)
    record = make_record()
    Batch(nodes[0], project, [record]).upload()
    with pytest.raises(CallError):
        nodes[0].stubs.projects.GetProject(projects_pb2.GetProjectRequest(project_id=PLANTED))
    bad = make_record(strata={PLANTED: PLANTED})
    with pytest.raises(CallError):
        Batch(nodes[0], project, [bad]).upload()
    log = alone.log.getvalue()
    assert PLANTED not in log
    for value in (record.token, record.clk, record.sealed_claim, record.claim_commitment):
        assert value.hex() not in log
        assert repr(value) not in log
    calls = [json.loads(line) for line in log.splitlines() if '"call"' in line]
    assert {call["member"] for call in calls} == {None, nodes[0].id, nodes[1].id}
    assert "NOT_FOUND" in {call["code"] for call in calls}


def test_secrets_of_enrolment_are_not_on_the_disk(alone: Coalition) -> None:
    line = alone.invite("North")
    node = Node().enrol(line)
    alone.nodes.append(node)
    secret = Invitation(line).secret
    files = [file for file in alone.home.path.iterdir() if file.is_file()]
    assert len(files) >= 5
    for file in files:
        content = file.read_bytes()
        assert secret not in content
        assert secret.hex().encode() not in content
        assert node.signing_key.private_bytes_raw() not in content


def test_one_member_cannot_take_every_thread(alone: Coalition) -> None:
    north, south = nodes = pair(alone)
    assert north.channel is not None
    release = threading.Event()
    held = []
    for _ in range(Limits().calls_at_once):
        batch = Batch(north, project_in_force(nodes), [make_record(), make_record()])
        chunk = next(batch.chunks(batch.start().upload_id, size=1))
        stub = EncodingsServiceStub(north.channel)
        held.append(stub.UploadRecords.future(idle(chunk, release)))
    wait_until(lambda: committed(alone) == Limits().calls_at_once)
    with pytest.raises(CallError) as failure:
        north.hello()
    assert (failure.value.status, failure.value.reason) == ("RESOURCE_EXHAUSTED", "BUSY")
    assert south.hello().you == south.member
    release.set()
    for call in held:
        assert call.result().upload.committed == 1
    wait_until(lambda: not alone.coordinator._interceptor._means.seats._taken)
    assert north.hello().you == north.member


def idle(
    chunk: encodings_pb2.UploadRecordsRequest, release: threading.Event
) -> Iterator[encodings_pb2.UploadRecordsRequest]:
    yield chunk
    release.wait(60)


def committed(coalition: Coalition) -> int:
    with coalition.coordinator._backend.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(records)).scalar_one())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
