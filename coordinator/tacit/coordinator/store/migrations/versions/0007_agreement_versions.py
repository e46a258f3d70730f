"""Agreements have versions and epochs; what was there is version 1."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up to this revision."""
    for column in (
        sa.Column("epoch", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("epoch_started_at", sa.BigInteger(), nullable=False, server_default="0"),
    ):
        op.add_column("projects", column)
    _make_tables()
    _take_over(op.get_bind())
    op.drop_table("signatures")


def _make_tables() -> None:
    op.create_table(
        "agreement_versions",
        sa.Column("agreement_hash", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agreement", sa.LargeBinary(), nullable=False),
        sa.Column("proposer_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_agreement_versions_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposer_id"], ["members.id"], name=op.f("fk_agreement_versions_proposer_id")
        ),
        sa.PrimaryKeyConstraint("agreement_hash", name=op.f("pk_agreement_versions")),
    )
    op.create_index(op.f("ix_agreement_versions_project_id"), "agreement_versions", ["project_id"])
    op.create_table(
        "agreement_signatures",
        sa.Column("agreement_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_hash"],
            ["agreement_versions.agreement_hash"],
            name=op.f("fk_agreement_signatures_agreement_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_agreement_signatures_member_id")
        ),
        sa.PrimaryKeyConstraint(
            "agreement_hash", "member_id", name=op.f("pk_agreement_signatures")
        ),
    )
    op.create_table(
        "ended_epochs",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=True),
        sa.Column("destroyed_index", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_ended_epochs_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_ended_epochs_member_id")
        ),
        sa.PrimaryKeyConstraint("project_id", "member_id", "epoch", name=op.f("pk_ended_epochs")),
    )


def _take_over(connection: sa.Connection) -> None:
    """Make version 1 of every agreement that there is, with its signatures."""
    projects = sa.table("projects", *map(sa.column, ("id", "agreement", "created_at", "epoch")))
    projects.append_column(sa.column("epoch_started_at"))
    for row in connection.execute(sa.select(projects)).all():
        epoch = int(json.loads(row.agreement)["epoch"])
        values = {"epoch": epoch, "epoch_started_at": row.created_at}
        connection.execute(sa.update(projects).where(projects.c.id == row.id).values(values))
    connection.execute(
        sa.text(
            "INSERT INTO agreement_versions (agreement_hash, project_id, version, agreement,"
            " proposer_id, state, proposed_at, ledger_index)"
            " SELECT p.agreement_hash, p.id, 1, p.agreement, p.creator_id, 'current',"
            " p.created_at, MIN(s.ledger_index) FROM projects p"
            " JOIN signatures s ON s.project_id = p.id"
            " GROUP BY p.agreement_hash, p.id, p.agreement, p.creator_id, p.created_at"
        )
    )
    connection.execute(
        sa.text(
            "INSERT INTO agreement_signatures (agreement_hash, member_id, signature, signed_at,"
            " ledger_index) SELECT p.agreement_hash, s.member_id, s.signature, s.signed_at,"
            " s.ledger_index FROM signatures s JOIN projects p ON p.id = s.project_id"
        )
    )
