"""Grade syncs: a run may be about a course, and what the SIS was last told is remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Widen the runs, which SQLite can only do by copying the table; add the tables of grades."""
    with op.batch_alter_table("runs") as runs:
        runs.alter_column("feed", existing_type=TEXT, nullable=True)
        runs.add_column(sa.Column("course", TEXT, nullable=True))
    op.create_index(
        "ix_runs_tenant_course_requested_at",
        "runs",
        ["tenant", "course", "requested_at"],
        unique=False,
    )
    op.create_table(
        "associations",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("course", TEXT, nullable=False),
        sa.Column("group", TEXT, nullable=False),
        sa.Column("class_id", TEXT, nullable=False),
        sa.Column("category_id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_associations_tenant"),
        sa.PrimaryKeyConstraint("tenant", "course", "group", "class_id", name="pk_associations"),
    )
    op.create_table(
        "ledger",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("course", TEXT, nullable=False),
        sa.Column("class_id", TEXT, nullable=False),
        sa.Column("assignment", TEXT, nullable=False),
        sa.Column("user", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=True),
        sa.Column("entry", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_ledger_tenant"),
        sa.PrimaryKeyConstraint(
            "tenant", "course", "class_id", "assignment", "user", name="pk_ledger"
        ),
    )
    op.create_index(
        "ix_ledger_tenant_course_state", "ledger", ["tenant", "course", "state"], unique=False
    )
    op.create_index("ix_ledger_tenant_class_id", "ledger", ["tenant", "class_id"], unique=False)
    op.create_table(
        "grade_courses",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("course", TEXT, nullable=False),
        sa.Column("sis_id", TEXT, nullable=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("nightly", sa.Boolean(), nullable=False),
        sa.Column("seen_at", TEXT, nullable=False),
        sa.Column("synced_at", TEXT, nullable=True),
        sa.Column("synced_by", TEXT, nullable=True),
        sa.Column("read_whole_at", TEXT, nullable=True),
        sa.Column("snapshot", TEXT, nullable=True),
        sa.Column("forgotten", TEXT, nullable=True),
        sa.Column("forgotten_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "synced_by"],
            ["runs.tenant", "runs.id"],
            name="fk_grade_courses_tenant_synced_by",
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_grade_courses_tenant"),
        sa.PrimaryKeyConstraint("tenant", "course", name="pk_grade_courses"),
    )
    op.create_index(
        "ix_grade_courses_tenant_sis_id", "grade_courses", ["tenant", "sis_id"], unique=False
    )
    op.create_table(
        "grade_plans",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("course", TEXT, nullable=False),
        sa.Column("run", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("state_at", TEXT, nullable=False),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "run"], ["runs.tenant", "runs.id"], name="fk_grade_plans_tenant_run"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.name"], name="fk_grade_plans_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_grade_plans"),
    )
    op.create_index(
        "ix_grade_plans_tenant_course_created_at",
        "grade_plans",
        ["tenant", "course", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_grade_plans_tenant_digest", "grade_plans", ["tenant", "digest"], unique=False
    )
