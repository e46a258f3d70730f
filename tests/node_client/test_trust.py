"""Officers compare keys, confirm newcomers, and are told loudly when a key has changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from tacit.coordinator.revocations import revoke_member
from tacit.coordinator.store.tables import confirmations
from tacit.coordinator.store.tables import members as table
from tacit.linkage.errors import Code, TacitError
from tacit.node.context import connect, load_member
from tacit.node.enrol import enrol
from tacit.node.members import KnownMember, find_member, known_members, refuse_unknown_keys
from tacit.node.projects import create_project, sign_project
from tacit.node.store.base import Store
from tacit.node.sync import sync
from tacit.node.trust import (
    compare_safety_number,
    confirm_member,
    leave,
    own_half,
    show_safety_number,
)
from world import OPTIONS, SCHEMA, World, make_world


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[World]:
    """Serve a coalition where two members must confirm a newcomer."""
    made = make_world(tmp_path, confirmations=2)
    yield made
    made.close()


def refused(store: Store) -> TacitError:
    with pytest.raises(TacitError) as caught:
        sync(store)
    return caught.value


def seen(store: Store, name: str) -> KnownMember:
    with connect(store) as session:
        return find_member(known_members(session, store, load_member(store)), name)


def test_a_newcomer_waits_until_two_have_compared_its_number(careful: World) -> None:
    first = careful.join("First")
    second = careful.new_store("Second")
    careful.nodes["Second"] = second
    assert enrol(second, careful.invite("Second")).waiting
    waiting = refused(second)
    assert (waiting.code, waiting.params["confirmed"], waiting.params["needed"]) == (
        Code.UNCONFIRMED,
        0,
        1,
    )
    # The newcomer can ask nobody, and reads its half; the other sees it within the whole.
    half = own_half(second)
    assert half.number in show_safety_number(first, "Second").number
    with pytest.raises(TacitError) as caught:
        confirm_member(first, "Second", own_half(first).number)
    assert caught.value.code is Code.NUMBER_DIFFERS
    assert not seen(first, "Second").confirmed_by
    confirmed = confirm_member(first, "Second", half.code)
    assert (confirmed.standing, confirmed.confirmed_by, confirmed.compared) == (
        "member",
        ("First",),
        True,
    )
    sync(second)
    assert show_safety_number(first, "Second").number == show_safety_number(second, "First").number
    assert not show_safety_number(second, "First").compared
    third = careful.join("Third")
    assert confirm_member(first, "Third").standing == "waiting"
    with pytest.raises(TacitError) as caught:
        create_project(first, "Early", ["Third"], SCHEMA, OPTIONS)
    assert caught.value.code is Code.BAD_AGREEMENT
    assert confirm_member(second, "Third").standing == "member"
    sync(third)


def test_a_confirmation_that_nobody_signed_does_not_count(careful: World) -> None:
    first, _ = careful.join("First"), careful.join("Second")
    confirm_member(first, "Second")
    assert careful.coordinator is not None
    with careful.coordinator._backend.store.write() as connection:
        connection.execute(update(confirmations).values(signature=bytes(64)))
    assert seen(first, "Second").confirmed_by == ()


def test_an_organisation_that_comes_back_with_other_keys_is_compared_anew(world: World) -> None:
    north, south = world.join("North"), world.join("South")
    compare_safety_number(north, "South", show_safety_number(south, "North").number)
    assert seen(north, "South").compared
    revoke_member(world.home, "South")
    assert refused(south).code is Code.REVOKED
    sync(north)
    again = world.new_store("South again")
    world.nodes["South again"] = again
    enrol(again, world.invite("South"))
    changed = refused(north)
    assert (changed.code, changed.params["member"]) == (Code.KEY_CHANGED, "South")
    assert changed.entry.exit_code == 9
    with pytest.raises(TacitError) as caught:
        create_project(north, "Not yet", ["South"], SCHEMA, OPTIONS)
    assert caught.value.code is Code.KEY_CHANGED
    # The number of the keys that it had before does not do.
    with pytest.raises(TacitError) as caught:
        compare_safety_number(north, "South", own_half(south).number)
    assert caught.value.code is Code.NUMBER_DIFFERS
    assert refused(north).code is Code.KEY_CHANGED
    assert show_safety_number(north, "South").changed
    compare_safety_number(north, "South", own_half(again).number)
    sync(north)
    assert seen(north, "South").compared


@pytest.mark.parametrize(
    ("column", "noticed"),
    [("signing_key", Code.SIGNATURE_INVALID), ("sealing_key", Code.KEY_CHANGED)],
)
def test_a_coordinator_that_slips_in_a_key_is_found_out(
    world: World, column: str, noticed: Code
) -> None:
    north, south = world.join("North"), world.join("South")
    sync(south)
    sync(north)
    assert world.coordinator is not None
    other = bytes(range(32))
    member_id = load_member(south).member_id
    with world.coordinator._backend.store.write() as connection:
        slip = update(table).where(table.c.id == member_id)
        connection.execute(slip.values({column: other}))
    assert refused(north).code is Code.KEY_CHANGED
    # The member itself notices too: its requests are not taken for its own, or its keys are others.
    assert refused(south).code is noticed


def test_nobody_signs_for_keys_that_are_not_those_it_knows(world: World) -> None:
    north, south = world.join("North"), world.join("South")
    view = create_project(north, "Project", ["South"], SCHEMA, OPTIONS)
    with connect(south) as session:
        known = known_members(session, south, load_member(south))
    refuse_unknown_keys(known, view.agreement)
    for change, code in (
        ({"sealing_key": bytes(32)}, Code.KEY_CHANGED),
        ({"standing": "left"}, Code.BAD_AGREEMENT),
    ):
        with pytest.raises(TacitError) as caught:
            refuse_unknown_keys([replace(found, **change) for found in known], view.agreement)
        assert caught.value.code is code
    with south.write() as connection:
        connection.exec_driver_sql("UPDATE pins SET sealing_key = zeroblob(32)")
    with pytest.raises(TacitError) as caught:
        sign_project(south, view.project_id, lambda _: True)
    assert (caught.value.code, caught.value.params["member"]) == (Code.KEY_CHANGED, "North")


def test_who_leaves_is_out_at_once(world: World) -> None:
    north, south = world.join("North"), world.join("South")
    leave(south)
    assert refused(south).code is Code.REVOKED
    assert seen(north, load_member(south).member_id).standing == "left"
    with pytest.raises(TacitError) as caught:
        show_safety_number(north, "South")
    assert caught.value.code is Code.NOT_FOUND
