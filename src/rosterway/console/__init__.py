"""The console: Rosterway's pages, for people who never open a terminal.

It guarantees that a page shows only what its reader's role allows, that everything which changes
something carries a token of the session it came from, and that pages work without JavaScript.
What may be done and what it means is left to `runs`; `create_app` is the only way in.
"""
