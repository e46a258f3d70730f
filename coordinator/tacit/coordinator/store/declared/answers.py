"""What was asked of the coalition and released, and the ledger of it all."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from tacit.coordinator.store.declared.base import metadata

# The records asked about are never written down: a node that was cut off sends them again.
checks = Table(
    "checks",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    # Made by the node: the same check asked again is counted once.
    Column("check_id", LargeBinary, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    # SHA-256 over the uploads asked: the same question to the same uploads is counted once.
    Column("inputs_hash", LargeBinary, nullable=False),
    # Of the last run at that time; nothing where the threshold comes from the question itself.
    Column("threshold", Float),
    # The run whose calibration turns scores into probabilities.
    Column("run_id", String(40)),
    Column("total", Integer, nullable=False),
    # Records counted against the budget so far.
    Column("spent", Integer, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("project_id", String(40), primary_key=True),
    Column("asker_id", String(40), primary_key=True),
    Column("check_id", LargeBinary, primary_key=True),
    Column("holder_id", ForeignKey("members.id"), primary_key=True),
    Column("asked_at", BigInteger, nullable=False),
    Column("records", Integer, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "asker_id", "check_id"],
        ["checks.project_id", "checks.member_id", "checks.check_id"],
        name="fk_notices_check",
    ),
)

# A released count is fixed: asking again gives the same numbers.
releases = Table(
    "releases",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    # Canonical JSON of the dimensions broken down by.
    Column("dimensions", String(500), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("released_at", BigInteger, nullable=False),
    Column("result", JSON, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
)

tree_heads = Table(
    "tree_heads",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# Members' signatures over heads: the latest of each member for each size.
cosignatures = Table(
    "cosignatures",
    metadata,
    Column("size", ForeignKey("tree_heads.size"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    # By the member's own clock.
    Column("cosigned_at", BigInteger, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# Entries that were given to a member, signed: what was erased for it.
receipts = Table(
    "receipts",
    metadata,
    Column("ledger_index", ForeignKey("ledger_entries.index"), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    # SHA-256 of what it confirms, so that nothing is confirmed twice.
    Column("subject", LargeBinary, nullable=False),
    Index(None, "project_id", "member_id", "subject"),
)
