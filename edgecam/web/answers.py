"""The shapes of what the page is told; moments are Unix milliseconds, which JavaScript holds exactly."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.events import Event
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus
from edgecam.masking.shown import InForce, MasksShown, Outline
from edgecam.web.condition import Condition
from edgecam.web.installer import InstallerSession, Place
from edgecam.web.parts import Stretch

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class InstallerAnswer:
    """The installer session that stands, for everybody; ``place`` and ``may_end`` are about this browser alone.

    ``entered`` says whether the code was used, so that somebody may be looking.
    """

    opened_by: str
    opened_for: str
    why: str
    left_s: int
    entered: bool
    place: Place
    may_end: bool

    @classmethod
    def of(cls, session: InstallerSession, left_s: int, place: Place, may_end: bool) -> InstallerAnswer:
        entered = session.installer_id is not None
        return cls(session.opened_by, session.opened_for, session.why.value, left_s, entered, place, may_end)


@dataclass(frozen=True, slots=True)
class AimAnswer:
    """Whether the camera looks where it should: ``state`` is a name of `AimState` in lower case.

    ``right``, ``down`` and ``off`` are shares of the picture's width; ``confirmed_ms`` is 0 when nobody ever did.
    """

    state: str
    off: float
    right: float
    down: float
    confirmed_by: str
    confirmed_ms: int

    @classmethod
    def of(cls, recorder: RecorderStatus) -> AimAnswer:
        return cls(
            recorder.aim,
            recorder.aim_off,
            recorder.aim_right,
            recorder.aim_down,
            recorder.aim_confirmed_by,
            recorder.aim_confirmed_wall_ns // NS_PER_MS,
        )


@dataclass(frozen=True, slots=True)
class InForceAnswer:
    """The masks that are burnt: who answers for them, and how much of the picture (0-1) they hide."""

    version: int
    mask_hash: str
    drawn_by: str
    confirmed_by: str
    confirmed_ms: int
    locked_by: str
    masked_share: float

    @classmethod
    def of(cls, masks: InForce) -> InForceAnswer:
        return cls(
            masks.version,
            masks.mask_hash,
            masks.drawn_by,
            masks.confirmed_by,
            masks.confirmed_wall_ns // NS_PER_MS,
            masks.locked_by,
            masks.masked_share,
        )


@dataclass(frozen=True, slots=True)
class MasksAnswer:
    """What is masked; ``in_force`` is ``None`` when everything is, as ``trouble`` says."""

    state: str
    in_force: InForceAnswer | None
    trouble: str

    @classmethod
    def of(cls, masks: MasksShown) -> MasksAnswer:
        return cls(
            masks.state.value, None if masks.in_force is None else InForceAnswer.of(masks.in_force), masks.trouble
        )


@dataclass(frozen=True, slots=True)
class OutlinesAnswer:
    """Polygons to draw over the unmasked view, points 0-1 from the top left."""

    in_force: list[Outline]
    coming: list[Outline]


@dataclass(frozen=True, slots=True)
class OpenedAnswer:
    """The code that lets one installer in, told once, and the seconds for which the session stands."""

    code: str
    left_s: int


@dataclass(frozen=True, slots=True)
class DoneAnswer:
    """It was done."""

    done: bool = True


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """``unlocked_s``: for how long this browser's footage stays open if it is not used; 0 when it is locked.

    ``installer`` is the installer session that stands; ``aim`` is ``None`` while the recorder says nothing.
    """

    camera_name: str
    now_ms: int
    condition: Condition
    faults: list[Fault]
    unlocked_s: int
    installer: InstallerAnswer | None
    aim: AimAnswer | None
    recorder: RecorderStatus | None
    observer: ObserverStatus | None
    hub: HubStatus | None


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """One event; ``end_ms`` is ``None`` while it lasts, ``direction`` where nothing was crossed."""

    event_id: str
    revision: int
    kind: str
    start_ms: int
    end_ms: int | None
    trust: int
    confidence: float
    reason: str
    zone: str | None
    direction: str | None

    @classmethod
    def of(cls, event: Event) -> EventAnswer:
        return cls(
            event.event_id,
            event.revision,
            event.kind.value,
            event.start_wall_ns // NS_PER_MS,
            None if event.end_wall_ns is None else event.end_wall_ns // NS_PER_MS,
            event.trust,
            event.confidence,
            event.reason,
            event.zone,
            event.direction,
        )


@dataclass(frozen=True, slots=True)
class StretchAnswer:
    """A piece of the past; ``gap_cause`` is ``None`` where there is footage."""

    start_ms: int
    end_ms: int
    private: bool
    gap_cause: str | None

    @classmethod
    def of(cls, stretch: Stretch) -> StretchAnswer:
        return cls(
            stretch.start_wall_ns // NS_PER_MS, stretch.end_wall_ns // NS_PER_MS, stretch.private, stretch.gap_cause
        )


@dataclass(frozen=True, slots=True)
class LockAnswer:
    """Seconds for which footage stays open if it is not used; 0 when it is locked."""

    unlocked_s: int
