"""A newcomer, whom only a proposed version names: it sees that, signs it, and takes part."""

from collections.abc import Callable

import pytest

from tacit.linkage.errors import Code, TacitError
from tacit.node.agreement_writing import Wishes
from tacit.node.context import find_project, signed_project
from tacit.node.projects import (
    confirm_safety_number,
    list_projects,
    show_project,
    sign_project,
)
from tacit.node.proposals import drop_proposal, propose_version
from tacit.node.sync import sync
from world import World, fill, record

ADD = Wishes(add=("West",))


def refused(call: Callable[[], object]) -> Code:
    with pytest.raises(TacitError) as caught:
        call()
    return caught.value.code


def test_a_newcomer_signs_the_version_that_takes_it_in(world: World) -> None:
    north, south, west = (world.join(name) for name in ("North", "South", "West"))
    for name, store in world.nodes.items():
        fill(store, [record(name, number) for number in range(4)])
    project = world.agree("Victims", "North", "South")
    confirm_safety_number(north)
    assert show_project(north).safety_confirmed
    assert sync(west).projects == ()
    # Asked and answered no, nothing is proposed.
    assert propose_version(north, None, ADD, lambda _: False).proposal is None
    proposed = propose_version(north, None, ADD, lambda _: True)
    assert proposed.proposal is not None
    assert refused(lambda: propose_version(south, None, ADD, lambda _: True)) is Code.PROPOSAL_OPEN
    (waiting,) = sync(west).projects
    assert waiting.waiting == "your signature on version 2"
    assert (waiting.project.in_force, waiting.project.agreement.version) == (False, 2)
    assert refused(lambda: signed_project(west)) is Code.NOT_IN_FORCE
    # It declines, and the project is none of its own any more.
    assert not drop_proposal(west, None, lambda _: False).over
    drop_proposal(west, None, lambda _: True)
    assert find_project(west).over == "removed"
    assert list_projects(west) == ()
    assert show_project(north).proposal is None
    assert show_project(north).safety_confirmed
    # Asked again it signs, before South does.
    propose_version(north, None, ADD, lambda _: True)
    signed = sign_project(west, project, lambda _: True)
    assert (signed.signed_by_you, signed.in_force, signed.key_state) == (True, False, "held")
    assert signed.proposal is not None
    assert signed.proposal.unsigned == ("South",)
    assert sign_project(south, project, lambda _: True).in_force
    world.link(project, "North", "South", "West")
    keys = {signed_project(store).key() for store in world.nodes.values()}
    assert len(keys) == 1
    # The first version is part of what it signed, so claims under it verify here too.
    assert [version.version for version in signed_project(west).earlier] == [1]
    # Every version has a safety number of its own.
    view = show_project(north)
    assert not view.safety_confirmed
    assert view.safety_number == show_project(west).safety_number != proposed.safety_number
