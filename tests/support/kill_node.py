"""A member at work in a process of its own until it is killed: all that a node does, at random.

Whatever it is told by the coordinator, and whatever its own store has acknowledged, it writes down
the pipe to the process that kills: what the pipe holds outlives this process.
"""

import os
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import grpc

from kill_actions import ACTIONS, MAIN, Desk
from tacit.linkage.errors import Code, TacitError
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import load_member
from tacit.node.enrol import enrol
from tacit.node.home import find_home
from tacit.node.projects import list_projects
from tacit.node.store.base import Store, open_store
from tacit.node.store.ledger import list_tree_heads
from tacit.node.store.records import iter_records
from tacit.node.store.tables import linkage_keys
from world import PASSPHRASE

POLICY = RetryPolicy(cap=0.5, patience=8.0)
# What may have been done although nobody was told.
INTENTS = ("WithdrawRecords", "StartUpload", "Leave", "StartEpoch", "SignAgreement")

Tell = Callable[[tuple[Any, ...]], None]


@dataclass(frozen=True)
class Orders:
    """What a member's process is told when it starts."""

    home: Path
    name: str
    others: tuple[str, ...]
    invitation: str
    seed: int
    log: Path


class Tap(grpc.UnaryUnaryClientInterceptor, grpc.StreamUnaryClientInterceptor):
    """Tells what was acknowledged before the node itself hears of it."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        method, sent = name_of(details.method), serial(request)
        if method.rpartition("/")[2] in INTENTS:
            self._tell(("asked", method, sent))
        return self._answered(method, sent, continuation(details, request))

    def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        return self._answered(name_of(details.method), b"", continuation(details, requests))

    def _answered(self, method: str, sent: bytes, call: Any) -> Any:
        if call.exception() is None:
            self._tell(("answered", method, sent, serial(call.result())))
        return call


def name_of(method: str | bytes) -> str:
    return method.decode() if isinstance(method, bytes) else method


def serial(message: Any) -> bytes:
    return message if isinstance(message, bytes) else bytes(message.SerializeToString())


def tap(tell: Tell) -> None:
    """Let every channel that is opened from now on be heard."""
    plain = grpc.secure_channel

    def tapped(*args: Any, **options: Any) -> grpc.Channel:
        return grpc.intercept_channel(plain(*args, **options), Tap(tell))

    grpc.secure_channel = tapped


def snapshot(store: Store) -> dict[str, Any]:
    """Give what this store has to keep: register with consents, keys by epoch, heads seen."""
    with store.read() as connection:
        epochs: dict[str, int] = {}
        for row in connection.execute(linkage_keys.select()).mappings():
            epochs[row["project_id"]] = max(row["epoch"], epochs.get(row["project_id"], 0))
        return {
            "register": {record.record_id: word(record) for record in iter_records(connection)},
            "epochs": epochs,
            "heads": [(head.tree_size, head.root) for head in list_tree_heads(connection)],
        }


def word(record: Any) -> tuple[str, ...]:
    """Give what an import may change of a record."""
    return (record.publication, " ".join(record.purposes), record.petition)


def work(orders: Orders, pipe: Connection) -> None:
    """Enrol where that has not happened yet, then work until killed or told to stop."""
    with orders.log.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    tap(pipe.send)
    with open_store(find_home(orders.home), PASSPHRASE) as store:
        pipe.send(("opened", snapshot(store)))
        desk = Desk(store, orders.name, orders.others, random.Random(orders.seed), pipe.send)
        while not pipe.poll():
            act(desk, orders)
        pipe.recv()
        while not settle(desk):
            pass
        pipe.send(("settled", snapshot(store)))


def act(desk: Desk, orders: Orders) -> None:
    """Do one thing, and say what came of it."""
    try:
        if not enrolled(desk.store):
            joined = enrol(desk.store, orders.invitation, policy=POLICY)
            desk.tell(("did", "enrol", asdict(joined)))
            return
        names = list(ACTIONS)
        name = desk.chance.choices(names, [ACTIONS[name].weight for name in names])[0]
        report(desk, name)
    except TacitError as error:
        desk.tell(("refused", error.code.value, f"{error} {error.detail}"))


def report(desk: Desk, name: str) -> None:
    done = ACTIONS[name].run(desk, POLICY)
    if done is not None:
        desk.tell(("did", name, done))


def settle(desk: Desk) -> bool:
    """Bring everything to an end that was begun, now that nobody is killed any more."""
    try:
        # On a busy machine it may be that nobody had come to it.
        begun = any(view.name == MAIN for view in list_projects(desk.store))
        for name in ("sync", "link", "sync") if begun else ("agree", "sync", "link", "sync"):
            report(desk, name)
    except TacitError as error:
        desk.tell(("refused", error.code.value, f"{error} {error.detail}"))
        return False
    return True


def enrolled(store: Store) -> bool:
    try:
        load_member(store)
    except TacitError as error:
        if error.code is not Code.NOT_ENROLLED:
            raise
        return False
    return True
