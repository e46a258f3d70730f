"""Small coalitions with something to link: invented people, really encoded.

An entity is a number; every member that documents it describes the same invented person, now and
then with a slip of the pen. Imported as `linking` by the tests of runs, checks, counts and claims.
"""

import json
import random
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import grpc

from coalition import Batch, CallError, Node, Project
from tacit.linkage import statements
from tacit.linkage.canonical import Json
from tacit.linkage.encode import Encoder, derive_secret
from tacit.linkage.normalise.register_columns import normalise_columns
from tacit.linkage.records import EncodedSet
from tacit.linkage.schema import LinkageSchema, parse_schema
from tacit.v1 import checks_pb2, claims_pb2, counts_pb2, encodings_pb2, runs_pb2

KEY = bytes(range(32))
EVERY_PURPOSE = ("check", "count", "attribute")


def _feature(name: str, n: int, bits: int) -> dict[str, Any]:
    return {
        "identifier": name,
        "format": {"type": "string", "encoding": "utf-8"},
        "hashing": {
            "comparison": {"type": "ngram", "n": n},
            "strategy": {"bitsPerFeature": bits},
            "hash": {"type": "blakeHash"},
        },
    }


SCHEMA_TEXT = json.dumps(
    {
        "version": 3,
        "clkConfig": {
            "l": 1024,
            "kdf": {"type": "HKDF", "hash": "SHA256", "salt": "", "info": "", "keySize": 64},
        },
        "features": [_feature("name", 2, 180), _feature("born", 1, 90), _feature("place", 2, 90)],
    }
)


def schema() -> LinkageSchema:
    """Give the schema of these people: name, birth date, place."""
    return parse_schema(SCHEMA_TEXT)


def person(entity: int, slip: bool = False) -> dict[str, str]:
    """Invent the person that an entity is."""
    chance = random.Random(entity)

    def word(syllables: int) -> str:
        parts = (
            chance.choice("bdfghjklmnprstvz") + chance.choice("aeiou") for _ in range(syllables)
        )
        return "".join(parts)

    name = f"{word(3)} {word(4)}"
    born = f"19{chance.randrange(10, 99)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    return {"name": name[:-1] + "y" if slip else name, "born": born, "place": word(4)}


def encode(people: Sequence[Mapping[str, str]], key: bytes = KEY) -> EncodedSet:
    """Encode people by the one encoder there is."""
    fields = {name: [item[name] for item in people] for name in ("name", "born", "place")}
    secret = derive_secret(key, "linking", 1, schema().hash)
    return Encoder(schema(), secret).encode(normalise_columns(schema(), fields))


@dataclass
class Register:
    """What a member uploads: one record per entity.

    Attributes:
        node: the member.
        entities: the entities documented, in upload order.
        changes: fields of `EncodedRecord` by entity, where a record differs from the rest.
        claims: what is claimed of an entity, where it differs from the rest.
    """

    node: Node
    entities: Sequence[int]
    changes: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    claims: dict[int, Json] = field(default_factory=dict)
    _tokens: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)

    def token(self, entity: int) -> bytes:
        """Give the record's token, the same in every upload."""
        return self._secrets(entity)[0]

    def salt(self, entity: int) -> bytes:
        """Give the salt of the record's claim, the same in every upload."""
        return self._secrets(entity)[1]

    def entity(self, token: bytes) -> int:
        """Find what a token stands for; only this member knows."""
        return next(entity for entity, (own, _) in self._tokens.items() if own == token)

    def claim(self, entity: int) -> Json:
        """Give the claim to an entity."""
        return self.claims.get(
            entity,
            {"documented_on": "2020-01-01", "forum": "wgeid", "petition": "", "consent": "family"},
        )

    def commitment(self, entity: int) -> bytes:
        """Commit to the claim."""
        return statements.claim_commitment(
            self.salt(entity), self.token(entity), self.claim(entity)
        )

    def encoded(self) -> EncodedSet:
        """Encode the people, with this member's slips of the pen."""
        slips = [crc32(f"{self.node.member.name} {e}".encode()) % 7 == 0 for e in self.entities]
        return encode([person(e, slip) for e, slip in zip(self.entities, slips, strict=True)])

    def records(self) -> list[encodings_pb2.EncodedRecord]:
        """Give the register as it is uploaded."""
        encoded = self.encoded()
        return [
            encodings_pb2.EncodedRecord(
                **{
                    "token": self.token(entity),
                    "clk": encoded.clk_bytes(row),
                    "presence": int(encoded.presence[row]),
                    "strata": {
                        "kind": ("abduction", "detention")[entity % 2],
                        "year": ("1969", "1970")[entity % 3 == 0],
                    },
                    "publication": encodings_pb2.PUBLICATION_ALLOWED,
                    "claim_commitment": self.commitment(entity),
                    "sealed_claim": secrets.token_bytes(64),
                    "purposes": list(EVERY_PURPOSE),
                    **self.changes.get(entity, {}),
                }
            )
            for row, entity in enumerate(self.entities)
        ]

    def upload(self, project: Project) -> encodings_pb2.Upload:
        """Upload the register as it is now."""
        return Batch(self.node, project, self.records()).upload()

    def _secrets(self, entity: int) -> tuple[bytes, bytes]:
        if entity not in self._tokens:
            self._tokens[entity] = secrets.token_bytes(16), secrets.token_bytes(32)
        return self._tokens[entity]


@dataclass(frozen=True)
class Seat:
    """A member's place in a project, with calls that come back as plain answers."""

    node: Node
    project: Project

    @property
    def names(self) -> dict[str, Any]:
        """What most requests begin with."""
        return {"project_id": self.project.id, "agreement_hash": self.project.agreement.hash}

    def start(self) -> runs_pb2.Run:
        """Start a run, or join the one there is."""
        return self.node.stubs.runs.StartRun(runs_pb2.StartRunRequest(**self.names)).run

    def get(self, run_id: str) -> runs_pb2.Run:
        """Read a run."""
        request = runs_pb2.GetRunRequest(project_id=self.project.id, run_id=run_id)
        return self.node.stubs.runs.GetRun(request).run

    def watch(self, run_id: str) -> list[runs_pb2.Run]:
        """Follow a run to its end."""
        request = runs_pb2.WatchRunRequest(project_id=self.project.id, run_id=run_id)
        return [message.run for message in drain(self.node.stubs.runs.WatchRun(request))]

    def link(self) -> runs_pb2.Run:
        """Run to the end."""
        return self.watch(self.start().run_id)[-1]

    def results(self, run_id: str, after: int = 0) -> list[runs_pb2.MatchGroup]:
        """Fetch the member's groups."""
        request = runs_pb2.GetResultsRequest(**self.names, run_id=run_id, after_group_id=after)
        stream = drain(self.node.stubs.runs.GetResults(request))
        return [group for message in stream for group in message.groups]

    def check(
        self, batch: EncodedSet, check_id: bytes | None = None, **changes: Any
    ) -> list[checks_pb2.RunCheckResponse]:
        """Ask about records; gives all messages."""
        items = [
            checks_pb2.CheckQuery(clk=batch.clk_bytes(i), presence=int(batch.presence[i]))
            for i in range(len(batch))
        ]
        values: dict[str, Any] = {
            **self.names,
            "check_id": check_id or secrets.token_bytes(16),
            "total": len(items),
            "queries": items,
            **changes,
        }
        request = checks_pb2.RunCheckRequest(**values)
        asked = ((item.clk, item.presence) for item in request.queries)
        request.digest = request.digest or statements.check_batch(asked)
        return drain(self.node.stubs.checks.RunCheck(iter([request])))

    def notices(self) -> list[checks_pb2.Notice]:
        """List the notices of checks that found this member's records."""
        request = checks_pb2.ListNoticesRequest(project_id=self.project.id)
        return list(self.node.stubs.checks.ListNotices(request).notices)

    def count(self, run_id: str, by: Iterable[str] = ()) -> counts_pb2.GetCountResponse:
        """Ask for the joint count."""
        request = counts_pb2.GetCountRequest(**self.names, run_id=run_id, by=by)
        return self.node.stubs.counts.GetCount(request)

    def claims(
        self, run_id: str, group_ids: Iterable[int] = ()
    ) -> list[claims_pb2.GetClaimsResponse]:
        """Fetch claims; gives all messages."""
        request = claims_pb2.GetClaimsRequest(**self.names, run_id=run_id, group_ids=group_ids)
        return drain(self.node.stubs.claims.GetClaims(request))


def drain(stream: Iterator[Any]) -> list[Any]:
    """Read a stream to its end; a failure is raised as `CallError`."""
    try:
        return list(stream)
    except grpc.RpcError as error:
        raise CallError(error) from error


def answers(messages: Iterable[checks_pb2.RunCheckResponse]) -> list[list[checks_pb2.Holder]]:
    """Gather the answers of a check by query."""
    gathered = [answer for message in messages for answer in message.answers]
    assert [answer.query for answer in gathered] == list(range(len(gathered)))
    return [list(answer.holders) for answer in gathered]


def truth(registers: Sequence[Register]) -> set[frozenset[tuple[str, int]]]:
    """Give the groups that a perfect run finds: (member's name, entity) of shared entities."""
    entities = {entity for register in registers for entity in register.entities}
    groups = (
        frozenset((r.node.member.name, entity) for r in registers if entity in r.entities)
        for entity in entities
    )
    return {group for group in groups if len(group) > 1}


def seen(
    groups: Iterable[runs_pb2.MatchGroup], registers: Sequence[Register]
) -> set[frozenset[tuple[str, int]]]:
    """Translate groups with disclosed names and tokens as `truth` writes them."""
    by_name = {register.node.member.name: register for register in registers}
    return {
        frozenset((item.member, by_name[item.member].entity(item.token)) for item in group.records)
        for group in groups
    }
