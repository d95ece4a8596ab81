"""What the sandbox remembers: the roster (`records`, `work`) and the paperwork (`office`)."""
