"""A sandbox Canvas on loopback, empty or with a small school."""

import pytest
import pytest_asyncio

from canvas_sandbox import (
    ACCOUNTS,
    CATEGORIES,
    COURSES,
    FULL_USERS,
    GROUPS,
    LOGINS,
    MEMBERS,
    MORE_COURSES,
    SCHOOL,
    SECTIONS,
    USERS,
    client_of,
    table,
)


@pytest_asyncio.fixture
async def canvas(tmp_path):
    """An empty Canvas."""
    async with client_of(tmp_path) as client:
        yield client


@pytest_asyncio.fixture
async def school(canvas):
    """A Canvas that has the small school."""
    await canvas.good(SCHOOL)
    return canvas


@pytest.fixture
def enrolled():
    """Who is enrolled how, as {(user, section, role): status}."""

    async def look(client, **parameters):
        rows = await client.report("enrollments", include_deleted="true", **parameters)
        return {(r["user_id"], r["section_id"], r["role"]): r["status"] for r in rows}

    return look


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory):
    """A Canvas in which every message can be provoked; no case changes what another needs."""
    async with client_of(tmp_path_factory.mktemp("world")) as canvas:
        await canvas.good(SCHOOL)
        new_user = {"user[name]": "By Hand", "pseudonym[unique_id]": "byhand"}
        await canvas.call("POST", "accounts/self/users", data=new_user)
        term = {"enrollment_term[sis_term_id]": "DEF"}
        await canvas.call("PUT", "accounts/self/terms/default", data=term)
        await canvas.good(
            {
                "accounts.csv": table(ACCOUNTS, "P,,Parent,active", "K,P,Kid,active"),
                "courses.csv": table(
                    COURSES,
                    "BP,BP,Blueprint,B,T1,active",
                    "BP2,BP2,Blueprint 2,B,T1,active",
                    "TIED,TIED,Tied,B,T1,active",
                    "INK,INK,In Kid,K,T1,active",
                ),
                "sections.csv": table(SECTIONS, "SDEL,C1,Was here,deleted"),
                "users.csv": table(
                    FULL_USERS,
                    "U3,cat,active,Cat Fox,,I1,",
                    "GONE,gone,active,Gone Girl,,,",
                    "TWO,two,active,Two Logins,,,",
                    "ME,admin,active,Me,,,",
                ),
                "group_categories.csv": table(CATEGORIES, "GC,Project,,C1,active"),
                "groups.csv": table(GROUPS, "G,Red,GC,,,available"),
            }
        )
        await canvas.good(
            {
                "logins.csv": table(LOGINS, "TWOB,twob,TWO,,"),
                "groups_membership.csv": table(MEMBERS, "G,U1,accepted"),
            }
        )
        gone = table(USERS, "GONE,gone,deleted,,", "TWO,two,deleted,,")
        await canvas.good({"users.csv": gone})
        for blueprint in ("BP", "BP2"):
            path = f"courses/sis_course_id:{blueprint}"
            await canvas.call("PUT", path, data={"course[blueprint]": "true"})
        tied = table(MORE_COURSES, "TIED,TIED,Tied,B,T1,active,BP,,")
        await canvas.good({"courses.csv": tied})
        yield canvas
