"""When a delivery is complete. Time is a number here; nothing touches a disk."""
# What happens in a case is told in a line:
# pyright: reportUnknownLambdaType=false

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rosterway.gateway.sealing import Rules, Seal, Sealing, Unfinished, Wait, Why
from rosterway.gateway.uploads import Entry, Stamp, Standing, Upload

SETTLE, PATIENCE = 300.0, 3600.0
CUT = "the connection ended before the file was closed"


class Story:
    """A folder, a clock, and short words for what happens."""

    def __init__(self, rules=Rules(settle=SETTLE)):
        self.at = 0.0
        self.folder = Sealing(rules, at=0.0)
        self.disk: dict[str, Stamp] = {}

    def later(self, seconds):
        self.at += seconds

    def open(self, name):
        upload = Upload(f"/tree/{name}")
        self.disk[name] = Stamp(0, 0, 1)
        self.folder.opened(name, upload, at=self.at)
        return upload

    def close(self, upload, *, size=10, whole_zip=False):
        stamp = Stamp(size, int(self.at), 1)
        self.disk[upload.name] = stamp
        self.folder.closed(upload, stamp, at=self.at, whole_zip=whole_zip)

    def lose(self, upload, *, size=4, reason=CUT):
        self.disk[upload.name] = Stamp(size, int(self.at), 1)
        self.folder.lost(upload, self.disk[upload.name], at=self.at, reason=reason)

    def send(self, *names, **kwargs):
        for name in names:
            self.close(self.open(name), **kwargs)

    def rename(self, old, new, **kwargs):
        self.disk[new] = self.disk.pop(old)
        file = self.folder.take(old, at=self.at)
        self.folder.put(new, file, self.disk[new], at=self.at, **kwargs)

    def remove(self, name):
        del self.disk[name]
        self.folder.take(name, at=self.at)

    def copy(self, name, *, size=10, inode=1):
        """By other means than our server."""
        self.disk[name] = Stamp(size, int(self.at), inode)

    def scan(self, **kwargs):
        return self.folder.scanned(self.disk, at=self.at, **kwargs)

    @property
    def verdict(self):
        return self.folder.verdict(at=self.at)

    @property
    def sealed(self):
        """What would be sealed now, if anything."""
        return self.verdict.files if isinstance(self.verdict, Seal) else None

    @property
    def seal(self):
        verdict = self.verdict
        assert isinstance(verdict, Seal), verdict
        return verdict

    def standing(self, name):
        return self.folder[name].standing


@pytest.fixture
def story():
    return Story()


class TestQuiet:
    def test_an_empty_folder_waits_for_nothing(self, story):
        assert Wait(None, "nothing is here yet") == story.verdict

    def test_files_are_sealed_when_nothing_happened_for_the_settle_time(self, story):
        story.send("users.csv", "courses.csv")
        story.later(SETTLE - 1)
        assert Wait(SETTLE, "waiting for the folder to be quiet") == story.verdict

        story.later(1)
        assert Seal(Why.SETTLED, ("courses.csv", "users.csv")) == story.verdict

    def test_another_file_starts_the_settle_time_anew(self, story):
        story.send("users.csv")
        story.later(SETTLE - 1)
        story.send("courses.csv")
        story.later(SETTLE - 1)

        assert story.sealed is None

    @pytest.mark.parametrize(
        "happening",
        [
            lambda story: story.remove("courses.csv"),
            lambda story: story.rename("courses.csv", "kurse.csv"),
            lambda story: story.folder.touched(at=story.at),
            lambda story: (story.copy("courses.csv", size=11), story.scan()),
            lambda story: (story.disk.pop("courses.csv"), story.scan()),
        ],
        ids=["removed", "renamed", "directory made", "changed on disk", "gone from disk"],
    )
    def test_whatever_happens_in_the_folder_starts_it_anew(self, story, happening):
        story.send("users.csv", "courses.csv")
        story.scan()
        story.later(SETTLE - 1)
        happening(story)
        story.later(SETTLE - 1)

        assert story.sealed is None

    def test_dates_set_by_the_client_are_no_write(self, story):
        story.send("users.csv")
        story.later(SETTLE)
        story.disk["users.csv"] = Stamp(10, 946684800, 1)
        story.folder.restamped("users.csv", story.disk["users.csv"], at=story.at)
        story.scan()

        assert story.sealed == ("users.csv",)

    def test_a_file_that_grows_between_scans_is_not_quiet(self, story):
        for size in range(10):
            story.copy("users.csv", size=size)
            assert story.scan()
            story.later(SETTLE - 1)
            assert story.sealed is None

        story.later(1)
        assert not story.scan()
        assert story.sealed == ("users.csv",)

    def test_a_sealed_delivery_is_gone_and_the_next_begins(self, story):
        story.send("users.csv", ".done")
        story.folder.released(story.seal)
        story.disk.clear()
        story.scan()

        assert Wait(None, "nothing is here yet") == story.verdict
        story.send("users.csv")
        assert story.sealed is None


class TestUnfinished:
    def test_an_open_file_is_never_taken_however_quiet(self, story):
        story.open("users.csv")
        story.later(PATIENCE - 1)

        assert Wait(PATIENCE, "users.csv is being uploaded") == story.verdict

    def test_an_upload_that_still_writes_is_waited_for_without_end(self, story):
        upload = story.open("users.csv")
        for _ in range(100):
            story.later(PATIENCE - 1)
            upload.writes += 1
            assert isinstance(story.verdict, Wait)

    def test_a_file_whose_connection_was_lost_is_not_finished(self, story):
        story.send("courses.csv")
        story.lose(story.open("users.csv"))
        story.later(SETTLE)

        assert Wait(PATIENCE, f"users.csv is unfinished: {CUT}") == story.verdict

    @pytest.mark.parametrize(
        "repair",
        [
            lambda story: story.send("users.csv"),
            lambda story: story.rename("users.csv", "users-2.csv"),
            lambda story: story.send("users.csv.done"),
            lambda story: story.send("users.done"),
            lambda story: story.remove("users.csv"),
            lambda story: (story.copy("users.csv", inode=2), story.scan()),
        ],
        ids=["sent again", "renamed", "marked", "marked by stem", "removed", "replaced on disk"],
    )
    def test_it_is_finished_when_the_client_says_so(self, story, repair):
        story.send("courses.csv")
        story.lose(story.open("users.csv"))
        story.later(60)
        repair(story)
        story.later(SETTLE)

        assert "courses.csv" in story.sealed
        assert not story.seal.unfinished

    @pytest.mark.parametrize(
        "nothing_said",
        [
            lambda story: story.send(".done"),
            lambda story: story.send("courses.csv.done"),
            lambda story: story.rename("users.csv", "fall/users.csv", named=False),
            lambda story: (story.copy("users.csv", size=99), story.scan()),
        ],
        ids=["folder marker", "marker of another", "folder renamed", "written over on disk"],
    )
    def test_nothing_else_finishes_it(self, story, nothing_said):
        story.send("courses.csv")
        story.lose(story.open("users.csv"))
        nothing_said(story)
        story.later(SETTLE)

        assert story.sealed is None

    def test_a_marker_that_came_before_the_loss_does_not_count(self, story):
        story.send("users.csv", "users.csv.done")
        story.lose(story.open("users.csv"))
        story.later(SETTLE)

        assert story.sealed is None

    def test_it_is_given_up_in_the_end_and_named_with_its_size(self, story):
        story.send("courses.csv")
        story.lose(story.open("users.csv"), size=4711)
        story.later(PATIENCE)

        expected = Seal(
            Why.ABANDONED, ("courses.csv",), unfinished=(Unfinished("users.csv", 4711, CUT),)
        )
        assert expected == story.verdict

    def test_an_open_file_that_is_given_up_may_not_be_written_to_any_more(self, story):
        upload = story.open("users.csv")
        story.later(PATIENCE)
        verdict = story.seal
        story.folder.released(verdict)

        (cut,) = verdict.unfinished
        assert cut.reason == "it was still open, and nothing more was written"
        assert upload.revoked

    def test_giving_up_waits_for_quiet_too(self, story):
        story.lose(story.open("users.csv"))
        story.later(PATIENCE - 1)
        story.send("courses.csv")
        story.later(1)

        assert isinstance(story.verdict, Wait)

    def test_patience_is_never_less_than_twelve_settle_times(self):
        story = Story(Rules(settle=600.0, abandon_after=60.0))
        story.lose(story.open("users.csv"))
        story.later(12 * 600 - 1)
        assert isinstance(story.verdict, Wait)

        story.later(1)
        assert Why.ABANDONED is story.seal.why

    def test_a_failed_write_leaves_the_file_unfinished_with_its_reason(self, story):
        story.lose(story.open("users.csv"), reason="No space left on device")
        story.later(PATIENCE)

        assert story.seal.unfinished[0].reason == "No space left on device"

    def test_an_open_that_failed_changes_nothing(self, story):
        story.send("users.csv")
        story.folder.withdrawn(story.open("users.csv"))
        story.folder.withdrawn(story.open("courses.csv"))
        story.later(SETTLE)

        assert story.sealed == ("users.csv",)


class TestTwoUploadsOfOneFile:
    """A client loses its line, comes back, and we learn of the loss only minutes later."""

    def test_the_dead_connection_does_not_spoil_what_the_new_one_sent(self, story):
        dead = story.open("users.csv")
        dead.writes = 3
        story.send("users.csv")
        story.later(120)
        story.lose(dead)
        story.later(SETTLE)

        assert story.sealed == ("users.csv",)

    def test_nor_does_it_hold_it_back(self, story):
        dead = story.open("users.csv")
        story.send("users.csv")
        story.later(SETTLE)
        assert story.sealed == ("users.csv",)

        story.folder.released(story.seal)
        assert dead.revoked

    def test_if_it_wrote_in_between_nobody_knows_what_the_file_holds(self, story):
        other = story.open("users.csv")
        again = story.open("users.csv")
        other.writes += 1
        story.close(again)
        story.lose(other)
        story.later(SETTLE)

        assert Standing.LOST is story.standing("users.csv")

    def test_a_clean_close_does_not_heal_what_another_broke_meanwhile(self, story):
        other, again = story.open("users.csv"), story.open("users.csv")
        other.writes += 1
        story.lose(other)
        story.close(again)

        assert Standing.LOST is story.standing("users.csv")

    def test_a_resumed_temporary_file_is_whole_though_the_dead_one_still_holds_it(self, story):
        dead = story.open("users.csv.filepart")
        story.send("users.csv.filepart")
        story.rename("users.csv.filepart", "users.csv")
        story.later(60)
        story.lose(dead)
        story.later(SETTLE)

        assert story.sealed == ("users.csv",)


class TestTemporaryNames:
    def test_they_are_no_part_of_a_delivery(self, story):
        story.send("users.csv", ".hidden", "courses.csv.part")
        story.later(SETTLE)

        assert story.sealed == ("users.csv",)

    def test_while_one_is_being_written_the_folder_is_not_quiet(self, story):
        story.send("users.csv")
        upload = story.open("courses.csv.filepart")
        story.later(SETTLE)
        upload.writes += 1
        assert isinstance(story.verdict, Wait)

        story.close(upload)
        story.rename("courses.csv.filepart", "courses.csv")
        story.later(SETTLE)
        assert story.sealed == ("courses.csv", "users.csv")

    def test_one_that_was_lost_holds_nothing_back(self, story):
        story.send("users.csv")
        story.lose(story.open("courses.csv.filepart"))
        story.later(SETTLE)

        assert Seal(Why.SETTLED, ("users.csv",)) == story.verdict

    def test_a_file_renamed_over_another_takes_its_place(self, story):
        story.lose(story.open("users.csv"))
        story.send("users.csv.tmp")
        story.rename("users.csv.tmp", "users.csv")
        story.later(SETTLE)

        assert story.sealed == ("users.csv",)

    def test_a_handle_on_the_replaced_file_says_nothing_about_the_new_one(self, story):
        old = story.open("users.csv")
        story.send("users.csv.tmp")
        story.rename("users.csv.tmp", "users.csv")
        old.writes += 1
        story.folder.lost(old, Stamp(1, 0, 9), at=story.at, reason=CUT)
        story.later(SETTLE)

        assert story.sealed == ("users.csv",)

    def test_a_file_renamed_while_it_is_open_stays_open(self, story):
        upload = story.open("users.csv.part")
        story.rename("users.csv.part", "users.csv")
        story.later(SETTLE)
        assert story.sealed is None

        story.close(upload)
        story.later(SETTLE)
        assert story.sealed == ("users.csv",)


class TestMarkers:
    @pytest.mark.parametrize("marker", [".done", "all.done", "tonight/.done"])
    def test_a_marker_seals_at_once_and_is_no_part_of_the_delivery(self, story, marker):
        story.send("users.csv", "tonight/courses.csv", marker)

        expected = Seal(Why.MARKER, ("tonight/courses.csv", "users.csv"), markers=(marker,))
        assert expected == story.verdict

    def test_it_counts_when_it_is_whole(self, story):
        story.send("users.csv")
        upload = story.open(".done")
        assert story.sealed is None

        story.close(upload, size=0)
        assert story.sealed == ("users.csv",)

    def test_it_may_arrive_by_rename_or_by_other_means(self, story):
        story.send("users.csv", "x.tmp")
        story.rename("x.tmp", ".done")
        assert Why.MARKER is story.seal.why

        story.folder.released(story.seal)
        story.disk.clear()
        story.send("courses.csv")
        story.copy(".done")
        story.scan()
        assert Why.MARKER is story.seal.why

    @pytest.mark.parametrize(
        "after",
        [
            lambda story: story.send("courses.csv"),
            lambda story: story.remove("users.csv"),
            lambda story: story.rename("users.csv", "u.csv"),
            lambda story: story.remove(".done"),
            lambda story: story.folder.touched(at=story.at),
        ],
        ids=["a file came", "a file went", "a rename", "marker removed", "directory made"],
    )
    def test_what_happens_after_it_takes_it_back(self, story, after):
        story.send("users.csv", "orders.csv", ".done")
        after(story)
        assert isinstance(story.verdict, Wait)

        story.later(SETTLE)
        assert Why.SETTLED is story.seal.why

    def test_one_sent_first_waits_like_everybody(self, story):
        story.send(".done", "users.csv", "courses.csv")
        assert story.sealed is None

    def test_sent_again_it_speaks_again(self, story):
        story.send("users.csv", ".done", "courses.csv", ".done")
        assert story.sealed == ("courses.csv", "users.csv")

    def test_alone_it_makes_no_delivery(self, story):
        story.send(".done")
        story.later(SETTLE)

        assert story.sealed is None

    def test_it_does_not_hurry_an_open_upload(self, story):
        story.send("users.csv")
        upload = story.open("courses.csv")
        story.send(".done")
        assert story.sealed is None

        story.close(upload)
        assert story.sealed is None  # who uploads in parallel may have more to come
        story.later(SETTLE)
        assert story.sealed == ("courses.csv", "users.csv")

    def test_file_markers_do_not_hurry_anything(self, story):
        story.send("users.csv", "users.csv.done")
        assert story.sealed is None

        story.later(SETTLE)
        assert Seal(Why.SETTLED, ("users.csv",), markers=("users.csv.done",)) == story.verdict

    def test_file_markers_do_not_take_the_folders_marker_back(self, story):
        story.send("users.csv", ".done", "users.csv.done")
        assert Why.MARKER is story.seal.why


class TestZips:
    def test_one_whole_zip_seals_at_once(self, story):
        story.send("roster.zip", whole_zip=True)
        assert Seal(Why.ZIP, ("roster.zip",)) == story.verdict

    def test_also_when_it_was_renamed_into_place(self, story):
        story.send("roster.zip.part")
        story.rename("roster.zip.part", "roster.zip", whole_zip=True)
        assert Why.ZIP is story.seal.why

    @pytest.mark.parametrize(
        "other",
        [
            lambda story: story.send("roster.zip"),
            lambda story: story.send("roster.zip", "users.csv", whole_zip=True),
            lambda story: story.send("a.zip", "b.zip", whole_zip=True),
            lambda story: (story.send("roster.zip", whole_zip=True), story.open("b.zip.part")),
            lambda story: story.lose(story.open("roster.zip")),
            lambda story: (
                story.lose(story.open("roster.part")),
                story.rename("roster.part", "roster.zip", whole_zip=True),
            ),
            lambda story: (story.copy("roster.zip"), story.scan()),
        ],
        ids=["no end", "with a file", "two", "another under way", "cut", "was cut", "by cp"],
    )
    def test_anything_else_waits(self, story, other):
        other(story)
        assert isinstance(story.verdict, Wait)

    def test_a_feed_may_not_want_that(self):
        story = Story(Rules(settle=SETTLE, zip_seals=False))
        story.send("roster.zip", whole_zip=True)
        assert isinstance(story.verdict, Wait)


class TestAnotherProcess:
    """What the journal says of a process that is no more."""

    def restart(self, entries, disk):
        story = Story()
        for name, entry in entries.items():
            story.folder.restored(name, entry, at=0.0)
        story.disk = disk
        story.scan(first=True)
        return story

    def test_a_file_that_was_open_is_unfinished(self):
        story = self.restart(
            {"users.csv": Entry(Standing.OPEN, 0)}, {"users.csv": Stamp(512, 1, 1)}
        )
        story.later(PATIENCE)

        assert (Unfinished("users.csv", 512, CUT),) == story.seal.unfinished

    def test_a_file_that_was_lost_still_is(self):
        story = self.restart(
            {"users.csv": Entry(Standing.LOST, 9, "disk full")}, {"users.csv": Stamp(9, 1, 1)}
        )
        story.later(SETTLE)

        assert Wait(PATIENCE, "users.csv is unfinished: disk full") == story.verdict

    def test_a_file_that_was_closed_settles_anew(self):
        story = self.restart(
            {"users.csv": Entry(Standing.CLOSED, 10)}, {"users.csv": Stamp(10, 1, 1)}
        )
        assert Wait(SETTLE, "waiting for the folder to be quiet") == story.verdict

        story.later(SETTLE)
        assert story.sealed == ("users.csv",)

    def test_a_file_that_lost_its_end_with_the_power_is_unfinished(self):
        story = self.restart(
            {"users.csv": Entry(Standing.CLOSED, 10)}, {"users.csv": Stamp(8, 1, 1)}
        )
        story.later(PATIENCE)

        expected = Unfinished("users.csv", 8, "it is shorter than what was received")
        assert (expected,) == story.seal.unfinished

    def test_an_old_marker_is_not_believed(self):
        disk = {"users.csv": Stamp(10, 1, 1), ".done": Stamp(0, 2, 2)}
        story = self.restart({"users.csv": Entry(Standing.CLOSED, 10)}, disk)

        assert isinstance(story.verdict, Wait)

    def test_what_is_gone_is_forgotten(self):
        story = self.restart({"users.csv": Entry(Standing.CLOSED, 10)}, {})

        assert story.folder.unrecorded() == {"users.csv": None}


class TestWhatIsRecorded:
    def changes(self, story):
        changes = story.folder.unrecorded()
        story.folder.recorded(changes)
        return changes

    def test_an_upload_from_its_beginning_to_its_end(self, story):
        upload = story.open("users.csv")
        assert {"users.csv": Entry(Standing.OPEN, 0)} == self.changes(story)

        story.close(upload, size=10)
        assert {"users.csv": Entry(Standing.CLOSED, 10)} == self.changes(story)

        story.later(SETTLE)
        story.folder.released(story.seal)
        assert self.changes(story) == {"users.csv": None}

    def test_a_rename_forgets_and_remembers_at_once(self, story):
        story.open("users.part")
        self.changes(story)
        story.rename("users.part", "users.csv")

        expected = {"users.part": None, "users.csv": Entry(Standing.OPEN, 0)}
        assert expected == self.changes(story)

    def test_what_came_by_other_means_is_not_recorded(self, story):
        story.copy("users.csv")
        story.scan()

        assert self.changes(story) == {}

    def test_what_could_not_be_written_is_asked_for_again(self, story):
        story.send("users.csv")

        assert story.folder.unrecorded() == story.folder.unrecorded() != {}


NAMES = st.sampled_from(
    ["users.csv", "courses.csv", "a/b.csv", "x.part", ".done", "users.csv.done"]
)


class AnyOrder(RuleBasedStateMachine):
    """Whatever clients do in whatever order, no file is sealed that nobody finished."""

    @initialize()
    def begin(self):
        self.story = Story()
        self.open: list[Upload] = []

    @rule(name=NAMES)
    def open_(self, name):
        self.open.append(self.story.open(name))

    @rule(index=st.integers(0, 5), well=st.booleans())
    def end(self, index, well):
        if index < len(self.open):
            upload = self.open.pop(index)
            if upload.name is not None:
                (self.story.close if well else self.story.lose)(upload)

    @rule(index=st.integers(0, 5))
    def write(self, index):
        if index < len(self.open):
            self.open[index].writes += 1

    @rule(old=NAMES, new=NAMES)
    def rename(self, old, new):
        if old in self.story.disk and old != new:
            self.story.rename(old, new)

    @rule(name=NAMES)
    def remove(self, name):
        if name in self.story.disk:
            self.story.remove(name)

    @rule(name=NAMES, size=st.integers(0, 3))
    def copy(self, name, size):
        self.story.copy(name, size=size)
        self.story.scan()

    @rule(seconds=st.sampled_from([1.0, SETTLE, PATIENCE]))
    def wait(self, seconds):
        self.story.later(seconds)

    @rule()
    def seal(self):
        verdict = self.story.verdict
        if isinstance(verdict, Seal):
            taken = {*verdict.files, *verdict.markers, *(cut.name for cut in verdict.unfinished)}
            for name in taken:
                del self.story.disk[name]
            self.story.folder.released(verdict)

    @invariant()
    def nothing_half_written_is_taken(self):
        verdict = self.story.verdict
        if isinstance(verdict, Seal):
            writing = {each.name for each in self.open if not each.overtaken and not each.revoked}
            assert not writing & {*verdict.files, *verdict.markers}
            assert verdict.files or verdict.unfinished
            assert bool(verdict.unfinished) == (verdict.why is Why.ABANDONED)

    @invariant()
    def the_folder_and_the_disk_agree(self):
        assert set(self.story.disk) == {name for name, _ in self.story.folder}


TestAnyOrder = AnyOrder.TestCase
