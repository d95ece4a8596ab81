"""The conductor: one verb a file. What a run does in which order is `stages`' table."""
