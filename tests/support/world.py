"""A coordinator over real TLS and nodes with real stores, for the node's own functions."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from coalition import Clock
from line import Line
from tacit.coordinator.config import Config
from tacit.coordinator.home import Home as CoordinatorHome
from tacit.coordinator.home import init_home
from tacit.coordinator.invitations import invite
from tacit.coordinator.server import Coordinator
from tacit.node.enrol import enrol
from tacit.node.home import find_home
from tacit.node.link import link
from tacit.node.projects import ProjectOptions, create_project, sign_project
from tacit.node.store.base import Store, create_store
from tacit.node.store.records import StoredRecord, put_records
from tacit.node.sync import sync

PASSPHRASE = "planted-passphrase"
COST = 14
SCHEMA = (files("tacit.linkage") / "schemas" / "victims.json").read_text("utf-8")
# Spelled out, so that expectations can be worked out by hand.
OPTIONS = ProjectOptions(minimum_cell=3, check_budget=100, threshold_permille=990)


def person(number: int) -> dict[str, str]:
    """Give the identity of one person; different numbers give persons with nothing in common."""
    draw = random.Random(number)
    name = "".join(chr(draw.randrange(0xAC00, 0xD7A4)) for _ in range(3))
    born = dt.date(1930, 1, 1) + dt.timedelta(days=draw.randrange(25_000))
    return {"name": name, "birth_date": born.isoformat(), "sex": draw.choice(["m", "f"])}


def record(member: str, number: int, **changes: object) -> StoredRecord:
    """Give the record that a member has of one person."""
    fields = person(number)
    values: dict[str, object] = {
        "record_id": f"{member}-{number:03}",
        "fields": fields,
        "raw": {"이름": fields["name"], "File": f"{member}/{number}"},
        "documented_on": f"20{10 + number % 10}-03-0{1 + number % 9}",
        "petition": f"{member}/{number}",
        "forum": "WGEID",
        "consent_source": "family",
        "kind": "enforced disappearance",
        "year": "1969",
        "body": "",
        "row_number": number + 2,
        "import_id": 1,
    }
    return StoredRecord(**{**values, **changes})  # type: ignore[arg-type]


def fill(store: Store, records: Sequence[StoredRecord]) -> None:
    """Put records into a node's register."""
    with store.write() as connection:
        put_records(connection, records)


@dataclass
class World:
    """One coordinator in this process, reached over a line, and nodes by name."""

    path: Path
    line: Line
    home: CoordinatorHome
    nodes: dict[str, Store] = field(default_factory=dict)
    coordinator: Coordinator | None = None
    clock: Clock = field(default_factory=Clock)

    def start(self) -> None:
        """Start the coordinator, on new ports behind the same line."""
        self.coordinator = Coordinator(self.home, now=self.clock)
        serving = self.coordinator.start()
        self.line.target = int(serving.address.rpartition(":")[2])

    def stop(self) -> None:
        """Stop the coordinator."""
        if self.coordinator is not None:
            self.coordinator.stop()
            self.coordinator = None

    def new_store(self, name: str) -> Store:
        """Make an empty node."""
        return create_store(find_home(self.path / name), PASSPHRASE, COST)

    def invite(self, name: str) -> str:
        """Make an invitation."""
        return invite(self.home, name)

    def join(self, name: str) -> Store:
        """Make a node and enrol it."""
        self.nodes[name] = self.new_store(name)
        enrol(self.nodes[name], self.invite(name))
        return self.nodes[name]

    def agree(self, name: str, *members: str, options: ProjectOptions = OPTIONS) -> str:
        """Create a project between members, sign and key it; gives its identifier."""
        first, *others = (self.nodes[member] for member in members)
        view = create_project(first, name, members[1:], SCHEMA, options)
        for store in others:
            sign_project(store, view.project_id, lambda _: True)
            sync(store, view.project_id)
        return view.project_id

    def link(self, project: str, *members: str) -> None:
        """Upload everybody's register and link."""
        for member in members:
            sync(self.nodes[member], project)
        link(self.nodes[members[0]], project, lambda _: None)
        for member in members:
            sync(self.nodes[member], project)

    def close(self) -> None:
        for store in self.nodes.values():
            store.close()
        self.stop()
        self.line.close()


def make_world(path: Path, confirmations: int = 0) -> World:
    """Serve a new coordinator behind a line."""
    line = Line()
    config = Config(
        "Coalition",
        "127.0.0.1:0",
        "127.0.0.1:0",
        address=line.address,
        confirmations=confirmations,
    )
    world = World(path, line, init_home(path / "coordinator", config))
    world.start()
    return world
