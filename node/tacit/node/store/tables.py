"""The tables of a node's store, version 2. Times are milliseconds since 1970-01-01T00:00:00Z."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# --- who this node is -------------------------------------------------------------------------

keys = Table(
    "keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("private", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

identity = Table(
    "identity",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True),
    Column("member_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("authority", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("ledger_key", LargeBinary, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# --- the register -----------------------------------------------------------------------------

imports = Table(
    "imports",
    metadata,
    Column("import_id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("imported_at", BigInteger, nullable=False),
    Column("replaced", Boolean, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("undone_at", BigInteger),
    sqlite_autoincrement=True,
)


def _record_columns() -> list[Column[object]]:
    """Columns that a record has in the register and in the version kept for undoing."""
    return [
        Column("record_id", Text, primary_key=True),
        # Register field to value as imported, JSON; the schema's sources and nothing else.
        Column("fields", Text),
        # Column of the imported file to value, JSON; shown beside a match.
        Column("raw", Text),
        Column("documented_on", Text),
        Column("petition", Text),
        Column("forum", Text),
        Column("consent_source", Text),
        # Space-separated subset of check, count, attribute; empty means all.
        Column("purposes", Text),
        # "allowed", "objected" or empty.
        Column("publication", Text),
        Column("consent_expires", Text),
        Column("kind", Text),
        Column("year", Text),
        Column("body", Text),
        Column("import_id", Integer),
        Column("row_number", Integer),
    ]


records = Table("records", metadata, *_record_columns())

# What the last import changed, as it was before; a record that was new has no fields.
previous_records = Table("previous_records", metadata, *_record_columns())

# What a person said of two records: one person, or different people. Ids ascend.
duplicate_marks = Table(
    "duplicate_marks",
    metadata,
    Column("left_id", Text, primary_key=True),
    Column("right_id", Text, primary_key=True),
    Column("same", Boolean, nullable=False),
    Column("marked_at", BigInteger, nullable=False),
)

# What comparing the register with itself found, so that an unchanged one is not compared again.
duplicate_searches = Table(
    "duplicate_searches",
    metadata,
    Column("schema_hash", LargeBinary, primary_key=True),
    # Hash of every record as it was compared.
    Column("content", LargeBinary, nullable=False),
    # JSON.
    Column("document", Text, nullable=False),
    Column("found_at", BigInteger, nullable=False),
)

# --- projects ---------------------------------------------------------------------------------

projects = Table(
    "projects",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("agreement", LargeBinary, nullable=False),
    Column("agreement_hash", LargeBinary, nullable=False),
    Column("creator_id", Text, nullable=False),
    Column("in_force", Boolean, nullable=False),
    Column("signed_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
)


def _project() -> Column[str]:
    return Column("project_id", Text, ForeignKey("projects.project_id"), nullable=False)


def _project_key() -> Column[str]:
    return Column("project_id", Text, ForeignKey("projects.project_id"), primary_key=True)


linkage_keys = Table(
    "linkage_keys",
    metadata,
    _project_key(),
    Column("epoch", Integer, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("maker_id", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    # When the members compared the safety number out of band; NULL until then.
    Column("confirmed_at", BigInteger),
)

tokens = Table(
    "tokens",
    metadata,
    _project_key(),
    Column("record_id", Text, primary_key=True),
    Column("token", LargeBinary, nullable=False),
    # Of the commitment to this claim; a changed claim gets a new salt.
    Column("salt", LargeBinary, nullable=False),
    # Canonical JSON.
    Column("claim", LargeBinary, nullable=False),
    UniqueConstraint("project_id", "token"),
)

uploads = Table(
    "uploads",
    metadata,
    # The SHA-256 of StartUploadRequest.
    Column("digest", LargeBinary, primary_key=True),
    _project(),
    Column("upload_id", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("record_count", Integer, nullable=False),
    Column("committed", Integer, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("ledger_index", BigInteger),
    # Hash of everything that was encoded, so that an unchanged register is not sent again.
    Column("content", LargeBinary, nullable=False),
)

# The very bytes of an unfinished upload, so that it can go on after a crash.
upload_records = Table(
    "upload_records",
    metadata,
    Column("digest", LargeBinary, ForeignKey("uploads.digest"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("token", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

# --- what came back ---------------------------------------------------------------------------

runs = Table(
    "runs",
    metadata,
    Column("run_id", Text, primary_key=True),
    _project(),
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
    ForeignKeyConstraint(["run_id"], ["runs.run_id"]),
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
    _project_key(),
    Column("ledger_index", BigInteger, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("fetched_at", BigInteger, nullable=False),
)

checks = Table(
    "checks",
    metadata,
    Column("check_id", LargeBinary, primary_key=True),
    _project(),
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
    _project_key(),
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
