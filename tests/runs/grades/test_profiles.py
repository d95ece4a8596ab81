"""What a profile says of a provider's gradebook holds where the settings say nothing."""

from datetime import timedelta

import pytest

from rosterway.runs.grades.quiet import QuietHoursError
from rosterway.runs.grades.rounds import Rounds
from runs.grades.test_nine_steps import a_graded_essay

#: A profile of the installation's own.
OURS = 'profile = "ours"'
#: 15:00 UTC is 09:00 in Denver.
QUIET = 'title = "Ours"\n[passback]\nquiet_hours = "08:00-16:00, 23:00-23:30"\n'


def said(school, text):
    folder = school.office.config_folder / "profiles"
    folder.mkdir()
    (folder / "ours.toml").write_text(text, encoding="utf-8")


async def test_a_profiles_quiet_hours_are_kept(open_school):
    school = await open_school(connection=OURS)
    said(school, QUIET)
    await a_graded_essay(school)
    run = school.request()

    with pytest.raises(QuietHoursError, match="goes on at 16:00"):
        await school.drive(run)
    assert len(school.sis.provider.requests) == 0
    assert Rounds(school.office).allowed([run]) == []

    school.time += timedelta(hours=8)
    assert (await school.drive(run)).outcome == "delivered"


async def test_what_the_settings_say_of_quiet_hours_goes_before_the_profile(open_school):
    school = await open_school(grades='preview = "never"\nquiet = []', connection=OURS)
    said(school, QUIET)
    await a_graded_essay(school)

    assert (await school.sync()).outcome == "delivered"


async def test_a_profile_nobody_can_read_stops_the_run_and_not_the_schedules(open_school):
    school = await open_school(connection=OURS)
    run = school.request()

    assert [run] == Rounds(school.office).allowed([run])
    assert "profile" in (await school.drive(run)).reason


async def test_categories_are_asked_for_as_the_profile_has_it(open_school):
    school = await open_school(connection=OURS)
    said(school, 'title = "Ours"\n[passback]\ncategories = "class"\n')
    await a_graded_essay(school)

    assert (await school.sync()).outcome == "delivered"
    asked = [one for one in school.sis.provider.requests if one.path.endswith("/categories")]
    assert asked
    assert all("/classes/" in one.path for one in asked)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_a_gradebook_is_looked_for_where_the_standard_has_it(open_school, version):
    school = await open_school(version=version, gradebook_url="")
    _, wanted = await a_graded_essay(school)

    assert (await school.sync()).outcome == "delivered"
    assert school.scores() == wanted
