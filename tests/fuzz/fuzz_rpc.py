"""Every RPC of the coordinator, with messages wrong in every way that can be thought of."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coalition import Node, Project
from fuzz_calls import Handlers, Metadata, Outcome
from fuzz_messages import altered, made, mangled, right, rpcs
from fuzz_oracle import Tally, Writes, gist_of, trace_in
from fuzz_values import coin, pick
from fuzz_world import World, caller_of, signed
from tacit.v1 import encodings_pb2

READS = ("Get", "List", "Watch")
# What a refused or reading call may change all the same, and why.
ALLOWED: Mapping[tuple[str, str | None], str] = {
    # Every chunk is on disk before the next is read: a stream may end badly after good ones.
    ("UploadRecords", None): "good chunks before a bad one stay",
    ("FinishUpload", "DIGEST_MISMATCH"): "records that are not those announced are dropped",
    ("GetTreeHead", ""): "a head is signed when it is first asked for",
    ("GetClaims", None): "so it is",
    ("GetCount", ""): "the first who asks releases the count",
}
_KINDS = ("raw", "mangled", "mangled", "altered", "altered", "altered", "made", "made")


@dataclass(frozen=True, slots=True)
class Made:
    """One made-up call.

    Attributes:
        kind: how its messages are wrong.
        node: who signs it; None for nobody.
        certificate: shown, PEM.
        messages: given one by one, as a stream would.
    """

    path: str
    kind: str
    project: Project
    node: Node | None
    certificate: bytes
    metadata: Metadata = ()
    messages: Iterator[bytes] = iter(())  # noqa: RUF009 (an empty one is empty for all)

    @property
    def member(self) -> str:
        """Whose connection it goes over."""
        return self.node.id if self.node else ""


class RpcFuzz:
    """Fuzzes all RPCs of a coordinator within this process.

    Args:
        world: a coalition.
        tally: counts, and keeps what is found.
        surface: prefix of the surfaces' names, such as the store.
    """

    def __init__(self, world: World, tally: Tally, surface: str) -> None:
        self._world, self._tally, self._surface = world, tally, surface
        self._handlers = Handlers(world.coalition.coordinator)
        self._writes = Writes(world.coalition.coordinator._backend.store.engine)
        self._rpcs = rpcs()
        self._paths = list(self._rpcs)
        self.changed = 0
        self._held: tuple[int, bytes] | None = None

    def case(self, rng: random.Random, seed: object) -> Outcome:
        """Make one call and judge it."""
        made = self.make(rng)
        self._writes.take()
        outcome = self._handlers.call(made.path, made.messages, made.certificate, made.metadata)
        self.judge(made, outcome, seed, self._surface)
        if made.path.endswith("/StartUpload") and outcome.status == "OK":
            answer = encodings_pb2.StartUploadResponse.FromString(outcome.answers[0])
            self._world.learn(made.project, answer.upload.upload_id)
        return outcome

    def hold(self, digest: bytes) -> None:
        """Hold the hash of all tables against the watch over writes: it must have missed none."""
        if self._held is not None and self._held[0] == self.changed and self._held[1] != digest:
            self._tally.found(self._surface, "-", "a table is not as it was, and nobody wrote")
        self._held = self.changed, digest

    def make(self, rng: random.Random) -> Made:
        """Make up one call."""
        path = pick(rng, self._paths)
        project = pick(rng, [*self._world.projects, *[self._world.projects[0]] * 4])
        node, certificate = caller_of(self._world, rng)
        kind = pick(rng, _KINDS)
        first = self._maker(rng, path, kind, node, project)()
        metadata = signed(rng, path, first, self._rpcs[path].input_type, node)
        messages = self._messages(rng, Made(path, kind, project, node, certificate), first)
        return Made(path, kind, project, node, certificate, metadata, messages)

    def _messages(self, rng: random.Random, made: Made, first: bytes) -> Iterator[bytes]:
        """Give the messages of a call: one, or for a stream several in whatever order."""
        if not self._rpcs[made.path].client_streaming:
            yield first
            return
        make = self._maker(rng, made.path, made.kind, made.node, made.project)
        sent: list[bytes] = []
        for number in range(pick(rng, (0, 1, 1, 1, 2, 3, 6))):
            again = sent and coin(rng, 4)
            sent.append(first if number == 0 else pick(rng, sent) if again else make())
            yield sent[-1]
            if coin(rng, 8):
                self._between(rng, made)

    def _between(self, rng: random.Random, around: Made) -> None:
        """Let another call come between two messages of a stream."""
        path = pick(rng, self._paths)
        body = self._maker(rng, path, around.kind, around.node, around.project)()
        metadata = signed(rng, path, body, self._rpcs[path].input_type, around.node)
        made, before = replace(around, path=path, metadata=metadata), self._writes.take()
        outcome = self._handlers.call(path, [body], made.certificate, metadata)
        self.judge(made, outcome, "between", self._surface)
        self._writes.committed += before

    def _maker(
        self, rng: random.Random, path: str, kind: str, node: Node | None, project: Project
    ) -> Callable[[], bytes]:
        descriptor, pools = self._rpcs[path].input_type, self._world.pools[project.id]

        def make() -> bytes:
            if kind == "raw":
                return rng.randbytes(pick(rng, (0, 1, 2, 5, 17, 100, 3000)))
            if kind == "made":
                return made(rng, descriptor, pools).SerializeToString()
            message: Any = right(rng, descriptor, pools)
            if kind == "altered":
                if not coin(rng, 6):
                    message = altered(rng, message, pools)
                if node is not None and coin(rng, 2):
                    self._world.sign(path, message, node, project)
                return bytes(message.SerializeToString())
            other = right(rng, descriptor, pools).SerializeToString()
            return mangled(rng, message.SerializeToString(), other)

        return make

    def judge(self, made: Made, outcome: Outcome, seed: object, where: str) -> None:
        """Hold how a call ended against what may be."""
        surface, name = f"{where} {made.kind}", made.path.rpartition("/")[2]
        self._tally.cases[surface] += 1
        self._tally.ends[outcome.reason or outcome.status] += 1
        changed = self._writes.take()
        if outcome.broke:
            self._tally.found(surface, seed, f"{name}: {outcome.broke}")
        if trace_in(outcome.told):
            self._tally.found(surface, seed, f"{name}: {outcome.reason} tells what was sent")
        quiet = outcome.status != "OK" or name.startswith(READS)
        allowed = {(name, outcome.reason), (name, None)} & ALLOWED.keys()
        if changed and quiet and not allowed:
            what = f"{name}: {outcome.reason or outcome.status} changed {', '.join(changed)}"
            self._tally.found(surface, seed, what)
        self.changed += bool(changed)
        for line in self._world.log.take_wrong():
            self._tally.found(surface, seed, f"the log says {gist_of(line)}")


def run(fuzz: RpcFuzz, seeds: Sequence[str]) -> None:
    """Make a case of each seed."""
    for seed in seeds:
        fuzz.case(random.Random(seed), seed)
