"""What members add to what runs found: sketches, decisions and the constraints of runs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "sketches",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "group_id"],
            ["groups.run_id", "groups.group_id"],
            name=op.f("fk_sketches_run_id_group_id"),
        ),
        sa.PrimaryKeyConstraint("run_id", "group_id", "place", name=op.f("pk_sketches")),
    )
    op.create_table(
        "decisions",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("other_id", sa.String(length=40), nullable=False),
        sa.Column("other_token", sa.LargeBinary(), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_decisions_project_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_decisions_member_id")),
        sa.ForeignKeyConstraint(["other_id"], ["members.id"], name=op.f("fk_decisions_other_id")),
        sa.PrimaryKeyConstraint(
            "project_id",
            "member_id",
            "token",
            "other_id",
            "other_token",
            name=op.f("pk_decisions"),
        ),
        sa.UniqueConstraint("ledger_index", name=op.f("uq_decisions_ledger_index")),
    )
    op.create_table(
        "run_constraints",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("left_set", sa.Integer(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("right_set", sa.Integer(), nullable=False),
        sa.Column("right", sa.BigInteger(), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_constraints_run_id")),
        sa.PrimaryKeyConstraint(
            "run_id", "left_set", "left", "right_set", "right", name=op.f("pk_run_constraints")
        ),
    )
