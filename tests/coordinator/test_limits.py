"""How often and how many at once; what a refusal says, and that nodes heed it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from coalition import (
    UNHURRIED,
    CallError,
    Invitation,
    Node,
    make_agreement,
    send_enrol,
    start_coalition,
)
from line import Line
from tacit.coordinator.config import Config, parse_config, render_config
from tacit.coordinator.home import init_home
from tacit.coordinator.invitations import invite
from tacit.coordinator.limits import EXPLAINED, HEAVY, Limits
from tacit.coordinator.policy import RULES
from tacit.coordinator.rate_limits import Buckets, RateLimits, address_of
from tacit.coordinator.server import Coordinator
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import RetryPolicy, retrying
from tacit.node.context import connect
from tacit.node.enrol import enrol
from tacit.node.home import find_home
from tacit.node.store.base import create_store
from tacit.v1 import membership_pb2, projects_pb2


@dataclass
class Ticks:
    """A clock that a test moves, seconds."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def limited(call: Callable[[], Any]) -> int:
    """Give the seconds that a refused call is told to wait; 0 where it was let in."""
    try:
        call()
    except TacitError as error:
        return int(str(error.params["seconds"])) if error.code is Code.RATE_LIMITED else -1
    return 0


def test_a_bucket_holds_a_minute_and_fills_evenly() -> None:
    ticks = Ticks()
    buckets = Buckets(30, ticks)
    assert [limited(lambda: buckets.take("a")) for _ in range(31)] == [0] * 30 + [2]
    assert limited(lambda: buckets.take("b")) == 0
    ticks.at = 1.9
    assert limited(lambda: buckets.take("a")) == 1
    ticks.at = 2.0
    assert limited(lambda: buckets.take("a")) == 0
    assert limited(lambda: buckets.take("a")) == 2
    buckets.give_back("a")
    assert limited(lambda: buckets.take("a")) == 0
    # A long silence gives no more than one minute's worth.
    ticks.at = 10_000.0
    assert [limited(lambda: buckets.take("a")) for _ in range(31)] == [0] * 30 + [2]


def test_callers_beyond_counting_are_refused_and_forgotten() -> None:
    ticks = Ticks()
    buckets = Buckets(30, ticks)
    for caller in range(10_000):
        buckets.take(str(caller))
    assert limited(lambda: buckets.take("one more")) == 60
    ticks.at = 60.0
    assert limited(lambda: buckets.take("one more")) == 0
    assert len(buckets._held) == 1


def test_heavy_calls_are_counted_twice() -> None:
    rates = RateLimits(replace(UNHURRIED, calls_per_minute=5, heavy_calls_per_minute=2), Ticks())
    run, other = "/tacit.v1.RunsService/StartRun", "/tacit.v1.RunsService/GetRun"
    assert [limited(lambda: rates.call("a", run)) for _ in range(3)] == [0, 0, 30]
    assert [limited(lambda: rates.call("a", other)) for _ in range(3)] == [0, 0, 12]
    assert limited(lambda: rates.call("b", run)) == 0


def test_enrolments_are_counted_by_address_and_in_all() -> None:
    limits = replace(UNHURRIED, enrolments_per_minute=2, enrolments_per_minute_in_all=4)
    rates = RateLimits(limits, Ticks())
    from_a = [limited(lambda: rates.enrolment("a")) for _ in range(3)]
    assert from_a == [0, 0, 30]
    from_others = [limited(partial(rates.enrolment, found)) for found in "bcd"]
    assert from_others == [0, 0, 15]
    rates.enrolled("a")
    assert [limited(lambda: rates.enrolment("a")) for _ in range(2)] == [0, 30]


def test_heavy_rpcs_exist() -> None:
    assert set(RULES) >= HEAVY


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.0.2.1:50000", "192.0.2.1"),
        ("ipv6:%5B2001:db8:1:2:3::4%5D:50000", "2001:db8:1:2::/64"),
        ("ipv6:%5B2001:db8:1:2:ffff::9%5D:1", "2001:db8:1:2::/64"),
        ("ipv6:%5B::ffff:192.0.2.1%5D:50000", "192.0.2.1"),
        ("ipv6:%5Bfe80::1%25eth0%5D:50000", "fe80::/64"),
        ("unix:/run/x", ""),
    ],
)
def test_addresses(peer: str, address: str) -> None:
    assert address_of(peer) == address


def test_limits_are_written_read_and_bounded() -> None:
    config = replace(Config("C"), limits=Limits(calls_per_minute=7, idle_seconds=8))
    assert parse_config(render_config(config), "coordinator.toml") == config
    assert set(EXPLAINED) == set(Limits.__dataclass_fields__)
    for line, problem in (
        ("calls_per_minute = 0", "must be from 1 to 1000000000"),
        ("calls_per_minute = true", "must be a whole number"),
        ('calls_per_minute = "many"', "must be a whole number"),
        ("calls = 3", "unknown key 'calls'"),
    ):
        with pytest.raises(TacitError, match=problem):
            parse_config(f'coalition = "C"\n[limits]\n{line}\n', "coordinator.toml")
    with pytest.raises(TacitError, match="must be a table"):
        parse_config('coalition = "C"\nlimits = 3\n', "coordinator.toml")


def refusal(call: Callable[[], Any]) -> CallError:
    with pytest.raises(CallError) as failure:
        call()
    return failure.value


def test_over_the_wire(tmp_path: Path) -> None:
    limits = replace(
        UNHURRIED,
        calls_per_minute=12,
        heavy_calls_per_minute=2,
        enrolments_per_minute=2,
        enrolments_per_minute_in_all=5,
    )
    coalition = start_coalition(tmp_path / "home", limits=limits)
    try:
        # What succeeds is not counted.
        north, south, east = (coalition.enrol(name) for name in ("North", "South", "East"))
        agreement = make_agreement([north, south])
        heavy = [refusal(lambda: create(east, agreement.encode())).reason for _ in range(3)]
        assert heavy == ["FORBIDDEN", "FORBIDDEN", "RATE_LIMITED"]
        for _ in range(12):
            north.hello()
        told = refusal(north.hello)
        assert (told.status, told.reason, told.params) == (
            "RESOURCE_EXHAUSTED",
            "RATE_LIMITED",
            {"seconds": 5},
        )
        assert south.hello().you == south.member
        line = coalition.invite("West")
        guesses = [refusal(lambda: guess(line)).reason for _ in range(4)]
        assert guesses == ["INVITATION_INVALID"] * 2 + ["RATE_LIMITED"] * 2
    finally:
        coalition.close()


def create(node: Node, agreement: bytes) -> None:
    node.stubs.projects.CreateProject(projects_pb2.CreateProjectRequest(agreement=agreement))


def guess(line: str) -> None:
    send_enrol(Invitation(line), Node().request(bytes(32)))


def test_a_node_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    """Twice as many calls as a minute allows, at a pace that the coordinator sets."""
    config = Config(
        "C", "127.0.0.1:0", "127.0.0.1:0", limits=replace(Limits(), calls_per_minute=60)
    )
    home = init_home(tmp_path / "coordinator", config)
    line = Line()
    coordinator = Coordinator(replace(home, config=replace(config, address=line.address)))
    serving = coordinator.start()
    line.target = int(serving.address.rpartition(":")[2])
    slept: list[float] = []
    policy = RetryPolicy(sleep=slept.append)
    try:
        with create_store(find_home(tmp_path / "node"), "planted-passphrase", 14) as store:
            enrol(store, invite(replace(home, config=replace(config, address=line.address)), "N"))
            with connect(store, policy) as session:
                request = membership_pb2.ListMembersRequest()
                while limited(lambda: session.ask(session.membership.ListMembers, request)) == 0:
                    pass
        assert min(slept) >= 1.0
    finally:
        coordinator.stop()
        line.close()


def test_a_wait_that_is_asked_for_is_bounded() -> None:
    slept: list[float] = []
    policy = RetryPolicy(patience=0.1, sleep=slept.append, jitter=lambda _: 0.0)

    def attempt() -> None:
        raise TacitError(Code.RATE_LIMITED, seconds=10**6)

    with pytest.raises(TacitError):
        retrying(policy, attempt)
    assert slept == [60.0]
