"""All tables together, which `migrations` must lead to; each is defined beside its noun."""

from rosterway.store import (
    approvals,
    associations,
    audit,
    baselines,
    deliveries,
    feeds,
    grade_courses,
    grade_plans,
    ledger,
    operators,
    plans,
    runs,
    secrets,
    sessions,
    sis_imports,
    stages,
    walls,
)
from rosterway.store.columns import METADATA

TABLES = (
    walls.TENANTS,
    feeds.FEEDS,
    deliveries.DELIVERIES,
    runs.RUNS,
    stages.RUN_STAGES,
    stages.RUN_FILES,
    baselines.BASELINES,
    plans.PLANS,
    approvals.APPROVALS,
    sis_imports.SIS_IMPORTS,
    ledger.LEDGER,
    associations.ASSOCIATIONS,
    grade_plans.GRADE_PLANS,
    grade_courses.GRADE_COURSES,
    operators.OPERATORS,
    operators.OPERATOR_ROLES,
    sessions.SESSIONS,
    sessions.TOKENS,
    secrets.SEALED_SECRETS,
    audit.AUDIT,
    audit.AUDIT_HEADS,
)

__all__ = ["METADATA", "TABLES"]
