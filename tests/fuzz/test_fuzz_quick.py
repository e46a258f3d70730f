"""A few thousand cases of what `make fuzz` does a million times: the same generators and oracles."""

import base64
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz_answers import AnswerFuzz
from fuzz_files import FileFuzz, real_files
from fuzz_main import settle
from fuzz_messages import made, rpcs
from fuzz_oracle import Tally, trace_in
from fuzz_readers import NAMES
from fuzz_rpc import RpcFuzz
from fuzz_values import MARK, TRACES, Guided
from fuzz_wire import WireFuzz
from fuzz_world import World, make_world
from postgresql import Server
from tacit.coordinator.policy import RULES
from world import make_world as make_node_world


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fuzzed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, RpcFuzz, Tally]]:
    server = Server() if request.param == "postgresql" else None
    folder, tally = tmp_path_factory.mktemp("fuzz"), Tally()
    try:
        world = make_world(folder, server.new() if server else "")
        yield world, RpcFuzz(world, tally, str(request.param)), tally
        world.close()
    finally:
        if server is not None:
            server.close()


def test_every_rpc_is_fuzzed() -> None:
    assert set(rpcs()) == set(RULES)


def test_the_mark_is_known_again_however_it_is_written() -> None:
    content = f"before {MARK} after".encode()
    for shift in range(3):
        assert trace_in(base64.b64encode(b"x" * shift + content).decode())
    assert trace_in(content.hex())
    assert trace_in(repr(content))
    assert not trace_in("nothing")
    assert len(TRACES) == 7


def test_draws_are_what_the_fuzzer_gives() -> None:
    assert [Guided(b"\1\2").randrange(256) for _ in range(2)] == [
        Guided(b"\1\2").randrange(256)
    ] * 2
    assert Guided(b"").randbytes(3) == bytes(3)
    for descriptor in rpcs().values():
        made(Guided(b"\xff" * 300), descriptor.input_type, {})


def test_made_up_calls_are_refused_and_leave_nothing(
    fuzzed: tuple[World, RpcFuzz, Tally],
) -> None:
    world, fuzz, tally = fuzzed
    settle(fuzz, world, tally)
    for number in range(700):
        fuzz.case(random.Random(f"quick/{number}"), number)
    settle(fuzz, world, tally)
    assert list(tally.findings.values()) == []
    assert tally.total >= 700
    # The fuzz gets beyond admission, and some of what it makes up is taken.
    assert {"OK", "MALFORMED", "NOT_FOUND", "SIGNATURE_INVALID"} <= tally.ends.keys()


def test_calls_that_hypothesis_makes_up(fuzzed: tuple[World, RpcFuzz, Tally]) -> None:
    _, fuzz, tally = fuzzed

    @settings(
        max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(st.randoms(use_true_random=False))
    def run(rng: random.Random) -> None:
        fuzz.case(rng, "hypothesis")
        assert list(tally.findings.values()) == []

    run()


def test_what_comes_over_the_wire(fuzzed: tuple[World, RpcFuzz, Tally]) -> None:
    world, fuzz, tally = fuzzed
    wire = WireFuzz(world, tally, fuzz)
    try:
        for number in range(60):
            wire.case(random.Random(f"wire/{number}"), number)
        assert wire.served()
    finally:
        wire.close()
    assert list(tally.findings.values()) == []
    assert tally.cases["wire connections"]


def test_files_that_are_wrong(
    fuzzed: tuple[World, RpcFuzz, Tally], tmp_path_factory: pytest.TempPathFactory
) -> None:
    world, _, _ = fuzzed
    folder, tally = tmp_path_factory.mktemp("files"), Tally()
    fuzz = FileFuzz(folder, real_files(world.coalition, folder), tally)
    assert tuple(fuzz.readers) == NAMES
    for name in NAMES:
        for number in range(8):
            fuzz.case(random.Random(f"file/{number}"), number, name)
    assert list(tally.findings.values()) == []


def test_a_node_before_a_coordinator_that_lies(tmp_path: Path) -> None:
    tally = Tally()
    world = make_node_world(tmp_path)
    try:
        fuzz = AnswerFuzz(world, tally)
        for name in fuzz.acts:
            fuzz.case(random.Random(f"node/{name}"), name, name)
    finally:
        world.close()
    assert list(tally.findings.values()) == []
    assert tally.total == len(fuzz.acts)
    assert "done" in tally.ends
