"""Play a large coalition: one coordinator, many nodes at the same time, each on a bad line."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import coalition_node
from coalition_checks import Seen, Verdict, read_seen
from coalition_data import SCHEMA
from coalition_hands import Hand, Hands
from coalition_line import BadLine, Traffic
from coalition_measure import Meter
from tacit.coordinator.config import Config
from tacit.coordinator.home import Home, Serving, init_home
from tacit.coordinator.invitations import invite

PASSPHRASE = "invented people need no secret"
MOST_ATTEMPTS = 40


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be played.

    Attributes:
        data: folder of the registers.
        work: an empty folder for the homes of coordinator and nodes.
        members: how many.
        drop: probability that a connection is dropped.
        seed: of the lines.
        threshold_permille: to agree on; 0 for the one found without truth.
        database: URL of the coordinator's database; empty for SQLite.
        apart: whether each node is a process of its own.
    """

    data: Path
    work: Path
    members: int
    drop: float
    seed: int
    threshold_permille: int
    database: str = ""
    apart: bool = True


@dataclass(slots=True)
class Stage:
    """One stage, which all nodes went through at the same time.

    Attributes:
        seconds: until the last was through.
        attempts: commands beyond the first of each node, as patience had ended.
        waits: how often nodes waited to ask again.
        traffic: meanwhile.
    """

    seconds: float = 0.0
    attempts: int = 0
    waits: int = 0
    traffic: Traffic = field(default_factory=Traffic)


@dataclass(slots=True)
class Played:
    """What came of it.

    Attributes:
        stages: by name, in order.
        told: by stage, what each node's step told, by slug.
        nodes: what each node knows at the end.
        peak_memory: of the coordinator's processes together, bytes.
        processor: time of the coordinator's processes, seconds.
    """

    stages: dict[str, Stage] = field(default_factory=dict)
    told: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    nodes: list[Seen] = field(default_factory=list)
    peak_memory: int = 0
    processor: float = 0.0


@dataclass(slots=True)
class _Node:
    slug: str
    name: str
    main: BadLine
    enrol: BadLine
    given: dict[str, Any]

    def take_traffic(self) -> Traffic:
        """Give what went over the node's lines since this was last asked."""
        taken = Traffic()
        for line in (self.main, self.enrol):
            taken.add(line.traffic)
            line.traffic = Traffic()
        return taken


def play(wish: Wish, tell: Callable[[str], None]) -> Played:
    """Play it all; gives what was measured and what each node knows."""
    config = Config("Coalition", "127.0.0.1:0", "127.0.0.1:0", database=wish.database)
    home = init_home(wish.work / "coordinator", config)
    played = Played()
    with _coordinator(home, wish.work) as (serving, meter):
        nodes = [_node(wish, serving, place) for place in range(wish.members)]
        _invite(home, nodes)
        try:
            _play(wish, nodes, played, tell)
        finally:
            for node in nodes:
                node.main.close()
                node.enrol.close()
        played.peak_memory, played.processor = meter.peak, meter.processor()
    return played


def find_faults(played: Played, verdict: Verdict, *, strict: bool) -> list[str]:
    """Say what is not as it must be.

    Args:
        played: what happened.
        verdict: on the groups.
        strict: whether the people can be told apart, so that every group must be one person.
    """
    faults = []
    if not verdict.as_alone:
        faults.append("the groups are not those of the linkage without a network")
    if verdict.partial:
        faults.append(f"not exactly their own groups: {', '.join(verdict.partial)}")
    if strict and (verdict.wrong or verdict.missed):
        faults.append(f"{verdict.wrong} groups are no one person, {verdict.missed} people missed")
    if len({node.run for node in played.nodes}) != 1:
        faults.append("the nodes hold results of different runs")
    for slug, told in played.told["witness"].items():
        if not told["sound"]:
            faults.append(f"{slug} finds the ledger unsound")
    (audit,) = played.told["audit"].values()
    if audit["cosigned"] != [audit["entries"]] * len(played.nodes):
        faults.append("not everybody has cosigned the newest head")
    return faults


def _play(wish: Wish, nodes: Sequence[_Node], played: Played, tell: Callable[[str], None]) -> None:
    with Hands() as hands:
        _take_all(hands if wish.apart else None, nodes, played, tell)
    played.nodes = [
        read_seen(node.slug, Path(node.given["document"]), Path(node.given["encodings"]))
        for node in nodes
    ]


def _take_all(
    hands: Hands | None, nodes: Sequence[_Node], played: Played, tell: Callable[[str], None]
) -> None:
    hand: Hand = coalition_node.take if hands is None else hands.take

    def stage(name: str, step: str, who: Sequence[_Node] = nodes) -> None:
        tell(f"{name}: {len(who)} at the same time")
        played.stages[name], played.told[name] = _together(hand, step, who)
        tell(f"{name}: {played.stages[name].seconds:.0f} s")

    stage("import", "fill")
    stage("join", "join")
    nodes[0].given["others"] = [node.name for node in nodes[1:]]
    stage("agree", "found", nodes[:1])
    stage("sign", "sign", nodes[1:])
    stage("upload", "upload")
    if hands is not None:
        # What normalising and encoding took is the machine's again, as after a command.
        hands.end()
    stage("link", "run")
    stage("witness", "witness")
    # Once more, as nobody has seen all the others' cosignatures while they were made.
    stage("audit", "witness", nodes[:1])
    stage("show", "show")


def _together(
    hand: Hand, step: str, nodes: Sequence[_Node]
) -> tuple[Stage, dict[str, dict[str, Any]]]:
    """Let nodes take a step at the same time, each again until it is through."""
    stage, lock, started = Stage(), threading.Lock(), time.monotonic()

    def go(node: _Node) -> dict[str, Any]:
        for attempt in range(MOST_ATTEMPTS):
            told = hand(step, node.given)
            with lock:
                stage.waits += told["waits"]
                stage.attempts += attempt > 0
            if "again" not in told:
                return told
        raise RuntimeError(f"{node.slug}: {step}: no answer after {MOST_ATTEMPTS} attempts: {told}")

    with ThreadPoolExecutor(len(nodes)) as threads:
        told = list(threads.map(go, nodes))
    stage.seconds = time.monotonic() - started
    for node in nodes:
        stage.traffic.add(node.take_traffic())
    return stage, {node.slug: answer for node, answer in zip(nodes, told, strict=True)}


def _node(wish: Wish, serving: Serving, place: int) -> _Node:
    slug, name = f"member{place + 1}", f"Member {place + 1}"
    main = BadLine(lambda: _port(serving.address), wish.drop, f"{wish.seed}/{slug}/main")
    enrol = BadLine(lambda: _port(serving.enrol_address), wish.drop, f"{wish.seed}/{slug}/enrol")
    given = {
        "slug": slug,
        "home": str(wish.work / slug),
        "passphrase": PASSPHRASE,
        "register": str(wish.data / slug),
        "schema": SCHEMA,
        "threshold_permille": wish.threshold_permille,
        "encodings": str(wish.work / f"{slug}.npz"),
        "document": str(wish.work / f"{slug}.json"),
    }
    return _Node(slug, name, main, enrol, given)


def _invite(home: Home, nodes: Sequence[_Node]) -> None:
    """Invite each by the address at which its own line reaches the coordinator."""
    for node in nodes:
        reached = replace(home.config, address=node.main.address, enrol_address=node.enrol.address)
        node.given["invitation"] = invite(replace(home, config=reached), node.name)


@contextlib.contextmanager
def _coordinator(home: Home, work: Path) -> Iterator[tuple[Serving, Meter]]:
    command = [sys.executable, "-m", "tacit.coordinator.serve", "--json", "--home", str(home.path)]
    with (work / "coordinator.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        del ready["event"]
        with Meter(process.pid) as meter:
            yield Serving(**ready), meter
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        process.communicate()


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])
