"""Talks to a OneRoster provider: authenticates, pages, pulls a roster and says how far it is proven."""
