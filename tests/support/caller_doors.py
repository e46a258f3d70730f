"""Ways to a coordinator, with and without what a caller needs, and what it says there."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc

from coalition import CallError, Node, open_channel
from rpc_table import call
from tacit.linkage import statements
from tacit.linkage.protocol import (
    NONCE_BYTES,
    REQUEST_NONCE_KEY,
    REQUEST_SIGNATURE_KEY,
    REQUEST_TIME_KEY,
)
from wrong_callers import Scene, foreign_channel

PURPOSES = {"check", "count", "attribute"}
DENIALS = {
    "UNAUTHENTICATED",
    "CERTIFICATE_EXPIRED",
    "REVOKED",
    "UNCONFIRMED",
    "FORBIDDEN",
    "AGREEMENT_STALE",
    "AGREEMENT_EXPIRED",
    "NOT_IN_FORCE",
    "MEMBER_GONE",
    "EPOCH_ENDED",
    "PURPOSE_NOT_AGREED",
    "NOT_FOUND",
    "REPLAYED",
    "REQUEST_STALE",
    "INTERNAL",
    "OK without a word",
}
GONE = ("NOT_FOUND", "NOT_FOUND")
UNSIGNED = ("PERMISSION_DENIED", "SIGNATURE_INVALID")
STALE = ("FAILED_PRECONDITION", "AGREEMENT_STALE")
Answer = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Doors:
    """Ways to the coordinator of a scene.

    Attributes:
        scene: who may and may not come in.
        bare: a connection without a certificate.
        foreign: one with a certificate that another coalition's authority signed.
        certificate: one with north's certificate, but without its signing key.
    """

    scene: Scene
    bare: grpc.Channel
    foreign: grpc.Channel
    certificate: Any


@contextmanager
def open_doors(scene: Scene, folder: Path) -> Iterator[Doors]:
    """Open all of them as long as the block lasts."""
    address, north = scene.coalition.serving.address, scene.north
    bare = open_channel(address, north.authority)
    foreign = foreign_channel(scene, folder)
    alone = open_channel(address, north.authority, north.certificate, north.tls_key)
    with bare, foreign, alone:
        yield Doors(scene, bare, foreign, alone)


def told(error: CallError | None) -> Answer:
    """Give status and reason of an answer."""
    return (error.status, error.reason) if error else ("OK", "")


def answer(node: Node, name: str, fields: dict[str, Any]) -> Answer:
    """Call as a node, with its signature; gives status and reason."""
    assert node.channel is not None
    return told(call(node.channel, name, fields))


def missing_to(node: Node, name: str, fields: dict[str, Any]) -> str:
    """Call as a node; gives what it is told that there is not."""
    assert node.channel is not None
    error = call(node.channel, name, fields)
    assert told(error) == GONE
    assert error is not None
    return str(error.params["what"])


def signed(node: Node, path: str, data: bytes, named: bytes, dated: int) -> Any:
    """Sign a request, but for what is to be wrong about it."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    statement = statements.request(path, sha256(data).digest(), named, dated, nonce)
    return (
        (REQUEST_TIME_KEY, str(dated)),
        (REQUEST_NONCE_KEY, nonce),
        (REQUEST_SIGNATURE_KEY, node.signing_key.sign(statement)),
    )
