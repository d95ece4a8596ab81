"""Talks to Canvas: SIS imports, reports, and whether the token may do what it is for."""
