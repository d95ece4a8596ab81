"""What preflight looks for, as data: rules of the same thing in one module."""
