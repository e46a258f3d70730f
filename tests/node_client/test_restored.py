"""After a restoring: a node goes on, and an older coordinator is found out."""

import pytest

from tacit.coordinator.backup.restore import restore
from tacit.coordinator.backup.write import back_up
from tacit.coordinator.home import open_home
from tacit.linkage.errors import Code, TacitError
from tacit.node.backup import back_up_node, restore_node
from tacit.node.home import Home
from tacit.node.store.base import open_store
from tacit.node.sync import sync
from world import PASSPHRASE, World, fill, record


def test_a_restored_node_goes_on(world: World) -> None:
    for name in ("North", "South"):
        world.join(name)
        fill(world.nodes[name], [record(name, number) for number in range(1, 6)])
    project = world.agree("P", "North", "South")
    north = world.nodes.pop("North")
    north.close()
    back_up_node(Home(world.path / "North"), PASSPHRASE, world.path / "backup")
    with open_store(Home(world.path / "North"), PASSPHRASE) as store:
        sync(store, project)
    sync(world.nodes["South"], project)
    restore_node(world.path / "backup", PASSPHRASE, Home(world.path / "again"))
    world.nodes["North"] = open_store(Home(world.path / "again"), PASSPHRASE)
    world.link(project, "North", "South")
    report = sync(world.nodes["North"], project)
    assert not report.failures
    assert report.projects[0].run is not None


def test_a_coordinator_restored_to_earlier_is_refused(world: World) -> None:
    for name in ("North", "South"):
        world.join(name)
    back_up(world.home, world.path / "old", None)
    project = world.agree("P", "North", "South")
    sync(world.nodes["North"], project)
    back_up(world.home, world.path / "new", None)
    world.stop()
    for file, refused in (("old", True), ("new", False)):
        restore(world.path / file, None, world.path / f"restored-{file}")
        world.home = open_home(world.path / f"restored-{file}")
        world.start()
        if refused:
            with pytest.raises(TacitError) as failure:
                sync(world.nodes["North"])
            assert failure.value.code is Code.PROOF_INVALID
        else:
            assert not sync(world.nodes["North"]).failures
        world.stop()
