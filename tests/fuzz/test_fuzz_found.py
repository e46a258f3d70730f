"""What fuzzing found, each as small as it can be."""

import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import time
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf.message import Message
from sqlalchemy import func, select

from coalition import CallError, Node, certificate_request, make_agreement, start_coalition
from fuzz_calls import Handlers, Outcome
from fuzz_files import real_files
from fuzz_messages import rpcs
from fuzz_readers import readers
from fuzz_values import MARK
from fuzz_world import World, make_world
from linking import Seat, drain
from postgresql import Server
from tacit.coordinator.authority import read_request
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.config import Config
from tacit.coordinator.home import init_home
from tacit.coordinator.store.tables import releases
from tacit.linkage.agreement import parse_agreement
from tacit.linkage.canonical import canonical
from tacit.linkage.errors import LONGEST_PARAMETER, Code, TacitError
from tacit.linkage.paper import read_paper
from tacit.node.client.answers import check_answer
from tacit.node.client.signed_channel import RequestSigner
from tacit.v1 import (
    checks_pb2,
    counts_pb2,
    decisions_pb2,
    ledger_pb2,
    projects_pb2,
    receipts_pb2,
    runs_pb2,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    server = Server() if request.param == "postgresql" else None
    try:
        made = make_world(tmp_path_factory.mktemp("found"), server.new() if server else "")
        yield made
        made.close()
    finally:
        if server is not None:
            server.close()


def call(world: World, path: str, body: bytes, bound: bytes = b"") -> Outcome:
    node = world.nodes[0]
    signed = RequestSigner(node.signing_key, milliseconds).sign(path, body, bound)
    handlers = Handlers(world.coalition.coordinator)
    return handlers.call(path, [body], node.certificate, signed)


def refusal(world: World, service: str, rpc: str, message: Any) -> tuple[str, str]:
    path = f"/tacit.v1.{service}/{rpc}"
    bound = getattr(message, "agreement_hash", b"")
    outcome = call(world, path, message.SerializeToString(), bound)
    return outcome.reason, outcome.broke


def named(world: World) -> dict[str, Any]:
    project = world.projects[0]
    return {
        "project_id": project.id,
        "agreement_hash": project.agreement.hash,
        "run_id": world.pools[project.id]["run_id"][0],
    }


def test_a_refused_count_releases_nothing(world: World) -> None:
    """The dimensions asked for were looked at after the release had been entered."""
    request = counts_pb2.GetCountRequest(**named(world), by=["no such dimension"])
    assert refusal(world, "CountsService", "GetCount", request) == ("MALFORMED", "")
    with world.coalition.coordinator._backend.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(releases)).scalar_one() == 0


@pytest.mark.parametrize("number", [2**63, 2**64 - 1])
def test_numbers_that_no_column_holds(world: World, number: int) -> None:
    """They ended as an error within, and as a line in the log."""
    fields = named(world)
    sketch = runs_pb2.Sketch(group_id=number, parts=bytes(24))
    del fields["run_id"]
    requests: list[tuple[str, str, Message]] = [
        ("RunsService", "GetResults", runs_pb2.GetResultsRequest(after_group_id=number)),
        ("RunsService", "PutSketches", runs_pb2.PutSketchesRequest(sketches=[sketch])),
        (
            "DecisionsService",
            "Decide",
            decisions_pb2.DecideRequest(group_id=number, judgement=runs_pb2.JUDGEMENT_SAME),
        ),
        (
            "DecisionsService",
            "ChangeDecision",
            decisions_pb2.ChangeDecisionRequest(
                ledger_index=number, judgement=runs_pb2.JUDGEMENT_SAME
            ),
        ),
    ]
    others: list[tuple[str, str, Message]] = [
        ("LedgerService", "ListEntries", ledger_pb2.ListEntriesRequest(start=number)),
        ("LedgerService", "ListEntries", ledger_pb2.ListEntriesRequest(end=number)),
        ("LedgerService", "ListTreeHeads", ledger_pb2.ListTreeHeadsRequest(from_size=number)),
        ("LedgerService", "CosignTreeHead", ledger_pb2.CosignTreeHeadRequest(tree_size=number)),
        ("ReceiptsService", "ListReceipts", receipts_pb2.ListReceiptsRequest(after=number)),
    ]
    for service, rpc, request in requests + others:
        request.MergeFrom(type(request)(**_known(request, named(world))))
        assert refusal(world, service, rpc, request) == ("MALFORMED", ""), rpc
    assert world.log.take_wrong() == []


def _known(message: Message, fields: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in message.DESCRIPTOR.fields}
    return {name: value for name, value in fields.items() if name in names}


def test_a_nul_in_a_name(world: World) -> None:
    """PostgreSQL takes no text with a NUL in it, not even to look it up."""
    run = runs_pb2.GetRunRequest(project_id=world.projects[0].id, run_id="\0")
    project = projects_pb2.GetProjectRequest(project_id=f"{MARK}\0")
    assert refusal(world, "RunsService", "GetRun", run) == ("MALFORMED", "")
    assert refusal(world, "ProjectsService", "GetProject", project) == ("MALFORMED", "")
    assert world.log.take_wrong() == []


def test_a_message_that_cannot_be_read(world: World) -> None:
    """gRPC answered INTERNAL before anybody else had seen the call."""
    for path in rpcs():
        outcome = call(world, path, b"\xff")
        wanted = "UNAUTHENTICATED" if not outcome.reason else outcome.reason
        assert outcome.broke == "", path
        assert wanted in {"MALFORMED", "RATE_LIMITED"}, path
    stub: Any = _channel(world).unary_unary("/tacit.v1.RunsService/GetRun")
    with pytest.raises(CallError) as failure:
        drain(_one(stub, b"\xff"))
    assert failure.value.reason in {"MALFORMED", "SIGNATURE_INVALID"}


def _channel(world: World) -> Any:
    channel = world.nodes[0].channel
    assert channel is not None
    return channel


def _one(stub: Any, body: bytes) -> Iterator[Any]:
    yield stub(body, timeout=20)


def test_a_refusal_is_short_enough_for_its_reason_to_arrive(world: World) -> None:
    """A long name of the caller's own filled the trailing metadata, which gRPC then drops."""
    nodes = world.nodes[:2]
    document = make_agreement(nodes).encode().replace(b'{"', b'{"' + b"x" * 9000 + b'":1,"', 1)
    request = projects_pb2.CreateProjectRequest(agreement=document)
    assert refusal(world, "ProjectsService", "CreateProject", request) == ("BAD_AGREEMENT", "")
    long = TacitError(Code.MALFORMED, problem="x" * 5000)
    assert len(long.sentence()) < LONGEST_PARAMETER + 100


@pytest.mark.parametrize(
    "change",
    [{"threshold_permille": []}, {"precision_permille": {}}, {"name": "a\0b"}],
    ids=["a list for a number", "an object for a number", "a NUL"],
)
def test_agreements(change: dict[str, Any]) -> None:
    nodes = [Node(), Node()]
    for number, node in enumerate(nodes):
        node.member.member_id, node.member.name = f"m{number}", f"Member {number}"
        node.member.signing_key = node.signing_key.public_key().public_bytes_raw()
        node.member.sealing_key = node.sealing_key.public_key().public_bytes_raw()
    document = json.loads(make_agreement(nodes).encode())
    with pytest.raises(TacitError) as failure:
        parse_agreement(canonical(document | change))
    assert failure.value.code is Code.BAD_AGREEMENT


def test_a_head_from_paper_with_half_a_character() -> None:
    with pytest.raises(TacitError) as failure:
        read_paper("42 2026-11-22 " + "\udcff" * 44)
    assert failure.value.code is Code.USAGE


def test_certificate_requests_that_nobody_can_read() -> None:
    """A curve that is not known, and a version that there is not."""
    good = certificate_request(Node().tls_key)
    curve = bytes.fromhex("2a8648ce3d030107")
    assert curve in good
    for bad in (
        good.replace(curve, curve[:-1] + b"\x7f"),
        good.replace(b"\x02\x01\x00", b"\x02\x01\x09", 1),
    ):
        with pytest.raises(TacitError) as failure:
            read_request(bad)
        assert failure.value.code is Code.MALFORMED


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (runs_pb2.GetRunResponse(run=runs_pb2.Run(state=99)), "state"),  # type: ignore[arg-type]
        (runs_pb2.GetRunResponse(run=runs_pb2.Run(created_at=-1)), "created_at"),
        (ledger_pb2.TreeHead(timestamp=253_402_300_800_000), "timestamp"),
        (ledger_pb2.GetTreeHeadResponse(head=ledger_pb2.TreeHead(tree_size=2**63)), "tree_size"),
        (checks_pb2.RunCheckResponse(threshold=float("nan")), "threshold"),
        (checks_pb2.ListNoticesResponse(notices=[checks_pb2.Notice(member="a\0")]), "member"),
        (
            runs_pb2.MatchGroup(links=[runs_pb2.GroupLink(fields=[1, 77])]),  # type: ignore[list-item]
            "fields",
        ),
    ],
)
def test_answers_whose_values_mean_nothing(answer: Message, field: str) -> None:
    with pytest.raises(TacitError) as failure:
        check_answer(answer)
    assert failure.value.code is Code.BAD_ANSWER
    assert f"'{field}'" in str(failure.value)


def test_answers_that_are_right_pass(world: World) -> None:
    seat = Seat(world.nodes[0], world.projects[0])
    for group in seat.results(world.pools[seat.project.id]["run_id"][0]):
        check_answer(group)


def test_strangers_write_nothing_into_the_log(tmp_path: Path) -> None:
    """gRPC's core quoted the text of a GOAWAY frame on standard error, with no certificate asked."""
    home = init_home(tmp_path / "home", Config("Coalition", "127.0.0.1:0", "127.0.0.1:0"))
    command = [sys.executable, "-m", "tacit.coordinator.serve", "--home", str(home.path), "--json"]
    said = tmp_path / "stderr"
    environment = {k: v for k, v in os.environ.items() if k != "GRPC_VERBOSITY"}
    with (
        said.open("wb") as file,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, env=environment) as process,
    ):
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            _goaway(int(ready["enrol_address"].rpartition(":")[2]), MARK.encode())
        finally:
            process.terminate()
    text = said.read_text("utf-8")
    assert '"serving"' in text
    assert MARK not in text
    assert all(line.startswith("{") for line in text.splitlines())


def _goaway(port: int, text: bytes) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    settings = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    content = struct.pack(">II", 0, 7) + text
    frame = struct.pack(">I", len(content))[1:] + b"\x07\x00" + bytes(4) + content
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain) as secure,
    ):
        secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + frame)
        # The coordinator has read the frame once it has answered.
        secure.recv(4096)
        time.sleep(0.3)


def test_invitations_that_are_none(tmp_path: Path) -> None:
    coalition = start_coalition(tmp_path / "home")
    coalition.enrol("North")
    coalition.enrol("South")
    real = real_files(coalition, tmp_path)
    coalition.close()
    der = coalition.nodes[0].authority
    good = x509.load_pem_x509_certificate(der).public_bytes(Encoding.DER)
    bad = good.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09", 1)
    assert bad != good
    prefix, _, body = real["invitation"].decode().rpartition(":")
    document = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert b64decode(document["authority"]) == good
    reader = next(one for one in readers(tmp_path, real) if one.name == "invitation")
    for change in ({"authority": b64encode(bad).decode()}, {"expires": float("inf")}):
        text = json.dumps(document | change).replace("Infinity", "1e999")
        line = f"{prefix}:{urlsafe_b64encode(text.encode()).decode().rstrip('=')}"
        with pytest.raises(TacitError) as failure:
            reader.read(line.encode())
        assert failure.value.code is Code.INVITATION_INVALID
