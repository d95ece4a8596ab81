"""A course's grades, from Canvas to its SIS: the nine steps, and what asks for them.

The doors go through `requests` (ask for a sync or a reconciliation), `decide` (say yes or no to a plan
that waits), `status` (what became of each assignment and grade) and `courses` (associations,
forgetting). `road` is the road of a run, step by step; each step is a file of its own.
"""
