"""Nodes before a hostile coordinator: whatever it answers, nothing breaks, leaks or is believed."""

import contextlib
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fuzz_files import told_of
from fuzz_hostile import EndlessError, Hostile, Record, Recording, new_record
from fuzz_oracle import Tally, Writes
from fuzz_values import pick
from tacit.linkage.errors import TacitError
from tacit.linkage.ledger_audit import audit
from tacit.node.agreement_writing import Wishes
from tacit.node.check import check
from tacit.node.check_rows import CheckRow
from tacit.node.claims import claims
from tacit.node.client.channel import open_channel
from tacit.node.client.retry import RetryPolicy
from tacit.node.counts import count
from tacit.node.decisions import About, decide, list_decisions
from tacit.node.enrol import enrol
from tacit.node.head import newest_head
from tacit.node.ledger_verify import read_ledger, verify_ledger
from tacit.node.link import link
from tacit.node.projects import create_project, list_projects, show_project, sign_project
from tacit.node.proposals import drop_proposal, propose_version
from tacit.node.receipts import all_receipts
from tacit.node.results import export_rows, results
from tacit.node.status import status
from tacit.node.store.base import Store
from tacit.node.sync import sync
from tacit.node.trust import compare_safety_number, show_safety_number
from tacit.node.withdrawing import choose_record, tell_coordinator, withdraw
from world import OPTIONS, SCHEMA, World, fill, person, record

Act = Callable[[Store], object]
_PEOPLE = 12
_LONGEST = 5000


def _no_progress(*_: object) -> None:
    return None


def _yes(_: object) -> bool:
    return True


def _withdraw(store: Store) -> object:
    withdraw(store, [choose_record(store, "North-003")])
    return tell_coordinator(store)


def acts(invitation: str) -> Mapping[str, Act]:
    """Give everything that a node does with what a coordinator answers."""
    asked = [CheckRow(f"row {n}", person(n)) for n in range(3, 9)]
    return {
        "sync": sync,
        "link": lambda store: link(store, None, _no_progress),
        "check": lambda store: check(store, None, asked, _no_progress, source="ask.csv"),
        "count": count,
        "claims": claims,
        "decide": lambda store: decide(store, None, About(1), "same"),
        "list decisions": list_decisions,
        "head": newest_head,
        "verify": verify_ledger,
        "read ledger": lambda store: audit(read_ledger(store)),
        "receipts": all_receipts,
        "safety number": lambda store: show_safety_number(store, "South"),
        "compare": lambda store: compare_safety_number(store, "South"),
        "projects": list_projects,
        "show": show_project,
        "create": lambda store: create_project(store, "Another", ["South"], SCHEMA, OPTIONS),
        "sign": lambda store: sign_project(store, None, _yes),
        "propose": lambda store: propose_version(store, None, Wishes(new_key=True), _yes),
        "drop": lambda store: drop_proposal(store, None, _yes),
        "withdraw": _withdraw,
        "enrol": lambda store: enrol(store, invitation),
    }


def afterwards(store: Store) -> None:
    """Look at everything that is in the store now, as commands do without a coordinator."""
    for look in (lambda: export_rows(results(store)), lambda: status(store)):
        with contextlib.suppress(TacitError):
            look()


@dataclass(frozen=True, slots=True)
class Kept:
    """A node's store, and how it was before anybody lied to it."""

    store: Store
    copy: Path
    writes: Writes

    def restore(self) -> None:
        """Bring the store back to how it was."""
        self.store._engine.dispose()
        for leftover in self.store.home.store.parent.glob("store.db-*"):
            leftover.unlink()
        shutil.copy(self.copy, self.store.home.store)
        self.writes.take()


class AnswerFuzz:
    """Lets a node act, again and again, before a coordinator that lies.

    Args:
        world: with a coordinator and no nodes yet.
        tally: counts, and keeps what is found.
    """

    def __init__(self, world: World, tally: Tally) -> None:
        self._tally, self._world = tally, world
        names = ("North", "South", "East")
        for number, name in enumerate(names):
            fill(
                world.join(name), [record(name, n) for n in range(number * 3, number * 3 + _PEOPLE)]
            )
        world.link(world.agree("Fuzzed", *names), *names)
        world.nodes["West"] = world.new_store("West")
        self._record: Record = new_record()
        self.acts = acts(world.invite("West"))
        assert world.coordinator is not None
        self._key = world.coordinator._backend.ledger._key
        self._secrets = [person(number)["name"] for number in range(_PEOPLE)]
        self._kept = {name: self._keep(name) for name in ("North", "West")}
        self._learn()

    def case(self, rng: random.Random, seed: object, name: str | None = None) -> None:
        """Let the node do one thing."""
        name = name or pick(rng, list(self.acts))
        kept, surface = self._node_for(name), f"node {name}"
        self._tally.cases[surface] += 1
        channel = Hostile(rng, self._record, self._key, partial(self._sent, surface, seed))
        with _answered_by(lambda *_: channel):
            try:
                self.acts[name](kept.store)
                self._tally.ends["done"] += 1
            except TacitError as error:
                self._tally.ends[error.code.value] += 1
                self._check(surface, error, seed)
            except EndlessError:
                # Following a run that never ends is what the coordinator makes of it.
                if name != "link":
                    self._tally.found(surface, seed, "asks and asks")
            except Exception as error:  # noqa: BLE001 (that is what is looked for)
                self._tally.found(surface, seed, told_of(error))
        if kept.writes.take():
            try:
                afterwards(kept.store)
            except Exception as error:  # noqa: BLE001
                self._tally.found(surface, seed, f"afterwards: {told_of(error)}")
            kept.restore()

    def _node_for(self, name: str) -> Kept:
        return self._kept["West" if name == "enrol" else "North"]

    def _check(self, surface: str, error: TacitError, seed: object) -> None:
        for language in ("en", "ko"):
            said = f"{error.sentence(language)} {error.detail}"
            if any(secret in said for secret in self._secrets):
                self._tally.found(surface, seed, f"{error.code.value} tells a secret")
            if len(said) > _LONGEST or not said.replace("\n", " ").isprintable():
                what = "without end" if len(said) > _LONGEST else "that steers a terminal"
                self._tally.found(surface, seed, f"{error.code.value}: a sentence {what}")

    def _sent(self, surface: str, seed: object, data: bytes) -> None:
        if any(secret.encode() in data for secret in self._secrets):
            self._tally.found(surface, seed, "sends what must stay")

    def _learn(self) -> None:
        """Record what the real coordinator answers to everything."""
        real = open_channel
        with _answered_by(lambda *arguments: Recording(real(*arguments), self._record)):
            for name, act in self.acts.items():
                with contextlib.suppress(TacitError):
                    act(self._node_for(name).store)
        for kept in self._kept.values():
            kept.restore()

    def _keep(self, name: str) -> Kept:
        store = self._world.nodes[name]
        store._engine.dispose()
        copy = self._world.path / f"{name}.kept"
        shutil.copy(store.home.store, copy)
        return Kept(store, copy, Writes(store._engine))


@contextlib.contextmanager
def _answered_by(make: Callable[..., Any]) -> Iterator[None]:
    """Let sessions have channels of this kind, and no patience."""
    impatient = partial(RetryPolicy, patience=0.0, sleep=_no_progress)
    with (
        patch("tacit.node.client.session.open_channel", make),
        patch("tacit.node.enrol.open_channel", make),
        patch("tacit.node.context.RetryPolicy", impatient),
        patch("tacit.node.enrol.RetryPolicy", impatient),
    ):
        yield
