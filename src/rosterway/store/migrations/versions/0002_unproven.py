"""Deliveries that came from a pull may be unproven: what is missing from them is not gone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column; what has come until now was handed over whole."""
    op.add_column("deliveries", sa.Column("unproven", TEXT, nullable=True))
