"""What members uploaded."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from tacit.coordinator.store.declared.base import Mask, metadata

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
    # It counts no longer: a later one has taken its place, or its time is over.
    Column("superseded", Boolean, nullable=False, default=False),
    # The upload that this one changes, and how many records travel; neither where it comes whole.
    Column("base_id", String(40)),
    Column("travelling", BigInteger),
    # Records that its member has withdrawn since.
    Column("withdrawn", BigInteger, nullable=False, default=0, server_default="0"),
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


def _record_columns() -> tuple[Column[Any], ...]:
    return (
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
        # Last day of consent, in days since 1970-01-01; 0 where it has no end.
        Column("consent_expires", Integer, nullable=False, default=0, server_default="0"),
    )


# Erased with the record's withdrawal, or once its upload is superseded and no run reads it.
records = Table("records", metadata, *_record_columns(), UniqueConstraint("upload_id", "token"))

# What an unfinished upload changes of its base; one without a CLK leaves the base.
delta_records = Table(
    "delta_records", metadata, *_record_columns(), UniqueConstraint("upload_id", "token")
)

# Kept after erasure, so that proofs of other records keep holding.
commitments = Table(
    "commitments",
    metadata,
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    # Empty once the record was withdrawn.
    Column("token", LargeBinary, nullable=False, index=True),
    Column("commitment", LargeBinary, nullable=False),
)
