"""A whole camera in RAM for the page: real pictures, real MP4 footage, a real owner's key, a clock that obeys."""

from __future__ import annotations

import io
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from accountstand import PASSPHRASE, account_store, new_folder, remove_folder
from carestand import PageHolds, care_parts
from casestand import CaseStand
from drawingstand import DrawingStand
from permitstand import permit_parts
from pyrage import x25519
from updatestand import update_desk

from edgecam.core.aim import AimState
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import EdgecamError, NotAllowed
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus
from edgecam.core.support import Support
from edgecam.custody.cases.permission import Leave
from edgecam.custody.register.unmasked_line import Ending
from edgecam.keys.owner import OwnerIdentity, Recipients, create_owner, unlock_owner
from edgecam.masking.lifecycle import MaskState, Role
from edgecam.masking.permit import Why
from edgecam.masking.shown import InForce, MasksShown, Outline
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.parts import CameraStatus, Footage, PageParts, Stretch

NOW_WALL_NS = 1_795_255_200 * NS_PER_S  # 2026-11-21T10:00:00Z
FOOTAGE_S = 12
FOOTAGE_START_NS = NOW_WALL_NS - 600 * NS_PER_S
FPS = 10
_FREE_BOX = (65_536).to_bytes(4) + b"free" + bytes(65_528)


class ObedientClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self._mono_ns = 5_000 * NS_PER_S

    def now(self) -> Instant:
        mono_ns = self.mono_ns()
        return Instant(NOW_WALL_NS + mono_ns - 5_000 * NS_PER_S, mono_ns, bytes(16), TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return self._mono_ns

    def sleep(self, duration_s: float) -> None:
        self._mono_ns += int(duration_s * NS_PER_S)


@cache
def owner() -> OwnerIdentity:
    return OwnerIdentity(x25519.Identity.generate())


def street(width: int, height: int, step: int) -> Picture:
    """A drawn street: sky, road, a walker that moves with ``step``, one grey mask."""
    picture = Picture(width, height)
    rows = np.linspace(170, 90, height, dtype=np.uint8)
    picture.y[:] = rows[:, None]
    picture.u[:], picture.v[:] = 134, 122
    picture.y[height * 6 // 10 :] = 80
    picture.u[height * 3 // 10 :], picture.v[height * 3 // 10 :] = 126, 128
    left = step * 4 % (width - width // 16)
    picture.y[height * 4 // 10 : height * 8 // 10, left : left + width // 24] = 210
    picture.v[height * 2 // 10 : height * 4 // 10, left // 2 : left // 2 + width // 48] = 190
    picture.y[: height // 3, : width // 4] = 40
    picture.u[: height // 6, : width // 8], picture.v[: height // 6, : width // 8] = 128, 128
    return picture


@cache
def fragmented_mp4() -> bytes:
    """Twelve seconds of the street as one fragmented MP4 whose media time starts at 0."""
    out = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(out, "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": str(FPS * 2)})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for step in range(FOOTAGE_S * FPS):
            pixels = street(320, 180, step).buffer.reshape(-1, 320)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "yuv420p")))
        container.mux(stream.encode())
    return out.getvalue()


class PageSession:
    """Footage sealed to the owner, opened with what the passphrase gave."""

    def __init__(self, identity: OwnerIdentity, sealed: bytes, pieces_open: list[int], size_bytes: int) -> None:
        self._identity: OwnerIdentity | None = identity
        self._sealed, self._pieces_open, self._size_bytes = sealed, pieces_open, size_bytes

    @property
    def closed(self) -> bool:
        return self._identity is None

    def open(self, from_wall_ns: int, to_wall_ns: int) -> Footage | None:
        assert self._identity is not None, "opened after it was closed"
        if to_wall_ns <= FOOTAGE_START_NS or from_wall_ns >= FOOTAGE_START_NS + FOOTAGE_S * NS_PER_S:
            return None
        return Footage(FOOTAGE_START_NS, self._pieces(self._identity.unseal(self._sealed)))

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        self._pieces_open.append(1)
        try:
            for start in range(0, len(data), 4096):
                yield data[start : start + 4096]
            for _ in range(len(data), self._size_bytes, 65_536):
                yield _FREE_BOX
        finally:
            self._pieces_open.pop()

    def close(self) -> None:
        self._identity = None


class PageSight:
    """The unmasked view of the drawn street; ``over`` is a permit that ended before its time."""

    def __init__(self, camera: PageCamera, opened: tuple[str, str, Why, int, int]) -> None:
        self._camera, self.opened = camera, opened
        self.over = False
        self.ended: tuple[str, int] | None = None

    def newest(self) -> SmallFrame | None:
        assert self.ended is None, "looked at after it was closed"
        if self.over:
            raise NotAllowed("the unmasked view is over")
        self._camera.pictures_asked += 1
        picture = street(self._camera.width, self._camera.height, self._camera.pictures_asked)
        picture.y[: picture.height // 3, : picture.width // 4] = 220  # what the mask hides
        now = self._camera.clock.now()
        return SmallFrame(picture, now.mono_ns, now.wall_ns, self._camera.pictures_asked, False)

    def close(self, how: Ending, looked_s: int) -> None:
        assert self.ended is None, "closed twice"
        self.ended = (how, looked_s)


HIDDEN = Outline("next door", "neighbour", ((0.0, 0.0), (0.25, 0.0), (0.25, 0.33), (0.0, 0.33)))
COMING = Outline("our garden", "own", ((0.0, 0.3), (0.9, 0.3), (0.9, 1.0), (0.0, 1.0)))


@dataclass
class PageCamera:
    """Every part of the page over values that a test may change."""

    clock: ObedientClock = field(default_factory=ObedientClock)
    width: int = 640
    height: int = 360
    shows_picture: bool = True
    thorough: bool = False  # a real passphrase file, with its slow scrypt
    unlocking: threading.Event = field(default_factory=threading.Event)
    may_unlock: threading.Event = field(default_factory=threading.Event)
    private: bool = False
    failing: EdgecamError | Exception | None = None
    register_fails: EdgecamError | None = None
    faults: list[Fault] = field(default_factory=list)
    views: list[tuple[str, int, int]] = field(default_factory=list)
    sessions: list[PageSession] = field(default_factory=list)
    unlockers: list[str] = field(default_factory=list)
    pictures_asked: int = 0
    footage_bytes: int = 0  # at least so many, filled up with boxes that players pass over
    pieces_open: list[int] = field(default_factory=list)
    recorder: RecorderStatus | None = None
    silences: list[dict[str, Any]] = field(default_factory=list)
    sights: list[PageSight] = field(default_factory=list)
    unmasked_fails: EdgecamError | None = None
    confirmed: list[tuple[str, Role]] = field(default_factory=list)
    masked: bool = True

    folder: Path = field(default_factory=new_folder)

    def __post_init__(self) -> None:
        weakref.finalize(self, remove_folder, self.folder)
        self.accounts = account_store(self.folder, self.clock)
        self.holds = PageHolds(self.clock)
        self.drawn = DrawingStand(self.folder, self.clock)
        self.updates = update_desk(self.folder, self.clock)
        day_ns = 86_400 * NS_PER_S
        self.cases = CaseStand(self.folder, self.clock, NOW_WALL_NS - 14 * day_ns, NOW_WALL_NS)
        self.may_unlock.set()
        recipient, self._locked = create_owner(PASSPHRASE) if self.thorough else (owner().recipient(), b"")
        self._sealed = Recipients([recipient]).seal(fragmented_mp4())
        self.recorder = RecorderStatus(
            pid=11, recording=True, private=False, source="scene:street", width=1920, height=1080, fps=14.98,
            frames=812_345, bit_rate_kbps=1_840.0, segments=54_156, days_kept=6.2, days_owed=6.2, days_policy=14.0,
            days_forecast=15.1, ring_size_bytes=32_000_000_000, time_trust="synced", aim="steady",
            aim_confirmed_by="M. Tanaka", aim_confirmed_wall_ns=NOW_WALL_NS - 86_400 * NS_PER_S,
        )  # fmt: skip

    def parts(self) -> PageParts:
        return PageParts(
            "Front door", "127.0.0.1", self.clock, self.live_picture, self.status, self.recent_events,
            self.recordings, self.unlock, self.record_view, AccountDesk(self.accounts, self.clock),
            self.open_unmasked, self.masks, self.confirm_aim, care=care_parts(self.holds, self.folder),
            drawing=self.drawn.parts(), custody=self.cases.parts(),
            permits=permit_parts(self.cases, self.accounts, self.folder, self.clock),
            support=Support("mailto:security@maker.example", until=date(2031, 12, 31)), updates=self.updates,
        )  # fmt: skip

    def live_picture(self) -> SmallFrame | None:
        self._obey()
        self.pictures_asked += 1
        if not self.shows_picture:
            return None
        picture = street(self.width, self.height, self.pictures_asked)
        now = self.clock.now()
        return SmallFrame(picture, now.mono_ns, now.wall_ns, self.pictures_asked, self.private)

    def status(self) -> CameraStatus:
        self._obey()
        beat = self.clock.mono_ns()
        if self.recorder is not None:
            self.recorder.beat_mono_ns, self.recorder.faults = beat, self.faults
            self.recorder.private = self.private
        observer = ObserverStatus(pid=12, beat_mono_ns=beat, frames=4_000, detector="ssd", look_ms=6.7)
        observer.silences = self.silences
        return CameraStatus(self.recorder, observer, HubStatus(pid=13, beat_mono_ns=beat, broker="connected"))

    def recent_events(self) -> list[Event]:
        self._obey()
        kinds = list(EventKind)
        return [
            Event(
                event_id=f"e{number}",
                revision=0,
                kind=kinds[number % len(kinds)],
                start_wall_ns=FOOTAGE_START_NS + (3 - 900 * number) * NS_PER_S,
                end_wall_ns=None if number == 0 else FOOTAGE_START_NS + (9 - 900 * number) * NS_PER_S,
                trust=2,
                confidence=0.91 - 0.07 * number,
                reason="something moved by the gate",
                zone="gate" if number % 2 else None,
            )
            for number in range(8)
        ]

    def recordings(self, from_wall_ns: int, to_wall_ns: int) -> list[Stretch]:
        self._obey()
        hour_ns = 3600 * NS_PER_S
        edges = [NOW_WALL_NS - int(hours * hour_ns) for hours in (20, 5, 4.7, 3, 2.4, 0)]
        stretches = [
            Stretch(edges[0], edges[1]),
            Stretch(edges[1], edges[2], gap_cause="power"),
            Stretch(edges[2], edges[3]),
            Stretch(edges[3], edges[4], private=True),
            Stretch(edges[4], edges[5]),
        ]
        return [s for s in stretches if s.start_wall_ns < to_wall_ns and s.end_wall_ns > from_wall_ns]

    def unlock(self, passphrase: str, who: str) -> PageSession:
        self._obey()
        self.unlockers.append(who)
        if passphrase != PASSPHRASE and not self.thorough:
            raise NotAllowed("the passphrase does not open the owner's key")
        self.unlocking.set()
        assert self.may_unlock.wait(30)
        identity = unlock_owner(self._locked, passphrase) if self.thorough else owner()
        session = PageSession(identity, self._sealed, self.pieces_open, self.footage_bytes)
        self.sessions.append(session)
        return session

    def record_view(self, who: str, from_wall_ns: int, to_wall_ns: int, leave: Leave) -> None:
        if self.register_fails is not None:
            raise self.register_fails
        self.views.append((who, from_wall_ns, to_wall_ns))

    def open_unmasked(
        self, opened_by: str, opened_for: str, why: Why, opened_mono_ns: int, until_mono_ns: int
    ) -> PageSight:
        if self.unmasked_fails is not None:
            raise self.unmasked_fails
        assert all(sight.ended for sight in self.sights), "two at once"
        self.sights.append(PageSight(self, (opened_by, opened_for, why, opened_mono_ns, until_mono_ns)))
        return self.sights[-1]

    def masks(self) -> MasksShown:
        self._obey()
        if not self.masked:
            return MasksShown(MaskState.NONE, None, "the masks cannot be used, there are none yet", (), ())
        confirmed_ns = NOW_WALL_NS - 3 * 86_400 * NS_PER_S
        in_force = InForce(3, "ab" * 32, "K. Sato", "M. Tanaka", confirmed_ns, "M. Tanaka", 0.0833)
        return MasksShown(MaskState.PROPOSED, in_force, "", (HIDDEN,), (COMING,))

    def confirm_aim(self, who: str, role: Role) -> None:
        self._obey()
        self.confirmed.append((who, role))

    def look_elsewhere(self, state: AimState, off: float = 0.0, right: float = 0.0, down: float = 0.0) -> None:
        """The camera does not look where it was confirmed, and everything is private."""
        assert self.recorder is not None
        self.private = state not in (AimState.STEADY, AimState.DRIFTED, AimState.UNGUARDED)
        self.recorder.aim, self.recorder.aim_off = state.name.lower(), off
        self.recorder.aim_right, self.recorder.aim_down = right, down

    def _obey(self) -> None:
        if self.failing is not None:
            raise self.failing
