"""Steps in the life of an agreement: proposed, signed, its epochs, its receipts."""

import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from coalition import CallError, Node, Project, sign, sign_project
from tacit.linkage import statements
from tacit.linkage.agreement import Agreement
from tacit.v1 import projects_pb2, receipts_pb2


def next_version(project: Project, members: Iterable[Node] = (), **changes: Any) -> Agreement:
    """Write the version that follows a project's agreement."""
    parties = sorted((node.party for node in members), key=lambda party: party.member_id)
    follows = {
        "members": tuple(parties) or project.agreement.members,
        "version": project.agreement.version + 1,
        "supersedes": project.agreement.hash.hex(),
        "epoch": project.epoch + 1,
    }
    return replace(project.agreement, **{**follows, **changes})


def propose(node: Node, project: Project, agreement: Agreement) -> Project:
    """Propose a version; gives the project as it would be."""
    request = projects_pb2.ProposeVersionRequest(
        project_id=project.id,
        agreement_hash=project.agreement.hash,
        agreement=agreement.encode(),
        signature=sign(node, agreement),
    )
    node.stubs.projects.ProposeVersion(request)
    return Project(project.id, agreement, agreement.epoch)


def drop(node: Node, proposed: Project) -> None:
    """Drop a proposal."""
    request = projects_pb2.DropProposalRequest(
        project_id=proposed.id, agreement_hash=proposed.agreement.hash
    )
    node.stubs.projects.DropProposal(request)


def agree(nodes: Iterable[Node], project: Project, agreement: Agreement) -> Project:
    """Bring the next version into force; the first of the nodes proposes it."""
    proposer, *others = nodes
    proposed = propose(proposer, project, agreement)
    for node in others:
        sign_project(node, proposed)
    return proposed


def get(node: Node, project: Project) -> projects_pb2.Project:
    """Read a project."""
    request = projects_pb2.GetProjectRequest(project_id=project.id)
    return node.stubs.projects.GetProject(request).project


def sealed(sender: Node, project: Project, epoch: int, *others: Node) -> list[Any]:
    """Seal what stands for a key to others."""
    keys = []
    for node in others:
        ciphertext = f"{epoch} by {sender.id} for {node.id}".encode()
        statement = statements.sealed_key(project.agreement.hash, epoch, node.id, ciphertext)
        keys.append(
            projects_pb2.SealedKey(
                recipient_id=node.id,
                ciphertext=ciphertext,
                signature=sender.signing_key.sign(statement),
            )
        )
    return keys


def put_keys(sender: Node, project: Project, *others: Node) -> None:
    """Hand out a version's first key."""
    request = projects_pb2.PutSealedKeysRequest(
        project_id=project.id,
        agreement_hash=project.agreement.hash,
        epoch=project.epoch,
        keys=sealed(sender, project, project.epoch, *others),
    )
    sender.stubs.projects.PutSealedKeys(request)


def get_key(node: Node, project: Project) -> projects_pb2.GetSealedKeyResponse:
    """Fetch the key that is sealed to a member."""
    request = projects_pb2.GetSealedKeyRequest(
        project_id=project.id, agreement_hash=project.agreement.hash
    )
    return node.stubs.projects.GetSealedKey(request)


def start_epoch(node: Node, project: Project, epoch: int, *others: Node) -> Project:
    """Begin an epoch."""
    request = projects_pb2.StartEpochRequest(
        project_id=project.id,
        agreement_hash=project.agreement.hash,
        epoch=epoch,
        keys=sealed(node, project, epoch, *others),
    )
    node.stubs.projects.StartEpoch(request)
    return replace(project, epoch=epoch)


def report(node: Node, project: Project, epoch: int) -> receipts_pb2.Receipt:
    """Say that a node has destroyed its key."""
    signature = node.signing_key.sign(statements.destroyed_key(project.id, epoch))
    request = projects_pb2.ReportDestroyedRequest(
        project_id=project.id, epoch=epoch, signature=signature
    )
    return node.stubs.projects.ReportDestroyed(request).receipt


def receipts(node: Node, project: Project, kind: str = "destruction") -> list[tuple[int, int]]:
    """Give epoch and records of a member's receipts."""
    request = receipts_pb2.ListReceiptsRequest(project_id=project.id)
    found = node.stubs.receipts.ListReceipts(request).receipts
    entries = [json.loads(receipt.entry) for receipt in found]
    return [(e["epoch"], e.get("records", -1)) for e in entries if e["type"] == kind]


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what a worker does soon."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def refused(call: Callable[[], object]) -> CallError:
    """Give why a call is refused."""
    with pytest.raises(CallError) as failure:
        call()
    return failure.value


def together(*calls: Callable[[], object]) -> list[str]:
    """Call at one time; gives why each was refused, or nothing."""
    start = Barrier(len(calls))

    def one(call: Callable[[], object]) -> str:
        start.wait()
        try:
            call()
        except CallError as error:
            return error.reason
        return ""

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
