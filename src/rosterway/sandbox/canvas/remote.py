"""Asking a sandbox Canvas that runs elsewhere to grade classes, over its controls.

A real Canvas has no such door and answers that there is none: nothing can be graded there by
mistake, and no token is needed or sent.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import aiohttp

from rosterway.sandbox.canvas.trouble import SandboxUsageError

#: A district of some thousand courses takes a minute or two.
_LONGEST = aiohttp.ClientTimeout(total=3600, sock_connect=10)


def grade(url: str, asked: Mapping[str, Any]) -> dict[str, int]:
    """Have classes graded as asked for (`POST /sandbox/grades`); how much was done.

    Raises:
        SandboxUsageError: no sandbox Canvas is there, or it has no such course or account.
    """
    return asyncio.run(_grade(url.rstrip("/"), asked))


async def _grade(url: str, asked: Mapping[str, Any]) -> dict[str, int]:
    nobody = f"No sandbox Canvas answers at {url}"
    try:
        async with aiohttp.ClientSession(timeout=_LONGEST) as session:
            async with session.get(f"{url}/sandbox") as response:
                if response.status != 200 or response.content_type != "application/json":
                    raise SandboxUsageError(nobody)
            async with session.post(f"{url}/sandbox/grades", json=asked) as response:
                if response.status == 404:
                    what = asked.get("course") or asked.get("account")
                    raise SandboxUsageError(f"The sandbox Canvas has no {what}")
                if response.status != 200:
                    raise SandboxUsageError(f"{nobody} for grades: {response.status}")
                return cast(dict[str, int], await response.json())
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SandboxUsageError(nobody) from error
