"""What the page needs from the rest of the camera, as plain callables that the hub hands over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgecam.core.clock import Clock
from edgecam.core.events import Event
from edgecam.core.smallframes import SmallFrame
from edgecam.core.status import HubStatus, ObserverStatus, RecorderStatus
from edgecam.core.support import NO_SUPPORT, Support
from edgecam.custody.cases.permission import Leave
from edgecam.custody.register.unmasked_line import Ending
from edgecam.masking.lifecycle import Role
from edgecam.masking.permit import Why
from edgecam.masking.shown import MasksShown
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.albumparts import AlbumParts
from edgecam.web.approval import Approve, owners_alone
from edgecam.web.careparts import CareParts
from edgecam.web.certificates import CertificateParts
from edgecam.web.custodyparts import CustodyParts
from edgecam.web.drawingparts import DrawingParts
from edgecam.web.permitparts import PermitParts
from edgecam.web.sealedparts import SealedParts
from edgecam.web.setupparts import SetsUp
from edgecam.web.updateparts import UpdateParts


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What the three processes last said of themselves; ``None`` for one that has said nothing."""

    recorder: RecorderStatus | None
    observer: ObserverStatus | None
    hub: HubStatus | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the past, ``start_wall_ns`` included, ``end_wall_ns`` not; stretches never overlap.

    ``gap_cause`` is ``None`` where there is footage; in a gap it says why there is none (a stable code or a
    sentence, never empty). ``private`` says that the footage shows nothing but fill.
    """

    start_wall_ns: int
    end_wall_ns: int
    private: bool = False
    gap_cause: str | None = None


@dataclass(frozen=True, slots=True)
class Footage:
    """One playable fragmented MP4: the init, then fragments, with media time 0 at ``start_wall_ns``.

    ``pieces`` may cut the bytes anywhere. It is pulled by one thread at a time, but not always by the same; if it
    has a ``close`` method (a generator has), that is called when nobody watches any more.
    """

    start_wall_ns: int
    pieces: Iterator[bytes]


class FootageSession(Protocol):
    """The owner's opened keys, for as long as one browser stays unlocked."""

    def open(self, from_wall_ns: int, to_wall_ns: int) -> Footage | None:
        """Footage that covers the range as far as there is any, or ``None`` where there is none.

        Raises: NotAllowed (sealed to somebody else), Unavailable, DataLoss, MediaFailing.
        """
        ...

    def close(self) -> None:
        """Forget the keys; quick, never raises."""
        ...


class UnmaskedSight(Protocol):
    """The unmasked view, open to one person while its permit stands."""

    def newest(self) -> SmallFrame | None:
        """The newest unmasked small frame, as `PageParts.live_picture`. Raises: NotAllowed when it is over."""
        ...

    def close(self, how: Ending, looked_s: int) -> None:
        """Take the permit back and register how it ended, and how long somebody looked; never raises."""
        ...


class OpensUnmasked(Protocol):
    """Registers and permits an unmasked view. Raises: any `EdgecamError`, and then there is none."""

    def __call__(
        self, opened_by: str, opened_for: str, why: Why, opened_mono_ns: int, until_mono_ns: int
    ) -> UnmaskedSight: ...


@dataclass(frozen=True, slots=True)
class PageParts:
    """Everything the page is made of. Callables may block and raise any `EdgecamError`; threads call them.

    - ``camera_name``: as its owner calls it; ``listen_host``: the address the page listens on.
    - ``live_picture()``: the newest masked small frame, or ``None`` when there is none newer than the one given
      last; never called by two threads at once, and the frame is not kept until the next call.
    - ``status()``: what the processes say of themselves.
    - ``recent_events()``: newest first, from RAM; an event stands there once, with its newest revision.
    - ``recordings(from_wall_ns, to_wall_ns)``: stretches that touch the range, oldest first.
    - ``unlock(passphrase, who)``: raises `NotAllowed` for a wrong one; never called by two threads at once.
    - ``record_view(who, from_wall_ns, to_wall_ns, leave)``: writes the register line, with the ground of ``leave``,
      and returns when it is durable; what it raises keeps the footage closed.
    - ``accounts``: who may sign in, and who proves it again before a sensitive act (``await accounts.check(…)``).
    - ``open_unmasked``: see `OpensUnmasked`; one at a time.
    - ``masks()``: what is masked, and what is to be.
    - ``confirm_aim(who, role)``: registers and keeps that the camera looks where it should.
    - ``certificates``: see `CertificateParts`; ``None`` while the page is on loopback alone.
    - ``drawing``: see `DrawingParts`; ``None`` where nothing can be drawn.
    - ``album``: see `AlbumParts`; without it only the newest events are known, and they have no pictures.
    - ``sealed``: see `SealedParts`; ``None`` where no footage is handed over sealed.
    - ``approve``: whether the policy lets somebody look at or copy that footage.
    - ``care``: see `CareParts`; ``None`` where there is neither register nor holds to show.
    - ``setup``: see `SetsUp`; ``None`` where nothing is set up on the page.
    - ``custody``: see `CustodyParts`; ``None`` where nobody asks and decides on the page.
    - ``permits``: see `PermitParts`; ``None`` where nobody but the owner has a key.
    - ``support``: see `Support`.
    - ``updates``: see `UpdateParts`; ``None`` where nobody looks after updates.
    """

    camera_name: str
    listen_host: str
    clock: Clock
    live_picture: Callable[[], SmallFrame | None]
    status: Callable[[], CameraStatus]
    recent_events: Callable[[], Sequence[Event]]
    recordings: Callable[[int, int], Sequence[Stretch]]
    unlock: Callable[[str, str], FootageSession]
    record_view: Callable[[str, int, int, Leave], None]
    accounts: AccountDesk
    open_unmasked: OpensUnmasked
    masks: Callable[[], MasksShown]
    confirm_aim: Callable[[str, Role], None]
    certificates: CertificateParts | None = None
    drawing: DrawingParts | None = None
    album: AlbumParts | None = None
    sealed: SealedParts | None = None
    approve: Approve = owners_alone
    care: CareParts | None = None
    setup: SetsUp | None = None
    custody: CustodyParts | None = None
    permits: PermitParts | None = None
    support: Support = NO_SUPPORT
    updates: UpdateParts | None = None
