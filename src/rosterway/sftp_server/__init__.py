"""The hosted SFTP: a door through which files come in and receipts go out.

`door` listens and lets accounts in, `session` speaks SFTP with one of them, `jail` decides which
paths it may touch. What was uploaded is judged elsewhere (`gateway.arrivals`).
"""
