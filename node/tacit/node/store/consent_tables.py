"""The tables of what was sent of single records, what was withdrawn, and what was confirmed."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from tacit.node.store.table_base import metadata, project, project_key

# The coordinator's signed word on what it erased for this member.
receipts = Table(
    "receipts",
    metadata,
    Column("ledger_index", BigInteger, primary_key=True),
    project(),
    # Canonical JSON.
    Column("entry", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)

# Records that a person took out: no import and no synchronisation brings them back.
withdrawn_records = Table(
    "withdrawn_records",
    metadata,
    Column("record_id", Text, primary_key=True),
    # Empty: out of all projects.
    Column("project_id", Text, primary_key=True),
    Column("withdrawn_at", BigInteger, nullable=False),
)

# Tokens that the coordinator is to erase, or has erased.
withdrawals = Table(
    "withdrawals",
    metadata,
    project_key(),
    Column("token", LargeBinary, primary_key=True),
    Column("record_id", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    # Of the batch that it went with, so that the same is asked again after a crash.
    Column("salt", LargeBinary),
    # Of the receipt.
    Column("ledger_index", BigInteger),
)

# What the coordinator holds of each record, as a hash of all that was sent of it.
sent_records = Table(
    "sent_records",
    metadata,
    project_key(),
    Column("token", LargeBinary, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
)
