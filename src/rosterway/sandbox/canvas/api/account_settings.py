"""Settings of accounts: what a SIS demands of what is posted to it.

    PUT /api/v1/accounts/:account_id    account[settings][sis_syncing][value], [locked] ...

Facts: canvas-lms `app/controllers/accounts_controller.rb`. Canvas shows them nowhere; the sandbox
does among its controls.
"""

import json
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.accounts import account_json
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.changes import change
from rosterway.sandbox.canvas.api.places import place
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.settings import INHERITED, PLAIN, setting
from rosterway.sandbox.canvas.state.gradebook import SETTING_BY_NAME, AccountSetting
from rosterway.sandbox.canvas.state.seed import ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.state.work import Work


def routes() -> list[web.RouteDef]:
    """The door of an account's settings."""
    return [web.put("/api/v1/accounts/{account_id}", update_account)]


async def update_account(request: web.Request) -> web.Response:
    """Settings of an account; one that an account above has locked stays what it is."""
    require(request, "manage_account_settings")
    account_id = place(request, "account")
    read = request.app[INSTANCE].roster.read
    given = trees.branch(trees.branch(await trees.tree_of(request), "account"), "settings")
    changes: dict[str, tuple[Any, bool]] = {}
    for name in INHERITED:
        if name not in given:
            continue
        held = setting(read, account_id, name)
        if held["inherited"] and held["locked"]:
            continue
        pair = trees.branch(given, name)
        changes[name] = (_value(name, pair), trees.flag(pair, "locked"))
    if account_id == ROOT_ACCOUNT_ID:
        changes |= {name: (trees.text(given, name), False) for name in PLAIN if name in given}

    def make(work: Work) -> None:
        for name, (value, locked) in changes.items():
            held = work.first(SETTING_BY_NAME, (account_id, name))
            if held is None:
                held = work.add(
                    AccountSetting(
                        workflow_state="active", account_id=account_id, name=name, value="null"
                    )
                )
            work.set(held, value=json.dumps(value), locked=locked)

    await change(request, make)
    row = read.execute("SELECT * FROM accounts WHERE id = ?", (account_id,)).fetchone()
    return answer(request, account_json(row))


def _value(name: str, pair: Tree) -> object:
    if name.endswith("_input"):
        return trees.text(pair, "value")
    return trees.flag(pair, "value")
