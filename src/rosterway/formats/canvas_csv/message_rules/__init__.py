"""What Canvas says about an import, as data: one module for each kind of message."""
