"""What gRPC itself is told about connections: their size, their number, and when they end."""

from collections.abc import Sequence

from tacit.coordinator.limits import Limits
from tacit.linkage.protocol import MAX_MESSAGE_BYTES

_SECOND = 1000
_HOUR = 3600 * _SECOND
_LEFT = 600 * _SECOND
_STREAMS = 64
_METADATA = 16 * 1024


def channel_options(limits: Limits) -> Sequence[tuple[str, int]]:
    """Give gRPC's options for a server under these limits."""
    return (
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        # From the first number on gRPC refuses some, beyond the second all.
        ("grpc.max_metadata_size", _METADATA),
        ("grpc.absolute_max_metadata_size", _METADATA),
        ("grpc.max_concurrent_streams", _STREAMS),
        ("grpc.max_allowed_incoming_connections", limits.connections),
        ("grpc.server_handshake_timeout_ms", limits.handshake_seconds * _SECOND),
        ("grpc.max_connection_idle_ms", limits.idle_seconds * _SECOND),
        ("grpc.max_connection_age_ms", limits.connection_hours * _HOUR),
        ("grpc.max_connection_age_grace_ms", _LEFT),
        # A node behind a dead line is noticed, and its thread freed, within a minute.
        ("grpc.keepalive_time_ms", 30 * _SECOND),
        ("grpc.keepalive_timeout_ms", 20 * _SECOND),
        ("grpc.keepalive_permit_without_calls", 1),
        # Nodes ping every 30 seconds; but pings that waited on a busy machine come together.
        ("grpc.http2.min_ping_interval_without_data_ms", 5 * _SECOND),
        ("grpc.http2.max_ping_strikes", 10),
        # Two servers on one port would each get half of the calls.
        ("grpc.so_reuseport", 0),
    )
