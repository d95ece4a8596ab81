"""OneRoster as tables: what the objects hold and which operations there are, by version."""
