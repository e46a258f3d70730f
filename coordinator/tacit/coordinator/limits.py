"""How much of the coordinator one caller may have: numbers that its keeper may change."""

from dataclasses import dataclass

HEAVY = frozenset(
    {
        "/tacit.v1.ChecksService/RunCheck",
        "/tacit.v1.ClaimsService/GetClaims",
        "/tacit.v1.CountsService/GetCount",
        "/tacit.v1.EncodingsService/FinishUpload",
        "/tacit.v1.EncodingsService/StartUpload",
        "/tacit.v1.EncodingsService/UploadRecords",
        "/tacit.v1.EncodingsService/WithdrawRecords",
        "/tacit.v1.ProjectsService/CreateProject",
        "/tacit.v1.ProjectsService/ProposeVersion",
        "/tacit.v1.ProjectsService/StartEpoch",
        "/tacit.v1.RunsService/GetResults",
        "/tacit.v1.RunsService/PutSketches",
        "/tacit.v1.RunsService/StartRun",
    }
)
"""RPCs that read or write more than a few rows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits, most of them for one member.

    A node of 100,000 records needs some twenty calls a minute, and while it uploads, fetches
    results or withdraws everything some hundred heavy ones.

    Attributes:
        calls_per_minute: calls of one member; so many at once after a minute's silence.
        heavy_calls_per_minute: those among them that read or write much.
        calls_at_once: calls of one member in hand; also of one address that has no certificate.
        enrolments_per_minute: attempts to enrol, from one address, that do not succeed.
        enrolments_per_minute_in_all: the same, from all addresses.
        silence_seconds: how long a caller may keep the coordinator waiting for its next message,
            or for room to write an answer.
        anonymous_seconds: the same for callers without a certificate.
        bytes_per_second: slowest stream of requests; counted after `silence_seconds` of waiting.
        stream_messages: messages of one stream of requests.
        stream_megabytes: size of one stream of requests, 1,048,576 bytes each.
        upload_records: records of one upload.
        connections: connections on one port.
        handshake_seconds: how long TLS may take to begin.
        idle_seconds: how long a connection may stay without a call.
        connection_hours: how long a connection may last; calls in hand get ten minutes more.
    """

    calls_per_minute: int = 1200
    heavy_calls_per_minute: int = 300
    calls_at_once: int = 16
    enrolments_per_minute: int = 30
    enrolments_per_minute_in_all: int = 300
    silence_seconds: int = 120
    anonymous_seconds: int = 10
    bytes_per_second: int = 256
    stream_messages: int = 10_000
    stream_megabytes: int = 2048
    upload_records: int = 10_000_000
    connections: int = 800
    handshake_seconds: int = 10
    idle_seconds: int = 900
    connection_hours: int = 12


LEAST, MOST = 1, 10**9
"""Bounds of every limit."""

EXPLAINED = {
    "calls_per_minute": "Calls of one member in a minute.",
    "heavy_calls_per_minute": "Those among them that read or write much.",
    "calls_at_once": "Calls of one member at one time.",
    "enrolments_per_minute": "Failed attempts to enrol from one address in a minute.",
    "enrolments_per_minute_in_all": "The same from all addresses.",
    "silence_seconds": "How long a member may keep the coordinator waiting within a call.",
    "anonymous_seconds": "The same for who has no certificate.",
    "bytes_per_second": "Slowest stream of requests.",
    "stream_messages": "Messages of one stream of requests.",
    "stream_megabytes": "Size of one stream of requests.",
    "upload_records": "Records of one upload.",
    "connections": "Connections on one port.",
    "handshake_seconds": "How long TLS may take to begin.",
    "idle_seconds": "How long a connection may stay without a call.",
    "connection_hours": "How long a connection may last.",
}
