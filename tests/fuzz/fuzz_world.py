"""A coalition with everything in it, and what its members know: what fuzzed requests start from."""

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from coalition import (
    Batch,
    Coalition,
    Invitation,
    Node,
    Project,
    certificate_request,
    create_project,
    make_agreement,
    pem,
    project_in_force,
    start_coalition,
)
from fuzz_calls import Metadata
from fuzz_oracle import WatchedLog
from fuzz_values import coin, damaged, octets, pick, text
from linking import SCHEMA_TEXT, Register, Seat, encode, person
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.ledger_export import export_ledger
from tacit.coordinator.log import configure_log
from tacit.linkage import statements
from tacit.linkage.ledger_audit import audit
from tacit.linkage.merkle import leaf_hash, root
from tacit.linkage.protocol import REQUEST_NONCE_KEY, REQUEST_SIGNATURE_KEY, REQUEST_TIME_KEY
from tacit.node.client.signed_channel import RequestSigner
from tacit.v1 import checks_pb2, projects_pb2, runs_pb2

_KNOWN_UPLOADS = 8


@dataclass
class World:
    """A running coalition of north, south, east, and west who is in no project.

    Attributes:
        coalition: the coordinator over real TLS.
        nodes: north, south, east, west.
        projects: one that is linked, one in force, one that not all have signed.
        pools: by project identifier, field name to right values.
        stranger: a certificate of the coalition's authority that is no member's, PEM.
        log: of the coordinator, watched.
    """

    coalition: Coalition
    nodes: Sequence[Node]
    projects: Sequence[Project]
    pools: Mapping[str, dict[str, list[Any]]]
    stranger: bytes
    log: WatchedLog = field(default_factory=WatchedLog)

    def learn(self, project: Project, upload_id: str) -> None:
        """Take in the name of an upload that a fuzzed request began."""
        known = self.pools[project.id]["upload_id"]
        known.append(upload_id)
        del known[:-_KNOWN_UPLOADS]

    def sign(self, path: str, message: Any, node: Node, project: Project) -> None:
        """Sign a message's content, if it has a signature and is known how to: it was changed."""
        make = _SIGNED.get(path.rpartition("/")[2])
        if path.endswith("/RunCheck"):
            message.total = len(message.queries)
            message.digest = statements.check_batch((q.clk, q.presence) for q in message.queries)
        # Real records stay, or there would soon be nothing left to ask about.
        tokens = getattr(message, "tokens", ())
        if make is not None and not {*tokens} & {*self.pools[project.id]["tokens"]}:
            message.signature = node.signing_key.sign(make(message, node, project))

    def forget(self) -> None:
        """Let the coordinator forget requests it took: so many a minute no honest member makes."""
        interceptor = self.coalition.coordinator._interceptor
        interceptor._means.gate.signatures._members.clear()

    def problems(self) -> list[str]:
        """Audit the ledger from outside, and look for what no member may have put in."""
        backend = self.coalition.coordinator._backend
        copy = export_ledger(
            backend.store, backend.ledger._key, backend.authority.der, backend.now()
        )
        return [found.sentence() for found in audit(copy).findings if not found.remark]

    def close(self) -> None:
        """Stop everything."""
        self.coalition.close()


def make_world(path: Path, database: str = "") -> World:
    """Start a coordinator and let three members link their registers.

    Args:
        path: where the coordinator lives.
        database: URL of PostgreSQL, or empty for SQLite.
    """
    coalition = start_coalition(path / "home", database)
    nodes = [coalition.enrol(name) for name in ("North", "South", "East", "West")]
    generous = {
        "schema": SCHEMA_TEXT,
        "threshold_permille": 600,
        "minimum_cell": 3,
        "check_minimum_batch": 1,
        "check_budget": 10_000_000,
        "reasons": True,
    }
    linked, other = (project_in_force(nodes[:3], **generous) for _ in range(2))
    unsigned = create_project(nodes[0], make_agreement(nodes[:3], **generous))
    registers = [Register(node, range(n * 5, n * 5 + 10)) for n, node in enumerate(nodes[:3])]
    for register in registers:
        register.upload(linked)
    run_id = Seat(nodes[0], linked).link().run_id
    invited = Invitation(coalition.invite("Newcomer")).secret
    pools = {
        project.id: _pools(nodes, project, registers[0], invited)
        for project in (linked, other, unsigned)
    }
    groups = Seat(nodes[0], linked).results(run_id)
    pools[linked.id] |= {
        "run_id": [run_id],
        "group_id": [group.group_id for group in groups],
        "group_ids": [group.group_id for group in groups],
        "sketches": [
            runs_pb2.Sketch(group_id=group.group_id, token=record.token, parts=bytes(24))
            for group in groups
            for record in group.records
            if record.token
        ],
    }
    opened = Batch(nodes[0], linked, registers[0].records()[:5]).start()
    pools[linked.id]["upload_id"] = [opened.upload_id]
    authority = coalition.coordinator._backend.authority
    stranger = pem(authority.issue_client(certificate_request(Node().tls_key), "m0").der)
    world = World(coalition, nodes, (linked, other, unsigned), pools, stranger)
    configure_log(world.log)
    return world


def _pools(
    nodes: Sequence[Node], project: Project, register: Register, invited: bytes
) -> dict[str, list[Any]]:
    node, others = nodes[0], nodes[1:]
    records = register.records()
    batch = encode([person(number) for number in range(20)])
    ciphertexts = [secrets.token_bytes(80) for _ in others]
    return {
        "project_id": [project.id],
        "agreement_hash": [project.agreement.hash],
        "agreement": [project.agreement.encode()],
        "epoch": [project.agreement.epoch],
        "upload_id": ["u" + "0" * 16],
        "run_id": ["0" * 32],
        "member_id": [item.id for item in others],
        "recipient_id": [item.id for item in nodes],
        "member": [item.member.name for item in nodes],
        "signing_key": [item.member.signing_key for item in nodes],
        "sealing_key": [item.member.sealing_key for item in nodes],
        "certificate_request": [certificate_request(node.tls_key)],
        "invitation": [invited, secrets.token_bytes(32)],
        "protocol_version": [1],
        "token": [record.token for record in records],
        "tokens": [record.token for record in records],
        "records": records,
        "record_count": [len(records), 5],
        "digest": [secrets.token_bytes(32)],
        "root": [secrets.token_bytes(32)],
        "salt": [secrets.token_bytes(32)],
        "offset": [0, 1, 2, 5],
        "clk": [record.clk for record in records],
        "claim_commitment": [record.claim_commitment for record in records],
        "sealed_claim": [record.sealed_claim for record in records],
        "presence": [record.presence for record in records],
        "purposes": ["check", "count", "attribute"],
        "check_id": [secrets.token_bytes(16) for _ in range(4)],
        "queries": [
            checks_pb2.CheckQuery(clk=batch.clk_bytes(at), presence=int(batch.presence[at]))
            for at in range(20)
        ],
        "total": [1, 2, 5],
        "keys": [
            projects_pb2.SealedKey(
                recipient_id=item.id,
                ciphertext=sealed,
                signature=node.signing_key.sign(
                    statements.sealed_key(
                        project.agreement.hash, project.agreement.epoch, item.id, sealed
                    )
                ),
            )
            for item, sealed in zip(others, ciphertexts, strict=True)
        ],
        "by": ["kind", "year"],
        "tree_size": [1, 2, 5, 10],
        "first_size": [0, 1, 5],
        "second_size": [5, 10],
        "start": [0, 3],
        "end": [5, 20],
        "from_size": [0, 5],
        "ledger_index": [0, 5, 20],
        "cosigned_at": [1_700_000_000_000],
        "judgement": [1, 2, 3],
        "place": [0],
        "group_id": [1],
        "signature": [node.signing_key.sign(b"")],
    }


def _authority(node: Node) -> bytes:
    return load_pem_x509_certificate(node.authority).public_bytes(Encoding.DER)


_Statement = Callable[[Any, Node, Project], bytes]
# Leave is missing: it would end the fuzz along with the membership.
_SIGNED: Mapping[str, _Statement] = {
    "SignAgreement": lambda message, _node, _project: statements.agreement(message.agreement_hash),
    "ProposeVersion": lambda message, _node, _project: statements.agreement(
        sha256(message.agreement).digest()
    ),
    "CreateProject": lambda message, _node, _project: statements.agreement(
        sha256(message.agreement).digest()
    ),
    "WithdrawRecords": lambda message, _node, project: statements.withdrawal(
        project.id,
        root([leaf_hash(statements.withdrawn_record(message.salt, t)) for t in message.tokens]),
        len(message.tokens),
    ),
    "ReportDestroyed": lambda message, _node, project: statements.destroyed_key(
        project.id, message.epoch
    ),
    "FinishUpload": lambda message, _node, project: statements.upload(
        project.agreement.hash, 5, message.root[:32].ljust(32, b"\0")
    ),
    "RenewCertificate": lambda message, node, _project: statements.renewal(
        node.id, message.certificate_request
    ),
    "Enrol": lambda message, _node, _project: statements.enrolment(
        message.invitation, message.certificate_request, message.signing_key, message.sealing_key
    ),
}


def caller_of(world: World, rng: random.Random) -> tuple[Node | None, bytes]:
    """Draw who calls, and the certificate shown: most often a member of the project."""
    draw = rng.randrange(20)
    if draw == 0:
        return None, b""
    if draw == 1:
        return None, world.stranger
    node = world.nodes[3] if draw == 2 else world.nodes[rng.randrange(3)]
    return node, node.certificate


def signed(
    rng: random.Random, path: str, body: bytes, kind: Descriptor, node: Node | None
) -> Metadata:
    """Sign a request as its member would, whatever it holds; now and then not, or not rightly."""
    if node is None or coin(rng, 20):
        return _unsigned(rng)
    try:
        bound = getattr(GetMessageClass(kind).FromString(body), "agreement_hash", b"")
    except DecodeError:
        bound = b""
    signer = RequestSigner(node.signing_key, milliseconds)
    made = signer.sign(path, damaged(rng, body) if coin(rng, 20) else body, bound)
    return made if not coin(rng, 40) else (*made, *made[: rng.randrange(4)])


def _unsigned(rng: random.Random) -> Metadata:
    """Give metadata that are none, or anything."""
    keys = (REQUEST_TIME_KEY, REQUEST_NONCE_KEY, REQUEST_SIGNATURE_KEY, "x", "x-bin")
    made: list[tuple[str, str | bytes]] = []
    for _ in range(rng.randrange(5)):
        key = pick(rng, keys)
        value = octets(rng) if key.endswith("-bin") else printable(text(rng))
        made.append((key, value[:200]))
    return made


def printable(value: str) -> str:
    """Leave of a text what metadata may hold."""
    return "".join(letter for letter in value if " " <= letter <= "~")
