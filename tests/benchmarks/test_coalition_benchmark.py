"""The benchmark of a large coalition, played small on a far worse line; and its checks can fail."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from coalition_checks import Seen, Verdict, judge
from coalition_data import SCHEMA, read_truth, spread, write_coalition
from coalition_line import WAYS, BadLine
from coalition_run import Played, Wish, find_faults, play

THRESHOLD = 999


def test_every_group_is_right_though_every_second_connection_is_dropped(tmp_path: Path) -> None:
    write_coalition(tmp_path / "data", 4, 150, 2026, "distinct")
    (tmp_path / "work").mkdir()
    wish = Wish(tmp_path / "data", tmp_path / "work", 4, 0.5, 7, THRESHOLD, apart=False)
    played = play(wish, lambda _: None)
    truth = read_truth(tmp_path / "data")

    def judged(nodes: list[Seen]) -> Verdict:
        return judge(nodes, truth, SCHEMA, THRESHOLD / 1000)

    verdict = judged(played.nodes)
    # Whom so few records let confuse depends on the linkage key, which is drawn anew each time.
    assert find_faults(played, verdict, strict=False) == []
    assert verdict.groups > 100
    assert verdict.wrong <= 2
    assert min(verdict.precision, verdict.recall) > 0.98
    assert sum(stage.traffic.dropped.total() for stage in played.stages.values()) > 0

    _is_noticed_if_a_group_is_missing(played, judged(_without_a_group(played.nodes)))
    audit = next(iter(played.told["audit"].values()))
    audit["cosigned"][-1] -= 1
    assert find_faults(played, verdict, strict=False) == [
        "not everybody has cosigned the newest head"
    ]


def _without_a_group(nodes: list[Seen]) -> list[Seen]:
    first, *others = nodes
    groups = dict(first.groups)
    del groups[next(iter(groups))]
    return [replace(first, groups=groups), *others]


def _is_noticed_if_a_group_is_missing(played: Played, verdict: Verdict) -> None:
    faults = find_faults(played, verdict, strict=True)
    assert "the groups are not those of the linkage without a network" in faults
    # The others hold more of it than its own member says.
    assert any(fault.startswith("not exactly their own groups: member") for fault in faults)
    assert any(fault.endswith("people missed") for fault in faults)


def test_people_are_in_one_to_all_registers_and_every_register_is_full() -> None:
    layout = spread(5, 200, Random(1), 5)
    assert [len(held) for held in layout.holdings()] == [200] * 5
    assert {len(cell) for cell in layout.cells} == {1, 2, 3, 4, 5}


@pytest.fixture
def echo() -> Iterator[int]:
    """Send back whatever comes."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer(client: socket.socket) -> None:
        with client:
            while block := client.recv(4096):
                client.sendall(block)

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def _talk(line: BadLine, words: int) -> bool:
    """Say so many kilobytes and hear them again; tell whether the line held."""
    host, _, port = line.address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), 20) as client:
            for _ in range(words):
                client.sendall(bytes(1024))
                heard = 0
                while heard < 1024:
                    block = client.recv(1024 - heard)
                    if not block:
                        return False
                    heard += len(block)
    except OSError:
        return False
    return True


def test_a_line_drops_connections_in_every_way_or_none(echo: int) -> None:
    good, bad = (BadLine(lambda: echo, drop, "seed") for drop in (0.0, 1.0))
    assert all(_talk(good, 40) for _ in range(5))
    assert not good.traffic.dropped
    # More than the 10 ** 4.5 bytes after which a doomed connection breaks at the latest.
    soon = set(WAYS) - {"later"}
    for _ in range(200):
        if set(bad.traffic.dropped) >= soon:
            break
        _talk(bad, 40)
    assert set(bad.traffic.dropped) >= soon
    good.close()
    bad.close()
