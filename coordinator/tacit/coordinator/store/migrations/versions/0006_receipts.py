"""Receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "receipts",
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_index"], ["ledger_entries.index"], name=op.f("fk_receipts_ledger_index")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_receipts_project_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_receipts_member_id")),
        sa.PrimaryKeyConstraint("ledger_index", name=op.f("pk_receipts")),
    )
    op.create_index(
        op.f("ix_receipts_project_id_member_id_subject"),
        "receipts",
        ["project_id", "member_id", "subject"],
        unique=False,
    )
