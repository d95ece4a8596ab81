"""The web application's doors: OneRoster's, the token address, and the sandbox's controls."""
