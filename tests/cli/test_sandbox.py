"""`rosterway sandbox`: a district that is the same each time, a Canvas that leaves no trace."""

import json
import signal
import urllib.request

import pytest

from cli.terminal import ended, rosterway, started, tree

SMALL = ("--students", 30, "--seed", 3)
FILES = {
    *("accounts.csv", "terms.csv", "courses.csv", "sections.csv", "xlists.csv", "users.csv"),
    *("enrollments.csv", "admins.csv", "user_observers.csv"),
}


def district(out, *more):
    """The files of a small district."""
    done = rosterway("sandbox", "district", *SMALL, "--out", out, "--format", "json", *more)
    assert done.code == 0, done.err
    assert set(done.json) == {"files", "damages"}
    return tree(out)


def test_the_same_seed_and_day_make_the_same_district(tmp_path):
    first = district(tmp_path / "a", "--as", "canvas")

    assert set(first) == FILES
    assert district(tmp_path / "b") == first
    assert district(tmp_path / "c", "--day", 2) != first


def test_a_dirty_district_says_on_stderr_what_was_done_where(tmp_path):
    done = rosterway("sandbox", "district", *SMALL, "--dirty", "--out", tmp_path / "a")

    assert done.code == 0
    assert "courses.csv: bom" in done.err.splitlines()
    assert "users.csv" in done.out
    assert district(tmp_path / "b", "--dirty") == tree(tmp_path / "a")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--students", "0"], "a district has 1 to 1,000,000 students, not 0"),
        (["--day", "0"], "days are counted from 1, not 0"),
        (["--night", "nosy"], "'nosy' is not one of 'ordinary', 'busy'"),
        (["--as", "cnvas"], "'cnvas' is not one of"),
        (["--students", "many"], "--students"),
    ],
)
def test_a_district_that_cannot_be_is_2_and_leaves_nothing(words, message, quiet_folder):
    done = rosterway("sandbox", "district", *SMALL, "--out", "new", *words, cwd=quiet_folder)

    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_folder_that_holds_anything_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("mine")

    for out in (tmp_path, tmp_path / "mine", tmp_path / "mine" / "below"):
        done = rosterway("sandbox", "district", *SMALL, "--out", out)
        assert (done.code, done.out) == (2, "")

    assert set(tree(tmp_path)) == {"mine"}


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_canvas_says_where_it_is_and_leaves_nothing_behind(tmp_path, days, by, code):
    process = started(
        *("sandbox", "canvas", "--port", 0, "--district", days.first),
        TMPDIR=str(tmp_path),
        ROSTERWAY_HOME=str(tmp_path / "real-home"),
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())

    assert set(told) == {"url", "token"}
    asked = urllib.request.Request(
        f"{told['url']}/api/v1/accounts/self/courses",
        headers={"Authorization": f"Bearer {told['token']}"},
    )
    with urllib.request.urlopen(asked) as answer:
        assert json.load(answer)
    assert ended(process, by) == code
    assert list(tmp_path.iterdir()) == []


def test_a_canvas_with_a_home_is_the_same_canvas_again(tmp_path):
    tokens = []
    for _ in range(2):
        process = started("sandbox", "canvas", "--home", tmp_path / "canvas")
        assert process.stdout is not None
        tokens.append(json.loads(process.stdout.readline())["token"])
        ended(process)

    assert tokens[0] == tokens[1]


def test_classes_are_graded_and_minds_changed_over_there(tmp_path):
    files = tmp_path / "district"
    rosterway("sandbox", "district", *SMALL, "--out", files, "--as", "canvas")
    process = started("sandbox", "canvas", "--district", files)
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]

    asked = ("sandbox", "grades", "--url", url, "--format", "json")
    graded = rosterway(*asked, "--seed", 4, "--today", "2026-11-23")
    course = rosterway(*asked, "--course", 1)
    changed = rosterway(*asked, "--seed", 5, "--change-mind")
    nobody = rosterway(*asked, "--course", "sis_course_id:nobody")
    ended(process)

    assert (graded.code, set(graded.json)) == (
        0,
        {"courses", "passed_over", "assignments", "grades"},
    )
    assert 12 * graded.json["courses"] == graded.json["assignments"] > 0
    assert graded.json["grades"] > 100
    assert (course.json["courses"], course.json["passed_over"]) == (0, 1)
    assert changed.json["regrade"] > 0
    assert (nobody.code, nobody.json["error"]["message"]) == (
        2,
        "The sandbox Canvas has no sis_course_id:nobody.",
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--url", "http://127.0.0.1:9"], "No sandbox Canvas answers at http://127.0.0.1:9."),
        (["--url", "nonsense"], "No sandbox Canvas answers at nonsense."),
        (["--url", "http://x", "--course", 1, "--account", 1], "A course and an account together."),
    ],
)
def test_grades_without_a_canvas_or_a_place_are_2(words, message):
    done = rosterway("sandbox", "grades", *words, "--format", "json")

    assert (done.code, done.json["error"]["message"]) == (2, message)


def test_the_faults_are_listed():
    from rosterway.sandbox.canvas.faults import FAULTS

    assert rosterway("sandbox", "canvas", "--faults", "list", "--format", "json").json == FAULTS
    listed = rosterway("sandbox", "canvas", "--faults", "list").out.splitlines()[2:]
    assert [line.split()[0] for line in listed] == list(FAULTS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--faults", "nope"], "no fault 'nope'"),
        (["--district", "nope"], "There is no folder nope."),
        (["--district", "."], ". holds no CSV files"),
    ],
)
def test_a_canvas_that_cannot_be_is_2(words, message, quiet_folder):
    done = rosterway("sandbox", "canvas", *words, "--format", "json", cwd=quiet_folder)

    assert (done.code, done.err) == (2, "")
    assert message in done.json["error"]["message"]


def test_a_port_that_is_taken_is_2(sandbox_canvas):
    port = sandbox_canvas.url.rpartition(":")[2]

    done = rosterway("sandbox", "canvas", "--port", port)

    assert (done.code, done.out) == (2, "")
    assert (
        done.err == f"Error: Something listens at port {port} already.\nUse --port 0 or another.\n"
    )
