"""Rules between values, each on the documented example spoilt in one place."""

import pytest

from rosterway.settings import Severity

URL = 'url = "https://lincoln.instructure.com"'
ENVIRONMENT = 'environment = "production"'
SIS = '"https://sis.example/ims/oneroster/rostering/v1p2"'
OTHER = """
[tenant.other]
name = "Other"
time_zone = "UTC"
canvas = { url = "https://other.instructure.com", token = { env = "T" } }
[tenant.other.sftp.SIS-uploader]
password = { env = "P" }
[tenant.lincoln.grades]"""

AT = "tenant.lincoln"
SETTLE = 'settle = "5m"'
GRADES = "[tenant.lincoln.grades]"
AGAIN = 'schedule = "0 1 * * *"\n[tenant.lincoln.feed.again]\n'


def theirs(entry='user = "canvas"\nkey = { env = "KEY" }'):
    """The example with an SFTP connection, which signs in so."""
    lines = f'[tenant.lincoln.connection.theirs]\nkind = "sftp"\nhost = "sis.example"\n{entry}\n'
    return [("[tenant.lincoln.connection.sis]", f"{lines}[tenant.lincoln.connection.sis]")]


@pytest.mark.parametrize(
    ("replacements", "path", "problem"),
    [
        (
            [(URL, 'url = "https://lincoln.test.instructure.com"')],
            f"{AT}.canvas.environment",
            'is a test Canvas, and this says "production"',
        ),
        (
            [(ENVIRONMENT, 'environment = "test"')],
            f"{AT}.canvas.environment",
            'is a production Canvas, and this says "test"',
        ),
        (
            [(ENVIRONMENT, 'environment = "sandbox"')],
            f"{AT}.canvas.environment",
            "is a production Canvas",
        ),
        (
            [(URL, 'url = "https://canvas.beta.school.example"'), (ENVIRONMENT, "")],
            f"{AT}.canvas.environment",
            "is a beta Canvas",
        ),
        (
            [(URL, 'url = "http://canvas.school.example"')],
            f"{AT}.canvas.url",
            "http would send secrets",
        ),
        ([(SIS, '"http://10.0.0.9/ims"')], f"{AT}.connection.sis.rostering_url", "http would"),
        (
            [('token_url = "https:', 'token_url = "http:')],
            f"{AT}.connection.sis.auth.token_url",
            "http would",
        ),
        ([("[tenant.lincoln.grades]", OTHER)], "tenant.other.sftp.SIS-uploader", "of that name"),
        (
            [('password = { env = "SFTP_PASSWORD" }', ""), ("keys = [", "#")],
            f"{AT}.sftp.sis-uploader",
            "nobody can sign in",
        ),
        ([('from = "sis"', 'from = "sys"')], f"{AT}.feed.nightly.from", 'did you mean "sis"?'),
        ([('from = "sis"', 'from = "gateway"')], f"{AT}.feed.nightly", "`folder` is missing"),
        (
            [('from = "sis"', 'from = "sis"\nfolder = "a"')],
            f"{AT}.feed.nightly.folder",
            "nobody puts files there",
        ),
        (
            [('folder = "diffing"', 'folder = "fall"'), ('apply = "diffing"', "")],
            f"{AT}.feed.files",
            "does not say how files are applied",
        ),
        (
            [('from = "sis"', 'from = "gateway"\nfolder = "Diffing"\napply = "imports"')],
            f"{AT}.feed.nightly.folder",
            'feed "files" takes what arrives',
        ),
        ([('folder = "diffing"', 'folder = "results"')], f"{AT}.feed.files.folder", "we write"),
        (
            [("[tenant.lincoln.connection.sis]", "[tenant.lincoln.connection.gateway]")],
            f"{AT}.connection.gateway",
            "our own door",
        ),
        (
            [('schedule = "0 2 * * *"', 'delta = "*/30 6-18 * * *"')],
            f"{AT}.feed.nightly.delta",
            "may be forgotten there",
        ),
        (
            [('settle = "5m"', 'delta = "*/30 6-18 * * *"')],
            f"{AT}.feed.files.delta",
            "only a connection",
        ),
        (
            [('settle = "5m"', "filter = { users = \"role='student'\" }")],
            f"{AT}.feed.files.filter",
            "only a connection",
        ),
        ([('connection = "sis"', 'connection = "s"')], f"{AT}.grades.connection", "no connection"),
        (theirs('user = "canvas"'), f"{AT}.connection.theirs", "nothing to sign in with"),
        (
            theirs('user = "c"\npassword = { env = "P" }\npassphrase = { env = "Q" }'),
            f"{AT}.connection.theirs.passphrase",
            "no key for it to open",
        ),
        (
            [*theirs(), ('connection = "sis"', 'connection = "theirs"')],
            f"{AT}.grades.connection",
            "takes no grades one by one",
        ),
        (
            [*theirs(), ('from = "sis"', 'from = "theirs"\ndelta = "0 * * * *"')],
            f"{AT}.feed.nightly.delta",
            "only a connection is asked",
        ),
        (
            [*theirs(), ('from = "sis"', 'from = "theirs"\nfolder = "taken"\napply = "imports"')],
            f"{AT}.feed.nightly.folder",
            "where we write",
        ),
        (
            [*theirs(), ('from = "sis"', 'from = "theirs"\nfolder = "fall"')],
            f"{AT}.feed.nightly",
            "does not say how files are applied",
        ),
        (
            [*theirs(), ('from = "sis"', f'from = "theirs"\n{AGAIN}from = "theirs"')],
            f"{AT}.feed.again.folder",
            'takes what arrives in the folder of "theirs"',
        ),
        (
            [(GRADES, f'[tenant.lincoln.grade_export.all]\nto = "sis"\n{GRADES}')],
            f"{AT}.grade_export.all.to",
            "of kind sftp",
        ),
        (
            [(SETTLE, f"{SETTLE}\nsis_import = {{ add_sis_stickiness = true }}")],
            f"{AT}.feed.files.sis_import.add_sis_stickiness",
            "only together with override_sis_stickiness",
        ),
        (
            [
                (
                    SETTLE,
                    (
                        f"{SETTLE}\nsis_import.override_sis_stickiness = true\n"
                        "sis_import.add_sis_stickiness = true\nsis_import.clear_sis_stickiness = true"
                    ),
                )
            ],
            f"{AT}.feed.files.sis_import.add_sis_stickiness",
            "cannot add and clear at once",
        ),
        (
            [(GRADES, f"[tenant.lincoln.grade_export.all]\nlimiting_period = 30\n{GRADES}")],
            f"{AT}.grade_export.all.limiting_period",
            "only where deleted rows are asked for",
        ),
        (
            [
                (
                    GRADES,
                    (
                        '[tenant.lincoln.grade_export.all]\nterms = ["x"]\n'
                        f"[tenant.lincoln.grade_export.all-x]\n{GRADES}"
                    ),
                )
            ],
            f"{AT}.grade_export.all-x",
            'the grade export "all" has a file of that name',
        ),
    ],
)
def test_what_contradicts_itself_is_refused(spoilt, replacements, path, problem):
    found = dict(spoilt(*replacements))

    assert path in found
    assert problem in found[path]


@pytest.mark.parametrize(
    "replacements",
    [
        [(URL, 'url = "http://localhost:3000"')],
        [(URL, 'url = "http://[::1]:3000"')],
        [(URL, 'url = "http://canvas.docker"'), (ENVIRONMENT, 'environment = "sandbox"')],
        [
            (URL, 'url = "https://lincoln.test.instructure.com"'),
            (ENVIRONMENT, 'environment = "test"'),
        ],
        [(URL, 'url = "https://canvas.school.example"'), (ENVIRONMENT, 'environment = "test"')],
        [('password = { env = "SFTP_PASSWORD" }', "")],
        [('schedule = "0 2 * * *"', 'schedule = "0 2 * * *"\ndelta = "*/30 6-18 * * *"')],
    ],
)
def test_what_is_consistent_passes(spoilt, replacements):
    assert spoilt(*replacements) == []


@pytest.mark.parametrize(
    ("replacement", "path", "instead"),
    [
        (('blobs = "files"', 'blobs = "s3://bucket/x"'), "server.blobs", 'write "files"'),
        (('apply = "diffing"', 'apply = "canvas-diffing"'), f"{AT}.feed.files.apply", '"diffing"'),
        (('apply = "diffing"', 'apply = "canvas-batch"'), f"{AT}.feed.files.apply", '"diffing"'),
    ],
)
def test_what_no_release_does_yet_is_refused_before_a_run_meets_it(
    spoilt, replacement, path, instead
):
    [(refused, said)] = spoilt(replacement)

    assert refused == path
    assert "yet" in said
    assert instead in said


def test_the_documented_example_leaves_nothing_to_warn_of(spoilt):
    assert list(spoilt(severity=Severity.WARNING)) == []


def test_a_policy_is_for_pulled_rosters_alone(spoilt):
    found = dict(spoilt(('settle = "5m"', 'settle = "5m"\npolicy = "translation.toml"')))

    assert set(found) == {f"{AT}.feed.files.policy"}


def test_a_header_that_is_a_secret_is_named_if_it_is_not_set(spoilt):
    version = 'version = "1.2"'
    headers = 'headers = { "x-district" = "lincoln", "x-key" = { env = "SIS_KEY" } }'
    environ = {"CANVAS_TOKEN": "t", "SFTP_PASSWORD": "p", "SIS_SECRET": "s"}
    found = spoilt((version, f"{version}\n{headers}"), environ=environ)

    assert [(path, text.split(";")[0]) for path, text in found] == [
        (f"{AT}.connection.sis.headers.x-key", "the environment variable SIS_KEY is not set")
    ]


def test_rules_are_checked_even_where_other_values_are_broken(spoilt):
    found = dict(spoilt(('settle = "5m"', 'settle = "x"'), ('from = "sis"', 'from = "sys"')))

    assert set(found) == {f"{AT}.feed.files.settle", f"{AT}.feed.nightly.from"}


def test_variables_that_are_not_set_are_named(spoilt):
    found = spoilt(environ={"CANVAS_TOKEN": "t", "SIS_SECRET": ""})

    assert [(path, text.split(";")[0]) for path, text in found] == [
        (f"{AT}.sftp.sis-uploader.password", "the environment variable SFTP_PASSWORD is not set"),
        (
            f"{AT}.connection.sis.auth.client_secret",
            "the environment variable SIS_SECRET is not set",
        ),
    ]
