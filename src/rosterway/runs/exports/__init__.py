"""Grade exports: Canvas's report, fetched, looked at, and put where the SIS takes it."""
