"""A copy, in Canvas, of which category of the SIS an assignment group is in each class.

For who looks in Canvas and for other tools; ours is the one that is believed. Canvas merges what is
put into what is there (canvas-sis.md 6.3), so an association that was removed stays as an empty one.
A copy names its group: Canvas copies the data with a course.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.integration_data import Outcome, Target, Written, kept, shown, write
from rosterway.canvas.shapes import every, mapping
from rosterway.passback.categories import Association

_READING = Call("reading the assignment groups of a course", "read_sis")
_WRITING = Call("writing which category an assignment group is", "manage_sis")


async def mirror_associations(
    client: CanvasClient, course: str, associations: Iterable[Association]
) -> tuple[Written, ...]:
    """Write a course's associations, all there are, into its assignment groups.

    Groups that have none and never had are left alone. Doing it again is safe.

    Args:
        client: any account's.
        course: its Canvas id.
        associations: every association of the course; what is not among them was removed.

    Raises:
        RemoteError: see `failures`.
    """
    path = path_of("api", "v1", "courses", course, "assignment_groups")
    stored = {
        str(one.get("id")): shown(one)
        async for one in every(client, path, dict[str, Any], call=_READING)
    }
    wanted: dict[str, dict[str, str]] = defaultdict(dict)
    for one in associations:
        wanted[one.group][one.class_id] = one.category_id
    done = [Written(id=group, outcome=Outcome.GONE) for group in wanted if group not in stored]
    for group, data in stored.items():
        before = mapping(kept(data).get("categories"))
        now = dict.fromkeys(before, "") | wanted.get(group, {})
        if not now:
            continue
        if done and done[-1].outcome is Outcome.DROPPED:
            done.append(Written(id=group, outcome=Outcome.DROPPED))
            continue
        target = Target(id=group, path=f"{path}/{path_of(group)[1:]}", call=_WRITING)
        done.append(await write(client, target, data, {"group": group, "categories": now}))
    return tuple(done)
