"""Counterparties to try Rosterway against: real HTTP servers with their own semantics.

Nothing in here imports anything of ours outside `sandbox`, so that the two cannot agree by
accident.
"""
