"""Withdrawn records, the end of consents, and uploads of what has changed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.add_column("uploads", sa.Column("base_id", sa.String(length=40)))
    op.add_column("uploads", sa.Column("travelling", sa.BigInteger()))
    for table, name, kind in (
        ("uploads", "withdrawn", sa.BigInteger()),
        ("records", "consent_expires", sa.Integer()),
        ("runs", "generation", sa.Integer()),
        ("run_inputs", "withdrawn", sa.BigInteger()),
    ):
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default="0"))
    op.create_table(
        "delta_records",
        sa.Column("upload_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("clk", sa.LargeBinary(), nullable=False),
        sa.Column("presence", sa.BigInteger(), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("publication", sa.Integer(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("claim_commitment", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_claim", sa.LargeBinary(), nullable=False),
        sa.Column("consent_expires", sa.Integer(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name=op.f("fk_delta_records_upload_id")
        ),
        sa.PrimaryKeyConstraint("upload_id", "position", name=op.f("pk_delta_records")),
        sa.UniqueConstraint("upload_id", "token", name=op.f("uq_delta_records_upload_id_token")),
    )
