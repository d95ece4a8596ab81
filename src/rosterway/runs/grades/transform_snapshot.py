"""Step 2, Transform Snapshot: an institution's own changes to what Canvas told, before it is used.

Declared rules in a file, or a Python function of an installed package under the entry point group
`own_transform.ENTRY_POINTS`. Without either the snapshot stays as it is. A function that fails, or
does what it may not, stops the sync before anything is sent.
"""

import tomllib
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

import msgspec

from rosterway.errors import ConfigError
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.own_transform import (
    ENTRY_POINTS,
    TransformSnapshot,
    breaches,
    with_marks,
)
from rosterway.passback.transform import Rule, apply_rules
from rosterway.runs.grades import files
from rosterway.runs.grades.course_grades import add_course_grades
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.stages import Stage
from rosterway.store import stages

#: What a file of rules ends in; any other `transform` is the name of an entry point.
FILE_OF_RULES = ".toml"
#: The rules' own notes, beside what they made.
NOTES = "transform-notes.json"


async def transform_snapshot(sync: Syncing) -> Gradebook:
    """Apply the institution's own rules and keep what comes of it with the run."""
    sync.enter(Stage.TRANSFORM_SNAPSHOT)
    gradebook = files.read(sync.handle, sync.run.id, files.SNAPSHOT, Gradebook)
    made, name = gradebook, sync.grades.transform
    if name is not None and name.endswith(FILE_OF_RULES):
        made, notes = apply_rules(gradebook, rules_in(sync.office.config_folder / name))
        blob = sync.handle.blobs.put_bytes(msgspec.json.encode(notes))
        stages.attach(
            sync.handle,
            sync.run.id,
            NOTES,
            blob,
            stage=Stage.TRANSFORM_SNAPSHOT,
            now=sync.now(),
        )
    elif name is not None:
        made = _called(name, _function(name), gradebook)
    if name is not None:
        made = with_marks(gradebook, made)
    made = add_course_grades(sync, made)
    sync.leave(
        Stage.TRANSFORM_SNAPSHOT,
        files.TRANSFORMED,
        made,
        counts={"assignments": len(made.assignments), "submissions": len(made.submissions)},
    )
    return made


def rules_in(path: Path) -> Sequence[Rule]:
    """The rules of a file: a TOML array of tables `[[transform]]`, each with its `rule`.

    Raises:
        ConfigError: it cannot be read, or holds what is no rule.
    """
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return msgspec.convert(document.get("transform", []), list[Rule])
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read.", remedy="Save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(
            f"{path} holds what is no transform: {error}.",
            remedy="The reference page on grade rules lists what there is.",
        ) from error


def _function(name: str) -> TransformSnapshot:
    found = next(iter(entry_points(group=ENTRY_POINTS, name=name)), None)
    if found is None:
        raise ConfigError(
            f"No installed package offers the transform {name}.",
            remedy=f"Install the package that has it in the group {ENTRY_POINTS}.",
        )
    return found.load()


def _called(name: str, function: TransformSnapshot, gradebook: Gradebook) -> Gradebook:
    remedy = "Mend it, then sync again; nothing has been sent."
    try:
        made = cast("object", function(gradebook))
    except Exception as error:
        raise ConfigError(
            f"The transform {name} failed: {type(error).__name__}.", remedy=remedy
        ) from error
    if not isinstance(made, Gradebook):
        raise ConfigError(
            f"The transform {name} gave {type(made).__name__} and no Gradebook.", remedy=remedy
        )
    if found := breaches(gradebook, made):
        raise ConfigError(
            f"The transform {name} did what it may not. {' '.join(found)}", remedy=remedy
        )
    return made
