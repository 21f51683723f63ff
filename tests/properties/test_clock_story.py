"""Whole lives of a camera in time: whatever its clock says, nothing goes early; once synchronised, nothing late.

The story knows the true time. Clocks lie as under *Time* in ``docs/design/ring-format.md``: one that is unset or
restored may say anything at any moment; a synchronised one may leap, but the first epoch that a boot begins under
it is believed, and so is a moment that is synchronised in a boot without such an epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from ringstand import RamMedium, fragment, make_ring, open_writer

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.ringbuffer.committer import Committer
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import EpochSlot, ErasureReason, GapCause, SegmentHeader
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention

pytestmark = pytest.mark.row("R8")
UNSET, RESTORED, SYNCED = TimeTrust
MINUTE_S, HOUR_S, DAY_S, YEAR_S = 60, 3600, 86_400, 365 * 86_400
POLICIES = (
    Retention(20 * MINUTE_S / DAY_S),
    Retention(2 * HOUR_S / DAY_S),
    Retention(3),
    Retention(1, "Asia/Tokyo"),
    Retention(2, "Europe/Berlin"),
    Retention(20, "Asia/Tokyo"),
)
# Before clocks go forward in Berlin, before they go back, and on no special day.
BEGINNINGS = ("2027-03-27T20:00:00+00:00", "2027-10-30T20:00:00+00:00", "2027-06-15T13:30:00+00:00")


class ToldClock:
    """The camera's clock beside the true time, both in nanoseconds since 1970."""

    def __init__(self, true_ns: int) -> None:
        self.true_ns, self.ahead_ns, self.trust = true_ns, 0, SYNCED
        self.booted_ns: list[int] = []
        self.boot(-HOUR_S * NS_PER_S, RESTORED)

    def boot(self, ahead_ns: int, trust: TimeTrust) -> None:
        self.booted_ns.append(self.true_ns - 20 * NS_PER_S)
        self.ahead_ns, self.trust = ahead_ns, trust
        if trust == UNSET:
            self.ahead_ns = -self.booted_ns[-1]

    def pass_time(self, duration_s: float) -> None:
        self.true_ns += round(duration_s * NS_PER_S)

    def now(self) -> Instant:
        boot = len(self.booted_ns) - 1
        mono_ns = self.true_ns - self.booted_ns[boot]
        return Instant(self.true_ns + self.ahead_ns, mono_ns, boot.to_bytes(16, "little"), self.trust)

    def true_at(self, boot_id: bytes, mono_ns: int) -> int:
        return self.booted_ns[int.from_bytes(boot_id, "little")] + mono_ns

    def true_of(self, stamp: Instant) -> int:
        return self.true_at(stamp.boot_id, stamp.mono_ns)

    def is_honest(self, stamp: Instant) -> bool:
        return self.true_of(stamp) == stamp.wall_ns


class CameraLife(RuleBasedStateMachine):
    """Records into a real ring through boots, power cuts and lies, and compares with the true time."""

    @initialize(policy=st.sampled_from(POLICIES), begins=st.sampled_from(BEGINNINGS))
    def begin(self, policy: Retention, begins: str) -> None:
        self.policy = policy
        self.clock = ToldClock(int(datetime.fromisoformat(begins).timestamp()) * NS_PER_S)
        self.medium = RamMedium(2 << 20)
        self.created = self.clock.now()
        self.fragments = 0
        make_ring(self.medium, policy, self.created)
        self.writer = open_writer(self.medium, self.created, policy)

    @rule(duration_s=st.sampled_from((2, 45, 290, 600)), times=st.integers(1, 4))
    def record(self, duration_s: int = 45, times: int = 1) -> None:
        for _ in range(times):
            self.clock.pass_time(duration_s)
            now, length_ns = self.clock.now(), duration_s * NS_PER_S
            start = Instant(now.wall_ns - length_ns, now.mono_ns - length_ns, now.boot_id, now.trust)
            data = fragment(self.fragments, start, size=200, duration_s=duration_s)
            self.writer.append(data, start, 0, GapCause.NONE)
            self.fragments += 1
        self.tend()

    @rule(duration_s=st.sampled_from((10, 11 * MINUTE_S, HOUR_S, 9 * HOUR_S, 2 * DAY_S)))
    def run_without_footage(self, duration_s: int) -> None:
        self.clock.pass_time(duration_s)
        self.tend()

    @rule(duration_s=st.sampled_from((MINUTE_S, 5 * HOUR_S, DAY_S)))
    def suspend(self, duration_s: int) -> None:
        self.clock.pass_time(duration_s)

    @rule(recording=st.booleans())
    def synchronise(self, recording: bool) -> None:
        self.clock.ahead_ns, self.clock.trust = 0, SYNCED
        self.record() if recording else self.tend()

    @rule()
    def lose_the_server(self) -> None:
        self.clock.trust = min(self.clock.trust, RESTORED)

    @rule(leap_s=st.sampled_from((-10 * YEAR_S, -3 * DAY_S, -HOUR_S, -2, 2, HOUR_S, 3 * DAY_S, 10 * YEAR_S)))
    def leap(self, leap_s: int) -> None:
        self.clock.ahead_ns += leap_s * NS_PER_S
        self.tend()
        self.record()

    @rule()
    def process_dies(self) -> None:
        self.open_again()

    @rule(
        off_s=st.sampled_from((3, 20 * MINUTE_S, 7 * HOUR_S, 30 * HOUR_S, 5 * DAY_S, 22 * DAY_S)),
        clock=st.sampled_from(("unset", "battery", "lags by the time off", "wrong")),
        wrong_s=st.sampled_from((-YEAR_S, -DAY_S, HOUR_S, 2 * DAY_S, 15 * DAY_S, 10 * YEAR_S)),
    )
    def lose_power(self, off_s: int, clock: str, wrong_s: int) -> None:
        kept_ns = self.clock.ahead_ns if self.clock.trust != UNSET else 0
        self.clock.pass_time(off_s)
        restored_ns = {
            "battery": kept_ns,
            "lags by the time off": kept_ns - off_s * NS_PER_S,
            "wrong": wrong_s * NS_PER_S,
        }
        self.clock.boot(restored_ns.get(clock, 0), UNSET if clock == "unset" else RESTORED)
        self.medium = RamMedium(0, self.medium.image)
        self.open_again()

    def open_again(self) -> None:
        before, now = self.live(), self.clock.now()
        self.writer = open_writer(self.medium, now, self.policy)
        self.judge(before, self.writer.take_erasures(), now)

    def tend(self) -> None:
        before, now = self.live(), self.clock.now()
        overwritten = [erasure.epoch for erasure in self.writer.take_erasures()]
        assert not {slot.epoch for slot in before} & set(overwritten)
        seen = RingReader(self.medium, self.policy, self.clock.now).epochs()
        erased = self.writer.erase_due(now)
        assert not {slot.epoch for slot in seen} & {erasure.epoch for erasure in erased}
        if self.believes_no_lie(before, now):
            for hidden in [slot for slot in before if slot not in seen]:
                assert self.true_due_ns(hidden) <= self.clock.true_ns
        self.judge(before, erased, now)

    def judge(self, before: Sequence[EpochSlot], erased: Sequence[Erasure], now: Instant) -> None:
        """Compare what was erased out of ``before``, and what is left, with the true time."""
        slots = {slot.epoch: slot for slot in before}
        assert all(erasure.verified for erasure in erased)
        if self.believes_no_lie(before, now):
            for erasure in erased:
                assert erasure.reason is ErasureReason.DUE
                assert self.true_due_ns(slots[erasure.epoch]) <= self.clock.true_ns
            self.nothing_is_late(now)
        self.nothing_outlives_its_time_on(now)

    def nothing_is_late(self, now: Instant) -> None:
        """Once time is synchronised: footage of boots that were, and all that is older than that."""
        live = self.live()
        synced = {slot.start.boot_id for slot in live if slot.start.trust == SYNCED}
        if now.trust == SYNCED:
            synced.add(now.boot_id)
        if now.boot_id not in synced:
            return
        for i, slot in enumerate(live):
            told = next((later for later in live[i:] if later.start.boot_id in synced), None)
            assert told is None or self.clock.true_ns < self.true_due_ns(told), slot.epoch

    def nothing_outlives_its_time_on(self, now: Instant) -> None:
        """Under every lie: by the boot clock, and across boots by the time the camera is known to have been on."""
        on_ns, later = 0, now
        for slot in reversed(self.live()):
            same = slot.start.boot_id == later.boot_id
            on_ns += later.mono_ns - (slot.start.mono_ns if same else 0)
            later = slot.start
            assert on_ns < self.policy.longest_ns
            if same and slot.start.boot_id == now.boot_id:
                assert on_ns == self.clock.true_ns - self.clock.true_of(slot.start)

    def believes_no_lie(self, live: Sequence[EpochSlot], now: Instant) -> bool:
        first: dict[bytes, Instant] = {}
        for stamp in (self.created, *(slot.start for slot in live), now):
            if stamp.trust == SYNCED:
                first.setdefault(stamp.boot_id, stamp)
        return all(self.clock.is_honest(stamp) for stamp in first.values())

    def true_due_ns(self, slot: EpochSlot) -> int:
        return self.policy.due_wall_ns(self.clock.true_of(slot.start))

    def live(self) -> list[EpochSlot]:
        return RingReader(self.medium).epochs()

    def teardown(self) -> None:
        if hasattr(self, "medium"):
            self.order_is_that_of_recording()
            self.what_a_synchronised_boot_recorded_is_found_at_its_true_time()

    def order_is_that_of_recording(self) -> None:
        headers = [stored.header for stored in RingReader(self.medium).segments()]
        for one, following in pairwise(headers):
            assert following.sequence == one.sequence + 1
            assert self.true_of(one) < self.true_of(following)
        assert not headers or headers[-1].sequence == self.fragments - 1

    def what_a_synchronised_boot_recorded_is_found_at_its_true_time(self) -> None:
        reader, now = RingReader(self.medium, None, self.clock.now), self.clock.now()
        told = [stamp for stamp in (*(slot.start for slot in reader.epochs()), now) if stamp.trust == SYNCED]
        lied = {stamp.boot_id for stamp in told if not self.clock.is_honest(stamp)}
        exact = {stamp.boot_id for stamp in told} - lied
        for header in [stored.header for stored in reader.segments()]:
            if header.boot_id in exact:
                true_ns = self.true_of(header)
                found = [stored.header for stored in reader.segments(true_ns, true_ns + NS_PER_S)]
                assert header in found

    def true_of(self, header: SegmentHeader) -> int:
        return self.clock.true_at(header.boot_id, header.start_mono_ns)


class SecondHand:
    """A full clock that stands still until somebody sleeps."""

    def __init__(self, told: ToldClock) -> None:
        self.told = told

    def now(self) -> Instant:
        return self.told.now()

    def mono_ns(self) -> int:
        return self.now().mono_ns

    def sleep(self, duration_s: float) -> None:
        self.told.pass_time(duration_s)


@pytest.mark.row("R3")
@pytest.mark.parametrize("recording", [True, False], ids=["recording", "source lost"])
@pytest.mark.parametrize("trust", TimeTrust)
def test_while_it_runs_what_is_due_goes_within_a_minute(recording: bool, trust: TimeTrust) -> None:
    policy, medium, told = POLICIES[0], RamMedium(16 << 20), ToldClock(1_900_000_000 * NS_PER_S)
    told.trust = trust
    make_ring(medium, policy, told.now())
    first = told.now()
    writer = open_writer(medium, first, policy)
    writer.append(fragment(0, first), first, 0, GapCause.NONE)
    due_ns = first.mono_ns + policy.longest_ns
    clock, gone_ns = SecondHand(told), list[int]()

    def note(erasures: list[Erasure]) -> None:
        gone_ns.extend(clock.mono_ns() for _ in erasures)

    committer = Committer(writer, lambda: open_writer(medium, clock.now(), policy), clock, note, GapCause.NONE)
    # As its thread does: a turn for each fragment, and one each second when none comes.
    while not gone_ns:
        clock.sleep(1)
        if recording:
            committer.deliver(fragment(1, clock.now(), size=200, duration_s=1))
        assert committer.turn(0)
    assert due_ns <= gone_ns[0] <= due_ns + MINUTE_S * NS_PER_S


def test_nothing_goes_early_and_once_synchronised_nothing_late() -> None:
    run_state_machine_as_test(CameraLife, settings=settings(max_examples=100, stateful_step_count=25))


@pytest.mark.long
def test_nothing_goes_early_and_nothing_late_in_hundreds_of_long_lives() -> None:
    run_state_machine_as_test(CameraLife, settings=settings(max_examples=600, stateful_step_count=60))
