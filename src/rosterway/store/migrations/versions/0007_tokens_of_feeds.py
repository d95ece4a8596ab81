"""Tokens that send deliveries to one feed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add a column."""
    op.add_column("tokens", sa.Column("feed", TEXT, nullable=True))
