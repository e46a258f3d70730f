"""Channels to the coordinator: mutual TLS against the pinned authority, keys from memory only.

The coordinator's certificate is checked against the coalition's own authority, pinned at
enrolment, and against a fixed name, so that it may move to another address and no public
authority can vouch for an impostor.
"""

from dataclasses import dataclass, field

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tacit.linkage.protocol import MAX_MESSAGE_BYTES, SERVER_NAME


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a node shows and what it trusts, PEM; never written anywhere but the encrypted store.

    Attributes:
        authority: the coalition's certificate authority.
        certificate: this node's certificate; empty before enrolment.
        private_key: the key that belongs to it; empty before enrolment.
        signing: the member's key, which signs requests; None before enrolment.
    """

    authority: bytes
    certificate: bytes = b""
    private_key: bytes = field(default=b"", repr=False)
    signing: Ed25519PrivateKey | None = field(default=None, repr=False)


def open_channel(address: str, credentials: Credentials) -> grpc.Channel:
    """Open a channel; nothing is sent before the first call.

    Args:
        address: "host:port" of the coordinator.
        credentials: with a client certificate for the main port, without for enrolment.
    """
    tls = grpc.ssl_channel_credentials(
        root_certificates=credentials.authority,
        private_key=credentials.private_key or None,
        certificate_chain=credentials.certificate or None,
    )
    return grpc.secure_channel(address, tls, options=_OPTIONS)


_OPTIONS = (
    ("grpc.ssl_target_name_override", SERVER_NAME),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # A peer that vanished without a word is noticed within some forty seconds.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # The node has its own backoff; gRPC's must not stretch it to minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # One connection per channel: a killed coordinator's socket is not shared between tests or runs.
    ("grpc.use_local_subchannel_pool", 1),
)
