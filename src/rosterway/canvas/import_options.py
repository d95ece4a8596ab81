"""What a SIS import can be asked to do, and which wishes Canvas would not do as they are meant.

Facts: canvas-lms `sis_imports_api_controller.rb` (create), `app/models/sis_batch.rb`. Checked here,
before anything is sent, because Canvas checks some of it only after the import exists, which then
stays `initializing` for good, and passes over the rest without a word.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from rosterway.errors import UsageError


class Drop(StrEnum):
    """What Canvas's diff makes of an enrollment that is no longer in the file."""

    DELETED = "deleted"
    COMPLETED = "completed"
    INACTIVE = "inactive"
    DELETED_LAST_COMPLETED = "deleted_last_completed"


class UserRemoval(StrEnum):
    """What Canvas's diff makes of a user who is no longer in the file (2023 and later)."""

    DELETED = "deleted"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The parameters of a SIS import; what is left at its default is not sent.

    Raises:
        UsageError: together they would not do what they say.
    """

    import_type: str | None = None  # Canvas's own default is the only one on a stock install
    extension: str | None = None  # read only with a raw body; ours has a file name
    batch_mode: bool = False
    batch_mode_term_id: str | None = None
    batch_mode_enrollment_drop_status: Drop | None = None
    multi_term_batch_mode: bool = False
    skip_deletes: bool = False
    override_sis_stickiness: bool = False
    add_sis_stickiness: bool = False
    clear_sis_stickiness: bool = False
    update_sis_id_if_login_claimed: bool = False
    diffing_data_set_identifier: str | None = None
    diffing_remaster_data_set: bool = False
    diffing_drop_status: Drop | None = None
    diffing_user_remove_status: UserRemoval | None = None
    change_threshold: int | None = None
    diff_row_count_threshold: int | None = None

    def __post_init__(self) -> None:
        wrong = [words for breaks, words in _RULES if breaks(self)]
        if wrong:
            raise UsageError(
                "These options of a SIS import do not go together: " + "; ".join(wrong),
                remedy="Change the feed's settings.",
            )

    def form(self) -> list[tuple[str, str]]:
        """The form fields to send.

        False is left out, never written as "false": Canvas asks of `multi_term_batch_mode` only
        whether it is there, and takes "false" for a yes.
        """
        values = ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        return [
            (name, "true" if value is True else str(value))
            for name, value in values
            if value is not None and value is not False
        ]

    @property
    def compares(self) -> bool:
        """Whether Canvas itself compares the files with those of an earlier import."""
        return self.diffing_data_set_identifier is not None

    @property
    def cleans_up(self) -> bool:
        """Whether Canvas removes what the files do not have, once the rows are in."""
        return self.batch_mode or self.multi_term_batch_mode


_Breaks = Callable[[ImportOptions], bool]

#: What breaks -> why it would not do what it says.
_RULES: tuple[tuple[_Breaks, str], ...] = (
    (
        lambda o: o.batch_mode and not o.batch_mode_term_id,
        "batch_mode needs batch_mode_term_id",
    ),
    (
        lambda o: o.multi_term_batch_mode and o.change_threshold is None,
        "multi_term_batch_mode needs change_threshold",
    ),
    (
        lambda o: o.batch_mode and o.multi_term_batch_mode,
        "batch_mode and multi_term_batch_mode exclude each other",
    ),
    (
        lambda o: bool(o.batch_mode_term_id) and not o.batch_mode,
        "batch_mode_term_id needs batch_mode",
    ),
    (
        lambda o: o.batch_mode_enrollment_drop_status is not None and not o.cleans_up,
        "batch_mode_enrollment_drop_status needs a batch mode",
    ),
    (
        lambda o: o.batch_mode_enrollment_drop_status is Drop.DELETED_LAST_COMPLETED,
        "Canvas's clean-up does not know deleted_last_completed",
    ),
    (
        lambda o: o.compares and o.cleans_up,
        "Canvas ignores diffing_data_set_identifier in a batch mode",
    ),
    (
        lambda o: o.compares and not 0 < len(o.diffing_data_set_identifier or "") <= 128,
        "diffing_data_set_identifier has 1 to 128 characters",
    ),
    (
        lambda o: (
            not o.compares
            and bool(
                o.diffing_remaster_data_set
                or o.diffing_drop_status
                or o.diffing_user_remove_status
                or o.diff_row_count_threshold is not None
            )
        ),
        "the diffing options need diffing_data_set_identifier",
    ),
    (
        lambda o: (
            (o.add_sis_stickiness or o.clear_sis_stickiness) and not o.override_sis_stickiness
        ),
        "stickiness is added or cleared only together with override_sis_stickiness",
    ),
    (
        lambda o: o.add_sis_stickiness and o.clear_sis_stickiness,
        "add_sis_stickiness and clear_sis_stickiness exclude each other",
    ),
    (
        lambda o: o.change_threshold is not None and not 1 <= o.change_threshold <= 100,
        "change_threshold is a percentage from 1 to 100",
    ),
    (
        lambda o: o.change_threshold is not None and not o.compares and not o.cleans_up,
        "change_threshold needs diffing or a batch mode",
    ),
    (
        lambda o: o.diff_row_count_threshold is not None and o.diff_row_count_threshold < 1,
        "diff_row_count_threshold is above 0",
    ),
)
