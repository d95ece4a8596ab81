"""Alembic's steps, applied by `store.migrate`. A released step is never changed.

A new one is the next file in `versions` and the new `HEAD` in `store.migrate`; a test compares
where the steps lead with the tables the code knows.
"""
