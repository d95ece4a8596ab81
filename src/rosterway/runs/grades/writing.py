"""Line items and results sent to the SIS, with the ledger told before and after.

Guarantees, whatever happens in between: what is sent was on record as intended; what was only
intended when a run was cut off, or got no answer, is read back before it is sent again; what the run
has had answered is not sent again by it; nothing is sent without the lease, or in quiet hours.

Both posting steps are this, once with line items and once with results.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from rosterway.errors import ConflictError, RemoteError, UnreachableError
from rosterway.formats.oneroster.gradebook import LineItem
from rosterway.oneroster.gradebook_writes import Outcome, Written
from rosterway.passback import ledger as entries
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.explain import UNANSWERED, Explanation, Refusal, explain
from rosterway.passback.ledger import Entry, Key, fingerprint
from rosterway.passback.likely import Refused, with_causes
from rosterway.passback.rules import Rules
from rosterway.runs.grades import quiet
from rosterway.runs.grades.pieces import Answers, Parcel, Piece, ReadBack, raw_of
from rosterway.runs.grades.posting import Batch, post
from rosterway.runs.grades.sis import Sis
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.moments import GradeMoment, passing
from rosterway.runs.stages import Stage
from rosterway.store import ledger, stages
from rosterway.store.walls import TenantStore

#: How often what got no answer is read back and sent again, within one step.
_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known around the pieces, for the likely causes of a refusal."""

    profile: str
    rules: Rules
    classes: Mapping[str, ClassGradebook]
    line_items: Mapping[tuple[str, str], LineItem] = field(
        default_factory=dict[tuple[str, str], LineItem]
    )


@dataclass(slots=True, kw_only=True)
class Writing:
    """One posting step under way."""

    sync: Syncing
    sis: Sis
    stage: Stage
    around: Around
    read_back: ReadBack
    packed: Callable[[Sequence[Piece]], list[Parcel]]
    post_many: Callable[[Parcel, str], Awaitable[Answers]] | None = None
    of: int = 0
    _done: int = 0
    _refused: int = 0
    _attached: int = 0
    _lost: int = 0
    _intended: dict[Key, Entry] = field(default_factory=dict[Key, Entry])
    _stop: RemoteError | None = None

    async def send(self, pieces: Sequence[Piece]) -> None:
        """Send what this run has not had answered yet; all that was answered is then on record.

        Raises:
            RemoteError: the SIS cannot be reached, or does not let us in.
            ConflictError: another worker has the run.
            QuietHoursError: nothing is sent just now.
        """
        self.of = len(pieces)
        if not pieces:
            return
        for _ in range(_ROUNDS):
            known = self._known()
            left = [piece for piece in pieces if not self._is_answered(piece, known)]
            self._done = len(pieces) - len(left)
            if not left:
                return
            self._lost = 0
            await self._send(await self._without_doubt(left, known))
            if not self._lost:
                return

    async def _send(self, pieces: Sequence[Piece]) -> None:
        if not pieces:
            return
        quiet.check(self.sync)
        parcels = self.packed(pieces)
        size = max(len(parcel) for parcel in parcels)
        unsent = await post(
            parcels,
            send=self._write,
            record=self._record,
            goes_on=self._goes_on,
            in_flight=self.sis.in_flight,
            batch=max(1, self.sync.grades.batch // size),
        )
        if unsent:
            with self.sync.handle.together() as tx:
                self._take_back(tx, [piece for parcel in unsent for piece in parcel])
        if self._stop is not None:
            raise self._stop
        quiet.check(self.sync)

    # Before it is sent

    def _known(self) -> dict[Key, Entry]:
        found = ledger.of_course(self.sync.handle, self.sync.course)
        return {entry.key: entry for entry in found}

    def _is_answered(self, piece: Piece, known: Mapping[Key, Entry]) -> bool:
        """Whether the SIS has answered just this to this run."""
        entry, since = known.get(piece.key), self.sync.run.started_at
        return (
            entry is not None
            and not entry.is_in_doubt
            and entry.sent == fingerprint(piece.told)
            and entry.at is not None
            and since is not None
            and entry.at >= since
        )

    async def _without_doubt(
        self, pieces: Sequence[Piece], known: Mapping[Key, Entry]
    ) -> list[Piece]:
        """The pieces that are to be sent: of those in doubt, only what the SIS does not have."""
        given = [replace(piece, was=known.get(piece.key)) for piece in pieces]
        doubtful = [one for one in given if one.entry.is_in_doubt and not one.deletes]
        if not doubtful:
            return given
        self.sync.say(f"Reading back {len(doubtful):,} that nobody has answered for")
        seen = await self.read_back(doubtful)
        now = self.sync.now()
        settled: list[Entry] = []
        left: list[Piece] = []
        for piece in given:
            entry, found = piece.entry, seen.get(piece.key)
            if piece not in doubtful:
                left.append(piece)
            elif found is None:
                # Under an id of ours it lands where the first one did, if that one landed.
                if piece.noun.sourced_id:
                    left.append(piece)
                else:
                    settled.append(entries.lost(entry, UNANSWERED.of(), now))
            elif found.agrees:
                settled.append(entries.confirmed(entry, piece.told, found.sourced_id, now))
            else:
                is_there = found.sourced_id or piece.noun.sourced_id
                noun = msgspec.structs.replace(piece.noun, sourced_id=is_there)
                left.append(replace(piece, noun=noun))
        self.sync.hold_on()
        ledger.put(self.sync.handle, self.sync.course, settled)
        passing(GradeMoment.PUTS_READ_BACK)
        return left

    # While it is sent

    async def _write(self, parcel: Parcel) -> Answers:
        moment = _stamp(self.sync.now())
        if len(parcel) > 1 and self.post_many is not None:
            return await self.post_many(parcel, moment)
        (piece,) = parcel
        if piece.deletes:
            return [await self.sis.writer.delete(piece.noun)]
        return [await self.sis.writer.put(piece.noun, moment)]

    def _goes_on(self, answers: Answers) -> bool:
        """Whether others may be sent: not where these could not be, nor into quiet hours."""
        stopping = next((one for one in answers if _is_not_sent(one)), None)
        if stopping is not None:
            nothing = UnreachableError("The SIS took nothing.", system="sis")
            self._stop = stopping.error or nothing
        return self._stop is None and not quiet.is_quiet(self.sync)

    def _record(self, batch: Batch[Parcel, Answers]) -> None:
        """Write down what was answered and what is sent next, together, under the lease."""
        now = self.sync.now()
        pairs = [
            pair for parcel, answers in batch.answered for pair in zip(parcel, answers, strict=True)
        ]
        told = [
            self._told(piece, written, now) for piece, written in pairs if not _is_not_sent(written)
        ]
        intents = [
            entries.intended(piece.entry, piece.told, now)
            for parcel in batch.next
            for piece in parcel
        ]
        raw = [raw_of(piece.key, one.exchange) for piece, one in pairs if _is_odd(one)]
        blob = self.sync.handle.blobs.put_bytes(msgspec.json.encode(raw)) if raw else None
        self._done += len(told)
        self._refused += sum(1 for _, one in pairs if one.outcome is Outcome.REFUSED)
        self._lost += sum(1 for _, one in pairs if one.outcome is Outcome.UNKNOWN)
        run = self.sync.run
        with self.sync.handle.together() as tx:
            if not self.sync.office.claim(tx, run):
                raise ConflictError(f"another worker has the run {run.id}")
            ledger.put(tx, self.sync.course, [*told, *intents])
            self._take_back(tx, [piece for piece, written in pairs if _is_not_sent(written)])
            note = f"{self._refused:,} refused" if self._refused else ""
            stages.progress(tx, run.id, done=self._done, of=self.of, note=note, now=now)
            if blob is not None:
                self._attached += 1
                name = f"exchanges/{self.stage}-{now:%H%M%S%f}-{self._attached}.json"
                stages.attach(tx, run.id, name, blob, stage=self.stage, now=now)
        self._intended.update((entry.key, entry) for entry in intents)
        passing(GradeMoment.PUTS_ANSWERED if pairs else GradeMoment.PUTS_INTENDED)

    def _take_back(self, tx: TenantStore, pieces: Sequence[Piece]) -> None:
        """Have the ledger as it was, where nothing was sent."""
        if not pieces:
            return
        ledger.put(tx, self.sync.course, [piece.was for piece in pieces if piece.was is not None])
        ledger.remove(tx, self.sync.course, [piece.key for piece in pieces if piece.was is None])

    def _told(self, piece: Piece, written: Written, now: datetime) -> Entry:
        entry = self._intended.pop(piece.key)
        match written.outcome:
            case Outcome.ACCEPTED:
                return entries.accepted(entry, piece.told, written.sourced_id, now)
            case Outcome.REFUSED:
                said = self._explained(piece, written)
                reason = said.likely[0] if said.likely else said.reason
                return entries.refused(entry, reason, now, written.words, said.likely)
            case _:
                return entries.lost(entry, UNANSWERED.of(), now)

    def _explained(self, piece: Piece, written: Written) -> Explanation:
        """Why it was refused: what the words say, and if they say little the likely causes."""
        class_id, assignment, _ = piece.key
        refusal = Refusal(
            profile=self.around.profile,
            status=written.status,
            words=written.words,
            codes=written.codes,
        )
        refused = Refused(
            noun=piece.noun,
            of_class=self.around.classes.get(class_id) or ClassGradebook(class_id=class_id),
            rules=self.around.rules,
            zone=self.sync.zone,
            line_item=self.around.line_items.get((class_id, assignment)),
            status=written.status,
        )
        return with_causes(explain(refusal), refused)


def _is_not_sent(written: Written) -> bool:
    """Whether nothing can have been done, and nothing else will be either."""
    is_shut_out = written.error is not None and written.error.status == 401
    return written.outcome is Outcome.NOT_SENT or is_shut_out


def _is_odd(written: Written) -> bool:
    return written.outcome in {Outcome.REFUSED, Outcome.UNKNOWN}


def _stamp(now: datetime) -> str:
    """A moment in ISO 8601 and UTC, to the millisecond."""
    return f"{now.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
