"""kill -9 of the coordinator, again and again: nothing acknowledged is lost, the groups stay."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from coalition import Batch, Project, project_in_force, start_coalition
from linking import SCHEMA_TEXT, Register, Seat, answers, encode, person, schema, seen
from restarts import Nursery, Restarts, nursery
from tacit.coordinator.home import open_home
from tacit.coordinator.store.tables import group_records, ledger_entries, run_tasks
from tacit.linkage.link import link
from tacit.linkage.score import ScoreModel
from tacit.v1 import encodings_pb2, runs_pb2

THRESHOLD = 0.6


@dataclass
class Scene:
    """A coordinator that is to be killed, and three members with registers."""

    restarts: Restarts
    project: Project
    registers: tuple[Register, Register, Register]

    @property
    def seat(self) -> Seat:
        return Seat(self.registers[0].node, self.project)

    def entries(self, kind: str) -> list[dict[str, object]]:
        """Read the ledger's entries of a kind from the database."""
        store = open_home(self.restarts.home).open_store()
        with store.read() as connection:
            query = select(ledger_entries.c.entry).order_by(ledger_entries.c.index)
            entries = [json.loads(entry) for entry in connection.scalars(query)]
        store.close()
        return [entry for entry in entries if entry["type"] == kind]


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with nursery(tmp_path_factory.mktemp("nursery") / "log") as kept:
        yield kept


@contextmanager
def stage(processes: Nursery, path: Path, uploaded: bool) -> Iterator[Scene]:
    """Set a scene; the members have uploaded already, or not."""
    coalition = start_coalition(path / "home")
    nodes = [coalition.enrol(name) for name in ("North", "South", "East")]
    project = project_in_force(nodes, schema=SCHEMA_TEXT, threshold_permille=600, check_budget=100)
    spans = (range(30), range(10, 40), range(20, 50))
    north, south, east = (Register(n, span) for n, span in zip(nodes, spans, strict=True))
    if uploaded:
        for register in (north, south, east):
            register.upload(project)
    coalition.close()
    restarts = Restarts(processes, path / "home", nodes)
    try:
        yield Scene(restarts, project, (north, south, east))
    finally:
        restarts.stop()


UPLOAD_POINTS = (
    "tacit.coordinator.uploads:start_upload:after:1",  # committed, not answered
    "tacit.coordinator.store.uploads:add_records:after:2",  # within a chunk's transaction
    "tacit.coordinator.uploads:take_chunk:after:1",  # a chunk committed, not counted up
    "tacit.coordinator.store.uploads:finish_upload:after:1",  # within the finish's transaction
    "tacit.coordinator.uploads:end_upload:after:1",  # committed, not answered
)


@pytest.mark.timeout(600)
def test_upload_goes_on_where_the_disk_stands(processes: Nursery, tmp_path: Path) -> None:
    with stage(processes, tmp_path, uploaded=False) as scene:
        register = scene.registers[0]
        batch = Batch(register.node, scene.project, register.records())
        known = 0
        for point in UPLOAD_POINTS:
            assert scene.restarts.start(point)
            if point != UPLOAD_POINTS[0]:
                committed = committed_of(batch)
                assert committed >= known
                known = committed
            scene.restarts.dies(batch.upload)
        assert scene.restarts.start()
        upload = batch.upload()
        assert upload.finished
        assert upload.committed == 30
        [entry] = scene.entries("upload")
        assert entry["root"] == batch.root.hex()
        assert upload.ledger_index > 0
    assert scene.restarts.kills == len(UPLOAD_POINTS)


def committed_of(batch: Batch) -> int:
    """Ask where the coordinator's disk stands."""
    upload = batch.start()
    request = encodings_pb2.GetUploadRequest(
        project_id=batch.project.id, upload_id=upload.upload_id
    )
    return batch.node.stubs.encodings.GetUpload(request).upload.committed


START_POINTS = (
    "tacit.coordinator.store.runs:add:after:1",  # within the transaction that queues the run
    "tacit.coordinator.runs:RunWorker.wake:before:1",  # queued and committed, nobody told
)
RUN_POINTS = (
    "tacit.coordinator.execution:_take_up:before:1",  # before the first task
    "tacit.coordinator.store.runs:finish_task:after:1",  # within the first task's transaction
    "tacit.coordinator.changes:Changes.announce:before:2",  # the first task committed
    "tacit.coordinator.changes:Changes.announce:before:2",  # the second task committed
    "tacit.coordinator.store.runs:finish_task:before:1",  # the third compared, but not kept
    "tacit.coordinator.store.runs:set_solving:after:1",  # all tasks kept
    "tacit.coordinator.execution:_solve:before:1",  # before the solve
    "tacit.coordinator.store.groups:add_groups:after:1",  # in the middle of its transaction
    "tacit.coordinator.store.runs:end:after:1",  # at the end of its transaction
    "tacit.coordinator.execution:record_result:after:1",  # committed, nobody told
)


@pytest.mark.timeout(600)
def test_run_ends_with_the_groups_of_an_undisturbed_one(processes: Nursery, tmp_path: Path) -> None:
    with stage(processes, tmp_path, uploaded=True) as scene:
        for point in START_POINTS:
            assert scene.restarts.start(point)
            scene.restarts.dies(scene.seat.start)
        for point in RUN_POINTS:
            # What was interrupted is taken up without being asked for.
            scene.restarts.start(point)
            scene.restarts.dies()
        assert scene.restarts.start()
        run = scene.seat.link()
        assert run.state == runs_pb2.RUN_STATE_DONE
        assert run.pairs_done == run.pairs_total == 3 * 30 * 30
        # Every start but the first and the last found the run under way.
        assert run.resumptions == len(RUN_POINTS) - 2
        assert len(scene.entries("run")) == 1
        found = everyones_groups(scene, run.run_id)
        assert found == undisturbed(scene.registers)
        assert rows(scene) == (0, sum(map(len, found)))
    assert scene.restarts.kills == len(START_POINTS) + len(RUN_POINTS)


def everyones_groups(scene: Scene, run_id: str) -> set[frozenset[tuple[str, int]]]:
    """Gather what all members see."""
    return {
        group
        for register in scene.registers
        for group in seen(Seat(register.node, scene.project).results(run_id), scene.registers)
    }


def undisturbed(registers: tuple[Register, ...]) -> set[frozenset[tuple[str, int]]]:
    """Link the same records in this process."""
    ordered = sorted(registers, key=lambda register: register.node.id)
    sets = [register.encoded() for register in ordered]
    result = link(sets, ScoreModel.from_schema(schema()), THRESHOLD)
    return {
        frozenset(
            (ordered[index].node.member.name, ordered[index].entities[record])
            for index, record in group.members
        )
        for group in result.groups
    }


def rows(scene: Scene) -> tuple[int, int]:
    """Count what is kept of a run: tasks with raw scores, and records in groups."""
    store = open_home(scene.restarts.home).open_store()
    with store.read() as connection:
        tasks, members = (
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (run_tasks, group_records)
        )
    store.close()
    return tasks, members


CHECK_POINTS = (
    "tacit.coordinator.store.checks:put_check:after:1",  # within the commitment's transaction
    "tacit.coordinator.checking:commit_check:after:1",  # committed, not answered
    "tacit.coordinator.store.checks:put_notices:after:1",  # compared, notices not committed
)


@pytest.mark.timeout(600)
def test_check_is_charged_once_and_answered_in_the_end(processes: Nursery, tmp_path: Path) -> None:
    with stage(processes, tmp_path, uploaded=True) as scene:
        batch = encode([person(entity) for entity in (5, 25, 45, 1000, 1001)])
        check_id = secrets.token_bytes(16)
        for point in CHECK_POINTS:
            assert scene.restarts.start(point)
            scene.restarts.dies(lambda: scene.seat.check(batch, check_id))
        assert scene.restarts.start()
        messages = scene.seat.check(batch, check_id)
        assert [len(holders) for holders in answers(messages)] == [0, 2, 1, 0, 0]
        assert messages[-1].budget_left == 95
        assert len(scene.entries("check")) == 1
        south = Seat(scene.registers[1].node, scene.project)
        assert [notice.records for notice in south.notices()] == [1]
