"""Grade exports: a run may be about one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Widen the runs by the name of a grade export."""
    op.add_column("runs", sa.Column("export", TEXT, nullable=True))
    op.create_index(
        "ix_runs_tenant_export_requested_at",
        "runs",
        ["tenant", "export", "requested_at"],
        unique=False,
    )
