"""Holds and the people who answer for them: each is registered before it is made, changed or ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.errors import BadInput, EdgecamError, MediaFailing, Unavailable
from edgecam.custody.evidence.account import Account, Accounting, Period, period_of, wall_time
from edgecam.custody.evidence.export import refuse_nothing
from edgecam.custody.register.erasures import register_hold_erasure
from edgecam.custody.register.formfields import FormFields
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.ringbuffer.format import EpochSlot, SegmentHeader
from edgecam.ringbuffer.holdcopy import HoldCopy, HoldPlan, plan_hold
from edgecam.ringbuffer.holdrecord import HoldRecord, HoldTerm, HoldWhy, check_text
from edgecam.ringbuffer.holdstore import HoldEnd, HoldErasure, HoldStore
from edgecam.ringbuffer.lifetime import hold_age_ns, rest_of_life_ns
from edgecam.ringbuffer.medium import Medium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention

MAX_LIFE_NS = 3650 * NS_PER_DAY
REVIEW_EVERY_NS = 30 * NS_PER_DAY


@dataclass(frozen=True, slots=True)
class HoldEndTime:
    """When a hold is to end: at a wall time, or after a length of time from now on; one of the two."""

    until_wall_ns: int | None = None
    for_ns: int | None = None

    def rest_ns(self, now: Instant) -> int:
        """From ``now`` to the end. Raises: BadInput for an end that cannot be, or that this clock cannot know."""
        if self.until_wall_ns is not None and self.for_ns is not None:
            raise BadInput("--until and --for say the same thing", do="give one of them")
        if self.for_ns is not None:
            return self.for_ns
        if self.until_wall_ns is None:
            raise BadInput("the end is missing", do="give --until or --for")
        if now.trust is TimeTrust.UNSET:
            raise BadInput(
                "this camera's clock was never set, so it cannot know when that date comes",
                do="say how long instead: --for 90d",
                safe="nothing was changed",
            )
        return self.until_wall_ns - now.wall_ns


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """What to hold, why, and until when; ``None`` is until the original's life is over.

    ``affiliation`` is where who decides belongs and as what.
    """

    from_wall_ns: int
    to_wall_ns: int
    why: HoldWhy
    end: HoldEndTime | None = None
    review_every_ns: int = REVIEW_EVERY_NS
    affiliation: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A hold as it is at ``now``, ``age_ns`` after it was made."""

    record: HoldRecord
    size_bytes: int
    age_ns: int
    now: Instant

    @property
    def ended(self) -> bool:
        return self.age_ns >= self.record.term.life_ns

    @property
    def review_is_due(self) -> bool:
        return self.age_ns >= self.record.term.review_due_ns

    def at_wall_ns(self, age_ns: int) -> int:
        """The wall time, to the second and by the clock as it is now, at which the hold has the age ``age_ns``."""
        # A clock that is set right every hour would tell another millisecond each time.
        return round((self.now.wall_ns + age_ns - self.age_ns) / NS_PER_S) * NS_PER_S

    def told(self, age_ns: int) -> str:
        """The same for a person or the register; a clock that was never set tells days instead."""
        if self.now.trust is TimeTrust.UNSET:
            return f"{age_ns / NS_PER_DAY:.1f} days after it was made"
        return wall_time(self.at_wall_ns(age_ns))


@dataclass(frozen=True, slots=True)
class Placed:
    """A new hold, and what it holds. ``damaged`` was in the ring and does not authenticate any more."""

    standing: Standing
    account: Account
    damaged: tuple[Period, ...]


class Holds:
    """The holds of one camera. `tend` is the recorder's, the rest the command line's; each call stands alone."""

    def __init__(self, store: HoldStore, register: Register, retention: Retention, clock: Clock) -> None:
        self.store = store
        self._register, self._retention, self._clock = register, retention, clock

    def place(
        self, ring: Medium, order: HoldOrder, on_segment: Callable[[SegmentHeader], None] = lambda header: None
    ) -> Placed:
        """Copy the range out of the ring on ``ring``, beside whoever writes it.

        A failure leaves no hold, and the register says that it failed. Raises: BadInput when reason or name are
        missing, nothing lies in the range, or it would last too long or does not fit into the quota; DataLoss when
        nothing of it can be read; MediaFailing; Unavailable.
        """
        order.why.check()
        now, reader = self._clock.now(), RingReader(ring, self._retention, self._clock.now)
        refuse_nothing(reader, order.from_wall_ns, order.to_wall_ns)
        plan = plan_hold(reader, order.from_wall_ns, order.to_wall_ns)
        if plan is None:
            raise BadInput("the footage in that range was erased just now", safe="nothing is held")
        record = self._record(reader, plan, order, now)
        with self.store.room(now, plan.size_bytes, self._note_erasure(order.why.decided_by)) as (hold_id, medium):
            record = replace(record, hold_id=hold_id)
            asked = Standing(record, plan.size_bytes, 0, now)
            with self._registered(self._write_order(asked, order.affiliation)) as outcome:
                accounting = Accounting()

                def count(header: SegmentHeader) -> None:
                    accounting.take(header)
                    on_segment(header)

                copy = HoldCopy(ring, reader, medium, record, self.store.sign, count)
                record = copy.run(plan, order.from_wall_ns, order.to_wall_ns)
                outcome |= _counted(record)
        damaged = tuple(period_of(header) for header in copy.damaged)
        return Placed(replace(asked, record=record), accounting.account(), damaged)

    def standing(self, epochs: Sequence[EpochSlot]) -> list[Standing]:
        """Every whole hold; ``epochs`` are the live ones of the ring. Raises: MediaFailing."""
        now = self._clock.now()
        return [
            # Its name counts, not what its record says: a file that somebody copied is a hold of its own, and ends.
            Standing(
                replace(hold.record, hold_id=hold.hold_id),
                hold.size_bytes,
                hold_age_ns(hold.record, epochs, now),
                now,
            )
            for hold in self.store.kept()
            if hold.record is not None
        ]

    def find(self, hold_id: str, epochs: Sequence[EpochSlot]) -> Standing:
        """The hold of that id. Raises: BadInput when there is none or it has ended, MediaFailing."""
        standing = self.standing(epochs)
        found = next((held for held in standing if held.record.hold_id == hold_id and not held.ended), None)
        if found is None:
            there = ", ".join(held.record.hold_id for held in standing if not held.ended) or "none"
            raise BadInput(f"there is no hold {hold_id!r}", do=f"there is {there}")
        return found

    def extend(
        self,
        hold_id: str,
        epochs: Sequence[EpochSlot],
        end: HoldEndTime,
        by: str,
        reason: str,
        affiliation: str = "",
    ) -> Standing:
        """Let it end at ``end``, later or earlier than before; the original's end stays as it was.

        Raises: BadInput, Unavailable while another process changes it, MediaFailing.
        """
        _require(by, reason)
        held = self.find(hold_id, epochs)
        life_ns = held.age_ns + _positive(end.rest_ns(held.now))
        _check_life_ns(life_ns)
        detail = _belonging(affiliation) | {
            "change": "end",
            "end_before": held.told(held.record.term.life_ns),
            "end": held.told(life_ns),
        }
        return self._change(held, lambda term: replace(term, life_ns=life_ns), by, reason, detail)

    def review(
        self, hold_id: str, epochs: Sequence[EpochSlot], by: str, note: str, affiliation: str = ""
    ) -> Standing:
        """Somebody looked and it is still needed; the next review is due one interval from now.

        Raises: as `extend`.
        """
        _require(by, note)
        held = self.find(hold_id, epochs)
        due_ns = held.age_ns + held.record.term.review_every_ns
        detail = _belonging(affiliation) | {"change": "review", "review_due": held.told(due_ns)}

        def reviewed(term: HoldTerm) -> HoldTerm:
            return replace(term, review_due_ns=due_ns, reviewed_by=by, review_note=note)

        return self._change(held, reviewed, by, note, detail)

    def release(self, hold_id: str, by: str, reason: str, affiliation: str = "") -> HoldErasure:
        """End it now, for good.

        Raises: BadInput, Unavailable while another process changes it, MediaFailing, also when a key could still
        be read back.
        """
        _require(by, reason)
        _, record = self.store.find(hold_id)
        detail = _belonging(affiliation) | {"hold": hold_id}
        line = self._register.write(Act.RELEASE, who=by, purpose=reason, footage=_footage(record), detail=detail)
        with self._registered(line) as outcome:
            erasure = self.store.erase(hold_id, HoldEnd.RELEASED, self._note_erasure(by))
            outcome["verified"] = str(erasure.verified)
        if not erasure.verified:
            raise MediaFailing(
                f"the key of the hold {hold_id} could still be read back after it was destroyed",
                do="destroy the medium physically",
            )
        return erasure

    def tend(self, epochs: Sequence[EpochSlot], who: str) -> list[HoldErasure]:
        """Erase what a power cut left half made or half erased, and what has ended; what somebody works on waits.

        Raises: MediaFailing, DataLoss when the register's end is not this camera's.
        """
        erased: list[HoldErasure] = []
        note = self._note_erasure(who)

        def tell(erasure: HoldErasure) -> None:
            note(erasure)
            erased.append(erasure)

        self.store.erase_leftovers(tell)
        refused: MediaFailing | None = None
        for held in self.standing(epochs):
            try:
                if held.ended:
                    self.store.erase(held.record.hold_id, HoldEnd.EXPIRED, tell)
            except Unavailable:
                continue
            except MediaFailing as failing:
                refused = failing  # the others do not wait for it
        if refused is not None:
            raise refused
        return erased

    def erase_all(self, who: str) -> list[HoldErasure]:
        """Before a disposal. Raises: Unavailable when somebody works on one, MediaFailing."""
        erased: list[HoldErasure] = []
        note = self._note_erasure(who)

        def tell(erasure: HoldErasure) -> None:
            note(erasure)
            erased.append(erasure)

        self.store.erase_all(tell)
        return erased

    def _record(self, reader: RingReader, plan: HoldPlan, order: HoldOrder, now: Instant) -> HoldRecord:
        original_ns = rest_of_life_ns(reader.dated(), plan.first_epoch, now)
        if not original_ns:
            raise BadInput("that footage is past its time", safe="nothing is held")
        life_ns = original_ns if order.end is None else _positive(order.end.rest_ns(now))
        _check_life_ns(life_ns)
        term = HoldTerm(original_ns, life_ns, order.review_every_ns, order.review_every_ns)
        return HoldRecord(
            hold_id="",
            ring_id=reader.superblock.ring_id,
            created=now,
            newest_epoch=plan.newest_epoch,
            first_epoch=plan.first_epoch,
            last_epoch=plan.last_epoch,
            from_wall_ns=plan.from_wall_ns,
            to_wall_ns=plan.to_wall_ns,
            why=order.why,
            term=term,
        )

    def _write_order(self, asked: Standing, affiliation: str) -> RegisterLine:
        record, why, term = asked.record, asked.record.why, asked.record.term
        told = {
            "hold": record.hold_id,
            "original_end": asked.told(term.original_life_ns),
            "end": asked.told(term.life_ns),
            "review_due": asked.told(term.review_due_ns),
            "asked_by": why.asked_by,
            "case": why.case,
            "note": why.note,
        }
        detail = _belonging(affiliation) | {name: text for name, text in told.items() if text}
        return self._register.write(
            Act.HOLD, who=why.decided_by, purpose=why.reason, footage=_footage(record), detail=detail
        )

    def _change(
        self, held: Standing, change: Callable[[HoldTerm], HoldTerm], by: str, reason: str, detail: dict[str, str]
    ) -> Standing:
        hold_id = held.record.hold_id
        line = self._register.write(
            Act.HOLD, who=by, purpose=reason, footage=_footage(held.record), detail={"hold": hold_id, **detail}
        )
        with self._registered(line):
            record = self.store.rewrite(hold_id, lambda record: replace(record, term=change(record.term)))
        return replace(held, record=record)

    @contextmanager
    def _registered(self, line: RegisterLine) -> Iterator[dict[str, str]]:
        """Complete ``line`` with how its act ended."""
        outcome = {"outcome": "done"}
        try:
            yield outcome
            self._register.complete(line, outcome)
        except EdgecamError as failed:
            # The open line already tells what was begun; what must reach the caller is the failure itself.
            with suppress(MediaFailing):
                self._register.complete(line, {"outcome": "failed", "reason": failed.what})
            raise

    def _note_erasure(self, who: str) -> Callable[[HoldErasure], None]:
        return lambda erasure: register_hold_erasure(self._register, erasure, who)


def _positive(rest_ns: int) -> int:
    if rest_ns <= 0:
        raise BadInput("that end is in the past", do="name one in the future", safe="nothing was changed")
    return rest_ns


def _check_life_ns(life_ns: int) -> None:
    if life_ns > MAX_LIFE_NS:
        raise BadInput("a hold lasts ten years at most", do="name an earlier end", safe="nothing was changed")


def _require(by: str, reason: str) -> None:
    HoldWhy(reason, by).check()
    check_text(reason)


def _belonging(affiliation: str) -> dict[str, str]:
    return FormFields(affiliation=affiliation).detail()


def _footage(record: HoldRecord) -> tuple[int, int]:
    return record.from_wall_ns, record.to_wall_ns


def _counted(record: HoldRecord) -> dict[str, str]:
    count = record.count
    return {"segments": str(count.kept), "damaged": str(count.damaged), "erased_meanwhile": str(count.erased)}
