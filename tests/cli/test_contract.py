"""What holds for every command: options, streams, exit codes, `--help`, pipes, wrong use."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from cli.terminal import DEADLINE, anew, bound_by_permissions, environ, rosterway
from rosterway import __version__
from rosterway.cli.groups import ORDER
from rosterway.cli.main import app
from runs.installation import ROSTERWAY

#: What costs too much for `--help`.
HEAVY = (
    *("aiohttp", "alembic", "asyncssh", "cryptography", "dbos", "duckdb", "fastapi", "jinja2"),
    *("msgspec", "rich", "sqlalchemy", "structlog", "uvicorn", "uvloop"),
    *("rosterway.console", "rosterway.gateway", "rosterway.rostering", "rosterway.runs"),
    *("rosterway.sandbox", "rosterway.settings", "rosterway.sftp_server", "rosterway.store"),
)

#: Runs `--help` of every command in one process, then says what was imported.
HELP_OF_ALL = """
import sys
from rosterway.cli.main import app
import typer.main

def of(command, words):
    sys.stdout.write("\\n$ " + " ".join(words) + "\\n")
    root(args=[*words, "--help"], prog_name="rosterway", standalone_mode=False)
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            of(child, [*words, name])

root = typer.main.get_command(app)
of(root, [])
sys.stderr.write("\\n".join(sys.modules))
"""


def commands(command=None, words=()):
    """Every command with the words that call it."""
    command = command or typer.main.get_command(app)
    children = getattr(command, "commands", {})
    if not children:
        yield " ".join(words), command
    for name, child in children.items():
        yield from commands(child, words if child.hidden else (*words, name))


COMMANDS = dict(commands())


def test_the_contract_has_these_commands():
    assert set(COMMANDS) == {
        *("check", "plan", "sandbox district", "sandbox canvas", "demo", "serve"),
        *("pull", "translate", "doctor", "doctor canvas", "sandbox sis", "sandbox grades"),
        *("grade-export list", "grade-export run"),
        *("feed list", "feed run", "feed pause", "feed resume", "feed deliver"),
        "limits",
        *("run list", "run show", "run files", "plan show", "plan approve", "plan discard"),
        *("grades preview", "grades sync", "grades remaster", "grades retry", "grades status"),
        *("grades show", "grades approve", "grades discard", "grades courses"),
        *("grades reconcile", "grades repair", "grades fix", "grades link", "grades forget"),
        *("grades export", "grades ticket"),
        *("category list", "category associate", "category remove"),
        *("config check", "operator add", "operator list"),
        *("operator password", "operator disable", "operator enable", "operator token"),
        *("secret seal", "secret list", "secret forget"),
        *("connection list", "connection test", "connection trust"),
        *("sftp list", "sftp add", "sftp remove", "sftp password", "sftp allow"),
        *("sftp key add", "sftp key remove"),
        *("sftp host-key list", "sftp host-key rotate", "sftp host-key retire"),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_format_and_home_after_itself(name):
    options = {option for param in COMMANDS[name].params for option in param.opts}

    assert {"--format", "--home"} <= options


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_says_what_it_is_for(name):
    silent = [param.name for param in COMMANDS[name].params if not getattr(param, "help", "")]

    assert silent == []


@pytest.fixture(scope="module")
def help_of_all():
    return subprocess.run(
        [sys.executable, "-c", HELP_OF_ALL],
        capture_output=True,
        text=True,
        env=environ(),
        timeout=DEADLINE,
        check=True,
    )


def test_help_imports_nothing_heavy(help_of_all):
    imported = help_of_all.stderr.splitlines()

    assert [name for name in HEAVY if name in imported] == []


def test_help_fits_a_terminal_of_80_columns(help_of_all):
    assert [line for line in help_of_all.stdout.splitlines() if len(line) > 80] == []


def test_help_tells_of_every_command_by_its_own_name(help_of_all):
    for name in COMMANDS:
        assert f"\nUsage: rosterway {name} [OPTIONS]" in help_of_all.stdout


def test_help_lists_commands_in_the_order_people_need_them():
    out = rosterway("--help").out

    listed = [line.split()[0] for line in out.partition("Commands:\n")[2].splitlines()]
    assert listed == list(ORDER)
    assert rosterway("-h").out == out


def test_the_version_is_one_word_on_stdout():
    done = anew("--version")

    assert (done.code, done.out, done.err) == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["chek"], "Did you mean 'check'?"),
        (["feed", "lst"], "Did you mean 'list'?"),
        (["plan", "aprove", "1a2b3c4d"], "Did you mean 'approve'?"),
        (["check", "--fromat", "json"], "--format"),
        (["check", ".", "--format", "yaml"], "'yaml' is not one of 'text', 'json'"),
        (["plan", ".", "--apply", "difing"], "'difing' is not one of 'diffing', 'imports'"),
        (["plan", "show"], "Missing argument 'DIGEST'"),
        (["check"], "name a folder, a zip or a file"),
        (["run", "list", "--limit", "0"], "greater than or equal to 1"),
        (["sandbox", "canvas", "--port", "99999"], "less than or equal to 65535"),
    ],
)
def test_wrong_use_is_2_with_a_hint_on_stderr_and_nothing_on_stdout(words, hint, quiet_folder):
    done = rosterway(*words, cwd=quiet_folder)

    assert (done.code, done.out) == (2, "")
    assert hint in done.err
    assert "--help` says what there is." in done.err


@pytest.mark.parametrize("words", [[], ["plan"], ["feed"]])
def test_no_arguments_is_2_and_the_help_on_stderr(words, quiet_folder):
    done = rosterway(*words, cwd=quiet_folder)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: rosterway")
    assert "Commands:" in done.err


@pytest.mark.parametrize("words", [["chek"], ["check", "--nope"], ["plan"]])
def test_wrong_use_is_json_where_json_was_asked_for(words):
    done = rosterway(*words, "--format", "json")

    assert (done.code, done.err) == (2, "")
    assert set(done.json["error"]) == {"code", "message", "remedy"}
    assert done.json["error"]["code"] == "usage"


@pytest.mark.parametrize(
    "words",
    [
        *(["feed", "list"], ["feed", "deliver", "f", "."], ["run", "show", "r"]),
        *(["plan", "approve", "1a2b3c4d"], ["operator", "add", "maria"]),
    ],
    ids=" ".join,
)
def test_a_command_that_needs_a_home_makes_none(words, quiet_folder):
    done = rosterway(*words, "--format", "json", cwd=quiet_folder)

    assert (done.code, done.err) == (1, "")
    assert done.json["error"]["code"] == "store.not-found"
    assert done.json["error"]["message"] == "rosterway-home is not a home of Rosterway"


def test_the_home_is_the_option_then_the_variable_then_a_folder_here(quiet_folder):
    def named(*words, **env):
        return rosterway("run", "list", *words, cwd=quiet_folder, **env).err.splitlines()[0]

    assert named() == "Error: rosterway-home is not a home of Rosterway."
    assert named(ROSTERWAY_HOME="there") == "Error: there is not a home of Rosterway."
    assert named("--home", "x", ROSTERWAY_HOME="y") == "Error: x is not a home of Rosterway."


@pytest.mark.parametrize("closed", [".", "inner"])
def test_a_folder_that_permissions_close_is_said_and_never_taken_for_empty(tmp_path, closed):
    (tmp_path / "day" / "inner").mkdir(parents=True)
    folder = (tmp_path / "day" / closed).resolve()
    folder.chmod(0)

    done = anew("check", tmp_path / "day", preexec_fn=bound_by_permissions)

    folder.chmod(0o700)
    assert (done.code, done.out) == (2, "")
    assert str(folder) in done.err
    assert "is not readable" in done.err or "cannot be read: Permission denied." in done.err


@pytest.mark.parametrize("words", [["--help"], ["check", "--codes", "--format", "json"]])
def test_a_reader_that_leaves_early_is_no_accident(words):
    process = subprocess.Popen(
        [*ROSTERWAY, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait(DEADLINE) == 1


@pytest.mark.parametrize("words", [["--help"], ["check", "--codes", "--format", "json"]])
def test_a_full_disk_behind_stdout_is_said_on_stderr(words):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*ROSTERWAY, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environ(),
            timeout=DEADLINE,
            check=False,
        )

    assert (done.returncode, done.stderr) == (
        1,
        "Error: There is no room left.\nMake room, then try again.\n",
    )


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1"])
def test_a_pipe_carries_utf8_whatever_the_locale(tmp_path, locale):
    (tmp_path / "users.csv").write_text(
        "user_id,login_id,status\nÅsa,åsa,aktiv\n", encoding="utf-8"
    )

    done = anew("check", tmp_path, "--format", "json", LC_ALL=locale, PYTHONUTF8="0")

    assert done.code == 1
    assert done.json["problems"][0]["value"] == "aktiv"
    assert "“aktiv”" in done.json["problems"][0]["message"]


def test_a_cell_cannot_command_the_terminal(tmp_path):
    (tmp_path / "users.csv").write_text("user_id,login_id,status\n1,a,\x1b[2Jgone\n")

    done = rosterway("check", tmp_path)

    assert "\x1b" not in done.out + done.err
    assert "“\\x1b[2Jgone” is no status" in done.out


def test_a_table_in_a_pipe_has_one_line_for_each_row_and_no_colour():
    lines = rosterway("check", "--codes").out.splitlines()
    codes = json.loads(rosterway("check", "--codes", "--format", "json").out)

    assert len(lines) == len(codes) + 2
    assert not any(line != line.rstrip() or "\x1b" in line for line in lines)
