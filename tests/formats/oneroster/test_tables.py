"""The tables against the headers that the CSV binding prints."""

import pytest

from rosterway.formats.oneroster.endpoints import (
    ENDPOINTS,
    EXCLUDED,
    SERVICES,
    Service,
    endpoints_of,
    scopes,
)
from rosterway.formats.oneroster.nouns import NOUNS
from rosterway.formats.oneroster.tables import BY_NAME, TABLES
from rosterway.settings.shape import Version

V1P1, V1P2 = Version.V1P1, Version.V1P2

USERS_1P1 = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,"
    "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
)
USERS_1P2 = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,"
    "resourceSourcedIds,preferredGivenName,preferredMiddleName,preferredFamilyName,"
    "primaryOrgSourcedId,pronouns"
)
LINE_ITEMS_1P2 = (
    "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,"
    "categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId"
)
HEADERS = [
    ("users", V1P1, USERS_1P1),
    ("users", V1P2, USERS_1P2),
    ("lineItems", V1P2, LINE_ITEMS_1P2),
    (
        "roles",
        V1P2,
        (
            "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,"
            "orgSourcedId,userProfileSourcedId"
        ),
    ),
    (
        "classes",
        V1P1,
        (
            "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,"
            "location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods"
        ),
    ),
    (
        "enrollments",
        V1P1,
        (
            "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
            "primary,beginDate,endDate"
        ),
    ),
]


@pytest.mark.parametrize(("table", "version", "header"), HEADERS)
def test_columns_stand_as_the_binding_prints_them(table, version, header):
    assert header.split(",") == [c.name for c in BY_NAME[table].columns_in(version)]


def test_a_bundle_has_thirteen_files_in_1_1_and_twenty_one_in_1_2():
    assert 13 == sum(table.exists_in(V1P1) for table in TABLES)
    assert 21 == sum(table.exists_in(V1P2) for table in TABLES)


def test_no_secret_is_staged():
    assert not [table.name for table in TABLES if "password" in table.staged]


def test_every_json_field_has_a_staged_column():
    for noun in NOUNS:
        staged = set(noun.table.staged)
        assert {each.column.name for each in noun.fields} <= staged, noun.plural


def test_the_services_name_endpoints_that_exist():
    for service in Service:
        assert set(SERVICES[service]) | set(EXCLUDED[service]) <= set(ENDPOINTS)


def test_the_six_collections_are_read_in_bulk_unless_told_otherwise():
    assert {"orgs", "academicSessions", "courses", "classes", "users", "enrollments"} == {
        each.path[1:] for each in endpoints_of(Service.BULK)
    }


def test_excluding_goes_by_name_or_path():
    chosen = endpoints_of(Service.BULK, ["getAllOrgs", "users", "/terms"])
    assert not {"/orgs", "/users", "/terms"} & {each.path for each in chosen}
    assert "/students" in {each.path for each in chosen}


def test_a_school_id_with_a_slash_stays_one_segment():
    path = ENDPOINTS["getEnrollmentsForSchool"].path_for("a/b c")
    assert path == "/schools/a%2Fb%20c/enrollments"


def test_demographics_have_a_scope_of_their_own():
    names = scopes(V1P2, [ENDPOINTS["getAllDemographics"]])
    assert "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-demographics.readonly" in names
    assert not [n for n in scopes(V1P1, endpoints_of(Service.BULK)) if "demographics" in n]
