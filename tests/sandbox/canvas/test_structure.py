"""Accounts, terms, courses, sections, cross-listings, groups and tags: rules beyond the messages."""

from canvas_sandbox import ACCOUNTS, CATEGORIES, COURSES, ENROLLMENTS, GROUPS, SECTIONS, table

XLISTS = "xlist_course_id,section_id,status"
TERMS = "term_id,name,status,start_date,end_date,date_override_enrollment_type"


async def course_of(client, section_id):
    section = await client.get(f"sections/sis_section_id:{section_id}")
    return section["sis_course_id"]


async def course(client, course_id="C1"):
    return await client.get(f"courses/sis_course_id:{course_id}")


async def test_an_account_keeps_name_and_state_that_are_blank_and_moves_with_its_parent(school):
    await school.good({"accounts.csv": table(ACCOUNTS, "B,,,")})
    below = await school.get("accounts/self/sub_accounts")
    assert [account["name"] for account in below] == ["Lincoln", "Annex"]


async def test_children_may_follow_their_parents_in_one_file(canvas):
    rows = table(ACCOUNTS, "A,,Top,active", "B,A,Middle,active", "C,B,Leaf,active")
    assert (await canvas.good({"accounts.csv": rows}))["data"]["counts"]["accounts"] == 3
    assert len(await canvas.get("accounts/self/sub_accounts?recursive=true")) == 3


async def test_empty_term_dates_clear_and_one_bad_date_loses_both(school):
    async def dates():
        term = await school.get("accounts/self/terms/sis_term_id:T1")
        return term["start_at"], term["end_at"]

    bad = table(TERMS, "T1,Fall,active,2026-08-01,2026-02-30,")
    assert await school.said({"terms.csv": bad}) == ["Bad date format for term T1"]
    assert await dates() == (None, None)
    await school.good({"terms.csv": table(TERMS, "T1,Fall,active,2026-08-01,2026-12-01,")})
    await school.good({"terms.csv": table(TERMS, "T1,Fall,active,2026-08-01,soon,")})
    assert await dates() == ("2026-08-01T00:00:00Z", None)


async def test_a_date_override_needs_no_name_and_goes_when_deleted(school):
    row = "T1,,active,2026-07-25,2026-12-31,TeacherEnrollment"
    await school.good({"terms.csv": table(TERMS, row)})
    term = await school.get("accounts/self/terms/sis_term_id:T1")
    assert term["name"] == "Fall"
    assert term["overrides"] == {
        "TeacherEnrollment": {"start_at": "2026-07-25T00:00:00Z", "end_at": "2026-12-31T00:00:00Z"}
    }
    await school.good({"terms.csv": table(TERMS, row.replace("active", "deleted"))})
    assert (await school.get("accounts/self/terms/sis_term_id:T1"))["overrides"] == {}


async def test_active_makes_an_unpublished_course_and_reopens_a_completed_one(school):
    async def send(status):
        await school.good({"courses.csv": table(COURSES, f"C1,ALG,Algebra,A,T1,{status}")})
        return (await course(school))["workflow_state"]

    states = [await send(status) for status in ("active", "published", "active", "completed")]
    assert states == ["unpublished", "available", "available", "completed"]
    assert await send("active") == "available"
    assert await send("unpublished") == "unpublished"
    assert await send("deleted") == "deleted"
    assert await send("active") == "unpublished"


async def test_unknown_terms_are_ignored_and_blank_places_move_nothing(school):
    before = await course(school)
    await school.good({"courses.csv": table(COURSES, "C1,ALG,Algebra,,nope,active")})
    after = await course(school)
    assert after["enrollment_term_id"] == before["enrollment_term_id"]
    assert after["account_id"] == before["account_id"]
    await school.good({"courses.csv": table(COURSES, "NEW,N,New,,nope,active")})
    assert (await course(school, "NEW"))["enrollment_term_id"] == 1


async def test_a_fallback_account_takes_the_place_of_an_unknown_one(school):
    header = f"{COURSES},fallback_account_id"
    await school.good({"courses.csv": table(header, "NEW,N,New,nope,T1,active,B")})
    annex = (await school.get("accounts/sis_account_id:B"))["id"]
    assert (await course(school, "NEW"))["account_id"] == annex


async def test_course_dates_are_kept_without_their_columns_and_cleared_by_a_blank(school):
    header = f"{COURSES},start_date,end_date,course_format"
    row = "C1,ALG,Algebra,A,T1,active"
    await school.good({"courses.csv": table(header, f"{row},2026-08-01,2026-12-01,online")})
    await school.good({"courses.csv": table(COURSES, row)})
    kept = await course(school)
    assert (kept["start_at"], kept["end_at"]) == ("2026-08-01T00:00:00Z", "2026-12-01T00:00:00Z")
    assert kept["restrict_enrollments_to_course_dates"]
    assert kept["course_format"] == "online"
    await school.good({"courses.csv": table(header, f"{row},,<delete>,")})
    cleared = await course(school)
    assert (cleared["start_at"], cleared["end_at"]) == (None, None)
    assert not cleared["restrict_enrollments_to_course_dates"]
    assert cleared["course_format"] is None


async def test_an_integration_id_left_out_is_cleared_except_for_users(school):
    header = f"{SECTIONS},integration_id"
    await school.good({"sections.csv": table(header, "S1,C1,Algebra 1,active,INT")})
    assert (await school.get("sections/sis_integration_id:INT"))["sis_section_id"] == "S1"
    await school.good({"sections.csv": table(SECTIONS, "S1,C1,Algebra 1,active")})
    assert (await school.call("GET", "sections/sis_integration_id:INT"))[0] == 404


async def test_an_abstract_course_gives_names_to_its_courses(school):
    abstract = table(
        "abstract_course_id,short_name,long_name,status", "AB,ABS,Abstract Algebra,active"
    )
    rows = table(f"{COURSES},abstract_course_id", "NEW,,,A,T1,active,AB")
    await school.good({"abstract.csv": abstract, "courses.csv": rows})
    assert (await course(school, "NEW"))["name"] == "Abstract Algebra"


async def test_a_course_is_tied_to_a_blueprint_and_untied(school):
    await school.call("PUT", "courses/sis_course_id:C2", data={"course[blueprint]": "true"})
    header = f"{COURSES},blueprint_course_id"
    await school.good({"courses.csv": table(header, "C1,ALG,Algebra,A,T1,active,C2")})

    async def blueprint():
        rows = await school.report("courses", "sis_export_csv")
        return {row["course_id"]: row["blueprint_course_id"] for row in rows}["C1"]

    assert await blueprint() == "C2"
    await school.good({"courses.csv": table(header, "C1,ALG,Algebra,A,T1,active,dissociate")})
    assert not await blueprint()


async def test_with_a_course_go_its_enrollments(school, enrolled):
    await school.good({"courses.csv": table(COURSES, "C2,BIO,Biology,A,T1,deleted")})
    assert (await enrolled(school))["U3", "S3", "student"] == "deleted"
    assert (await enrolled(school))["U1", "S1", "student"] == "active"


async def test_with_a_section_go_its_enrollments_and_its_name_may_then_be_blank(school, enrolled):
    await school.good({"sections.csv": table(SECTIONS, "S1,C1,,deleted")})
    assert (await enrolled(school))["U1", "S1", "student"] == "deleted"
    await school.good({"sections.csv": table(SECTIONS, "S1,C1,Algebra 1,active")})
    assert (await enrolled(school))["U1", "S1", "student"] == "deleted"


async def test_a_section_that_moves_takes_its_enrollments_along(school):
    await school.good({"sections.csv": table(SECTIONS, "S1,C2,Algebra 1,active")})
    assert len(await school.get("courses/sis_course_id:C2/enrollments")) == 4


async def test_a_cross_listing_makes_its_course_which_then_follows_renames(school):
    await school.good({"xlists.csv": table(XLISTS, "X,S1,active")})
    made = await course(school, "X")
    assert (made["name"], made["course_code"]) == ("Algebra", "ALG")
    assert await course_of(school, "S1") == "X"
    await school.good({"courses.csv": table(COURSES, "C1,ALG2,Algebra Two,A,T1,active")})
    assert (await course(school, "X"))["name"] == "Algebra Two"


async def test_a_cross_listed_section_stays_until_it_is_sent_with_another_course(school):
    await school.good({"xlists.csv": table(XLISTS, "X,S1,active")})
    await school.good({"sections.csv": table(SECTIONS, "S1,C1,Algebra 1,active")})
    assert await course_of(school, "S1") == "X"
    await school.good({"sections.csv": table(SECTIONS, "S1,C2,Algebra 1,active")})
    assert await course_of(school, "S1") == "C2"


async def test_a_cross_listed_section_goes_home_when_its_target_is_gone(school):
    await school.good({"xlists.csv": table(XLISTS, "X,S1,active")})
    await school.good({"courses.csv": table(COURSES, "X,ALG,Algebra,A,T1,deleted")})
    await school.good({"sections.csv": table(SECTIONS, "S1,C1,Algebra 1,active")})
    assert await course_of(school, "S1") == "C1"


async def test_a_cross_listing_revives_a_deleted_course(school):
    await school.good({"courses.csv": table(COURSES, "C2,BIO,Biology,A,T1,deleted")})
    await school.good({"xlists.csv": table(XLISTS, "C2,S1,active")})
    assert (await course(school, "C2"))["workflow_state"] == "unpublished"
    assert await course_of(school, "S1") == "C2"


async def test_a_cross_listing_is_undone_by_any_course_id_but_another_existing_one(school):
    await school.good({"xlists.csv": table(XLISTS, "X,S1,active", "X,S2,active")})
    await school.good({"xlists.csv": table(XLISTS, "C2,S1,deleted", "nobody,S2,deleted")})
    assert await course_of(school, "S1") == "X"
    assert await course_of(school, "S2") == "C1"
    await school.good({"xlists.csv": table(XLISTS, "X,S1,deleted")})
    assert await course_of(school, "S1") == "C1"


async def test_a_cross_listed_section_may_be_named_with_its_original_course(school, enrolled):
    await school.good({"xlists.csv": table(XLISTS, "X,S1,active")})
    await school.good({"enrollments.csv": table(ENROLLMENTS, "C1,S1,U3,student,active")})
    assert ("U3", "S1", "student") in await enrolled(school)


async def test_a_group_deleted_in_capitals_stays_available(school):
    async def send(status):
        await school.good({"groups.csv": table(GROUPS, f"G,Red,,A,,{status}")})
        return (await school.states("groups", "group_id"))["G"]

    states = [await send(status) for status in ("available", "Deleted", "closed", "deleted")]
    assert states == ["available", "available", "available", "deleted"]


async def test_a_group_without_a_place_of_its_own_is_where_its_category_is(school):
    await school.good(
        {
            "group_categories.csv": table(CATEGORIES, "GC,Project,,C1,active"),
            "groups.csv": table(GROUPS, "G,Red,GC,,,available"),
            "groups_membership.csv": table("group_id,user_id,status", "G,U1,accepted"),
        }
    )
    (group,) = await school.get("courses/sis_course_id:C1/groups")
    assert group["sis_group_id"] == "G"
    (member,) = await school.get("groups/sis_group_id:G/memberships")
    assert member["user_id"] == (await school.get("users/sis_user_id:U1"))["id"]


async def test_ids_of_every_type_can_be_changed_and_an_integration_id_cleared(school):
    await school.good(
        {
            "group_categories.csv": table(CATEGORIES, "GC,Project,A,,active"),
            "groups.csv": table(GROUPS, "G,Red,GC,,,available"),
            "users.csv": table("user_id,login_id,status,integration_id", "U3,cat,active,INT"),
        }
    )
    changes = table(
        "old_id,new_id,old_integration_id,new_integration_id,type",
        "A,A9,,,account",
        "T1,T9,,,Term ",
        "C1,C9,,,COURSE",
        "S1,S9,,,section",
        "G,G9,,,group",
        "GC,GC9,,,group_category",
        "U1,U9,,,user",
        ",,INT,<delete>,user",
        "U2,,,INT2,user",
    )
    finished = await school.good({"change.csv": changes})
    assert finished["data"]["counts"]["change_sis_ids"] == 9
    for path in ("accounts/sis_account_id:A9", "courses/sis_course_id:C9", "users/sis_user_id:U9"):
        await school.get(path)
    assert (await school.get("users/sis_integration_id:INT2"))["sis_user_id"] == "U2"
    assert (await school.call("GET", "users/sis_integration_id:INT"))[0] == 404
    replay = await school.said({"change.csv": changes})
    assert "An old_id, 'U1', referenced a non-existent user and was not changed." in replay


TAG_SETS = "tag_set_id,course_id,set_name,status"
TAGS = "tag_id,tag_set_id,course_id,name,status"
TAG_MEMBERS = "tag_id,user_id,status"


async def test_differentiation_tags_need_the_accounts_feature(school):
    sets = {"sets.csv": table(TAG_SETS, "TS,C1,Support,active")}
    refused = ["Differentiation Tags are not enabled for Account 1."]
    assert await school.said(sets) == refused
    await school.control("PUT", "knobs", json={"differentiation_tags": True})
    finished = await school.good(
        {
            **sets,
            "tags.csv": table(TAGS, "TG,TS,,Extra time,available", "SOLO,,C1,Alone,available"),
            "members.csv": table(TAG_MEMBERS, "TG,U1,accepted"),
        }
    )
    counts = finished["data"]["counts"]
    assert counts["differentiation_tag_sets"] == 1
    assert counts["differentiation_tags"] == 2
    assert counts["differentiation_tag_memberships"] == 1
    assert await school.get("courses/sis_course_id:C1/groups") == []


async def test_differentiation_tags_complain_as_groups_do(school):
    await school.control("PUT", "knobs", json={"differentiation_tags": True})
    said = await school.said(
        {
            "sets.csv": table(
                TAG_SETS,
                "TS,C1,Support,active",
                ",C1,Support,active",
                "TS2,,Support,active",
                "TS2,C1,Support,active",
                "TS2,C1,Other,on",
                "TS2,C1,Other,",
                "TS2,C1,,active",
            ),
            "tags.csv": table(
                TAGS,
                "TG,TS,,Extra time,available",
                ",TS,,Extra,available",
                "T2,TS,,,available",
                "T2,TS,,Extra,on",
                "T2,nope,,Extra,available",
                "T2,,nope,Extra,available",
                "T2,,,Extra,available",
            ),
            "members.csv": table(
                TAG_MEMBERS,
                ",U1,accepted",
                "TG,,accepted",
                "TG,U1,in",
                "TG,nope,accepted",
                "nope,U1,accepted",
                "TG,P1,accepted",
            ),
        }
    )
    assert said == [
        "No sis_id given for a differentiation tag set",
        'Course with id "" didn\'t exist for differentiation tag set TS2',
        (
            "A differentiation tag set did not pass validation (differentiation tag set: TS2,"
            " error: Name Support is already in use.)"
        ),
        'Improper status "on" for differentiation tag set TS2, skipping',
        "No status given for differentiation tag set TS2",
        "No name given for differentiation tag set TS2",
        "No tag_id given for a differentiation tag.",
        "No name given for differentiation tag T2.",
        'Improper status "on" for differentiation tag T2.',
        "Differentiation tag set nope didn't exist for differentiation tag T2.",
        "Course with sis id nope didn't exist for differentiation tag T2.",
        "Differentiation tag set  didn't exist for differentiation tag T2.",
        "No tag_id given for a differentiation tag user",
        "No user_id given for a differentiation tag user",
        'Improper status "in" for a differentiation tag user',
        "User nope didn't exist for differentiation tag user",
        "Differentiation Tag nope didn't exist for differentiation tag user",
        "User P1 doesn't have an enrollment in the course of differentiation tag TG.",
    ]


async def test_institutional_tags_are_unknown_files_until_their_flag_is_on(school):
    files = {
        "categories.csv": table("category_id,name,description,status", "K,Kind,,active"),
        "tags.csv": table(
            "institutional_tag_id,category_id,name,description,status",
            "T,K,Honors,Honor roll,active",
            "T2,K,Plain,,active",
        ),
        "people.csv": table("institutional_tag_id,user_id,status", "T,U1,active", "T9,U1,active"),
    }
    unknown = await school.send(files)
    assert {message for _, message in unknown["processing_errors"]} == {
        "Couldn't find Canvas CSV import headers"
    }
    await school.control("PUT", "knobs", json={"institutional_tags": True})
    finished = await school.send(files)
    assert await school.messages(finished["id"]) == [
        "No description given for institutional tag T2",
        "Institutional tag T9 didn't exist for institutional tag association",
    ]
    assert finished["data"]["counts"]["institutional_tag_associations"] == 1
