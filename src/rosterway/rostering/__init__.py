"""A delivery becomes a plan: check, compare, guard. Decides only; DuckDB is handed in to calculate."""
