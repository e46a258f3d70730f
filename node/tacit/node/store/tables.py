"""The tables of a node's store, version 6. Times are milliseconds since 1970-01-01T00:00:00Z."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from tacit.node.store.answer_tables import (
    check_answers,
    checks,
    claim_groups,
    group_decisions,
    group_links,
    group_records,
    notices,
    releases,
    runs,
    tree_heads,
)
from tacit.node.store.consent_tables import (
    receipts,
    sent_records,
    withdrawals,
    withdrawn_records,
)
from tacit.node.store.table_base import metadata, project, project_key, projects

__all__ = [
    "agreement_versions",
    "check_answers",
    "checks",
    "claim_groups",
    "destroyed_keys",
    "duplicate_marks",
    "duplicate_searches",
    "group_decisions",
    "group_links",
    "group_records",
    "identity",
    "imports",
    "keys",
    "linkage_keys",
    "metadata",
    "notices",
    "pins",
    "previous_records",
    "projects",
    "receipts",
    "records",
    "releases",
    "runs",
    "sent_records",
    "settings",
    "tokens",
    "tree_heads",
    "upload_records",
    "uploads",
    "withdrawals",
    "withdrawn_records",
]

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

# Other members' keys as they were first seen, so that a changed key is noticed.
pins = Table(
    "pins",
    metadata,
    Column("member_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("signing_key", LargeBinary, nullable=False),
    Column("sealing_key", LargeBinary, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    # When people compared the safety number; NULL until then.
    Column("compared_at", BigInteger),
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

linkage_keys = Table(
    "linkage_keys",
    metadata,
    project_key(),
    Column("epoch", Integer, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("maker_id", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    # Of the version under which it was sealed: a proposal that was dropped had a key too.
    Column("agreement_hash", LargeBinary, nullable=False, server_default=text("x''")),
)

# Versions of agreements that this node saw: in force today or before, or proposed.
agreement_versions = Table(
    "agreement_versions",
    metadata,
    project_key(),
    Column("agreement_hash", LargeBinary, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("agreement", LargeBinary, nullable=False),
    # When this node signed it; NULL where it did not.
    Column("signed_at", BigInteger),
    # When this node first saw it in force; NULL before.
    Column("in_force_at", BigInteger),
    # When the members compared the safety number out of band; NULL until then.
    Column("confirmed_at", BigInteger),
)

# Linkage keys that are gone, and whether the coordinator was told.
destroyed_keys = Table(
    "destroyed_keys",
    metadata,
    project_key(),
    Column("epoch", Integer, primary_key=True),
    Column("destroyed_at", BigInteger, nullable=False),
    Column("reported_at", BigInteger),
)

tokens = Table(
    "tokens",
    metadata,
    project_key(),
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
    project(),
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
    # The coordinator's name of the upload that this one changes; empty where it is sent whole.
    Column("base_upload_id", Text, nullable=False, server_default=""),
    # Records that travel; those of the base that stay as they are do not.
    Column("travelling", Integer),
)

# The very bytes of an unfinished upload, so that it can go on after a crash.
upload_records = Table(
    "upload_records",
    metadata,
    Column("digest", LargeBinary, ForeignKey("uploads.digest"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("token", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    # Of all that the record is made from; empty where the record leaves the upload.
    Column("hash", LargeBinary),
)
