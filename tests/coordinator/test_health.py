"""Health that tells the truth while the database comes and goes."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse, HealthListRequest
from grpc_health.v1.health_pb2_grpc import HealthStub

from coalition import (
    Batch,
    CallError,
    Coalition,
    Node,
    make_record,
    open_channel,
    project_in_force,
    start_coalition,
)
from tacit.coordinator.health import Health
from tacit.coordinator.policy import RULES

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING


@dataclass(frozen=True, slots=True)
class Breakable:
    """A coordinator whose database can be taken away and given back."""

    coalition: Coalition
    take_away: Callable[[], None]
    give_back: Callable[[], None]


@pytest.fixture(params=["sqlite", "postgresql"])
def breakable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Breakable]:
    if request.param == "sqlite":
        coalition = start_coalition(tmp_path / "home")
        file, hidden = coalition.home.path / "coordinator.sqlite3", tmp_path / "hidden"
        made = Breakable(coalition, lambda: _move(file, hidden), lambda: _move(hidden, file))
    else:
        url = request.getfixturevalue("new_postgresql")()
        outage: Callable[[str, bool], None] = request.getfixturevalue("postgresql_outage")
        coalition = start_coalition(tmp_path / "home", url)
        made = Breakable(coalition, lambda: outage(url, True), lambda: outage(url, False))
    try:
        yield made
    finally:
        coalition.close()


def _move(here: Path, there: Path) -> None:
    here.rename(there)


def check(channel: grpc.Channel, service: str = "") -> int:
    status: int = HealthStub(channel).Check(HealthCheckRequest(service=service), timeout=20).status
    return status


def anonymous(coalition: Coalition, node: Node) -> grpc.Channel:
    return open_channel(coalition.serving.enrol_address, node.authority)


def test_health_follows_the_database(breakable: Breakable) -> None:
    coalition = breakable.coalition
    node, other = coalition.enrol("North"), coalition.enrol("South")
    batch = Batch(node, project_in_force([node, other]), [make_record()])
    assert node.channel is not None
    with anonymous(coalition, node) as channel:
        assert check(channel) == check(node.channel) == SERVING
        watched = HealthStub(channel).Watch(HealthCheckRequest(), timeout=60)
        assert next(watched).status == SERVING
        breakable.take_away()
        assert check(channel) == check(node.channel, "tacit.v1.RunsService") == NOT_SERVING
        assert next(watched).status == NOT_SERVING
        with pytest.raises(CallError) as failure:
            batch.start()
        assert (failure.value.status, failure.value.reason) == ("UNAVAILABLE", "STORE_FAILED")
        breakable.give_back()
        assert check(channel) == check(node.channel) == SERVING
        assert next(watched).status == SERVING
        watched.cancel()
    assert batch.upload().finished


def test_every_service_has_a_status_on_both_ports(alone: Coalition) -> None:
    node = alone.enrol("North")
    services = {"", *(method.split("/")[1] for method in RULES)}
    assert node.channel is not None
    with anonymous(alone, node) as channel:
        for port in (channel, node.channel):
            statuses = HealthStub(port).List(HealthListRequest()).statuses
            assert {name: s.status for name, s in statuses.items()} == dict.fromkeys(
                services, SERVING
            )
            with pytest.raises(grpc.RpcError, match="NOT_FOUND"):
                check(port, "tacit.v1.NoService")


def test_a_dead_worker_shows() -> None:
    alive = {"worker": True}
    told: list[tuple[str, ...]] = []
    health = Health(("s",), {"worker": lambda: alive["worker"]}, told.append)
    health.start()
    alive["worker"] = False
    deadline = time.monotonic() + 20
    while told != [(), ("worker",)] and time.monotonic() < deadline:
        time.sleep(0.05)
    health.stop()
    assert told == [(), ("worker",)]
