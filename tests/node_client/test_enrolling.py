import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest

from tacit.coordinator.authority import create_authority
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.protocol import INVITATION_PREFIX
from tacit.node.client.retry import RetryPolicy
from tacit.node.client.session import Session, Target
from tacit.node.context import connect, credentials_of, load_member
from tacit.node.enrol import enrol, parse_invitation
from tacit.node.keys import ensure_keys
from tacit.node.status import status
from tacit.node.store.identity import get_identity
from world import PASSPHRASE, World

ONCE = RetryPolicy(patience=0.0)


def changed(invitation: str, change: Callable[[dict[str, Any]], object]) -> str:
    body = invitation.removeprefix(INVITATION_PREFIX)
    document = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    change(document)
    return INVITATION_PREFIX + urlsafe_b64encode(json.dumps(document).encode()).decode()


def refused(world: World, home: str, invitation: str, **options: Any) -> TacitError:
    with world.new_store(home) as store:
        with pytest.raises(TacitError) as caught:
            enrol(store, invitation, policy=ONCE, **options)
        with store.read() as connection:
            assert get_identity(connection) is None
    return caught.value


def test_an_invitation_makes_a_member_who_can_call_the_coordinator(shared_world: World) -> None:
    store = shared_world.join("북녘 기록보존소")
    member = load_member(store)
    assert member.identity.name == "북녘 기록보존소"
    with connect(store) as session:
        assert session.greeting.member_id == member.member_id
        assert not session.greeting.clock_is_off
    with pytest.raises(TacitError) as caught:
        enrol(store, shared_world.invite("Another"))
    assert caught.value.code is Code.EXISTS


def test_an_invitation_works_once_but_for_the_node_that_used_it(shared_world: World) -> None:
    invitation = shared_world.invite("South")
    with shared_world.new_store("South") as store:
        keys = ensure_keys(store)
        first = enrol(store, "\n ".join([invitation[:40], invitation[40:]]), "South")
        # As if the answer had been lost: the same keys and the same invitation.
        with store.write() as connection:
            connection.exec_driver_sql("DELETE FROM identity")
        assert enrol(store, invitation) == first
        assert ensure_keys(store).signing_public == keys.signing_public
    assert refused(shared_world, "South 2", invitation).code is Code.INVITATION_INVALID


def test_another_organisations_invitation_is_not_taken(shared_world: World) -> None:
    error = refused(shared_world, "x", shared_world.invite("East"), name="West")
    assert error.code is Code.USAGE


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(secret="00" * 32),
        lambda d: d.update(secret="00"),
        lambda d: d.update(expires=1),
        lambda d: d.update(format=2),
        lambda d: d.update(authority="AAAA"),
        lambda d: d.update(address=7),
        lambda d: d.pop("enrol"),
    ],
)
def test_a_changed_invitation_is_invalid(
    shared_world: World, request: pytest.FixtureRequest, change: Callable[[dict[str, Any]], object]
) -> None:
    name = f"changed {request.node.callspec.indices['change']}"
    error = refused(shared_world, name, changed(shared_world.invite(name), change))
    assert error.code is Code.INVITATION_INVALID


@pytest.mark.parametrize("text", ["", "hello", INVITATION_PREFIX, INVITATION_PREFIX + "e30"])
def test_what_is_no_invitation_is_invalid(text: str) -> None:
    with pytest.raises(TacitError) as caught:
        parse_invitation(text)
    assert caught.value.code is Code.INVITATION_INVALID


def test_an_impostor_at_the_address_learns_nothing(shared_world: World) -> None:
    # The invitation pins another authority than the one that signed the server's certificate.
    other = create_authority("Coalition")
    from base64 import b64encode  # noqa: PLC0415

    invitation = changed(
        shared_world.invite("Wary"), lambda d: d.update(authority=b64encode(other.der).decode())
    )
    assert refused(shared_world, "Wary", invitation).code is Code.UNTRUSTED


def test_a_node_of_an_old_protocol_gets_a_clear_answer(shared_world: World) -> None:
    store = shared_world.join("Old")
    target = Target(shared_world.line.address, credentials_of(load_member(store)), ONCE)
    for protocol in (0, 2):
        with pytest.raises(TacitError) as caught:
            Session(target, protocol)
        assert caught.value.code is Code.VERSION_UNSUPPORTED
        assert str(caught.value).startswith(
            f"This coordinator speaks protocol 1 to 1, the node speaks {protocol}."
        )


def test_a_wrong_clock_is_noticed(shared_world: World) -> None:
    store = shared_world.join("Slow")
    credentials = credentials_of(load_member(store))
    target = Target(shared_world.line.address, credentials, ONCE, clock=lambda: 0.0)
    with Session(target) as session:
        assert session.greeting.clock_is_off
        assert session.greeting.clock_skew > 1e9


def test_an_absent_coordinator_is_named_and_status_still_answers(world: World) -> None:
    store = world.join("Alone")
    world.stop()
    with pytest.raises(TacitError) as caught:
        connect(store, ONCE)
    assert caught.value.code is Code.UNAVAILABLE
    assert world.line.address in str(caught.value)
    report = status(store)
    assert report.coordinator is not None
    assert not report.coordinator.reachable
    assert world.line.address in report.coordinator.problem
    assert report.name == "Alone"


def test_status_before_enrolment_says_so_little(world: World) -> None:
    with world.new_store("New") as store:
        report = status(store)
    assert (report.member_id, report.coordinator, report.projects) == ("", None, ())


def test_nothing_of_the_keys_lies_in_the_home_in_plain_text(world: World) -> None:
    store = world.join("Secret")
    keys = load_member(store).keys
    private = keys.signing.private_bytes_raw(), keys.sealing.private_bytes_raw()
    tls = keys.tls.private_numbers().private_value.to_bytes(32, "big")
    store.close()
    for file in (world.path / "Secret").rglob("*"):
        content = file.read_bytes()
        assert b"PRIVATE KEY" not in content
        assert PASSPHRASE.encode() not in content
        assert not any(secret in content for secret in (*private, tls))
