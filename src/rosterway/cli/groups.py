"""Command groups: in the order people need them, and one that is a command, too.

`rosterway plan CURRENT` stands beside `rosterway plan show`: the arguments of a group with itself
are those of its command `ITSELF`, unless the first names another.
"""

import difflib
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

#: The command of a group that runs when no other is named.
ITSELF = "files"

#: The commands as `rosterway --help` lists them: without a server first, then with a home.
ORDER = (
    *(
        "check",
        "plan",
        "translate",
        "pull",
        "doctor",
        "sandbox",
        "demo",
        "config",
        "serve",
        "feed",
        "limits",
        "run",
    ),
    *("grades", "category", "grade-export"),
    *("connection", "sftp", "operator", "secret"),
)


class InOrder(TyperGroup):
    """The root: its commands in `ORDER`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, those of `ORDER` first."""
        return sorted(super().list_commands(ctx), key=ORDER.index)


class GroupWithItself(TyperGroup):
    """A group (`plan`, `doctor`) whose arguments, unless the first names a command of it, go to `ITSELF`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that name none."""
        if not args or args[0] not in self.commands:
            self._refuse_slip(ctx, args)
            args = [ITSELF, *args]
        return super().parse_args(ctx, args)

    def _refuse_slip(self, ctx: Any, args: list[str]) -> None:
        """A first argument that is no path but nearly a command is not taken for a path."""
        if not args or args[0].startswith("-") or Path(args[0]).exists():
            return
        others = [name for name in self.commands if name != ITSELF]
        if meant := difflib.get_close_matches(args[0], others, n=1):
            ctx.fail(f"No such command or path {args[0]!r}. Did you mean {meant[0]!r}?")


class Itself(TyperCommand):
    """The command of a group with itself; help and errors call it by the group's name."""

    _group: Any = None

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Stand where the group stands."""
        del info_name
        self._group = parent.command
        return super().make_context(parent.info_name, args, parent=parent.parent, **extra)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The options, and the commands beside this one."""
        super().format_options(ctx, formatter)
        self._group.format_commands(ctx, formatter)
