"""The HTTP doors: Canvas's REST API, as far as rosters need it, and the sandbox's own controls."""
