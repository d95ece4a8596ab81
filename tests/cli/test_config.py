"""`rosterway config check`: every mistake with its place and the nearest right spelling."""

import pytest

from cli.terminal import rosterway

GOOD = """\
[server]
console = "127.0.0.1:0"
sftp = "127.0.0.1:0"

[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"

[tenant.lincoln.canvas]
url = "https://lincoln.test.instructure.com"
token = { env = "CANVAS_TOKEN" }
environment = "test"

[tenant.lincoln.feed.nightly]
from = "gateway"
folder = "diffing"
settle = "5m"
vanished = { users = "suspended", enrollments = "deleted" }
limits = { removals = { count = 10, share = 0.05 }, off = ["new-users"] }
"""

#: What is written instead -> where it is found wrong, and a word of the remedy.
MISTAKES = {
    "unknown key": ("settle =", "setle =", "17:1", "did you mean `settle`?"),
    "literal secret": ('{ env = "CANVAS_TOKEN" }', '"7~literal"', "11:1", '{ env = "NAME" }'),
    "unknown zone": ("America/Denver", "America/Denvr", "7:1", '"America/Denver"'),
    "unknown table": ("{ users =", "{ usrs =", "18:14", "Did you mean `users`?"),
    "unknown limit": ("{ removals =", "{ removls =", "19:12", "Did you mean `removals`?"),
    "unknown guard": ('"new-users"', '"new-usrs"', "19:53", "new-users"),
    "impossible end": ('"suspended"', '"completed"', "18:14", "suspended"),
    "unknown phase": (
        '"deleted" }',
        '{ runing = "deleted" } }',
        "18:35",
        "Did you mean `running`?",
    ),
    "not TOML": ("[server]", "[server", "1:8", "mend the syntax first"),
}


@pytest.fixture
def file(tmp_path):
    """A file that is good."""
    path = tmp_path / "rosterway.toml"
    path.write_text(GOOD)
    return path


def test_a_good_file_is_good_in_words_and_as_json(file):
    words = rosterway("config", "check", cwd=file.parent, CANVAS_TOKEN="x")
    told = rosterway("config", "check", file, "--format", "json", CANVAS_TOKEN="x")

    assert (words.code, words.out, words.err) == (0, "The file is good.\n", "")
    assert (told.code, told.json, told.err) == (0, {"errors": 0, "findings": []}, "")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_has_file_line_column_and_a_remedy(file, mistake):
    right, wrong, place, remedy = MISTAKES[mistake]
    file.write_text(GOOD.replace(right, wrong))

    done = rosterway("config", "check", "rosterway.toml", cwd=file.parent, CANVAS_TOKEN="x")

    first, hint, *_ = done.out.splitlines()
    assert done.code == 1
    assert first.startswith(f"rosterway.toml:{place}: error: ")
    assert remedy in hint
    assert "7~literal" not in done.out + done.err


def test_everything_wrong_is_told_at_once(file):
    text = GOOD
    for right, wrong, *_ in list(MISTAKES.values())[:5]:
        text = text.replace(right, wrong)
    file.write_text(text)

    told = rosterway("config", "check", file, "--format", "json", CANVAS_TOKEN="x")

    assert (told.code, told.json["errors"]) == (1, 5)
    for finding in told.json["findings"]:
        assert set(finding) == {"severity", "path", "line", "column", "problem", "remedy"}
    assert [f"{one['line']}:{one['column']}" for one in told.json["findings"]] == [
        *("7:1", "11:1", "17:1", "18:14", "19:12")
    ]


def test_a_variable_that_is_not_set_is_missed_unless_told_not_to_look(file):
    missed = rosterway("config", "check", file, CANVAS_TOKEN=None)
    unasked = rosterway("config", "check", file, "--no-environment", CANVAS_TOKEN=None)

    assert missed.code == 1
    assert "the environment variable CANVAS_TOKEN is not set" in missed.out
    assert unasked.code == 0


@pytest.mark.parametrize("wrong", ["unknown key", "literal secret", "unknown limit", "not TOML"])
def test_serve_starts_with_no_file_that_check_refuses(file, wrong):
    right, instead, place, _ = MISTAKES[wrong]
    file.write_text(GOOD.replace(right, instead))

    done = rosterway("serve", "--config", file, cwd=file.parent, CANVAS_TOKEN="x")

    assert (done.code, done.out) == (2, "")
    assert f"{file}:{place}: " in done.err
    assert [path.name for path in file.parent.iterdir()] == ["rosterway.toml"]


def test_a_file_that_is_not_there_is_2(quiet_folder):
    done = rosterway("config", "check", "--format", "json", cwd=quiet_folder)

    assert (done.code, done.err) == (2, "")
    assert done.json["error"]["message"].startswith("rosterway.toml cannot be read")


PULLED = """
[tenant.lincoln.connection.sis]
version = "1.2"
rostering_url = "https://sis.example/ims/oneroster/rostering/v1p2"
auth = { method = "bearer", token = { env = "SIS_TOKEN" } }
exclude = ["courses"]
fields = { users = ["sourcedId", "givenName"] }
headers = { "x-district" = "lincoln" }

[tenant.lincoln.feed.pulled]
from = "sis"
schedule = "0 2 * * *"
policy = "translation.toml"
"""


@pytest.fixture
def pulled(file):
    """A good file with a feed that reads a SIS, and the policy it names."""
    file.write_text(GOOD + PULLED)
    (file.parent / "translation.toml").write_text('[years]\ntake = "all"\n')
    return file


def checked(file):
    return rosterway("config", "check", file, CANVAS_TOKEN="x", SIS_TOKEN="y")


def test_a_feed_that_reads_a_sis_is_good(pulled):
    assert checked(pulled).out == "The file is good.\n"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('["courses"]', '["corses"]', ("There is no collection 'corses'", "courses")),
        ("fields = { users =", "fields = { usrs =", ("There is no collection 'usrs'", "users")),
        ('"translation.toml"', '"translatoin.toml"', ("cannot be read", "name the policy file")),
        (
            'policy = "translation.toml"',
            "filter = { usrs = \"role='student'\" }",
            ("feed.pulled.filter", "There is no collection 'usrs'"),
        ),
        (
            'policy = "translation.toml"',
            "delta = \"0 * * * *\"\nfilter = { users = \"a='1' AND b='2'\" }",
            ("feed.pulled.delta", "leaves no room for the date"),
        ),
        (
            'exclude = ["courses"]',
            'show_errors = ["no!"]',
            ("connection.sis.show_errors", "is no code"),
        ),
    ],
)
def test_what_is_asked_of_a_sis_is_checked_as_well(pulled, right, wrong, said):
    pulled.write_text(pulled.read_text().replace(right, wrong))
    done = checked(pulled)

    assert done.code == 1
    assert all(word in done.out for word in said), done.out


def test_a_filter_that_hides_from_deltas_what_was_deleted_is_warned_of(pulled):
    by_status = 'delta = "0 * * * *"\nfilter = { enrollments = "status=\'active\'" }'
    pulled.write_text(pulled.read_text().replace('policy = "translation.toml"', by_status))
    done = checked(pulled)

    assert done.code == 0
    assert "hides from deltas what was deleted in enrollments" in done.out


def test_a_policy_file_is_read_and_what_is_wrong_in_it_told(pulled):
    (pulled.parent / "translation.toml").write_text('[years]\ntake = "som"\n')
    done = checked(pulled)

    assert done.code == 1
    assert "feed.pulled.policy" in done.out
    assert "years.take" in done.out


GRADES = """
[tenant.lincoln.connection.sis]
version = "1.2"
rostering_url = "https://sis.example/ims/oneroster/rostering/v1p2"
gradebook_url = "https://sis.example/ims/oneroster/gradebook/v1p2"
auth = { method = "bearer", token = { env = "SIS_TOKEN" } }
[tenant.lincoln.grades]
connection = "sis"
transform = "grades.toml"
rules = { decimals = 1, excused = "skip" }
"""


@pytest.mark.parametrize(
    ("right", "wrong", "where", "said"),
    [
        ("decimals", "decimal", "rules.decimal", "did you mean `decimals`?"),
        ('"skip"', '"forget"', "rules.excused", "excused"),
        ('"grades.toml"', '"grade.toml"', "transform", "Save it as UTF-8"),
    ],
)
def test_a_rule_for_grades_is_checked_against_those_there_are(file, right, wrong, where, said):
    (file.parent / "grades.toml").write_text(
        '[[transform]]\nrule = "exclude-assignments"\nname = "x"'
    )
    environ = {"CANVAS_TOKEN": "7~x", "SIS_TOKEN": "y"}
    file.write_text(GOOD + GRADES)
    good = rosterway("config", "check", str(file), **environ)
    file.write_text(GOOD + GRADES.replace(right, wrong))
    bad = rosterway("config", "check", str(file), **environ)

    assert good.code == 0, good.out
    assert bad.code == 1
    assert f"tenant.lincoln.grades.{where}" in bad.out
    assert said in bad.out
