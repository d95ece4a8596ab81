"""The console as an ASGI application."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from rosterway.console import (
    category_pages,
    difference_pages,
    feed_pages,
    grade_acts,
    grade_api,
    grade_fixes,
    grade_links,
    grade_pages,
    health,
    office_pages,
    overview,
    plan_pages,
    problem_pages,
    row_pages,
    run_pages,
    sftp_pages,
    signing_in,
    upload_api,
)
from rosterway.console.attempts import Attempts
from rosterway.console.errors_page import answer_errors
from rosterway.console.headers import SecurityHeaders
from rosterway.console.one_time import OneTimeLinks
from rosterway.console.pages import STATIC, STATIC_PATH
from rosterway.console.upload_api import FormLimit
from rosterway.runs.office import Office

#: Forms are small, and so is what an upload declares; its pieces are as long as it said.
_LARGEST_FORM = 64_000
#: Below this, compressing costs more than it saves.
_SMALLEST_GZIP = 1_000

#: Every room of pages.
ROUTERS = (
    health.router,
    signing_in.router,
    overview.router,
    feed_pages.router,
    run_pages.router,
    plan_pages.router,
    row_pages.router,
    problem_pages.router,
    grade_pages.router,
    grade_acts.router,
    grade_fixes.router,
    grade_links.router,
    category_pages.router,
    difference_pages.router,
    office_pages.router,
    sftp_pages.router,
    upload_api.router,
    grade_api.router,
    office_pages.open_router,
)


def create_app(office: Office, *, links: OneTimeLinks | None = None) -> FastAPI:
    """The pages of one home, to be run by any ASGI server; no lifespan is needed.

    `links` is where whoever starts the server makes links that sign in once.
    """
    app = FastAPI(title="Rosterway", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.office = office
    app.state.attempts = Attempts()
    app.state.links = links or OneTimeLinks()
    for router in ROUTERS:
        app.include_router(router)
    app.mount(STATIC_PATH, StaticFiles(directory=STATIC))
    answer_errors(app)
    app.add_middleware(FormLimit, largest=_LARGEST_FORM)
    app.add_middleware(GZipMiddleware, minimum_size=_SMALLEST_GZIP, compresslevel=5)
    app.add_middleware(SecurityHeaders, static=STATIC_PATH)
    return app
