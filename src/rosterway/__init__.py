"""Rosterway: the open, self-hosted gateway between Student Information Systems and Canvas LMS."""

__version__ = "0.1.0"
