"""Every table of the coordinator's database.

No column can hold a victim's name: records are keyed encodings, random tokens, presence masks and
coarse strata. Times are milliseconds since 1970-01-01T00:00:00Z. Identifiers are random text.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SIGN = 1 << 63


class Mask(TypeDecorator[int]):
    """64 unsigned bits in a signed column: databases know no unsigned integer."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Move the upper half of the range below zero."""
        return value if value is None or value < _SIGN else value - 2 * _SIGN

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Move what is below zero back."""
        return value if value is None or value >= 0 else value + 2 * _SIGN


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
    Column("id", String(40), primary_key=True),
    Column("agreement", LargeBinary, nullable=False),
    Column("agreement_hash", LargeBinary, nullable=False, unique=True),
    Column("creator_id", ForeignKey("members.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("in_force", Boolean, nullable=False, default=False),
)

project_members = Table(
    "project_members",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
    # Place in the agreement, from 0: "member N" where names are not disclosed is ordinal + 1.
    Column("ordinal", Integer, nullable=False),
)

signatures = Table(
    "signatures",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("signature", LargeBinary, nullable=False),
    Column("signed_at", BigInteger, nullable=False),
    Column("ledger_index", BigInteger, nullable=False),
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

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("agreement_hash", LargeBinary, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("record_count", BigInteger, nullable=False),
    Column("committed", BigInteger, nullable=False, default=0),
    Column("started_at", BigInteger, nullable=False),
    Column("finished", Boolean, nullable=False, default=False),
    Column("finished_at", BigInteger),
    Column("root", LargeBinary),
    Column("signature", LargeBinary),
    Column("ledger_index", BigInteger),
    # A later upload of the same member has taken its place.
    Column("superseded", Boolean, nullable=False, default=False),
)
Index(
    "uq_uploads_live_digest",
    uploads.c.project_id,
    uploads.c.member_id,
    uploads.c.digest,
    unique=True,
    sqlite_where=text("NOT superseded"),
    postgresql_where=text("NOT superseded"),
)
Index(
    "uq_uploads_current",
    uploads.c.project_id,
    uploads.c.member_id,
    unique=True,
    sqlite_where=text("finished AND NOT superseded"),
    postgresql_where=text("finished AND NOT superseded"),
)

# Erased with the upload's withdrawal, or once it is superseded and no run reads it.
records = Table(
    "records",
    metadata,
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("token", LargeBinary, nullable=False),
    Column("clk", LargeBinary, nullable=False),
    Column("presence", Mask, nullable=False),
    Column("strata", JSON, nullable=False),
    Column("publication", Integer, nullable=False),
    Column("purposes", JSON, nullable=False),
    Column("claim_commitment", LargeBinary, nullable=False),
    Column("sealed_claim", LargeBinary, nullable=False),
    UniqueConstraint("upload_id", "token"),
)

# Kept after erasure, so that proofs of other records keep holding.
commitments = Table(
    "commitments",
    metadata,
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("token", LargeBinary, nullable=False, index=True),
    Column("commitment", LargeBinary, nullable=False),
)

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
