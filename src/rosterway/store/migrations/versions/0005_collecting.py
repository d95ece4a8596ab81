"""Other people's SFTP servers: trusted keys, what was taken, receipts owed; and alarms of feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _of_tenant(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name=f"fk_{name}_tenant")


def _refers(name: str, column: str, table: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", column], [f"{table}.tenant", f"{table}.{key}"], name=f"fk_{name}_tenant_{column}"
    )


def upgrade() -> None:
    """Add four tables."""
    op.create_table(
        "host_keys",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("connection", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("trusted_at", TEXT, nullable=False),
        sa.Column("trusted_by", TEXT, nullable=False),
        _of_tenant("host_keys"),
        sa.PrimaryKeyConstraint("tenant", "connection", name="pk_host_keys"),
    )
    op.create_table(
        "collected",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime", sa.BigInteger(), nullable=False),
        sa.Column("sha256", TEXT, nullable=True),
        sa.Column("delivery", TEXT, nullable=False),
        sa.Column("taken_at", TEXT, nullable=False),
        sa.Column("move_to", TEXT, nullable=True),
        _refers("collected", "feed", "feeds", "name"),
        _refers("collected", "delivery", "deliveries", "id"),
        _of_tenant("collected"),
        sa.PrimaryKeyConstraint("tenant", "feed", "name", name="pk_collected"),
    )
    op.create_table(
        "owed_receipts",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("delivery", TEXT, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("run", TEXT, nullable=False),
        sa.Column("since", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        _refers("owed_receipts", "delivery", "deliveries", "id"),
        _refers("owed_receipts", "run", "runs", "id"),
        _of_tenant("owed_receipts"),
        sa.PrimaryKeyConstraint("tenant", "delivery", name="pk_owed_receipts"),
    )
    op.create_table(
        "alarms",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("remedy", TEXT, nullable=False),
        sa.Column("raised_at", TEXT, nullable=False),
        sa.Column("cleared_at", TEXT, nullable=True),
        _refers("alarms", "feed", "feeds", "name"),
        _of_tenant("alarms"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_alarms"),
    )
    op.create_index("ix_alarms_tenant_cleared_at", "alarms", ["tenant", "cleared_at"], unique=False)
