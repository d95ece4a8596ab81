"""What the creator of an import chose, as it is stored before the import may start.

Facts: canvas-lms `app/controllers/sis_imports_api_controller.rb`, `SisBatch#as_json`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """None where Canvas says null; the names are those of the answer."""

    import_type: str = "instructure_csv"
    extension: str = "zip"
    batch_mode: bool | None = None
    batch_mode_term_id: int | None = None
    multi_term_batch_mode: bool | None = None
    skip_deletes: bool = False
    override_sis_stickiness: bool | None = None
    add_sis_stickiness: bool | None = None
    clear_sis_stickiness: bool | None = None
    update_sis_id_if_login_claimed: bool = False
    diffing_data_set_identifier: str | None = None
    diffing_remaster: bool | None = None
    diffing_drop_status: str | None = None
    diffing_user_remove_status: str | None = None
    batch_mode_enrollment_drop_status: str | None = None
    change_threshold: int | None = None
    diff_row_count_threshold: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """For storing."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """What `as_dict` gave."""
        return cls(**stored)
