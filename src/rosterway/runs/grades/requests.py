"""What asks for a run of grades: each is a fact in the store, for which the conductor begins the work.

This is the seam for the doors. A request that has not ended is not made twice: who presses again is
shown the run that is under way. A course has one run at a time; what a person asks for goes before
what a schedule has asked for and nobody has begun.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from rosterway.passback.ledger import Key
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import GRADES, RECONCILE, ROUND, Asked, Preview
from rosterway.runs.office import APPLICATION_VERSION
from rosterway.runs.stages import Stage
from rosterway.store import runs, stages
from rosterway.store.grade_plans import GradePlan
from rosterway.store.runs import EVERY_COURSE, Outcome, Run, Trigger
from rosterway.store.walls import TenantStore


def request_sync(
    handle: TenantStore,
    course: str,
    *,
    by: str,
    assignments: Iterable[str] = (),
    sections: Iterable[str] = (),
    preview: bool = False,
    remaster: bool = False,
    approved: bool = False,
    now: datetime,
) -> Run:
    """Ask for a course's grades to be sent to its SIS.

    Args:
        handle: the tenant's.
        course: its Canvas id (`courses.canvas_id` finds it by `sis_course_id:…`).
        by: the operator who asks.
        assignments: Canvas ids; empty: all that are flagged Sync to SIS.
        sections: Canvas ids of sections; empty: all.
        preview: show what would be sent, and wait for a yes.
        remaster: send what the SIS has accepted as well, and forget no difference.
        approved: the operator says yes to whatever it will be; it is written in the audit log.
        now: this moment.
    """
    asked = Asked(
        assignments=tuple(sorted(assignments)),
        sections=tuple(sorted(sections)),
        preview=Preview.ALWAYS if preview else Preview.AS_SET,
        remaster=remaster,
        approved_by=by if approved else "",
        by=by,
    )
    return _request(handle, GRADES, course, asked, Trigger.HAND, now.isoformat(), now)


def request_again(
    handle: TenantStore, course: str, places: Iterable[Key], *, by: str, now: datetime
) -> Run:
    """Ask for single places of a gradebook to be sent again: what failed, or what a person chose.

    A place is (class, assignment, user); with user "" it is the assignment and all its grades.
    """
    asked = Asked(only=tuple(sorted(places)), by=by)
    return _request(handle, GRADES, course, asked, Trigger.HAND, now.isoformat(), now)


def request_repair(
    handle: TenantStore,
    course: str,
    places: Iterable[Key],
    *,
    overwrite: bool = False,
    by: str,
    now: datetime,
) -> Run:
    """Ask for chosen differences of a reconciliation to be ended: the SIS is to say what Canvas says.

    Who chose them has seen both sides, and says yes to them; with `overwrite` also to those where
    somebody has changed the grade in the SIS.
    """
    asked = Asked(
        only=tuple(sorted(places)), repair=True, overwrite=overwrite, approved_by=by, by=by
    )
    return _request(handle, GRADES, course, asked, Trigger.HAND, now.isoformat(), now)


def request_reconcile(handle: TenantStore, course: str, *, by: str, now: datetime) -> Run:
    """Ask for a course's grades to be compared with what its SIS has; nothing is changed."""
    return _request(handle, RECONCILE, course, Asked(by=by), Trigger.HAND, now.isoformat(), now)


def request_round(handle: TenantStore, *, moment: datetime, now: datetime) -> Run:
    """Ask for the courses to be synced that a schedule syncs at this moment."""
    return _request(handle, ROUND, EVERY_COURSE, Asked(), Trigger.SCHEDULE, moment.isoformat(), now)


def request_scheduled(handle: TenantStore, course: str, *, moment: str, now: datetime) -> Run:
    """Ask for one of the courses of a round; asked again, it is the same run."""
    return _request(handle, GRADES, course, Asked(), Trigger.SCHEDULE, moment, now)


def request_carrying_out(handle: TenantStore, plan: GradePlan, *, by: str, now: datetime) -> Run:
    """Ask for a grade plan that has been approved to be carried out."""
    asked = asked_of(handle, runs.get(handle, plan.run))
    asked = msgspec.structs.replace(
        asked, plan=plan.id, by=by, approved_by="", preview=Preview.AS_SET
    )
    return _request(handle, GRADES, plan.course, asked, Trigger.APPROVAL, plan.id, now)


def asked_of(handle: TenantStore, run: Run) -> Asked:
    """What a run was asked to do."""
    return files.read(handle, run.id, files.ASKED, Asked)


def _request(
    handle: TenantStore,
    kind: str,
    course: str,
    asked: Asked,
    trigger: Trigger,
    occasion: str,
    now: datetime,
) -> Run:
    blob = handle.blobs.put_bytes(msgspec.json.encode(asked))
    with handle.together() as tx:
        if trigger is Trigger.HAND:
            for going in runs.latest(tx, course=course, kind=kind, unfinished=True):
                if going.trigger is Trigger.HAND and asked_of(tx, going).is_same(asked):
                    return going
                if going.trigger is Trigger.SCHEDULE and going.started_at is None:
                    reason = f"{asked.by} asked for the course before its turn came."
                    runs.end(tx, going.id, outcome=Outcome.SUPERSEDED, reason=reason, now=now)
        run = runs.request(
            tx,
            kind=kind,
            course=course,
            trigger=trigger,
            occasion=occasion,
            application_version=APPLICATION_VERSION,
            now=now,
        )
        if not files.has(tx, run.id, files.ASKED):
            stages.attach(tx, run.id, files.ASKED, blob, stage=Stage.FETCH_SNAPSHOT, now=now)
        return run
