"""Projects that stand or fall by themselves, and results whose time is over."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tacit.coordinator.retention import erase_expired
from tacit.linkage.errors import Code, TacitError
from tacit.node.check import check
from tacit.node.check_rows import CheckRow
from tacit.node.claims import claims
from tacit.node.link import link
from tacit.node.results import results
from tacit.node.store.base import Store
from tacit.node.store.checks import list_answers, list_checks
from tacit.node.store.results import list_claims, list_groups, list_releases, list_runs
from tacit.node.sync import sync
from world import OPTIONS, World, fill, make_world, person, record

DAY = 24 * 60 * 60 * 1000
KEPT_DAYS = 30


def execute(store: Store, statement: str, *values: object) -> None:
    with store.write() as connection:
        connection.exec_driver_sql(statement, values)


@dataclass(frozen=True)
class Pair:
    """North and South with two projects, the first of which broke at North."""

    world: World
    broken: str
    sound: str

    @property
    def north(self) -> Store:
        return self.world.nodes["North"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    world = make_world(tmp_path_factory.mktemp("apart"))
    for member in ("North", "South"):
        fill(world.join(member), [record(member, number) for number in range(5)])
    broken, sound = (world.agree(name, "North", "South") for name in ("Broken", "Sound"))
    yield Pair(world, broken, sound)
    world.close()


@pytest.fixture
def changed(pair: Pair) -> Iterator[Pair]:
    """Let North remember another agreement than the one that the coordinator shows."""
    sync(pair.north)  # sees it in force
    change = "UPDATE agreement_versions SET agreement_hash = ? WHERE project_id = ?"
    with pair.north.read() as connection:
        query = "SELECT agreement_hash FROM agreement_versions WHERE project_id = ?"
        before = connection.exec_driver_sql(query, (pair.broken,)).scalar_one()
    execute(pair.north, change, bytes(32), pair.broken)
    yield pair
    execute(pair.north, change, before, pair.broken)


def test_a_project_that_cannot_be_believed_does_not_stop_the_others(changed: Pair) -> None:
    report = sync(changed.north)
    (done,) = report.projects
    assert done.project.project_id == changed.sound
    assert done.upload is not None
    assert done.upload.records == 5
    (failure,) = report.failures
    assert (failure.project_id, failure.name) == (changed.broken, "Broken")
    assert failure.error.code is Code.UNSIGNED_AGREEMENT
    assert report.ledger_size > 0


@pytest.mark.parametrize(("name", "done", "failed"), [("Sound", 1, 0), ("Broken", 0, 1)])
def test_one_project_alone_fails_alone(changed: Pair, name: str, done: int, failed: int) -> None:
    report = sync(changed.north, name)
    assert (len(report.projects), len(report.failures)) == (done, failed)


def test_a_lost_linkage_key_is_called_lost_and_not_late(pair: Pair) -> None:
    query = (
        "SELECT key, maker_id, received_at, agreement_hash FROM linkage_keys WHERE project_id = ?"
    )
    with pair.north.read() as connection:
        kept = connection.exec_driver_sql(query, (pair.broken,)).one()
    execute(pair.north, "DELETE FROM linkage_keys WHERE project_id = ?", pair.broken)
    report = sync(pair.north)
    assert [found.project.project_id for found in report.projects] == [pair.sound]
    (failure,) = report.failures
    assert failure.error.code is Code.KEY_LOST
    assert "backup" in failure.error.sentence()
    insert = (
        "INSERT INTO linkage_keys (project_id, epoch, key, maker_id, received_at, agreement_hash)"
    )
    execute(pair.north, f"{insert} VALUES (?, 1, ?, ?, ?, ?)", pair.broken, *kept)
    assert sync(pair.north).failures == ()


@pytest.fixture
def linked(world: World) -> World:
    for member in ("North", "South"):
        fill(world.join(member), [record(member, number) for number in range(8)])
    options = replace(OPTIONS, retention_days=KEPT_DAYS)
    project = world.agree("Victims", "North", "South", options=options)
    world.link(project, "North", "South")
    claims(world.nodes["North"])
    rows = [CheckRow(str(number), person(number)) for number in range(6)]
    check(world.nodes["North"], None, rows, lambda _done, _total: None)
    return world


def advance(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """Let that much time pass for the node, as the coordinator's clock has it."""
    monkeypatch.setattr(
        "tacit.node.sync.shifted", lambda _: time.time_ns() // 1_000_000 + round(days * DAY)
    )


def held(store: Store) -> tuple[int, int, int, int]:
    """Count runs, groups, claims and answers in a store."""
    with store.read() as connection:
        (project,) = connection.exec_driver_sql("SELECT project_id FROM projects").scalars()
        runs = list_runs(connection, project)
        (asked,) = list_checks(connection, project)
        assert list_releases(connection, project) == []
        return (
            len(runs),
            sum(len(list_groups(connection, run.run_id)) for run in runs),
            sum(len(list_claims(connection, run.run_id)) for run in runs),
            len(list_answers(connection, asked.check_id)),
        )


def test_a_node_lets_go_of_what_others_records_gave(
    linked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = linked.nodes["North"]
    advance(monkeypatch, KEPT_DAYS - 0.1)
    assert sync(store).projects[0].run is not None
    assert held(store) == (1, 8, 8, 6)
    advance(monkeypatch, KEPT_DAYS + 0.1)
    # The coordinator has not erased it yet, but it is not fetched again.
    assert sync(store).projects[0].run is None
    assert held(store) == (0, 0, 0, 0)
    with pytest.raises(TacitError) as caught:
        results(store)
    assert caught.value.code is Code.NOT_FOUND


def test_what_the_coordinator_erased_is_uploaded_again_unchanged(linked: World) -> None:
    assert linked.coordinator is not None
    backend = linked.coordinator._backend
    later = replace(backend, now=lambda: backend.now() + (KEPT_DAYS + 1) * DAY)
    assert erase_expired(later) == 1
    with pytest.raises(TacitError) as caught:
        link(linked.nodes["North"], None, lambda _: None)
    assert caught.value.code is Code.NOTHING_TO_LINK
    with pytest.raises(TacitError) as caught:
        claims(linked.nodes["North"])
    assert caught.value.code is Code.NOT_FOUND
    assert "30 days" in caught.value.sentence()
    for member in ("North", "South"):
        upload = sync(linked.nodes[member]).projects[0].upload
        assert upload is not None
        assert (upload.sent, upload.records) == (True, 8)
        again = sync(linked.nodes[member]).projects[0].upload
        assert again is not None
        assert not again.sent
    link(linked.nodes["North"], None, lambda _: None)
    assert len(results(linked.nodes["North"]).matches) == 8
