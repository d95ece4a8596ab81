"""`rosterway pull` against the sandbox SIS: files, summary, exit codes, and what stays behind."""

import csv
import json
import signal

import pytest

from cli.terminal import ended, rosterway, started, tree
from rosterway.sandbox.sis.server import in_background

SIX = {"academicSessions", "orgs", "courses", "classes", "users", "enrollments"}
SECRET = "SIS_SECRET"
SHAPE = {"complete", "why", "since", "requests", "seconds", "collections", "deviations", "problems"}


@pytest.fixture(scope="module")
def sis():
    with in_background(students=30) as running:
        yield running


@pytest.fixture
def pull(sis, tmp_path):
    """Call the command with the sandbox's own client."""

    def call(*words, out=tmp_path / "out", version="1.2", auth="oauth2", kind="oneroster"):
        known = sis.provider.credentials
        client = ["--client-id", known.client_id, "--client-secret-env", SECRET]
        ways = {
            "oauth2": ["--token-url", sis.token_url, *client],
            "oauth1": client,
            "bearer": ["--token-env", "TOKEN"],
        }
        secrets = {SECRET: known.client_secret, "TOKEN": known.bearer}
        return rosterway(
            *("pull", "--rostering-url", sis.root(version), "--version", version),
            *("--auth", auth, "--out", out, "--as", kind, *ways[auth], *words),
            **secrets,
        )

    return call


def rows(folder, name):
    with (folder / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("version", "auth"), [("1.1", "oauth1"), ("1.1", "bearer"), ("1.2", "oauth2")]
)
def test_a_pull_is_a_bundle_and_a_summary_and_0(pull, tmp_path, version, auth):
    done = pull("--format", "json", version=version, auth=auth)

    assert done.code == 0, done.err
    told = done.json
    assert set(told) == SHAPE
    assert told["complete"]
    assert told["problems"] == []
    assert set(told["collections"]) == SIX
    assert json.loads((tmp_path / "out" / "pull.json").read_text()) == told
    files = {f"{name}.csv" for name in SIX} | ({"roles.csv"} if version == "1.2" else set())
    assert set(tree(tmp_path / "out")) == files | {"manifest.csv", "pull.json"}
    assert (
        len(rows(tmp_path / "out", "enrollments")) <= told["collections"]["enrollments"]["records"]
    )


@pytest.mark.parametrize(
    ("words", "are_shown"),
    [
        ((), True),
        (("--show-error", "Invalid filter field"), True),
        (("--show-error", "forbidden"), False),
    ],
)
def test_whose_words_are_shown_can_be_chosen_and_its_own_come_first(sis, pull, words, are_shown):
    sis.provider.faults.put(["filter-refused"])
    done = pull("--filter", "users=role='student'", *words)
    sis.provider.faults.put([])

    assert done.code == 1
    [why] = [line for line in done.out.splitlines() if line.startswith("Not proven complete")]
    assert ("filter is not supported here" in why) is are_shown
    assert "(400, invalid_filter_field)" in why
    if are_shown:
        assert why.index("filter is not supported") < why.index("does not understand")


def test_a_code_that_is_none_is_wrong_use(pull):
    done = pull("--show-error", "no!")

    assert done.code == 2
    assert "is no code" in done.err


def test_a_person_is_shown_a_table_and_the_verdict(pull):
    done = pull()

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "COMPLETE"
    assert "enrollments" in done.out


def test_a_pull_replaces_an_earlier_one_and_nothing_else(pull, tmp_path):
    assert pull("--include", "demographics").code == 0
    assert pull().code == 0
    assert not (tmp_path / "out" / "demographics.csv").exists()

    (tmp_path / "out" / "mine.txt").write_text("mine")
    done = pull()
    assert (done.code, (tmp_path / "out" / "mine.txt").read_text()) == (2, "mine")


def test_what_is_not_proven_is_written_and_told_and_1(tmp_path):
    with in_background(students=5, faults=["totals-too-high"]) as sis:
        done = rosterway(
            *("pull", "--rostering-url", sis.root("1.1"), "--version", "1.1", "--auth", "bearer"),
            *("--as", "oneroster"),
            *("--token-env", "TOKEN", "--out", tmp_path / "out", "--format", "json"),
            TOKEN=sis.provider.credentials.bearer,
        )

    assert done.code == 1
    assert done.json["complete"] is False
    assert len(done.json["why"]) == len(SIX)
    assert "the provider counts" in done.json["collections"]["orgs"]["why"]
    said = {row["propertyName"]: row["value"] for row in rows(tmp_path / "out", "manifest")}
    assert said["file.enrollments"] == "delta"


def test_a_filter_and_fields_and_a_page_size_are_asked_for(pull, tmp_path):
    done = pull(
        *("--filter", "enrollments=role='student'", "--page-size", 20, "--concurrency", 2),
        *("--fields", "courses=sourcedId,status,dateLastModified,title,courseCode"),
        *("--header", "X-Vendor: a:b", "--exclude", "users", "--format", "json"),
    )

    assert done.code == 0, done.err
    assert {row["role"] for row in rows(tmp_path / "out", "enrollments")} == {"student"}
    assert "users" not in done.json["collections"]
    assert done.json["collections"]["enrollments"]["pages"] > 2


def test_the_school_specific_service_is_read_school_by_school(pull):
    done = pull("--service", "school", "--format", "json", version="1.1", auth="bearer")

    assert done.code == 0, done.err
    assert {"students", "teachers", "schools", "courses"} <= set(done.json["collections"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--exclude", "enrolments"], "There is no collection 'enrolments'"),
        (["--filter", "users"], "--filter is written as ENDPOINT=…"),
        (["--filter", "users=role=student"], "The filter cannot be read"),
        (["--header", "no colon"], "A header is written as 'Name: value'"),
        (["--rostering-url", "sis.example"], "rostering_url must begin with https://"),
        (["--client-secret-env", "NOT_SET"], "NOT_SET is not set"),
        (["--client-id", ""], "--auth oauth2 needs --client-id"),
        (["--ca-file", "nope.pem"], "The certificates in nope.pem cannot be read"),
        (["--version", "1.3"], "'1.3' is not one of"),
    ],
)
def test_wrong_use_is_2_and_leaves_nothing(pull, tmp_path, words, message):
    done = pull(*words)

    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_told_in_the_providers_words_and_leaves_nothing(pull, tmp_path):
    done = pull("--client-id", "nobody", "--format", "json")

    assert done.code == 1
    assert done.json["error"]["code"] == "remote.credentials"
    assert done.json["error"]["message"].startswith("client unknown, or its secret is wrong")
    assert list(tmp_path.iterdir()) == []


def test_a_pull_that_is_interrupted_goes_on(tmp_path):
    with in_background(students=30, knobs={"retry_seconds": 600}, faults=["429-seconds"]) as sis:
        words = [
            *("pull", "--rostering-url", sis.root("1.2"), "--version", "1.2", "--auth", "bearer"),
            *("--as", "oneroster"),
            *("--token-env", "TOKEN", "--out", tmp_path / "out", "--page-size", 20),
            *("--concurrency", 1),
        ]
        process = started(*words, TOKEN=sis.provider.credentials.bearer)
        assert process.stderr is not None
        waits = process.stderr.readline()
        assert ended(process, signal.SIGINT) == 130
        before = len(sis.provider.requests)
        sis.provider.faults.put([])
        done = rosterway(*words, "--format", "json", TOKEN=sis.provider.credentials.bearer)
        again = [entry.query for entry in sis.provider.requests][before:]

    assert "waiting 600 s" in waits
    assert done.code == 0, done.err
    assert not any("/orgs" in entry.path for entry in list(sis.provider.requests)[before:])
    assert again
    assert not any(path.name.startswith(".") for path in (tmp_path / "out").iterdir())


def test_a_sis_says_where_it_is_and_leaves_nothing_behind(tmp_path):
    process = started(
        *("sandbox", "sis", "--students", 5, "--version", "1.1"), TMPDIR=str(tmp_path)
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    done = rosterway(
        *("pull", "--rostering-url", told["rostering_url"], "--version", "1.1"),
        *("--as", "oneroster"),
        *("--auth", "oauth2", "--token-url", told["token_url"]),
        *("--client-id", told["client_id"], "--client-secret-env", SECRET),
        *("--out", tmp_path / "out", "--format", "json"),
        **{SECRET: told["client_secret"]},
    )

    assert done.json["complete"]
    assert ended(process, signal.SIGTERM) == 143
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_faults_of_a_sis_are_listed():
    from rosterway.sandbox.sis.faults import FAULTS

    listed = rosterway("sandbox", "sis", "--faults", "list", "--format", "json").json
    assert list(listed) == list(FAULTS)
    done = rosterway("sandbox", "sis", "--faults", "nope")
    assert (done.code, "no fault 'nope'" in done.err) == (2, True)


def test_a_district_can_be_written_as_oneroster(tmp_path):
    done = rosterway(
        *("sandbox", "district", "--students", 20, "--seed", 1, "--out", tmp_path / "out"),
        *("--as", "oneroster", "--version", "1.1", "--format", "json"),
    )

    assert done.code == 0, done.err
    assert {"manifest.csv", "users.csv", "orgs.csv"} <= set(done.json["files"])


# -- as Canvas CSV --------------------------------------------------------------------------


@pytest.fixture
def policy(tmp_path):
    """Everything is taken, whatever day it is."""
    path = tmp_path / "policy.toml"
    path.write_text('[years]\ntake = "all"\n')
    return path


def test_both_versions_give_the_same_canvas_roster(pull, policy, tmp_path):
    made = {}
    for version in ("1.1", "1.2"):
        words = ("--policy", policy, "--format", "json")
        done = pull(*words, version=version, kind="canvas", out=tmp_path / version)
        assert done.code == 0, done.err
        assert done.json["held"] == []
        made[version] = tree(tmp_path / version)
        assert json.loads(made[version].pop("pull.json")) == done.json
        assert {f"{name}.csv" for name in done.json["tables"]} == set(made[version])

    assert made["1.1"] == made["1.2"]
    assert made["1.2"].keys() >= {"courses.csv", "users.csv", "enrollments.csv"}
    assert len(rows(tmp_path / "1.2", "enrollments")) > 100


def test_what_was_pulled_as_canvas_has_no_problem(pull, policy, tmp_path):
    pull("--policy", policy, kind="canvas")
    (tmp_path / "out" / "pull.json").unlink()
    done = rosterway("check", tmp_path / "out", "--format", "json")

    assert done.code == 0, done.out
    assert [problem for problem in done.json["problems"] if problem["severity"] == "error"] == []


def test_a_person_is_told_what_was_made_of_it(pull, policy):
    done = pull("--policy", policy, kind="canvas")

    assert done.code == 0
    assert {"table", "accounts", "sections"} <= {
        line.split()[0] for line in done.out.split("\n")[:-1]
    }
    assert done.out.splitlines()[-1] == "COMPLETE"


def test_a_policy_that_is_none_is_said_before_anything_is_asked(pull, sis, tmp_path):
    (tmp_path / "policy.toml").write_text("[yeers]\n")
    done = pull("--policy", tmp_path / "policy.toml", kind="canvas")

    assert done.code == 2
    assert "yeers" in done.err
    assert not (tmp_path / "out").exists()
