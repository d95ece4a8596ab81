"""The web application: doors, middleware and the import line behind them."""

from collections.abc import AsyncIterator

from aiohttp import web

from rosterway.sandbox.canvas.api import (
    account_settings,
    accounts,
    assignment_groups,
    assignment_overrides,
    assignments,
    byhand,
    content_migrations,
    control,
    course_users,
    courses,
    files,
    grade_changes,
    gradebook_settings,
    grading,
    grading_periods,
    late_policies,
    middleware,
    people,
    progress,
    reports,
    sis_assignments,
    sis_imports,
    submissions,
)
from rosterway.sandbox.canvas.api.answers import INSTANCE, LINE
from rosterway.sandbox.canvas.importing.line import ImportLine
from rosterway.sandbox.canvas.instance import Instance

#: As good as no limit: files are written to disk as they come.
_LARGEST_UPLOAD = 1 << 40
_DOORS = (
    account_settings,
    accounts,
    assignment_groups,
    assignment_overrides,
    assignments,
    byhand,
    content_migrations,
    control,
    course_users,
    courses,
    files,
    gradebook_settings,
    grade_changes,
    grading,
    grading_periods,
    late_policies,
    people,
    progress,
    reports,
    sis_assignments,
    sis_imports,
    submissions,
)


def build_app(instance: Instance) -> web.Application:
    """An application over an instance, which is closed with it."""
    app = web.Application(
        middlewares=[
            middleware.log_requests,
            middleware.strike_faults,
            middleware.meter,
            middleware.shape_errors,
            middleware.know_caller,
        ],
        client_max_size=_LARGEST_UPLOAD,
    )
    app[INSTANCE] = instance
    for door in _DOORS:
        app.add_routes(door.routes())
    app.cleanup_ctx.append(_line)
    return app


async def _line(app: web.Application) -> AsyncIterator[None]:
    line = app[LINE] = ImportLine(app[INSTANCE])
    line.start()
    yield
    await line.stop()
    app[INSTANCE].close()
