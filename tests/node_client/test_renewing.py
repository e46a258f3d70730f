"""Certificates renew by themselves; a node that was away too long comes back by an invitation."""

import time
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tacit.coordinator.authority import create_authority
from tacit.coordinator.invitations import invite
from tacit.coordinator.store.standing import replace_certificate
from tacit.linkage.errors import Code, TacitError
from tacit.node import renewal
from tacit.node.client.retry import RetryPolicy
from tacit.node.client.session import Session, Target
from tacit.node.context import connect, credentials_of, load_member
from tacit.node.enrol import enrol
from tacit.node.keys import certificate_request, keep_next_tls
from tacit.node.renewal import has_ended, is_due
from tacit.node.store.base import Store
from tacit.node.store.identity import put_identity
from world import World

ONCE = RetryPolicy(patience=0.0)
DAY = 24 * 3600


def age(world: World, store: Store, days: float) -> None:
    """Let a node have enrolled so many days ago, for its coordinator and TLS too."""
    assert world.coordinator is not None
    member, backend = load_member(store), world.coordinator._backend
    at = time.time_ns() // 1_000_000 - round(days * DAY * 1000)
    request = certificate_request(member.keys.tls)
    issued = backend.authority.issue_client(request, member.member_id, at)
    with backend.store.write() as connection:
        replace_certificate(connection, member.member_id, issued)
    with store.write() as connection:
        put_identity(connection, replace(member.identity, certificate=issued.der))


def test_a_certificate_is_due_when_a_third_is_left() -> None:
    authority = create_authority("Coalition")
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    request = certificate_request(ec.generate_private_key(ec.SECP256R1()))
    start = 1_800_000_000
    certificate = authority.issue_client(request, "m1", start * 1000).der
    # It holds from a day before to 90 days after: of 91 days, 30 and a third are the last third.
    assert not is_due(certificate, start + 59.6 * DAY)
    assert is_due(certificate, start + 59.7 * DAY)
    assert not has_ended(certificate, start + 90 * DAY - 1)
    assert has_ended(certificate, start + 90 * DAY)


def test_a_node_renews_in_time_and_the_old_certificate_dies(shared_world: World) -> None:
    store = shared_world.join("Renews")
    age(shared_world, store, 59)
    connect(store, ONCE).close()
    age(shared_world, store, 61)
    before = load_member(store)
    with connect(store, ONCE) as session:
        assert session.greeting.member_id == before.member_id
    after = load_member(store)
    assert after.identity.certificate != before.identity.certificate
    assert after.keys.tls_pem() != before.keys.tls_pem()
    assert after.keys.signing_public == before.keys.signing_public
    with pytest.raises(TacitError) as caught:
        Session(Target(shared_world.line.address, credentials_of(before), ONCE))
    assert caught.value.code is Code.UNAUTHENTICATED
    connect(store, ONCE).close()
    assert load_member(store).identity == after.identity


def test_a_renewal_that_was_cut_off_goes_on_with_the_same_key(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = shared_world.join("Cut off")
    age(shared_world, store, 61)
    given: list[bytes] = []

    def fail(_connection: object, identity: object) -> None:
        given.append(identity.certificate)  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(renewal, "put_identity", fail)
        with pytest.raises(KeyboardInterrupt):
            connect(store, ONCE)
    connect(store, ONCE).close()
    # The coordinator had certified that key already, and gave the very same certificate.
    assert [load_member(store).identity.certificate] == given


def test_the_certificate_of_another_authority_or_key_is_not_taken(shared_world: World) -> None:
    store = shared_world.join("Wary")
    member = load_member(store)
    foreign = create_authority("Other").issue_client(certificate_request(member.keys.tls), "m")
    own = x509.load_der_x509_certificate(member.identity.certificate)
    for der, key in (
        (foreign.der, member.keys.tls),
        (b"no certificate", member.keys.tls),
        (own.public_bytes(Encoding.DER), keep_next_tls(store)),
    ):
        with pytest.raises(TacitError) as caught:
            renewal._verify(der, key, member.identity)
        assert caught.value.code is Code.UNTRUSTED


def test_a_node_that_was_away_for_too_long_is_told_and_comes_back(shared_world: World) -> None:
    store = shared_world.join("Away")
    before = load_member(store)
    age(shared_world, store, 91)
    with pytest.raises(TacitError) as caught:
        connect(store, ONCE)
    assert caught.value.code is Code.CERTIFICATE_EXPIRED
    joined = enrol(store, invite(shared_world.home, "Away", renew=True))
    assert (joined.member_id, joined.waiting) == (before.member_id, False)
    with connect(store, ONCE) as session:
        assert session.greeting.member_id == before.member_id
