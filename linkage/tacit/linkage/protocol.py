"""What node and coordinator take for granted about each other's wire."""

PROTOCOL_VERSION = 1
"""The protocol this software speaks."""

OLDEST_PROTOCOL_VERSION = 1
"""The oldest protocol a coordinator of this software still speaks."""

CAPABILITIES: tuple[str, ...] = (
    "attribute",
    "check",
    "count",
    "ledger",
    "link",
    "resumable-upload",
)
"""What this software can do, for the handshake; in order, each once."""

REQUEST_TIME_KEY = "tacit-request-time"
"""Metadata of a signed request: when it was made by the coordinator's clock, milliseconds."""

REQUEST_NONCE_KEY = "tacit-request-nonce-bin"
"""Metadata of a signed request: random bytes of this request alone."""

REQUEST_SIGNATURE_KEY = "tacit-request-signature-bin"
"""Metadata of a signed request: Ed25519 over `statements.request`."""

NONCE_BYTES = 16
"""Length of that nonce."""

SERVER_NAME = "coordinator.tacit.invalid"
"""DNS name in every coordinator's certificate; clients set it as `ssl_target_name_override`."""

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""Largest message either side accepts."""

CHUNK_RECORDS = 1000
"""Most records in one message of an upload, queries in one of a check or groups in one answer."""

TOKEN_BYTES = 16
"""Length of a record token."""

MAX_SEALED_CLAIM_BYTES = 3072
"""Longest sealed claim, nonce and tag included: a full chunk of them fits into one message."""

INVITATION_PREFIX = "tacit-invitation:"
"""What the one line of an invitation starts with."""
