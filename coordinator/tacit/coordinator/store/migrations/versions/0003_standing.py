"""Members wait until they are confirmed, renew their certificates, leave or are revoked."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for column in (
        sa.Column("standing", sa.String(length=10), nullable=False, server_default="member"),
        sa.Column("needed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("next_fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("next_certificate", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("members", column)
    op.create_index(
        op.f("ix_members_next_fingerprint"), "members", ["next_fingerprint"], unique=True
    )
    op.create_table(
        "confirmations",
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("confirmer_id", sa.String(length=40), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_confirmations_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmer_id"], ["members.id"], name=op.f("fk_confirmations_confirmer_id")
        ),
        sa.PrimaryKeyConstraint("member_id", "confirmer_id", name=op.f("pk_confirmations")),
    )
