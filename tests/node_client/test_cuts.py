"""Lines that break and coordinators that die: work goes on where it stood."""

import itertools
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from line import Line
from tacit.coordinator.config import Config
from tacit.coordinator.home import init_home, open_home
from tacit.linkage.errors import Code, TacitError
from tacit.node.check import check
from tacit.node.check_rows import CheckRow
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import connect
from tacit.node.eligible import claim_of
from tacit.node.fetch import RunView
from tacit.node.ledger_proofs import refresh_head
from tacit.node.link import link
from tacit.node.results import results
from tacit.node.sealed_claims import ClaimSealer
from tacit.node.store.ledger import StoredTreeHead, last_tree_head, put_tree_head
from tacit.node.sync import sync
from world import World, fill, make_world, person, record

QUICK = RetryPolicy(base=0.02, cap=0.1, patience=3.0)
BOTH = range(600)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two members who have agreed; both hold the same 600 persons, and North 1,400 in all."""
    made = make_world(tmp_path_factory.mktemp("cuts"))
    fill(made.join("North"), [record("North", number) for number in range(1400)])
    fill(made.join("South"), [record("South", number) for number in BOTH])
    made.agree("Victims", "North", "South")
    yield made
    made.close()


def test_an_upload_goes_on_where_the_coordinators_disk_stands(pair: World) -> None:
    # Broken within the first chunk, and within the second.
    pair.line.cuts = [60_000, chunk_bytes() + 60_000]
    stages: list[tuple[str, int]] = []
    (done,) = sync(
        pair.nodes["North"], None, lambda stage, n, _: stages.append((stage, n)), QUICK
    ).projects
    assert pair.line.broken == 2
    assert done.upload is not None
    assert (done.upload.records, done.upload.sent) == (1400, True)
    assert [p.records for p in done.project.parties if p.you] == [1400]
    offsets = [n for stage, n in stages if stage == "upload"]
    # Once the first chunk is committed nothing starts from 0 again. (The second break may come
    # before that commit: hence 3, not 2.)
    assert offsets.count(0) <= 3
    assert offsets.count(1000) >= 2
    assert offsets[-1] == 1400
    assert [stage for stage, _ in stages].count("encode") == 1


def chunk_bytes() -> int:
    """Give the size of a thousand of these records on the wire, roughly."""
    claim = ClaimSealer(bytes(32), bytes(32)).seal(
        claim_of(record("North", 100)), bytes(32), bytes(16)
    )
    strata = sum(len(text) for text in ("kind", "enforced-disappearance", "year", "1969"))
    return 1000 * (16 + 128 + 32 + len(claim) + strata + 80)


def test_a_run_is_watched_and_its_results_fetched_over_a_line_that_breaks(pair: World) -> None:
    sync(pair.nodes["South"])
    states: list[str] = []

    def hang_up(run: RunView) -> None:
        states.append(run.state)
        if len(states) == 1:
            pair.line.hang_up()

    run = link(pair.nodes["North"], None, hang_up, QUICK)
    assert run.state == states[-1] == "done"
    assert run.group_count == len(BOTH)
    broken = itertools.count()

    def hang_up_once(stage: str, _done: int, _total: int) -> None:
        if stage == "results" and next(broken) == 0:
            pair.line.hang_up()

    sync(pair.nodes["South"], None, hang_up_once, QUICK)
    # Two pages of 500 and 100: the line broke between them.
    assert next(broken) > 1
    assert {own.record_id for m in results(pair.nodes["South"]).matches for own in m.own} == {
        f"South-{number:03}" for number in BOTH
    }


def test_a_check_that_was_cut_off_is_counted_once(pair: World) -> None:
    rows = [CheckRow(str(number), person(number)) for number in range(590, 610)]
    once: list[int] = []

    def hang_up_once(done: int, _total: int) -> None:
        once.append(done)
        if len(once) == 1:
            pair.line.hang_up()

    report = check(pair.nodes["North"], None, rows, hang_up_once, policy=QUICK)
    assert len(once) > 1
    assert report.held == 10
    assert report.budget_left == 100 - 20


def test_patience_ends_and_a_later_attempt_succeeds(pair: World) -> None:
    target, pair.line.target = pair.line.target, 1
    impatient = RetryPolicy(base=0.01, cap=0.02, patience=0.05)
    for call in (
        lambda: sync(pair.nodes["North"], policy=impatient),
        lambda: link(pair.nodes["North"], None, lambda _: None, impatient),
    ):
        with pytest.raises(TacitError) as caught:
            call()
        assert caught.value.code is Code.UNAVAILABLE
    pair.line.target = target
    assert sync(pair.nodes["North"]).projects[0].upload is not None


def test_a_ledger_that_contradicts_what_was_seen_is_found_out(pair: World) -> None:
    store = pair.nodes["South"]
    with store.read() as connection:
        seen = last_tree_head(connection)
    assert seen is not None
    for size in (seen.tree_size, seen.tree_size + 1):
        other = StoredTreeHead(size, seen.timestamp, bytes(32), seen.signature, seen.seen_at)
        with store.write() as connection:
            put_tree_head(connection, other)
        with pytest.raises(TacitError) as caught, connect(store) as session:
            refresh_head(session, store)
        assert caught.value.code is Code.PROOF_INVALID
        with store.write() as connection:
            connection.exec_driver_sql("DELETE FROM tree_heads WHERE root = zeroblob(32)")
            put_tree_head(connection, seen)
    with connect(store) as session:
        refresh_head(session, store)


def test_a_coordinator_that_forgot_what_it_signed_is_found_out(world: World) -> None:
    north, south = world.join("North"), world.join("South")
    world.stop()
    shutil.copytree(world.path / "coordinator", world.path / "copy")
    world.start()
    for store in (north, south):
        fill(store, [record("X", number) for number in range(3)])
    world.agree("Victims", "North", "South")
    sync(north)
    world.stop()
    shutil.rmtree(world.home.path)
    shutil.copytree(world.path / "copy", world.home.path)
    world.start()
    # It has rewritten the past; other things happen in it.
    world.join("East")
    world.join("West")
    world.join("Other")
    with pytest.raises(TacitError) as caught, connect(north) as session:
        refresh_head(session, north)
    assert caught.value.code is Code.PROOF_INVALID


def serve(home: Path, line: Line) -> subprocess.Popen[bytes]:
    """Serve a coordinator in a process of its own, behind a line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tacit.coordinator.serve", "--home", str(home), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert b"ready" in process.stdout.readline()
    process.stdout.close()
    serving = open_home(home).read_serving()
    assert serving is not None
    line.target = int(serving.address.rpartition(":")[2])
    return process


def test_an_upload_outlives_kill_9_of_the_coordinator(tmp_path: Path) -> None:
    line = Line()
    config = Config("Coalition", "127.0.0.1:0", "127.0.0.1:0", address=line.address)
    world = World(tmp_path, line, init_home(tmp_path / "coordinator", config))
    process = serve(world.home.path, line)
    try:
        fill(world.join("North"), [record("North", number) for number in range(1400)])
        world.join("South")
        world.agree("Victims", "North", "South")
        killed: list[int] = []

        def kill(stage: str, done: int, _total: int) -> None:
            # The second chunk is handed to the line once the first is on its way.
            if stage == "upload" and done == 1000 and not killed:
                killed.append(process.pid)
                process.kill()

        brief = RetryPolicy(base=0.01, cap=0.05, patience=0.2)
        with pytest.raises(TacitError) as caught:
            sync(world.nodes["North"], None, kill, brief)
        assert caught.value.code is Code.UNAVAILABLE
        assert process.wait(30) == -signal.SIGKILL
        process = serve(world.home.path, line)
        (done,) = sync(world.nodes["North"]).projects
        assert done.upload is not None
        assert (done.upload.records, done.upload.sent) == (1400, True)
        assert [p.records for p in done.project.parties if p.you] == [1400]
    finally:
        world.close()
        process.terminate()
        process.wait(30)
