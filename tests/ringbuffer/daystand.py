"""A simulated day of one camera: its clocks, its medium, and every trouble that can keep it from recording."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ringstand import CAMERA, INIT, RECIPIENTS, RamMedium

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import MediaFailing
from edgecam.core.frames import Fragment
from edgecam.core.timetable import Timetable
from edgecam.ringbuffer.badplaces import BadPlaces
from edgecam.ringbuffer.committer import RESERVE, Committer
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.gaps import Gap
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.stopnote import StopNote, cause_of_start
from edgecam.ringbuffer.writer import RingWriter, create_ring

# The clocks of this zone go forward seven hours after the day of the story begins.
ZONE = "America/New_York"
START_NS = int(datetime(2027, 3, 14, tzinfo=UTC).timestamp()) * NS_PER_S
DAY_NS = 86_400 * NS_PER_S
_KEPT = Retention(20, ZONE)
_MASK_HASH = hashlib.sha256(b"mask").digest()
_TEN_YEARS_NS = 3652 * DAY_NS
_UNSET_BEFORE_NS = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * NS_PER_S


class DayClock:
    """A full clock. ``true_ns`` is the story's time from its start; boots, sleep and a wall clock that lies."""

    def __init__(self) -> None:
        self.true_ns = 0
        self.boot, self.booted_ns, self.asleep_ns = 0, -500 * NS_PER_S, 0
        self.wall_error_ns, self.trust = 0, TimeTrust.SYNCED

    def now(self) -> Instant:
        wall_ns = START_NS + self.true_ns + self.wall_error_ns
        trust = TimeTrust.UNSET if wall_ns < _UNSET_BEFORE_NS else self.trust
        return Instant(wall_ns, self.mono_ns(), self.boot_id, trust)

    def mono_ns(self) -> int:
        return self.true_ns - self.booted_ns

    def slept_ns(self) -> int:
        return self.asleep_ns

    def sleep(self, duration_s: float) -> None:
        """The ring's thread waits; the story goes on elsewhere."""

    @property
    def boot_id(self) -> bytes:
        return bytes([self.boot]) * 16

    def start_anew(self) -> None:
        """Another boot, which began twenty seconds ago."""
        self.boot, self.booted_ns, self.asleep_ns = self.boot + 1, self.true_ns - 20 * NS_PER_S, 0


class DayMedium(RamMedium):
    """A medium that goes away, has a bad place, or takes its time; all openings of it share their bytes."""

    def __init__(self, image: bytearray, day: Day) -> None:
        super().__init__(0)
        self.image, self.refuse, self._day = image, self._refusal, day

    def flush(self) -> None:
        super().flush()
        self._day.clock.true_ns += self._day.flush_takes_ns

    def _refusal(self, verb: str, offset: int, size: int) -> MediaFailing | None:
        if self._day.medium_away:
            return MediaFailing("input/output error")
        bad = self._day.bad_at
        if verb == "write" and bad is not None and offset <= bad < offset + size:
            return MediaFailing("input/output error at one place")
        return None


@dataclass(frozen=True, slots=True)
class Expected:
    """A gap that a trouble must leave; ``length_ns`` is ``None`` for one that comes in pieces of any length."""

    cause: GapCause
    length_ns: int | None


class Day:
    """The real committer and writer over `DayMedium`, fed with one fragment every ``fragment_s`` seconds.

    ``expected`` grows with each trouble by the gaps it must leave.
    """

    def __init__(self, seed: int, fragment_s: float) -> None:
        self.chance = random.Random(seed)
        self.fragment_ns = round(fragment_s * NS_PER_S)
        self.clock = DayClock()
        self.medium_away, self.flush_takes_ns = False, 0
        self.bad_at: int | None = None
        self.hours = Timetable.parse([], ZONE)
        self.expected: list[Expected] = []
        self.registered: list[Gap] = []
        self._bad = BadPlaces()
        self._note: bytes | None = None
        self._filming, self._was_open, self._next_ns, self._number = True, True, 0, 0
        records = round(1.1 * DAY_NS / self.fragment_ns)
        self.image = bytearray(8192 + 5_000 * 4096 + records * 4096)
        create_ring(
            RamMediumOver(self.image),
            camera_public=CAMERA.public,
            sign=CAMERA.sign,
            retention=_KEPT,
            now=self.clock.now(),
        )
        self._boots: dict[bytes, int] = {}
        self._committer = self._start()

    def calm(self, seconds: float) -> None:
        """Go on for so long with whatever is the case now."""
        self._live_until(self.clock.true_ns + round(seconds * NS_PER_S))

    def end(self) -> None:
        """A planned stop, after which nothing comes."""
        self._committer.close()
        self._committer.run()

    def planned_stop(self) -> None:
        """`edgecam run` ends cleanly and is started again, now and then only after the power was cut as well."""
        self._finish_fragment()
        self._committer.close()
        self._committer.run()
        now, cause = self.clock.now(), self._committer.unfinished_cause
        cause = GapCause.PLANNED_STOP if cause is GapCause.NONE else cause
        self._note = StopNote(now.boot_id, now.mono_ns, cause).encode()
        self._dark(self._seconds(20, 1500), GapCause.PLANNED_STOP, anew=self.chance.random() < 0.3)

    def kill(self) -> None:
        """The process is gone in the middle of a fragment; nothing says goodbye."""
        self._dark(self._seconds(2, 20), GapCause.RESTART)

    def power_cut(self) -> None:
        self._dark(self._seconds(30, 2000), GapCause.POWER, anew=True)

    def power_cut_without_a_clock(self) -> None:
        """The board starts in 1970 and learns the time later: how long it was off is known only then."""
        off_s = self._seconds(30, 2000)
        self.clock.wall_error_ns = -(START_NS + self.clock.true_ns + round(off_s * NS_PER_S))
        self._dark(off_s, GapCause.POWER, anew=True)
        self.calm(self._seconds(60, 400))
        self.clock.wall_error_ns = 0

    def source_lost(self) -> None:
        self._interrupted(GapCause.SOURCE_LOST)

    def encoder_wedged(self) -> None:
        self._interrupted(GapCause.ENCODER)

    def source_silent(self) -> None:
        """The camera sends nothing for a while and then goes on, as if nothing had happened."""
        lost_s = self._seconds(3, 60)
        self._pause(lost_s)
        self._committer.stalled(self.clock.mono_ns())
        self._expect(GapCause.SOURCE_LOST, lost_s)

    def medium_away_for_long(self) -> None:
        """Longer than the reserve lasts: the oldest fragments of that time are given up."""
        away = RESERVE + 1 + self.chance.randint(3, 120)
        self.medium_away = True
        self.calm(away * self.fragment_ns / NS_PER_S)
        self.medium_away = False
        self._expect(GapCause.MEDIUM, (away - RESERVE - 1) * self.fragment_ns / NS_PER_S)

    def medium_away_for_short(self) -> None:
        self.medium_away = True
        self.calm(self.chance.randint(2, RESERVE - 2) * self.fragment_ns / NS_PER_S)
        self.medium_away = False

    def bad_place(self) -> None:
        """One place ahead refuses to be written, for good."""
        self.bad_at = self._written() + self.chance.randint(0, 20) * 4096

    def overload(self) -> None:
        """Each flush takes three fragments' time, until some had to be given up; then the medium is quick again."""
        before = self._committer._reserve.given_up
        self.flush_takes_ns = 3 * self.fragment_ns
        while self._committer._reserve.given_up < before + 4:
            self.calm(self.fragment_ns / NS_PER_S)
        self.flush_takes_ns = 0
        self.expected.append(Expected(GapCause.OVERLOAD, None))

    def timetable(self) -> None:
        """Some hours of rest; now and then somebody stops, kills or unplugs it in the middle of them."""
        rest_s = self._seconds(600, 5000) // 60 * 60
        local = datetime.fromtimestamp(self.clock.now().wall_ns // NS_PER_S, UTC).astimezone(ZoneInfo(ZONE))
        closes = (local + timedelta(seconds=120)).replace(second=0)
        opens = (closes.astimezone(UTC) + timedelta(seconds=rest_s)).astimezone(ZoneInfo(ZONE))
        self.hours = Timetable.parse([f"daily {opens:%H:%M}-{closes:%H:%M}"], ZONE)
        self._committer._rests = self.hours.is_closed_throughout
        begin_ns = (self.hours.next_change(self.clock.now().wall_ns) or 0) - START_NS
        end_ns = (self.hours.next_change(begin_ns + START_NS) or 0) - START_NS
        self._live_until((begin_ns + end_ns) // 2)
        if self.chance.random() < 0.6:
            if anew := self.chance.random() < 0.5:
                self.clock.start_anew()
            elif self.chance.random() < 0.5:
                note = StopNote(self.clock.boot_id, self.clock.mono_ns(), self._committer.unfinished_cause)
                self._note = note.encode()
            self._committer = self._start()
            self._committer.interrupted(GapCause.TIMETABLE)
            assert anew or self._note is None
        self._live_until(end_ns + 60 * NS_PER_S)
        self.hours = Timetable.parse([], ZONE)
        self._committer._rests = self.hours.is_closed_throughout
        self._expect(GapCause.TIMETABLE, (end_ns - begin_ns) / NS_PER_S)

    def suspend(self) -> None:
        """The machine sleeps in the middle of a fragment, which is complete only when it is awake again."""
        slept_s = self._seconds(5, 4000)
        self.clock.true_ns += self.fragment_ns // 2
        half = self._fragment(self._next_ns, self.clock.true_ns)
        self.clock.true_ns += round(slept_s * NS_PER_S)
        self.clock.asleep_ns += round(slept_s * NS_PER_S)
        self._committer.deliver(half)
        self._next_ns = self.clock.true_ns
        self._expect(GapCause.SUSPENDED, slept_s)

    def leap(self) -> None:
        """Somebody sets the clock ten years wrong, and later it is set right."""
        self.clock.wall_error_ns = self.chance.choice((-1, 1)) * _TEN_YEARS_NS
        self.clock.trust = TimeTrust.RESTORED
        self.calm(self._seconds(30, 900))
        self.clock.wall_error_ns, self.clock.trust = 0, TimeTrust.SYNCED

    def becoming_synced(self) -> None:
        """A clock that was only restored, and half a minute late, is synchronised."""
        self.clock.wall_error_ns, self.clock.trust = -37 * NS_PER_S, TimeTrust.RESTORED
        self.calm(self._seconds(30, 900))
        self.clock.wall_error_ns, self.clock.trust = 0, TimeTrust.SYNCED

    def true_ns_of(self, boot_id: bytes, mono_ns: int) -> int:
        """The story's time of a moment in the boot clock of one of its boots."""
        return mono_ns + self._boots[boot_id]

    def _start(self) -> Committer:
        self._boots[self.clock.boot_id] = self.clock.booted_ns
        writer = self._open()
        note, self._note = self._note, None
        return Committer(
            writer,
            self._open,
            self.clock,
            lambda erasures: None,
            cause_of_start(note, writer.last),
            on_gap=self._register,
            rests=self.hours.is_closed_throughout,
            slept_ns=self.clock.slept_ns,
        )

    def _register(self, gap: Gap) -> None:
        if not self.registered or self.registered[-1] != gap:
            self.registered.append(gap)

    def _open(self) -> RingWriter:
        return RingWriter(
            DayMedium(self.image, self),
            sign=CAMERA.sign,
            camera_public=CAMERA.public,
            seal=RECIPIENTS.seal,
            retention=_KEPT,
            now=self.clock.now(),
            bad=self._bad,
        )

    def _live_until(self, true_ns: int) -> None:
        while self.clock.true_ns < true_ns:
            self._film()
            before = self._committer.waiting
            if before:
                self._committer.turn(0)
            if self._committer.waiting in (0, before) and self.clock.true_ns < true_ns:
                self.clock.true_ns = min(true_ns, self.clock.true_ns + self.fragment_ns)
        self._film()
        if self._committer.waiting and not self.medium_away and not self.flush_takes_ns:
            self._committer.turn(0)

    def _film(self) -> None:
        """Hand over every fragment that is complete by now."""
        if self.hours.is_open(self.clock.now().wall_ns) != self._was_open:
            self._was_open = not self._was_open
            if self._was_open:
                self._next_ns = self.clock.true_ns
            else:
                self._finish_fragment()
                self._committer.interrupted(GapCause.TIMETABLE)
        while self._filming and self._was_open and self._next_ns + self.fragment_ns <= self.clock.true_ns:
            begin_ns = self._next_ns
            self._next_ns += self.fragment_ns
            self._committer.deliver(self._fragment(begin_ns, self._next_ns))

    def _finish_fragment(self) -> None:
        """The open fragment ends here, as when an encoder is closed."""
        if self._filming and self.clock.true_ns > self._next_ns:
            self._committer.deliver(self._fragment(self._next_ns, self.clock.true_ns))
            self._next_ns = self.clock.true_ns

    def _fragment(self, begin_ns: int, end_ns: int) -> Fragment:
        self._number += 1
        data = self._number.to_bytes(8, "little") * 10
        booted_ns = self.clock.booted_ns
        return Fragment(INIT, data, begin_ns - booted_ns, end_ns - booted_ns, 15, _MASK_HASH, False)

    def _interrupted(self, cause: GapCause) -> None:
        lost_s = self._seconds(1, 900)
        self._finish_fragment()
        self._committer.interrupted(cause)
        self._pause(lost_s)
        self._expect(cause, lost_s)

    def _pause(self, seconds: float) -> None:
        self._filming = False
        self.calm(seconds)
        self._filming, self._next_ns = True, self.clock.true_ns

    def _dark(self, seconds: float, cause: GapCause, anew: bool = False) -> None:
        """No process for ``seconds``; then another one, in another boot if ``anew``."""
        if self._note is None:
            self.calm(self.chance.random() * self.fragment_ns / NS_PER_S)
        self.clock.true_ns += round(seconds * NS_PER_S)
        if anew:
            self.clock.start_anew()
        self._next_ns = self.clock.true_ns
        self._committer = self._start()
        self._expect(cause, seconds)

    def _expect(self, cause: GapCause, seconds: float) -> None:
        self.expected.append(Expected(cause, round(seconds * NS_PER_S)))

    def _seconds(self, least: float, most: float) -> float:
        return self.chance.uniform(least, most)

    def _written(self) -> int:
        writer = self._committer._writer
        assert writer is not None
        return writer.superblock.byte_offset(writer._coming.position)


class RamMediumOver(RamMedium):
    """A medium over bytes that others see as well."""

    def __init__(self, image: bytearray) -> None:
        super().__init__(0)
        self.image = image


TROUBLES: tuple[Callable[[Day], None], ...] = (
    Day.planned_stop,
    Day.kill,
    Day.power_cut,
    Day.power_cut_without_a_clock,
    Day.source_lost,
    Day.source_silent,
    Day.encoder_wedged,
    Day.medium_away_for_long,
    Day.medium_away_for_short,
    Day.bad_place,
    Day.overload,
    Day.timetable,
    Day.suspend,
    Day.leap,
    Day.becoming_synced,
)
