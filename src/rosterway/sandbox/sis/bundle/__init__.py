"""The roster as OneRoster CSV: 1.1, 1.2 and the corrected 1.2.1, bulk and delta."""
