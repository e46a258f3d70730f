"""Runs, and the match groups they found."""

from sqlalchemy import (
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
    UniqueConstraint,
)

from tacit.coordinator.store.declared.base import metadata

runs = Table(
    "runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("agreement_hash", LargeBinary, nullable=False),
    # SHA-256 over the input upload ids: the same uploads give the same run.
    Column("inputs_hash", LargeBinary, nullable=False),
    # Name of a RunState without its prefix, in lower case.
    Column("state", String(20), nullable=False, index=True),
    Column("pairs_done", BigInteger, nullable=False, default=0),
    Column("pairs_total", BigInteger, nullable=False, default=0),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("threshold", Float),
    Column("estimated_precision", Float),
    Column("estimated_recall", Float),
    Column("group_count", BigInteger, nullable=False, default=0),
    Column("failure", String(40)),
    Column("resumptions", Integer, nullable=False, default=0),
    # Raised when its inputs shrink under way, so that what was compared before counts no longer.
    Column("generation", Integer, nullable=False, default=0, server_default="0"),
    Column("ledger_index", BigInteger),
    UniqueConstraint("project_id", "inputs_hash"),
)

run_inputs = Table(
    "run_inputs",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    # Index of the set within the run, from 0.
    Column("ordinal", Integer, primary_key=True),
    Column("upload_id", ForeignKey("uploads.id"), nullable=False, index=True),
    # Records of it that were withdrawn before the run.
    Column("withdrawn", BigInteger, nullable=False, default=0, server_default="0"),
    Column("member_id", ForeignKey("members.id"), nullable=False),
)

# Finished tasks of a run that has not ended; dropped with its end.
run_tasks = Table(
    "run_tasks",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("task", Integer, primary_key=True),
    Column("pairs", BigInteger, nullable=False),
    Column("candidates", LargeBinary, nullable=False),
)

# What a finished run learnt of scores, for checks; aggregate, nothing of single records.
run_calibrations = Table(
    "run_calibrations",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("calibration", LargeBinary, nullable=False),
)

groups = Table(
    "groups",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("group_id", BigInteger, primary_key=True),
)

group_records = Table(
    "group_records",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("group_id", BigInteger, primary_key=True),
    # Place within the group, from 0.
    Column("place", Integer, primary_key=True),
    Column("upload_id", ForeignKey("uploads.id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    ForeignKeyConstraint(["run_id", "group_id"], ["groups.run_id", "groups.group_id"]),
    Index(None, "run_id", "member_id", "group_id"),
)

group_links = Table(
    "group_links",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("group_id", BigInteger, primary_key=True),
    # Places within the group.
    Column("left", Integer, primary_key=True),
    Column("right", Integer, primary_key=True),
    Column("score", Float, nullable=False),
    ForeignKeyConstraint(["run_id", "group_id"], ["groups.run_id", "groups.group_id"]),
)
