"""What a run of grades was asked to do, kept with it as its first file."""

from enum import StrEnum

import msgspec

from rosterway.passback.ledger import Key

#: Kinds of run.
GRADES = "grades"  # a course's grades, sent to its SIS unless they must wait
RECONCILE = "reconcile"  # a course's grades compared with its SIS; nothing is changed
ROUND = "round"  # the courses a schedule syncs, each asked for by itself

KINDS = frozenset({GRADES, RECONCILE, ROUND})


class Preview(StrEnum):
    """When a person must see what would be sent, whatever the settings say."""

    AS_SET = "as-set"
    ALWAYS = "always"


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request.

    `assignments` are Canvas ids, `sections` Canvas ids of sections; empty: all. `only` are single
    places of the gradebook (class, assignment, user): those of a retry, or of a `repair`, which ends
    the differences there and, with `overwrite`, also over what somebody did in the SIS. `remaster`
    sends what the SIS has accepted as well. `approved_by` is an operator who has said yes to
    whatever it will be, `plan` the grade plan that is carried out, `by` who asked.
    """

    assignments: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    only: tuple[Key, ...] = ()
    remaster: bool = False
    repair: bool = False
    overwrite: bool = False
    preview: Preview = Preview.AS_SET
    approved_by: str = ""
    plan: str = ""
    by: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether a part of the course was asked for."""
        return bool(self.assignments or self.sections or self.only)

    def is_same(self, other: "Asked") -> bool:
        """Whether two people ask for the same."""
        return msgspec.structs.replace(self, by="") == msgspec.structs.replace(other, by="")

    def wants(self, key: Key) -> bool:
        """Whether a place of the gradebook was asked for; a line item goes with its grades."""
        class_id, assignment, user = key
        if self.assignments and assignment not in self.assignments:
            return False
        if not self.only:
            return True
        if user == "":
            return any(one[:2] == (class_id, assignment) for one in self.only)
        # An assignment's own failure kept all of its grades from being sent.
        return key in self.only or (class_id, assignment, "") in self.only
