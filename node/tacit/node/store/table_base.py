"""What the declarations of all tables of a node's store share."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

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
    # The linkage key's epoch today, and when the next one is due; 0 where none is by itself.
    Column("epoch", Integer, nullable=False, server_default="1"),
    Column("epoch_ends_at", BigInteger, nullable=False, server_default="0"),
    # Of the next version, while it is proposed; member_ids who left, separated by spaces.
    Column("proposal_hash", LargeBinary),
    Column("gone", Text, nullable=False, server_default=""),
    # Why nothing flows any more: "", "expired", "removed" or "left".
    Column("over", Text, nullable=False, server_default=""),
)


def project() -> Column[str]:
    """Give a column that names a project."""
    return Column("project_id", Text, ForeignKey("projects.project_id"), nullable=False)


def project_key() -> Column[str]:
    """Give the same as part of the primary key."""
    return Column("project_id", Text, ForeignKey("projects.project_id"), primary_key=True)
