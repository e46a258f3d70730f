"""What a coordinator under fire has acknowledged, as written down by the process that kills it."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from google.protobuf import descriptor_pool, message_factory

from tacit.v1 import (  # noqa: F401 (they enter their services into the descriptor pool)
    encodings_pb2,
    ledger_pb2,
    membership_pb2,
    projects_pb2,
)


@dataclass
class Promises:
    """Everything that was acknowledged to somebody, so that it may never be gone.

    Attributes:
        ids: member ids by name.
        counts: acknowledgements by what they were about.
        members: signing key by member id.
        certificates: fingerprints of certificates that a member was given, newest last; when a
            database is judged, the last one and those that came while it was read.
        signatures: over (project, agreement hash) by member.
        agreements: (project, agreement hash) that were made.
        sealed: (project, epoch, recipient) of sealed keys that were taken.
        uploads: finished uploads: upload id to member, root, records, ledger index.
        withdrawn: (project, token) to whether the withdrawal was acknowledged.
        receipts: (index, entry, signature).
        heads: size to root.
        cosigned: (member, size) to when.
        entries: index to bytes, as they were read.
        indices: index to the type of the entry that must stand there.
        runs: run id to number of groups of runs that were done.
        releases: (run) to distinct victims as released.
    """

    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    details: dict[str, str] = field(default_factory=dict)
    members: dict[str, bytes] = field(default_factory=dict)
    certificates: dict[str, list[bytes]] = field(default_factory=dict)
    signatures: dict[tuple[str, bytes, str], bytes] = field(default_factory=dict)
    agreements: set[tuple[str, bytes]] = field(default_factory=set)
    sealed: set[tuple[str, int, str]] = field(default_factory=set)
    uploads: dict[str, tuple[str, bytes, int, int]] = field(default_factory=dict)
    started: dict[str, int] = field(default_factory=dict)
    withdrawn: dict[tuple[str, bytes], bool] = field(default_factory=dict)
    receipts: set[tuple[int, bytes, bytes]] = field(default_factory=set)
    heads: dict[int, bytes] = field(default_factory=dict)
    cosigned: dict[tuple[str, int], int] = field(default_factory=dict)
    entries: dict[int, bytes] = field(default_factory=dict)
    indices: dict[int, str] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    releases: dict[str, int | None] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, who: str, event: tuple[Any, ...]) -> None:
        """Write down one event of a member's process."""
        with self.lock:
            if event[0] in {"answered", "asked"}:
                method = event[1]
                request, response = messages(method, event[2], event[3:])
                handler = getattr(self, f"_{method.rpartition('/')[2]}", None)
                if event[0] == "asked":
                    self._intended(method, request)
                elif handler is not None:
                    self.counts[method.rpartition("/")[2]] += 1
                    if method.endswith(("/Enrol", "/Handshake")):
                        known = response.member if "Enrol" in method else response.you
                        self.ids[who] = known.member_id
                    handler(self.ids.get(who, ""), request, response)
            elif event[0] == "did":
                self.counts[f"node: {event[1]}"] += 1
                handler = getattr(self, f"_did_{event[1]}", None)
                if handler is not None:
                    handler(who, event[2])
            elif event[0] == "refused":
                self.refusals[event[1]] += 1
                self.details.setdefault(event[1], f"{who}: {event[2]}")

    def _intended(self, method: str, request: Any) -> None:
        if method.endswith("/WithdrawRecords"):
            for token in request.tokens:
                self.withdrawn.setdefault((request.project_id, token), False)

    def _promise(self, index: int, kind: str) -> None:
        if self.indices.setdefault(index, kind) != kind:
            self.broken.append(f"entry {index} was said to be {self.indices[index]} and {kind}")

    def _head(self, size: int, root: bytes) -> None:
        if self.heads.setdefault(size, root) != root:
            self.broken.append(f"two roots of size {size}")

    def _Enrol(self, _member: str, request: Any, response: Any) -> None:  # noqa: N802
        self.members[response.member.member_id] = request.signing_key
        given = self.certificates.setdefault(response.member.member_id, [])
        given.append(sha256(response.certificate).digest())

    def _RenewCertificate(self, member: str, _request: Any, response: Any) -> None:  # noqa: N802
        self.certificates.setdefault(member, []).append(sha256(response.certificate).digest())

    def _Handshake(self, _member: str, _request: Any, response: Any) -> None:  # noqa: N802
        if response.you.member_id not in self.members:
            self.broken.append("a member was greeted who never enrolled")

    def _project(self, project: Any) -> None:
        self.agreements.add((project.project_id, project.agreement_hash))
        for item in project.signatures:
            key = (project.project_id, project.agreement_hash, item.member_id)
            self.signatures[key] = item.signature
        for item in project.proposal.signatures:
            key = (project.project_id, project.proposal.agreement_hash, item.member_id)
            self.signatures[key] = item.signature

    def _CreateProject(self, _member: str, _request: Any, response: Any) -> None:  # noqa: N802
        self._project(response.project)

    def _SignAgreement(self, member: str, request: Any, response: Any) -> None:  # noqa: N802
        self._project(response.project)
        key = (request.project_id, request.agreement_hash, member)
        self.signatures[key] = request.signature

    def _ProposeVersion(self, member: str, request: Any, response: Any) -> None:  # noqa: N802
        proposed = sha256(request.agreement).digest()
        self._project(response.project)
        self.signatures[request.project_id, proposed, member] = request.signature

    def _PutSealedKeys(self, _member: str, request: Any, _response: Any) -> None:  # noqa: N802
        for key in request.keys:
            self.sealed.add((request.project_id, request.epoch, key.recipient_id))

    _StartEpoch = _PutSealedKeys

    def _DropProposal(self, _member: str, _request: Any, response: Any) -> None:  # noqa: N802
        self._project(response.project)

    def _UploadRecords(self, _member: str, _request: Any, response: Any) -> None:  # noqa: N802
        upload = response.upload
        before = self.started.get(upload.upload_id, 0)
        self.started[upload.upload_id] = max(before, upload.committed)

    def _FinishUpload(self, member: str, request: Any, response: Any) -> None:  # noqa: N802
        upload = response.upload
        promise = (member, request.root, upload.record_count, upload.ledger_index)
        if self.uploads.setdefault(upload.upload_id, promise) != promise:
            self.broken.append("an upload was finished twice, and differently")
        self._promise(upload.ledger_index, "upload")

    def _WithdrawRecords(self, _member: str, request: Any, response: Any) -> None:  # noqa: N802
        for token in request.tokens:
            self.withdrawn[request.project_id, token] = True
        self._receipt(response.receipt)

    def _receipt(self, receipt: Any) -> None:
        self.receipts.add((receipt.ledger_index, receipt.entry, receipt.signature))

    def _ListReceipts(self, _member: str, _request: Any, response: Any) -> None:  # noqa: N802
        for receipt in response.receipts:
            self._receipt(receipt)

    def _ReportDestroyed(self, _member: str, _request: Any, response: Any) -> None:  # noqa: N802
        self._receipt(response.receipt)

    def _GetTreeHead(self, _member: str, _request: Any, response: Any) -> None:  # noqa: N802
        self._head(response.head.tree_size, response.head.root_hash)

    def _CosignTreeHead(self, member: str, request: Any, _response: Any) -> None:  # noqa: N802
        key = (member, request.tree_size)
        self.cosigned[key] = max(self.cosigned.get(key, 0), request.cosigned_at)

    def _ListEntries(self, _member: str, request: Any, response: Any) -> None:  # noqa: N802
        for index, entry in enumerate(response.entries, request.start):
            if self.entries.setdefault(index, entry) != entry:
                self.broken.append(f"entry {index} has changed")

    def _did_link(self, _who: str, done: Any) -> None:
        if done["state"] == "done":
            self.runs[done["run"]] = done["groups"]

    def _did_check(self, _who: str, done: Any) -> None:
        self._promise(done["index"], "check")

    def _did_count(self, _who: str, done: Any) -> None:
        self._promise(done["index"], "release")
        said = self.releases.setdefault(done["run"], done["distinct"])
        if said != done["distinct"]:
            self.broken.append("a release has changed")

    def _did_decide(self, _who: str, done: Any) -> None:
        self._promise(done["index"], "decision")

    def _did_claims(self, _who: str, done: Any) -> None:
        self._head(done["size"], bytes.fromhex(done["root"]))

    def _did_verify(self, who: str, done: Any) -> None:
        if not done["sound"]:
            self.broken.append(f"{who} found the ledger unsound: {done['wrong']}")


def messages(method: str, request: bytes, answers: tuple[bytes, ...]) -> tuple[Any, Any]:
    """Read what went over the wire, by the method's own declaration."""
    service, name = method.strip("/").split("/")
    pool = descriptor_pool.Default()
    declared = pool.FindServiceByName(service).methods_by_name[name]
    return (
        message_factory.GetMessageClass(declared.input_type).FromString(request),
        message_factory.GetMessageClass(declared.output_type).FromString(b"".join(answers)),
    )
