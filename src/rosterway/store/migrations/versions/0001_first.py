"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "audit",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("act", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=False),
        sa.Column("previous", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "seq", name="pk_audit"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_audit_heads"),
    )
    op.create_table(
        "operators",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("disabled_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_operators"),
    )
    op.create_table(
        "sealed_secrets",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sealed", TEXT, nullable=False),
        sa.Column("sealed_at", TEXT, nullable=False),
        sa.Column("sealed_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_sealed_secrets"),
    )
    op.create_table(
        "tenants",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("time_zone", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tenants"),
    )
    op.create_table(
        "feeds",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("config", TEXT, nullable=False),
        sa.Column("policy", TEXT, nullable=False),
        sa.Column("applied_at", TEXT, nullable=False),
        sa.Column("paused_at", TEXT, nullable=True),
        sa.Column("paused_by", TEXT, nullable=True),
        sa.Column("paused_reason", TEXT, nullable=True),
        sa.Column("resumed_at", TEXT, nullable=True),
        sa.Column("retired_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_feeds_tenant"),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_feeds"),
    )
    op.create_table(
        "operator_roles",
        sa.Column("operator", TEXT, nullable=False),
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["operator"], ["operators.name"], name="fk_operator_roles_operator"
        ),
        sa.PrimaryKeyConstraint("operator", "tenant", name="pk_operator_roles"),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("operator", TEXT, nullable=False),
        sa.Column("csrf", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("expires_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["operator"], ["operators.name"], name="fk_sessions_operator"),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
    op.create_table(
        "tokens",
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("operator", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("expires_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["operator"], ["operators.name"], name="fk_tokens_operator"),
        sa.PrimaryKeyConstraint("hash", name="pk_tokens"),
    )
    op.create_table(
        "deliveries",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("sender", TEXT, nullable=False),
        sa.Column("received_at", TEXT, nullable=False),
        sa.Column("sealed_at", TEXT, nullable=False),
        sa.Column("sealed_because", TEXT, nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("files", TEXT, nullable=False),
        sa.Column("unfinished", TEXT, nullable=False),
        sa.Column("left", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "feed"], ["feeds.tenant", "feeds.name"], name="fk_deliveries_tenant_feed"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_deliveries_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_deliveries"),
    )
    op.create_index(
        "ix_deliveries_tenant_feed_content",
        "deliveries",
        ["tenant", "feed", "content"],
        unique=False,
    )
    op.create_index(
        "ix_deliveries_tenant_feed_received_at",
        "deliveries",
        ["tenant", "feed", "received_at"],
        unique=False,
    )
    op.create_table(
        "runs",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("delivery", TEXT, nullable=True),
        sa.Column("plan", TEXT, nullable=True),
        sa.Column("trigger", TEXT, nullable=False),
        sa.Column("requested_at", TEXT, nullable=False),
        sa.Column("started_at", TEXT, nullable=True),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("stage", TEXT, nullable=True),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("application_version", TEXT, nullable=False),
        sa.Column("worker", TEXT, nullable=True),
        sa.Column("lease_until", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "delivery"],
            ["deliveries.tenant", "deliveries.id"],
            name="fk_runs_tenant_delivery",
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "feed"], ["feeds.tenant", "feeds.name"], name="fk_runs_tenant_feed"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_runs_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_runs"),
    )
    op.create_index("ix_runs_tenant_delivery", "runs", ["tenant", "delivery"], unique=False)
    op.create_index(
        "ix_runs_tenant_feed_requested_at", "runs", ["tenant", "feed", "requested_at"], unique=False
    )
    op.create_index("ix_runs_tenant_requested_at", "runs", ["tenant", "requested_at"], unique=False)
    op.create_table(
        "baselines",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("tables", TEXT, nullable=False),
        sa.Column("pending", TEXT, nullable=False),
        sa.Column("policy", TEXT, nullable=False),
        sa.Column("run", TEXT, nullable=False),
        sa.Column("made_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "feed"], ["feeds.tenant", "feeds.name"], name="fk_baselines_tenant_feed"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "run"], ["runs.tenant", "runs.id"], name="fk_baselines_tenant_run"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_baselines_tenant"),
        sa.PrimaryKeyConstraint("tenant", "feed", "generation", name="pk_baselines"),
    )
    op.create_table(
        "plans",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("feed", TEXT, nullable=False),
        sa.Column("run", TEXT, nullable=False),
        sa.Column("delivery", TEXT, nullable=True),
        sa.Column("baseline_generation", sa.BigInteger(), nullable=False),
        sa.Column("decision", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("artifacts", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("state_at", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "delivery"],
            ["deliveries.tenant", "deliveries.id"],
            name="fk_plans_tenant_delivery",
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "feed"], ["feeds.tenant", "feeds.name"], name="fk_plans_tenant_feed"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "run"], ["runs.tenant", "runs.id"], name="fk_plans_tenant_run"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_plans_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_plans"),
    )
    op.create_index(
        "ix_plans_tenant_digest_created_at",
        "plans",
        ["tenant", "digest", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_plans_tenant_feed_created_at", "plans", ["tenant", "feed", "created_at"], unique=False
    )
    op.create_index(
        "ux_plans_open_digest",
        "plans",
        ["tenant", "digest"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'ready', 'approved', 'delivering')"),
        postgresql_where=sa.text("state IN ('waiting', 'ready', 'approved', 'delivering')"),
    )
    op.create_table(
        "run_files",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("run", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("blob", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("added_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "run"], ["runs.tenant", "runs.id"], name="fk_run_files_tenant_run"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_run_files_tenant"),
        sa.PrimaryKeyConstraint("tenant", "run", "name", name="pk_run_files"),
    )
    op.create_table(
        "run_stages",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("run", TEXT, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("counts", TEXT, nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("progress_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "run"], ["runs.tenant", "runs.id"], name="fk_run_stages_tenant_run"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_run_stages_tenant"),
        sa.PrimaryKeyConstraint("tenant", "run", "place", name="pk_run_stages"),
    )
    op.create_table(
        "approvals",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("plan", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("operator", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "plan"], ["plans.tenant", "plans.id"], name="fk_approvals_tenant_plan"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_approvals_tenant"),
        sa.PrimaryKeyConstraint("tenant", "plan", name="pk_approvals"),
    )
    op.create_table(
        "sis_imports",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("plan", TEXT, nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("marker", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("options", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("intended_at", TEXT, nullable=False),
        sa.Column("canvas_id", TEXT, nullable=True),
        sa.Column("accepted_at", TEXT, nullable=True),
        sa.Column("workflow_state", TEXT, nullable=True),
        sa.Column("progress", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", TEXT, nullable=True),
        sa.Column("counts", TEXT, nullable=False),
        sa.Column("messages", TEXT, nullable=True),
        sa.Column("settled_at", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "plan"], ["plans.tenant", "plans.id"], name="fk_sis_imports_tenant_plan"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_sis_imports_tenant"),
        sa.PrimaryKeyConstraint("tenant", "plan", "ordinal", name="pk_sis_imports"),
    )
    op.create_index(
        "ix_sis_imports_account_marker", "sis_imports", ["account", "marker"], unique=True
    )
    op.create_index(
        "ux_sis_imports_lane",
        "sis_imports",
        ["account"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
