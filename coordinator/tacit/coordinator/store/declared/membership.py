"""Who is in the coalition, and what they agreed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from tacit.coordinator.store.declared.base import metadata

members = Table(
    "members",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("signing_key", LargeBinary, nullable=False),
    Column("sealing_key", LargeBinary, nullable=False),
    # SHA-256 of the client certificate's DER: what the member is known by on the wire.
    Column("fingerprint", LargeBinary, nullable=False, unique=True),
    Column("certificate", LargeBinary, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
    # "waiting" for the others' confirmations, "member", or "revoked".
    Column("standing", String(10), nullable=False, server_default="member"),
    # Confirmations asked of it when it enrolled.
    Column("needed", Integer, nullable=False, server_default="0"),
    # When it left or was revoked.
    Column("ended_at", BigInteger),
    # A renewed certificate, in force once it is shown first: until then its answer may be lost.
    Column("next_fingerprint", LargeBinary, index=True, unique=True),
    Column("next_certificate", LargeBinary),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("confirmer_id", ForeignKey("members.id"), primary_key=True),
    Column("signature", LargeBinary, nullable=False),
    Column("confirmed_at", BigInteger, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    # Only the secret's SHA-256 is kept.
    Column("secret_hash", LargeBinary, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    # SHA-256 of the request that used it, so that the same request gets the same answer.
    Column("request_hash", LargeBinary),
    Column("member_id", ForeignKey("members.id")),
)

projects = Table(
    "projects",
    metadata,
    # After the hash of the agreement's version 1; the agreement is that of today.
    Column("id", String(40), primary_key=True),
    Column("agreement", LargeBinary, nullable=False),
    Column("agreement_hash", LargeBinary, nullable=False, unique=True),
    Column("creator_id", ForeignKey("members.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("in_force", Boolean, nullable=False, default=False),
    # Of the linkage key that is in use, or will be once the agreement is in force.
    Column("epoch", Integer, nullable=False, server_default="1"),
    Column("epoch_started_at", BigInteger, nullable=False, server_default="0"),
)

project_members = Table(
    "project_members",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
    # Place in the agreement, from 0: "member N" where names are not disclosed is ordinal + 1.
    Column("ordinal", Integer, nullable=False),
)

sealed_keys = Table(
    "sealed_keys",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("recipient_id", ForeignKey("members.id"), primary_key=True),
    Column("sender_id", ForeignKey("members.id"), nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("put_at", BigInteger, nullable=False),
)
