"""The log: JSON lines of known events, whose fields can hold no personal data."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from coalition import Batch, CallError, Coalition, make_record, project_in_force
from tacit.coordinator.log import configure_log, describe, log
from tacit.v1 import runs_pb2

ROOT = Path(__file__).resolve().parents[2]
PLANTED = "PLANTED-7c1d"
# Identifiers that the coordinator made, names of RPCs and codes, numbers, addresses of its own.
FIELDS = {
    *("method", "code", "member", "milliseconds", "detail", "reason", "failing"),
    *("run", "state", "resumptions", "project", "uploads", "records", "runs", "notices"),
    *("decisions", "address", "enrol_address", "metrics", "logger", "template"),
}
ALWAYS = {"event", "level", "timestamp"}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Give every call that writes to the log, with where it stands."""
    for path in sorted((ROOT / "coordinator/tacit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Call)
                and isinstance(node.func.value.func, ast.Name)
                and node.func.value.func.id == "log"
            ):
                yield f"{path.name}:{node.lineno}", node


def test_every_event_has_known_fields_only() -> None:
    found = list(calls())
    assert len(found) >= 15
    for where, call in found:
        assert len(call.args) == 1, where
        assert isinstance(call.args[0], ast.Constant), where
        for keyword in call.keywords:
            if keyword.arg is None:
                assert ast.unparse(keyword.value) in {"describe(error)", "details"}, where
            else:
                assert keyword.arg in FIELDS, (where, keyword.arg)


def test_every_event_is_documented() -> None:
    page = (ROOT / "docs/operating.md").read_text("utf-8")
    events = {
        str(call.args[0].value) for _, call in calls() if isinstance(call.args[0], ast.Constant)
    }
    assert sorted(event for event in events if f"`{event}`" not in page) == []


def test_a_whole_linkage_logs_known_lines(alone: Coalition) -> None:
    north, south = alone.enrol(PLANTED), alone.enrol("South")
    project = project_in_force([north, south], name=PLANTED)
    for node in (north, south):
        Batch(node, project, [make_record() for _ in range(3)]).upload()
    start = runs_pb2.StartRunRequest(project_id=project.id, agreement_hash=project.agreement.hash)
    run = north.stubs.runs.StartRun(start).run
    watch = runs_pb2.WatchRunRequest(project_id=project.id, run_id=run.run_id)
    assert list(north.stubs.runs.WatchRun(watch))
    with pytest.raises(CallError):
        north.stubs.runs.GetRun(runs_pb2.GetRunRequest(project_id=project.id, run_id=PLANTED))
    lines = [json.loads(line) for line in alone.log.getvalue().splitlines()]
    assert {"serving", "enrolled", "call", "run_taken_up", "run_done"} <= {
        line["event"] for line in lines
    }
    for line in lines:
        assert ALWAYS <= line.keys() <= ALWAYS | FIELDS | {"error", "frames"}
    assert PLANTED not in alone.log.getvalue()


def test_an_error_is_described_without_its_text() -> None:
    stream = io.StringIO()
    configure_log(stream)
    try:
        try:
            int(PLANTED)
        except ValueError as error:
            log().error("unforeseen", **describe(error))
            logging.getLogger("elsewhere").warning("%s fails", PLANTED, exc_info=error)
    finally:
        configure_log(io.StringIO())
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["error"], first["level"]) == ("builtins.ValueError", "error")
    assert (second["logger"], second["template"]) == ("elsewhere", "%s fails")
    assert PLANTED not in stream.getvalue()
