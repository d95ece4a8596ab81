"""What providers' refusals are taken to mean. The list is the SIS Error Code Dictionary's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.passback.dictionary import ENTRIES, PROVIDERS, STATUSES, Known
from rosterway.passback.explain import Refusal, explain
from rosterway.passback.reasons import Who
from rosterway.passback.vendor_words.entry import OWN_READING

#: Every title of the dictionary, by provider.
TITLES = {
    "aeries": (
        "Grading Category Not Found",
        "Gradebook Number Does Not Match",
        "Internal Server Error",
        "Invalid Assignment ID",
        "Multiple Matches Found",
        "Student Does Not Belong",
        "Unable to Add Assignment",
        "Gradebook Section Not Found",
    ),
    "aspen": (
        "Grading Category Not Found",
        "Given Gradebook Column Type",
        "Rest Easy: Could Not Find Resource",
        "Validation Exception",
    ),
    "focus": (
        "404 API Route Not Found",
        "422 Invalid Due Date",
        "Assignment Not Found",
        "Cannot Find Due Date",
        "Grading Category Not Found",
    ),
    "infinite-campus": (
        "Assignment Cannot Be Created",
        "Assignment Dates Error",
        "Assignment Scores Export Error",
        "Assignment Scores Export-PUT for OneRoster Error",
        "Cannot Export Canvas Submission in Section",
        "Could Not Determine Class or Grading Period",
        "Exchange Error",
        "Data Sync Job Timed Out",
        "PUT for OneRoster Error",
        "Unable to Process Score",
    ),
    "pinnacle": ("Cannot Find Due Date", "400 Invalid Due Date"),
    "powerschool": (
        "400 Unable to Create Assignment",
        "403 Forbidden Rate Limit",
        "403 User Does Not Teach Section",
        "404 Not Found",
        "409 Actual Score Grade Scale ID",
        "409 Assignment is Locked",
        "409 Due Date Error",
        "409 Score Entry Point Required",
        "409 Student ID",
        "409 Teacher Category ID",
        "412 Assignment Update is Missing Record",
        "Assignment Already Exists",
        "Assignment Cannot Be Created",
    ),
}
LISTED = [(profile, title) for profile, titles in TITLES.items() for title in titles]

CATEGORY = (
    "Grading category [Homework] not found in OneRoster for [Algebra 1 - 03]. Please ensure that"
    " your assignment categories match between OneRoster and Canvas."
    " Available grading categories are: [Tests, Labs]"
)
#: Messages the dictionary prints, and what likely stands where it prints a heading.
SAID = [
    ("aeries", None, CATEGORY, "aeries-category"),
    ("aeries", 400, "Aeries: " + CATEGORY, "aeries-category"),
    ("aeries", 409, "Gradebook number does not match.", "aeries-gradebook-number"),
    ("aeries", 500, "Internal Server Error", "aeries-internal"),
    (
        "aeries",
        404,
        "Invalid assignment ID (lineItem sourcedId is invalid).",
        "aeries-assignment-id",
    ),
    (
        "aeries",
        None,
        'Multiple matches found for "Essay 1" due on 2026-10-01 in OneRoster.',
        "aeries-multiple-matches",
    ),
    ("aeries", 422, "Student 4711 does not belong to this class", "aeries-student"),
    ("aspen", 400, "RESTEASY003210: Could not find resource for full path", "aspen-resource"),
    ("aspen", 500, "com.follett.ValidationException: null", "aspen-validation"),
    ("focus", 422, "The due date is invalid", "focus-due-date"),
    ("infinite-campus", 500, "Could not determine grading period", "campus-period"),
    ("infinite-campus", 401, "", "campus-vendor-header"),
    ("pinnacle", 400, "Invalid due date: 2026-12-24", "pinnacle-due-date"),
    ("powerschool", 403, "Rate limit exceeded", "powerteacher-rate"),
    ("powerschool", 409, "actualScoreGradeScaleId: invalid", "powerteacher-scale"),
    ("powerschool", 409, "teacherCategoryId 12 is not valid", "powerteacher-category"),
    # The same text from another SIS means the same; a heading's guess does not travel.
    ("generic", 400, CATEGORY, "aeries-category"),
    ("generic", 409, "teacherCategoryId 12 is not valid", "http-conflict"),
    ("", 400, "ASSIGNMENT_CANNOT_HAVE_ZERO_POINTS", "edlink-zero-points"),
    # A status speaks against an entry that belongs to another one.
    ("powerschool", 401, "due date", "http-credentials"),
]
CODES = [
    ("unknownobject", 404, "oneroster-unknownobject"),
    ("unknown object", 404, "oneroster-unknownobject"),
    ("invaliddata", 422, "oneroster-invaliddata"),
    ("invalid_data", 400, "oneroster-invaliddata"),
    ("forbidden", 403, "oneroster-forbidden"),
    ("unauthorisedrequest", 401, "oneroster-unauthorisedrequest"),
    ("unauthorized", 401, "oneroster-unauthorisedrequest"),
    ("server_busy", 429, "oneroster-server-busy"),
    ("internal_server_error", 500, "oneroster-internal-server-error"),
    ("deletefailure", 500, "oneroster-deletefailure"),
    ("unsupportedOperation", 400, "oneroster-unsupported"),
    ("linkfailure", 500, "oneroster-linkfailure"),
    ("targetreadfailure", 500, "oneroster-targetreadfailure"),
    ("invalid_filter_field", 400, "oneroster-invalid-filter-field"),
    ("invalid_selection_field", 400, "oneroster-invalid-selection-field"),
    ("invalid_sort_field", 400, "oneroster-invalid-sort-field"),
]


def test_the_dictionary_has_every_title_and_only_those_for_each_provider():
    ours = {
        (entry.profile, entry.title)
        for entries in PROVIDERS.values()
        for entry in entries
        if entry.known is not Known.FACT
    }
    assert set(LISTED) == ours


@pytest.mark.parametrize(("profile", "title"), LISTED)
def test_each_title_is_explained_as_itself(profile, title):
    found = explain(Refusal(profile=profile, words=title))
    assert title == found.title


@pytest.mark.parametrize(("profile", "title"), LISTED)
def test_an_explanation_says_what_the_dictionary_does_not(profile, title):
    found = explain(Refusal(profile=profile, words=title))
    assert found.reason.message.endswith(OWN_READING[found.known])
    assert (found.known is Known.TEXT) == (OWN_READING[found.known] == "")


@pytest.mark.parametrize(("profile", "status", "words", "code"), SAID)
def test_what_a_provider_says_is_explained(profile, status, words, code):
    found = explain(Refusal(profile=profile, status=status, words=words))
    assert code == found.reason.code


@pytest.mark.parametrize(("code", "status", "expected"), CODES)
def test_each_code_of_the_standard_is_explained_in_every_spelling(code, status, expected):
    assert expected == explain(Refusal(status=status, codes=(code,))).reason.code
    assert expected == explain(Refusal(status=status, words=code)).reason.code


def test_an_explanation_quotes_what_the_message_names():
    found = explain(Refusal(profile="aeries", words=CATEGORY))
    for name in ("Homework", "Algebra 1 - 03", "Tests, Labs"):
        assert name in found.reason.message


def test_a_heading_without_names_says_that_they_are_not_said():
    found = explain(Refusal(profile="aeries", words="Grading Category Not Found"))
    assert "(not said)" in found.reason.message


def test_the_providers_own_words_are_kept_as_they_came():
    said = "  Aeries:\n Gradebook number does not match. "
    assert said == explain(Refusal(profile="aeries", words=said)).words


@pytest.mark.parametrize("status", [status for entry in STATUSES for status in entry.statuses])
def test_each_status_alone_is_explained(status):
    assert explain(Refusal(status=status)).reason.code.startswith("http-")


def test_no_answer_is_not_called_a_refusal():
    assert "unanswered" == explain(Refusal(status=None)).reason.code


def test_an_answer_nobody_knows_is_said_to_be_unknown():
    found = explain(Refusal(status=418, words="short and stout"))
    assert ("unexplained", True) == (found.reason.code, found.vague)


@pytest.mark.parametrize(
    ("refusal", "vague"),
    [
        (Refusal(profile="blackbaud", status=400), True),
        (Refusal(status=500), True),
        (Refusal(status=422, codes=("invaliddata",)), True),
        (Refusal(status=429), False),
        (Refusal(status=503), False),
        (Refusal(profile="pinnacle", words="Cannot Find Due Date"), False),
    ],
)
def test_only_an_answer_that_names_no_cause_is_vague(refusal, vague):
    assert vague == explain(refusal).vague


def test_every_meaning_and_remedy_is_whole_sentences():
    for entry in ENTRIES:
        for sentence in (entry.rule.message, entry.rule.remedy):
            assert re.fullmatch(r'[A-Z0-9"].*[.]', sentence), entry.title


def test_every_code_is_used_once():
    codes = [entry.rule.code for entry in ENTRIES]
    assert len(codes) == len(set(codes))


def test_waiting_is_nobodys_task_but_ours():
    for refusal in (Refusal(status=429), Refusal(status=None), Refusal(codes=("server_busy",))):
        found = explain(refusal)
        assert Who.ROSTERWAY is found.reason.who
        assert found.reason.remedy.startswith("Nothing")


@given(
    st.sampled_from(["", "generic", *PROVIDERS]),
    st.none() | st.integers(100, 599),
    st.text(max_size=400),
    st.lists(st.text(max_size=20), max_size=3),
)
def test_whatever_comes_is_explained_and_says_who_must_act(profile, status, words, codes):
    found = explain(Refusal(profile=profile, status=status, words=words, codes=tuple(codes)))
    assert found.reason.message
    assert found.reason.remedy
    assert words == found.words
