"""A real recorder process that is killed at any moment, and what must be true of its ring before the next start."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from agentstand import CLOCK, PATIENCE_S, Agent, owner

from edgecam.core.clock import NS_PER_S
from edgecam.core.smallframes import SmallFrames
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act
from edgecam.ringbuffer.check import Finding, check_ring
from edgecam.ringbuffer.creation import create_ring
from edgecam.ringbuffer.format import SLOT_SIZE, GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader, StoredSegment
from edgecam.ringbuffer.retention import Retention

# So small that a lap takes a minute, and an epoch a few seconds; sixteen slots.
_RING_SIZE = 1 << 20
# Everything comes of age within half a minute; or nothing ever does, and the ring has to make room.
_SHORT_DAYS, _LONG_DAYS = 0.00035, 14.0
_CHANGE_DAYS_EVERY = 8
_LOOK_S = 0.01
_OPEN_EVERY = 10
_CLEAN_STOPS = 0.1
# How often it is killed while it starts, when a slot has just changed, and while it records.
_PLANS = (0.25, 0.4, 0.35)
_STARTS_FOR_S, _RUNS_FOR_S = 1.5, 1.8


@dataclass
class Tally:
    """What came of all kills; times in seconds."""

    kills: int = 0
    clean_stops: int = 0
    segments_checked: int = 0
    segments_opened: int = 0
    erased: int = 0
    unfinished_erasures: int = 0
    losses_s: list[float] = field(default_factory=list)
    filming_after_s: list[float] = field(default_factory=list)
    recording_after_s: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.clean_stops} clean stops, {self.segments_checked} committed segments "
            f"checked ({self.segments_opened} opened), {self.erased} rightly erased, "
            f"{self.unfinished_erasures} erasures found half done\n"
            f"lost before a kill: {_spread(self.losses_s)}\n"
            f"filming again after: {_spread(self.filming_after_s)}\n"
            f"first segment committed after: {_spread(self.recording_after_s)}"
        )


def _spread(times_s: Sequence[float]) -> str:
    if not times_s:
        return "never"
    ordered = sorted(times_s)
    p50, p90, p99 = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.9, 0.99))
    return f"p50 {p50:.2f} s, p90 {p90:.2f} s, p99 {p99:.2f} s, worst {ordered[-1]:.2f} s (of {len(ordered)})"


@dataclass(frozen=True)
class _Run:
    """One life of the recorder. Boot times; ``None`` for what was not seen to happen."""

    spawned_ns: int
    filming_ns: int | None
    committed_ns: int | None
    ended_ns: int
    cleanly: bool


class Torture:
    """Kills the recorder of ``agent`` again and again; `kill_once` checks after each."""

    def __init__(self, agent: Agent, seed: int) -> None:
        self._agent, self._chance = agent, random.Random(seed)
        self.tally = Tally()
        self._seen: dict[int, StoredSegment] = {}
        self._unfinished: set[Finding] = set()
        self._days = _LONG_DAYS
        self._may_say = {GapCause.RESTART}
        self._log = open(agent.log, "ab")  # noqa: SIM115 - closed by `close`
        agent.places.ring.unlink()
        medium = FileMedium.create(agent.places.ring, _RING_SIZE)
        key = agent.key
        self._superblock = create_ring(
            medium, camera_public=key.public, sign=key.sign, retention=Retention(_SHORT_DAYS), now=CLOCK.now()
        )
        medium.close()

    def close(self) -> None:
        self._log.close()

    def kill_once(self) -> None:
        """Start, wait for some moment, kill, and look at what is left."""
        if self.tally.kills % _CHANGE_DAYS_EVERY == 0:
            self._days = _SHORT_DAYS if self._days == _LONG_DAYS else _LONG_DAYS
            self._agent.configure({"retention": {"policy": "own", "days": self._days}})
        run = self._run()
        self._check(run)

    def check_register(self) -> None:
        """It verifies, and every gap in the ring but one that just ended has its line."""
        assert verify_register(self._agent.places.register, self._agent.key.public).genuine
        told = {line.detail["segment"] for line in self._agent.register_lines() if line.act is Act.GAP}
        headers = [self._seen[sequence].header for sequence in sorted(self._seen)]
        gaps = {str(h.sequence) for h in headers[:-1] if h.gap_cause not in (GapCause.NONE, GapCause.FIRST_START)}
        assert gaps <= told

    def _run(self) -> _Run:
        spawned_ns = CLOCK.mono_ns()
        process = subprocess.Popen(
            [sys.executable, "-m", "edgecam.recorder", str(self._agent.settings)],
            env={name: value for name, value in os.environ.items() if not name.startswith("EDGECAM_")},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            return self._ended(process, spawned_ns)
        finally:
            process.kill()
            process.wait()

    def _ended(self, process: subprocess.Popen[bytes], spawned_ns: int) -> _Run:
        plan = self._chance.choices(("starting", "slots", "running"), _PLANS)[0]
        left_s = self._chance.uniform(0, _STARTS_FOR_S if plan == "starting" else _RUNS_FOR_S)
        changes_left = self._chance.randint(1, 4) if plan == "slots" else -1
        filming_ns = committed_ns = None
        until_ns = spawned_ns + int(left_s * NS_PER_S) if plan == "starting" else None
        pause, slots = threading.Event(), self._slots()
        while changes_left and (until_ns is None or CLOCK.mono_ns() < until_ns):
            assert process.poll() is None, f"the recorder ended by itself: {self._agent.said()}"
            assert CLOCK.mono_ns() - spawned_ns < PATIENCE_S * NS_PER_S, self._agent.said()
            filming_ns = filming_ns or self._first_frame_ns(spawned_ns)
            if filming_ns and committed_ns is None and self._has_committed_since(spawned_ns):
                committed_ns = CLOCK.mono_ns()
                until_ns = until_ns or committed_ns + int(left_s * NS_PER_S)
            if plan == "slots" and (now := self._slots()) != slots:
                # An epoch begins, or is being erased, right now.
                slots, changes_left = now, changes_left - 1
            elif plan != "slots":
                pause.wait(_LOOK_S)
        self._remember()
        cleanly = plan == "running" and self._chance.random() < _CLEAN_STOPS
        # The exact instant is the kernel's to choose.
        pause.wait(self._chance.uniform(0, 0.003 if plan == "slots" else 0.03))
        process.send_signal(signal.SIGTERM if cleanly else signal.SIGKILL)
        ended_ns = CLOCK.mono_ns()
        process.wait(PATIENCE_S)
        return _Run(spawned_ns, filming_ns, committed_ns, ended_ns, cleanly)

    def _check(self, run: _Run) -> None:
        before = dict(self._seen)
        with self._ring() as (medium, reader):
            self._check_findings(check_ring(medium), run)
            now = {stored.header.sequence: stored for stored in reader.segments()}
            for stored in now.values():
                reader.sealed_payload(stored)
            self._check_kept(before, now, reader)
            self._seen = now
            if self.tally.kills % _OPEN_EVERY == 0:
                self._open_newest(reader)
        self.tally.segments_checked += len(before)
        self._check_cause(run)
        self._count(run)

    def _check_findings(self, findings: list[Finding], run: _Run) -> None:
        """Nothing is wrong but an erasure that the kill cut in two, and the next start has finished that.

        Once the newest doomed epoch is destroyed, all before it are doomed: row `erase-some` of the ring's format.
        """
        unfinished = {finding for finding in findings if finding.invariant == 3 and "not finished" in finding.what}
        doomed = max((finding.epoch for finding in unfinished if finding.epoch is not None), default=-1)
        assert [f for f in findings if f.epoch is None or f.epoch > doomed] == []
        if run.committed_ns is not None:
            assert not unfinished & self._unfinished
        self.tally.unfinished_erasures += len(unfinished - self._unfinished)
        self._unfinished = unfinished

    def _check_kept(
        self, before: dict[int, StoredSegment], now: dict[int, StoredSegment], reader: RingReader
    ) -> None:
        """Every segment that a reader saw is there as it was, or was due, or had to make room."""
        newest = reader.epochs()[-1] if reader.epochs() else None
        head = max((stored.end_position for stored in now.values()), default=0)
        for sequence, stored in before.items():
            found = now.get(sequence)
            if found is not None:
                assert found == stored
                continue
            assert newest is None or stored.slot.epoch < reader.epochs()[0].epoch
            # The limit may have been the shorter one of the two until a moment ago.
            due = CLOCK.mono_ns() - stored.slot.start.mono_ns >= _SHORT_DAYS * 86_400 * NS_PER_S
            room = reader.superblock.data_size * 3 // 4
            pushed = head - stored.slot.position > room
            slots = newest is not None and newest.epoch - stored.slot.epoch >= reader.superblock.slot_count - 1
            assert (due and self._short_lived) or pushed or slots, f"segment {sequence} is gone"
            self.tally.erased += 1

    @property
    def _short_lived(self) -> bool:
        return self._days == _SHORT_DAYS

    def _open_newest(self, reader: RingReader) -> None:
        for slot in reader.epochs()[-3:]:
            epoch = reader.open_epoch(slot, owner()[2].unseal)
            for stored in reader.segments_of(slot):
                fragment = epoch.open(stored.header, reader.sealed_payload(stored)).fragment
                assert fragment[4:8] == b"moof"
                self.tally.segments_opened += 1

    def _check_cause(self, run: _Run) -> None:
        """The first segment of a run says how the one before it ended."""
        first = next((s.header for s in self._seen.values() if s.header.start_mono_ns > run.spawned_ns), None)
        if first is not None and first.sequence:
            # Everything may have come of age meanwhile, and its cause with it.
            assert first.gap_cause in {*self._may_say, GapCause.UNKNOWN}, (self._may_say, first)
        if run.cleanly:
            self._may_say = {GapCause.PLANNED_STOP}
        elif first is not None:
            self._may_say = {GapCause.RESTART}
        else:
            # It may have taken the note of the stop before it, or have been killed too early for that.
            self._may_say = self._may_say | {GapCause.RESTART}

    def _count(self, run: _Run) -> None:
        if run.cleanly:
            self.tally.clean_stops += 1
            return
        self.tally.kills += 1
        if run.filming_ns is None:
            return
        ends = [stored.header.end_mono_ns for stored in self._seen.values()]
        last_ns = max([run.filming_ns, *ends])
        self.tally.losses_s.append((run.ended_ns - last_ns) / NS_PER_S)
        self.tally.filming_after_s.append((run.filming_ns - run.spawned_ns) / NS_PER_S)
        if run.committed_ns is not None:
            self.tally.recording_after_s.append((run.committed_ns - run.spawned_ns) / NS_PER_S)

    def _first_frame_ns(self, since_ns: int) -> int | None:
        frame = SmallFrames(self._agent.places.small_frames).newest()
        return frame.captured_mono_ns if frame is not None and frame.captured_mono_ns > since_ns else None

    def _has_committed_since(self, since_ns: int) -> bool:
        with self._ring() as (_, reader):
            newest = reader.epochs()[-1:]
            return any(
                stored.header.start_mono_ns > since_ns for slot in newest for stored in reader.segments_of(slot)
            )

    def _remember(self) -> None:
        """What a reader sees as committed now."""
        with self._ring() as (_, reader):
            self._seen.update((stored.header.sequence, stored) for stored in reader.segments())

    def _slots(self) -> bytes:
        """The slot table as it is now."""
        with open(self._agent.places.ring, "rb") as ring:
            ring.seek(self._superblock.table_offset)
            return ring.read(self._superblock.slot_count * SLOT_SIZE)

    @contextmanager
    def _ring(self) -> Iterator[tuple[FileMedium, RingReader]]:
        medium = FileMedium.open(self._agent.places.ring, writable=False)
        try:
            yield medium, RingReader(medium)
        finally:
            medium.close()
