"""Versions of agreements, who signed them, and the epochs that are over."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

from tacit.coordinator.store.declared.base import metadata

agreement_versions = Table(
    "agreement_versions",
    metadata,
    Column("agreement_hash", LargeBinary, primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("agreement", LargeBinary, nullable=False),
    Column("proposer_id", ForeignKey("members.id"), nullable=False),
    # "current" (the project's row has it, in force or version 1 that is not yet), "proposed",
    # "replaced" or "dropped".
    Column("state", String(10), nullable=False),
    Column("proposed_at", BigInteger, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
)

agreement_signatures = Table(
    "agreement_signatures",
    metadata,
    Column("agreement_hash", ForeignKey("agreement_versions.agreement_hash"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("signature", LargeBinary, nullable=False),
    Column("signed_at", BigInteger, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
)

# One row for each member of a project when an epoch ends, for whatever reason it ends.
ended_epochs = Table(
    "ended_epochs",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("ended_at", BigInteger, nullable=False),
    # Encodings of the member that were there; nothing where it had uploaded none.
    Column("records", BigInteger),
    # Of the receipt that none of them is left; none yet where they are being erased.
    Column("destroyed_index", BigInteger),
)
