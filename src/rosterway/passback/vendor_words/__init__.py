"""What providers say about grades they refuse, as data: one module for each provider."""
