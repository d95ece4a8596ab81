"""What the tests of `rosterway.oneroster` may ask for."""

import pytest

from oneroster_servers import Pauses, serving


@pytest.fixture
async def serve():
    """Serve a handler on loopback; calling it gives the url."""
    contexts = []

    async def start(handler):
        context = serving(handler)
        contexts.append(context)
        return await context.__aenter__()

    yield start
    for context in contexts:
        await context.__aexit__(None, None, None)


@pytest.fixture
def pauses():
    """A pause that takes no time and remembers how long it would have been."""
    return Pauses()
