"""`rosterway demo`: the whole story on loopback, with real processes and a real SFTP client."""

import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from rosterway.cli import output
from rosterway.cli.output import Format, FormatOption, PlayHomeOption, answers


@answers
def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="End after the story instead of staying open.")
    ] = False,
    students: Annotated[int, typer.Option("--students", help="The size of the district.")] = 600,
    form: FormatOption = Format.TEXT,
    home: PlayHomeOption = None,
) -> None:
    """The whole story: files by SFTP, a plan, an approval, Canvas; and grades back to the SIS.

    Exit code 0 only if what was read back from Canvas equals what was delivered, and what was read
    back from the SIS equals what was graded.
    """
    from rosterway.cli.demo_story import Story
    from rosterway.settings.logs import configure_logs

    configure_logs(level="WARNING")  # the story is told, not logged

    with ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rosterway-")))
        folder.mkdir(parents=True, exist_ok=True)
        say = output.note if form is Format.JSON else print
        story = Story(folder, students=students, say=say)
        is_good = asyncio.run(story.play(stay=not leave))
    if form is Format.JSON:
        output.print_json(story.told())
    sys.stdout.flush()
    raise typer.Exit(output.DONE if is_good else output.FAILED)
