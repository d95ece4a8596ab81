"""Alembic's steps. Applied by `store.migrate`; a released step is never changed."""
