"""Command groups that are a command, too: `rosterway plan CURRENT` beside `rosterway plan show`."""

from typing import Any

from typer.core import TyperGroup

#: The command of a group that runs when no other is named.
ITSELF = "files"


class GroupWithItself(TyperGroup):
    """A group whose arguments, unless the first names a command of it, go to `ITSELF`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that name none."""
        if not args or args[0] not in self.commands:
            args = [ITSELF, *args]
        return super().parse_args(ctx, args)
