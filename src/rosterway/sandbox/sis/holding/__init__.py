"""What the SIS holds: a district as OneRoster records, day by day, and how it is told."""
