"""Who may ask: OAuth 2.0 client credentials, OAuth 1.0a signatures, static bearer tokens."""
