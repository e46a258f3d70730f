"""kill -9 of a node at every point of its way: the next attempt ends as if nothing had been."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import node_child
from tacit.node.home import find_home
from tacit.node.results import results
from tacit.node.status import status
from tacit.node.store.base import open_store
from tacit.node.sync import sync
from world import PASSPHRASE, World, fill, make_world, record

# More than one chunk of an upload and more than one page of results.
NORTH, SOUTH = range(1050), range(530, 1100)

POINTS = (
    "tacit.node.eligible:select_records:after:1",
    "tacit.node.store.uploads:put_upload_records:after:1",
    "tacit.node.upload:_start:after:1",
    "node_child:on_progress:before:3",
    "node_child:on_progress:before:4",
    "tacit.node.upload:_send_some:after:1",
    "tacit.node.upload:_finish:before:1",
    "tacit.node.upload:_finish:after:1",
    "tacit.node.store.uploads:finish_upload:after:1",
    "node_child:on_run:before:1",
    "tacit.node.store.results:put_groups:after:1",
    "tacit.node.store.results:put_groups:before:2",
)


@dataclass(frozen=True)
class Ready:
    """A world in which South has uploaded, and North's home as it was before it ever encoded."""

    world: World
    home: Path


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    world = make_world(tmp_path_factory.mktemp("kill"))
    for member, numbers in (("North", NORTH), ("South", SOUTH)):
        fill(world.join(member), [record(member, number) for number in numbers])
    world.agree("Victims", "North", "South")
    sync(world.nodes["South"])
    world.nodes.pop("North").close()
    yield Ready(world, world.path / "North")
    world.close()


def run_and_die(home: Path, point: str) -> int:
    """Run a node until it is killed; gives what its process ended with."""
    support = Path(node_child.__file__).parent
    done = subprocess.run(
        [sys.executable, node_child.__file__, str(home), point],
        input=PASSPHRASE.encode(),
        env={**os.environ, "PYTHONPATH": str(support)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_node_goes_on_and_finds_the_same(ready: Ready, tmp_path: Path, point: str) -> None:
    home = tmp_path / "North"
    shutil.copytree(ready.home, home)
    assert run_and_die(home, point) == -signal.SIGKILL
    with open_store(find_home(home), PASSPHRASE) as store:
        node_child.go_all_the_way(store)
        found = {
            (own.record_id, other.member)
            for match in results(store).matches
            for own in match.own
            for other in match.others
        }
        upload = status(store).projects[0].upload
        (again,) = sync(store).projects
    assert found == {(f"North-{number:03}", "South") for number in SOUTH if number in NORTH}
    assert upload is not None
    assert (upload.record_count, upload.committed) == (1050, 1050)
    assert upload.finished_at is not None
    assert again.upload is not None
    assert not again.upload.sent
    assert {p.name: p.records for p in again.project.parties} == {"North": 1050, "South": 570}
