"""The tables of what came back: runs and their groups, claims, counts, checks, the ledger's heads."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from tacit.node.store.table_base import metadata, project, project_key

runs = Table(
    "runs",
    metadata,
    Column("run_id", Text, primary_key=True),
    project(),
    Column("state", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("threshold", Float),
    Column("group_count", Integer),
    Column("estimated_precision", Float),
    Column("estimated_recall", Float),
    # Greatest group id stored, to resume a broken stream; fetched_at once all are here.
    Column("after_group_id", BigInteger, nullable=False),
    Column("fetched_at", BigInteger),
    # The coordinator's number for what others added since, and when own sketches were sent.
    Column("revision", Text, nullable=False, server_default="0"),
    Column("sketched_at", BigInteger),
)

group_records = Table(
    "group_records",
    metadata,
    Column("run_id", Text, ForeignKey("runs.run_id"), primary_key=True),
    Column("group_id", BigInteger, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("member", Text, nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("yours", Boolean, nullable=False),
    Column("publication", Text, nullable=False),
)

group_links = Table(
    "group_links",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("group_id", BigInteger, primary_key=True),
    Column("left", Integer, primary_key=True),
    Column("right", Integer, primary_key=True),
    Column("score", Float, nullable=False),
    # Verdict on each feature of the schema, space-separated; empty where nothing is known.
    Column("fields", Text, nullable=False, server_default=""),
    ForeignKeyConstraint(["run_id"], ["runs.run_id"]),
)

group_decisions = Table(
    "group_decisions",
    metadata,
    Column("run_id", Text, ForeignKey("runs.run_id"), primary_key=True),
    Column("group_id", BigInteger, primary_key=True),
    Column("left", Integer, primary_key=True),
    Column("right", Integer, primary_key=True),
    Column("yours", Boolean, primary_key=True),
    Column("same", Boolean, nullable=False),
)

# Opened and verified claims of a group, JSON as casework writes it.
claim_groups = Table(
    "claim_groups",
    metadata,
    Column("run_id", Text, ForeignKey("runs.run_id"), primary_key=True),
    Column("group_id", BigInteger, primary_key=True),
    Column("document", Text, nullable=False),
    Column("fetched_at", BigInteger, nullable=False),
)

# A published count as the coordinator gave it, JSON.
releases = Table(
    "releases",
    metadata,
    project_key(),
    Column("ledger_index", BigInteger, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("fetched_at", BigInteger, nullable=False),
)

checks = Table(
    "checks",
    metadata,
    Column("check_id", LargeBinary, primary_key=True),
    project(),
    Column("source", Text, nullable=False),
    # Of the queries, so that the same file asked again after a crash is the same check.
    Column("digest", LargeBinary, nullable=False),
    Column("total", Integer, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("answered_at", BigInteger),
    Column("threshold", Float),
    Column("budget_left", Integer),
    Column("ledger_index", BigInteger),
)

check_answers = Table(
    "check_answers",
    metadata,
    Column("check_id", LargeBinary, ForeignKey("checks.check_id"), primary_key=True),
    Column("query", Integer, primary_key=True),
    Column("member", Text, primary_key=True),
    # The row's own identifier in the file that was checked.
    Column("label", Text, nullable=False),
    Column("objects", Boolean, nullable=False),
    Column("score", Float, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    project_key(),
    Column("ledger_index", BigInteger, primary_key=True),
    Column("member", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("records", Integer, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

tree_heads = Table(
    "tree_heads",
    metadata,
    Column("tree_size", BigInteger, primary_key=True),
    Column("timestamp", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
