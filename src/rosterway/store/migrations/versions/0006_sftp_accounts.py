"""Accounts of the hosted SFTP."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "sftp_accounts",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("login", TEXT, nullable=False),
        sa.Column("folded", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("keys", TEXT, nullable=False),
        sa.Column("password", TEXT, nullable=True),
        sa.Column("allow", TEXT, nullable=False),
        sa.Column("added_at", TEXT, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_sftp_accounts_tenant"),
        sa.PrimaryKeyConstraint("tenant", "login", name="pk_sftp_accounts"),
    )
    op.create_index("ix_sftp_accounts_folded", "sftp_accounts", ["folded"], unique=True)
