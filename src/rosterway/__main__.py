"""`python -m rosterway` is `rosterway`."""

from rosterway.cli.main import main

if __name__ == "__main__":
    main()
