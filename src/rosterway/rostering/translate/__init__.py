"""A OneRoster roster becomes a Canvas roster.

Pure: staged tables come in as SQL over a DuckDB connection handed in (`sources`), Canvas tables go
out as queries over it (`translation`). What is decided is decided by a `policy` and a day; how each
cell comes about is data (`cells`, `structure_cells`, `people_cells`).
"""
