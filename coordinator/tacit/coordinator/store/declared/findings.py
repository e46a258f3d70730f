"""What members add to what runs found: sketches that tell why, and decisions on who is who."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
)

from tacit.coordinator.store.declared.base import metadata

# Keyed, of one match group each; they go with the groups.
sketches = Table(
    "sketches",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("group_id", BigInteger, primary_key=True),
    # Of the record within the group.
    Column("place", Integer, primary_key=True),
    Column("parts", LargeBinary, nullable=False),
    ForeignKeyConstraint(["run_id", "group_id"], ["groups.run_id", "groups.group_id"]),
)

# By tokens, which outlive uploads; the last of a member about a pair, the others are ledger only.
decisions = Table(
    "decisions",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    # Who decided, and about which record of its own.
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("token", LargeBinary, primary_key=True),
    Column("other_id", ForeignKey("members.id"), primary_key=True),
    Column("other_token", LargeBinary, primary_key=True),
    # Nothing where the decision was taken back.
    Column("same", Boolean),
    Column("decided_at", BigInteger, nullable=False),
    # Of the commitment in the ledger.
    Column("salt", LargeBinary, nullable=False),
    Column("ledger_index", BigInteger, nullable=False, unique=True),
)

# Known links and non-links as a run that has not ended takes them; dropped with its end.
run_constraints = Table(
    "run_constraints",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    # Indices of the sets within the run, and positions in their uploads.
    Column("left_set", Integer, primary_key=True),
    Column("left", BigInteger, primary_key=True),
    Column("right_set", Integer, primary_key=True),
    Column("right", BigInteger, primary_key=True),
    Column("same", Boolean, nullable=False),
)
