"""The command line: parse, call one thing, render. The contract scripts rely on is `docs/cli.md`."""
