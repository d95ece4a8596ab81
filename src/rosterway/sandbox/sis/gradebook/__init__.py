"""The gradebook: what is kept, and what writing to it demands."""
