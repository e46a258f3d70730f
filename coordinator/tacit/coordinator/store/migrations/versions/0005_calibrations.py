"""What runs learn of scores, for checks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    op.create_table(
        "run_calibrations",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("calibration", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_calibrations_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_calibrations")),
    )
    op.add_column("checks", sa.Column("run_id", sa.String(length=40)))
