"""What members sign of the ledger's heads."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "cosignatures",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("cosigned_at", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["tree_heads.size"], name=op.f("fk_cosignatures_size")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_cosignatures_member_id")
        ),
        sa.PrimaryKeyConstraint("size", "member_id", name=op.f("pk_cosignatures")),
    )
