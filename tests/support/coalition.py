"""A real coordinator on loopback and bare nodes that speak to it through the generated stubs.

Only what tests need: keys in memory, no store, no retries. Imported as `coalition` by the tests
of every area that wants a coordinator.
"""

import io
import json
import secrets
import time
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tacit.coordinator.backend import milliseconds
from tacit.coordinator.config import Config
from tacit.coordinator.home import Home, Serving, init_home
from tacit.coordinator.invitations import invite
from tacit.coordinator.limits import Limits
from tacit.coordinator.log import configure_log
from tacit.coordinator.server import Coordinator
from tacit.linkage import merkle, statements
from tacit.linkage.agreement import Agreement, Party
from tacit.linkage.protocol import (
    CAPABILITIES,
    INVITATION_PREFIX,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    SERVER_NAME,
)
from tacit.node.client.signed_channel import RequestSigner, SignedChannel
from tacit.v1 import (
    checks_pb2_grpc,
    claims_pb2_grpc,
    counts_pb2_grpc,
    decisions_pb2_grpc,
    encodings_pb2,
    encodings_pb2_grpc,
    ledger_pb2_grpc,
    membership_pb2,
    membership_pb2_grpc,
    projects_pb2,
    projects_pb2_grpc,
    receipts_pb2_grpc,
    runs_pb2_grpc,
)

OPTIONS = (
    ("grpc.ssl_target_name_override", SERVER_NAME),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
)
CLK_BITS = 128
SCHEMA = json.dumps(
    {
        "version": 3,
        "clkConfig": {
            "l": CLK_BITS,
            "kdf": {
                "type": "HKDF",
                "hash": "SHA256",
                "salt": "",
                "info": "",
                "keySize": 64,
            },
        },
        "features": [
            {
                "identifier": name,
                "format": {"type": "string", "encoding": "utf-8"},
                "hashing": {
                    "comparison": {"type": "ngram", "n": 2},
                    "strategy": {"bitsPerToken": 5},
                    "hash": {"type": "blakeHash"},
                },
            }
            for name in ("name", "place")
        ],
    }
)


class CallError(Exception):
    """An RPC failed; carries status name, reason and parameters."""

    def __init__(self, error: Any) -> None:
        super().__init__(f"{error.code()}: {error.details()}")
        trailing: dict[str, Any] = dict(error.trailing_metadata() or ())
        self.status: str = error.code().name
        self.reason: str = trailing.get("tacit-reason", "")
        self.params: dict[str, Any] = json.loads(trailing.get("tacit-params-bin", b"{}"))
        self.sentence: str = error.details()


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as a node reads it."""

    line: str

    @property
    def document(self) -> dict[str, Any]:
        body = self.line.removeprefix(INVITATION_PREFIX)
        document: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return document

    @property
    def secret(self) -> bytes:
        return bytes.fromhex(self.document["secret"])

    @property
    def authority_pem(self) -> bytes:
        der = b64decode(self.document["authority"])
        return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


@dataclass(slots=True)
class Node:
    """A member's keys, and stubs once it has enrolled."""

    tls_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    signing_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    sealing_key: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    member: membership_pb2.Member = field(default_factory=membership_pb2.Member)
    certificate: bytes = b""
    authority: bytes = b""
    ledger_key: bytes = b""
    channel: grpc.Channel | None = None

    def request(self, secret: bytes, **changes: Any) -> membership_pb2.EnrolRequest:
        """Build a signed enrolment request; `changes` are made before signing."""
        request = membership_pb2.EnrolRequest(
            protocol_version=PROTOCOL_VERSION,
            software_version="0",
            invitation=secret,
            certificate_request=certificate_request(self.tls_key),
            signing_key=self.signing_key.public_key().public_bytes_raw(),
            sealing_key=self.sealing_key.public_key().public_bytes_raw(),
        )
        for name, value in changes.items():
            setattr(request, name, value)
        request.signature = self.signing_key.sign(
            statements.enrolment(
                request.invitation,
                request.certificate_request,
                request.signing_key,
                request.sealing_key,
            )
        )
        return request

    def enrol(self, line: str) -> "Node":
        """Enrol by an invitation and connect."""
        invitation = Invitation(line)
        answer = send_enrol(invitation, self.request(invitation.secret))
        self.member = answer.member
        self.certificate = pem(answer.certificate)
        self.authority = invitation.authority_pem
        self.ledger_key = answer.ledger_key
        self.connect(invitation.document["address"])
        return self

    def connect(self, address: str) -> None:
        """Open a channel with this node's certificate."""
        self.close()
        channel = open_channel(address, self.authority, self.certificate, self.tls_key)
        self.channel = SignedChannel(channel, RequestSigner(self.signing_key, milliseconds))

    def close(self) -> None:
        """Close the channel, if there is one."""
        if self.channel is not None:
            self.channel.close()
            self.channel = None

    @property
    def id(self) -> str:
        return self.member.member_id

    @property
    def party(self) -> Party:
        return Party(
            self.id,
            self.member.name,
            self.member.signing_key.hex(),
            self.member.sealing_key.hex(),
        )

    @property
    def stubs(self) -> "Stubs":
        assert self.channel is not None
        return Stubs(self.channel)

    def renew(self, key: ec.EllipticCurvePrivateKey, hosts: int = 0) -> bytes:
        """Ask for a certificate for another TLS key; gives it, PEM, and goes on with the old."""
        request = certificate_request(key, hosts=hosts)
        signature = self.signing_key.sign(statements.renewal(self.id, request))
        asked = membership_pb2.RenewCertificateRequest(
            certificate_request=request, signature=signature
        )
        return pem(self.stubs.membership.RenewCertificate(asked).certificate)

    def word_for(self, member: membership_pb2.Member) -> bytes:
        """Sign that a newcomer is who it says."""
        authority = x509.load_pem_x509_certificate(self.authority).public_bytes(Encoding.DER)
        identity = statements.member_identity(
            authority, member.member_id, member.name, member.signing_key, member.sealing_key
        )
        return self.signing_key.sign(statements.confirmation(identity))

    def confirm(self, member: membership_pb2.Member) -> membership_pb2.Member:
        """Confirm a newcomer."""
        request = membership_pb2.ConfirmMemberRequest(
            member_id=member.member_id, signature=self.word_for(member)
        )
        return self.stubs.membership.ConfirmMember(request).member

    def leave(self) -> None:
        """Leave the coalition."""
        authority = x509.load_pem_x509_certificate(self.authority).public_bytes(Encoding.DER)
        signature = self.signing_key.sign(statements.leaving(authority, self.id))
        self.stubs.membership.Leave(membership_pb2.LeaveRequest(signature=signature))

    def hello(self, version: int = PROTOCOL_VERSION) -> membership_pb2.HandshakeResponse:
        """Shake hands."""
        request = membership_pb2.HandshakeRequest(
            protocol_version=version, software_version="0", capabilities=CAPABILITIES
        )
        return self.stubs.membership.Handshake(request)


class Stubs:
    """Every service of the main port; failures are raised as `CallError`."""

    def __init__(self, channel: grpc.Channel) -> None:
        channel = grpc.intercept_channel(channel, _Raise())
        self.membership = membership_pb2_grpc.MembershipServiceStub(channel)
        self.projects = projects_pb2_grpc.ProjectsServiceStub(channel)
        self.encodings = encodings_pb2_grpc.EncodingsServiceStub(channel)
        self.ledger = ledger_pb2_grpc.LedgerServiceStub(channel)
        self.receipts = receipts_pb2_grpc.ReceiptsServiceStub(channel)
        self.runs = runs_pb2_grpc.RunsServiceStub(channel)
        self.checks = checks_pb2_grpc.ChecksServiceStub(channel)
        self.counts = counts_pb2_grpc.CountsServiceStub(channel)
        self.claims = claims_pb2_grpc.ClaimsServiceStub(channel)
        self.decisions = decisions_pb2_grpc.DecisionsServiceStub(channel)


class _Raise(grpc.UnaryUnaryClientInterceptor, grpc.StreamUnaryClientInterceptor):
    """Raises `CallError` where the answer is one message."""

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return _settle(continuation(details, request))

    def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        return _settle(continuation(details, requests))


def _settle(call: Any) -> Any:
    error = call.exception()
    if isinstance(error, grpc.RpcError):
        raise CallError(error) from error
    return call


def pem(der: bytes) -> bytes:
    """Turn a certificate from DER to PEM."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def certificate_request(key: Any, name: str = "whoever", hosts: int = 0) -> bytes:
    """Build a certificate request, DER; one for many hosts is long."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    algorithm = None if isinstance(key, Ed25519PrivateKey) else SHA256()
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if hosts:
        named = [x509.DNSName(f"host-{number}.example") for number in range(hosts)]
        builder = builder.add_extension(x509.SubjectAlternativeName(named), critical=False)
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def open_channel(
    address: str,
    authority: bytes,
    certificate: bytes = b"",
    key: ec.EllipticCurvePrivateKey | None = None,
) -> grpc.Channel:
    """Open a TLS channel, with a client certificate if there is one (PEM)."""
    private = None
    if key is not None:
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    credentials = grpc.ssl_channel_credentials(authority, private, certificate or None)
    return grpc.secure_channel(address, credentials, options=OPTIONS)


def send_enrol(
    invitation: Invitation, request: membership_pb2.EnrolRequest
) -> membership_pb2.EnrolResponse:
    """Send an enrolment request to where the invitation says."""
    with open_channel(invitation.document["enrol"], invitation.authority_pem) as channel:
        checked = grpc.intercept_channel(channel, _Raise())
        return membership_pb2_grpc.EnrolmentServiceStub(checked).Enrol(request)


@dataclass(slots=True)
class Clock:
    """The machine's clock in milliseconds, or one that is ahead of it."""

    ahead: int = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead

    def days_ahead(self, days: float) -> None:
        """Let it be some days later from now on."""
        self.ahead = round(days * 24 * 3600 * 1000)


@dataclass(slots=True)
class Coalition:
    """A running coordinator and the nodes that enrolled through this object."""

    home: Home
    coordinator: Coordinator
    serving: Serving
    log: io.StringIO
    clock: Clock
    nodes: list[Node] = field(default_factory=list)

    def invite(self, name: str, ttl: int = 3600) -> str:
        """Make an invitation."""
        return invite(self.home, name, ttl)

    def enrol(self, name: str) -> Node:
        """Enrol a new node."""
        node = Node().enrol(self.invite(name))
        self.nodes.append(node)
        return node

    def close(self) -> None:
        """Disconnect every node and stop the coordinator."""
        for node in self.nodes:
            node.close()
        self.coordinator.stop()


@dataclass(frozen=True, slots=True)
class Members:
    """A coalition with three members who make projects and one who watches from outside."""

    coalition: Coalition
    north: Node
    south: Node
    east: Node
    outsider: Node


# Tests call as fast as they can, and as one member.
UNHURRIED = Limits(
    calls_per_minute=1_000_000,
    heavy_calls_per_minute=1_000_000,
    enrolments_per_minute=1_000_000,
    enrolments_per_minute_in_all=1_000_000,
)


def start_coalition(
    path: Path, database: str = "", confirmations: int = 0, limits: Limits = UNHURRIED
) -> Coalition:
    """Initialise a coordinator in `path` and serve it on free ports of loopback."""
    config = Config(
        "Coalition",
        "127.0.0.1:0",
        "127.0.0.1:0",
        database=database,
        confirmations=confirmations,
        limits=limits,
    )
    home = init_home(path, config)
    log = io.StringIO()
    configure_log(log)
    clock = Clock()
    coordinator = Coordinator(home, now=clock)
    return Coalition(home, coordinator, coordinator.start(), log, clock)


def make_agreement(nodes: Sequence[Node], **changes: Any) -> Agreement:
    """Write an agreement between nodes."""
    defaults: dict[str, Any] = {
        "name": "Project",
        "members": tuple(sorted((n.party for n in nodes), key=lambda party: party.member_id)),
        "schema": SCHEMA,
        "strata": {"kind": ("abduction", "detention"), "year": ("1969", "1970")},
        "nonce": secrets.token_hex(16),
    }
    return Agreement(**{**defaults, **changes})


def sign(node: Node, agreement: Agreement) -> bytes:
    """Sign an agreement."""
    return node.signing_key.sign(statements.agreement(agreement.hash))


@dataclass(frozen=True, slots=True)
class Project:
    """A project as its creator made it, or as a later version has it."""

    id: str
    agreement: Agreement
    epoch: int = 1


def create_project(creator: Node, agreement: Agreement) -> Project:
    """Create a project, signed by its creator only."""
    request = projects_pb2.CreateProjectRequest(
        agreement=agreement.encode(), signature=sign(creator, agreement)
    )
    created = creator.stubs.projects.CreateProject(request).project
    return Project(created.project_id, agreement)


def sign_project(node: Node, project: Project) -> projects_pb2.Project:
    """Sign a project's agreement."""
    request = projects_pb2.SignAgreementRequest(
        project_id=project.id,
        agreement_hash=project.agreement.hash,
        signature=sign(node, project.agreement),
    )
    return node.stubs.projects.SignAgreement(request).project


def project_in_force(nodes: Sequence[Node], **changes: Any) -> Project:
    """Create a project that every one of its members has signed; the first creates it."""
    project = create_project(nodes[0], make_agreement(nodes, **changes))
    for node in nodes[1:]:
        sign_project(node, project)
    return project


def make_record(
    clk: bytes | None = None, strata: Mapping[str, str] | None = None, **changes: Any
) -> encodings_pb2.EncodedRecord:
    """Make a valid record with random content."""
    values: dict[str, Any] = {
        "token": secrets.token_bytes(16),
        "clk": clk if clk is not None else secrets.token_bytes(CLK_BITS // 8),
        "presence": 3,
        "strata": {"kind": "abduction", "year": "1969"} if strata is None else dict(strata),
        "publication": encodings_pb2.PUBLICATION_ALLOWED,
        "claim_commitment": secrets.token_bytes(32),
        "sealed_claim": secrets.token_bytes(64),
        "purposes": ["check", "count", "attribute"],
    }
    return encodings_pb2.EncodedRecord(**{**values, **changes})


@dataclass(frozen=True)
class Batch:
    """Records on their way to a project, with everything that is announced or signed of them."""

    node: Node
    project: Project
    records: Sequence[encodings_pb2.EncodedRecord]

    @cached_property
    def digest(self) -> bytes:
        serials = (record.SerializeToString(deterministic=True) for record in self.records)
        return sha256(b"".join(len(s).to_bytes(4, "big") + s for s in serials)).digest()

    @cached_property
    def root(self) -> bytes:
        return merkle.root([merkle.leaf_hash(r.claim_commitment) for r in self.records])

    @cached_property
    def signature(self) -> bytes:
        statement = statements.upload(self.project.agreement.hash, len(self.records), self.root)
        return self.node.signing_key.sign(statement)

    def start(self, **changes: Any) -> encodings_pb2.Upload:
        """Announce the upload."""
        request = encodings_pb2.StartUploadRequest(
            project_id=self.project.id,
            agreement_hash=self.project.agreement.hash,
            epoch=self.project.epoch,
            record_count=len(self.records),
            digest=self.digest,
        )
        for name, value in changes.items():
            setattr(request, name, value)
        return self.node.stubs.encodings.StartUpload(request).upload

    def chunks(
        self, upload_id: str, offset: int = 0, size: int = 10
    ) -> Iterator[encodings_pb2.UploadRecordsRequest]:
        """Cut the records from `offset` on into chunks."""
        for start in range(offset, len(self.records), size):
            yield encodings_pb2.UploadRecordsRequest(
                project_id=self.project.id,
                agreement_hash=self.project.agreement.hash,
                upload_id=upload_id,
                offset=start,
                records=self.records[start : start + size],
            )

    def send(self, upload_id: str, offset: int = 0, size: int = 10) -> encodings_pb2.Upload:
        """Upload the records from `offset` on."""
        chunks = self.chunks(upload_id, offset, size)
        return self.node.stubs.encodings.UploadRecords(chunks).upload

    def finish(self, upload_id: str, **changes: Any) -> encodings_pb2.Upload:
        """Finish the upload."""
        request = encodings_pb2.FinishUploadRequest(
            project_id=self.project.id,
            agreement_hash=self.project.agreement.hash,
            upload_id=upload_id,
            root=self.root,
            signature=self.signature,
        )
        for name, value in changes.items():
            setattr(request, name, value)
        return self.node.stubs.encodings.FinishUpload(request).upload

    def upload(self) -> encodings_pb2.Upload:
        """Start, send and finish."""
        upload = self.start()
        if not upload.finished and upload.committed < upload.record_count:
            self.send(upload.upload_id, upload.committed)
        return self.finish(upload.upload_id)
