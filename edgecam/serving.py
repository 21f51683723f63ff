"""The page's side of the hub: what it asks for, out of the ring, the register, the masks and the owner's key."""

from __future__ import annotations

import threading
from collections.abc import Callable

from edgecam.choices import retention_of
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput, EdgecamError
from edgecam.core.recent import read_recent
from edgecam.core.smallframes import SmallFrames
from edgecam.core.status import Fault
from edgecam.custody.aim_line import AimToConfirm, registered_aim_confirmation
from edgecam.custody.playback import Playback
from edgecam.custody.register import Register
from edgecam.custody.register_line import Act
from edgecam.custody.unmasked_sight import UnmaskedDoor
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import OwnerIdentity, unlock_owner
from edgecam.masking.lifecycle import Role
from edgecam.masking.maskstore import MaskStore
from edgecam.masking.shown import MasksBoard, MasksShown
from edgecam.places import Places
from edgecam.reports import Reports
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.stretches import Stretches
from edgecam.settings import Settings
from edgecam.web.app import create_app
from edgecam.web.parts import CameraStatus, Footage, FootageSession, PageParts, Stretch
from edgecam.web.server import PageServer

_HOST = "127.0.0.1"


class Serving:
    """Serves the page; ``faults`` says what keeps it from that."""

    def __init__(
        self,
        settings: Settings,
        places: Places,
        key: CameraKey,
        register: Register,
        masks: MaskStore,
        reports: Reports,
        status: Callable[[], CameraStatus],
        clock: Clock,
    ) -> None:
        self.faults: list[Fault] = []
        self._places, self._key, self._register, self._reports = places, key, register, reports
        self._status, self._clock = status, clock
        self._door = UnmaskedDoor(register, places.unmasked_permit, places.unmasked_frames, clock)
        self._masks, self._board_of_masks = masks, MasksBoard(masks)
        # The page's threads share these; `_looking` guards them.
        self._looking = threading.Lock()
        # The recorder erases what is due; until it has, nobody sees it here.
        self._retention = retention_of(settings)
        self._stretches: Stretches | None = None
        self._page = self._new_page(settings) if settings.web.enabled else None

    @property
    def address(self) -> str:
        """Where the page is, empty when there is none."""
        return self._page.address if self._page is not None else ""

    def start(self) -> None:
        self._settle_door()
        if self._page is not None:
            self._page.start()

    def stop(self) -> None:
        if self._page is not None:
            self._page.close()

    def _new_page(self, settings: Settings) -> PageServer | None:
        parts = PageParts(
            camera_name=settings.camera.name,
            listen_host=_HOST,
            clock=self._clock,
            live_picture=SmallFrames(self._places.small_frames).newest,
            status=self._status,
            recent_events=lambda: read_recent(self._places.recent_events),
            recordings=self._recordings,
            unlock=self._unlock,
            record_view=self._record_view,
            check_owner=self._check_owner,
            open_unmasked=self._door.open,
            masks=self._masks_shown,
            confirm_aim=self._confirm_aim,
        )
        try:
            return PageServer(create_app(parts), _HOST, settings.web.port)
        except EdgecamError as refused:
            self.faults.append(Fault("page", str(refused)))
            return None

    def _recordings(self, from_wall_ns: int, to_wall_ns: int) -> list[Stretch]:
        with self._looking:
            if self._stretches is None:
                medium = FileMedium.open(self._places.ring, writable=False)
                self._stretches = Stretches(RingReader(medium, self._retention, self._clock.now))
            known = self._stretches.between(from_wall_ns, to_wall_ns)
        found: list[Stretch] = []
        for stretch in known:
            if found and stretch.gap_ns > 0 and found[-1].end_wall_ns < stretch.start_wall_ns:
                found.append(Stretch(found[-1].end_wall_ns, stretch.start_wall_ns, gap_cause=stretch.gap_cause))
            found.append(Stretch(stretch.start_wall_ns, stretch.end_wall_ns, stretch.private))
        return found

    def _unlock(self, passphrase: str) -> FootageSession:
        identity = self._owner(passphrase)
        self._register.write(Act.OWNER_UNLOCK, who="owner", purpose="viewing on the camera's page")
        return _Opened(Playback(self._places.ring, identity.unseal, self._retention, self._clock.now))

    def _check_owner(self, passphrase: str, who: str, purpose: str) -> None:
        self._owner(passphrase)
        self._register.write(Act.OWNER_UNLOCK, who=who, purpose=purpose)

    def _owner(self, passphrase: str) -> OwnerIdentity:
        try:
            locked = self._places.locked_owner.read_bytes()
        except OSError as missing:
            raise BadInput("the owner's key file cannot be read", do="restore it from your backup") from missing
        return unlock_owner(locked, passphrase)

    def _settle_door(self) -> None:
        try:
            self._door.settle()
        except EdgecamError as refused:
            self.faults.append(Fault("register", str(refused)))

    def _masks_shown(self) -> MasksShown:
        recorder = self._reports.recorder()
        return self._board_of_masks.look((recorder.width, recorder.height) if recorder else (0, 0))

    def _confirm_aim(self, who: str, role: Role) -> None:
        # Only here: it brings OpenCV along, 17 MB that the hub need not carry.
        from edgecam.masking.aimstore import AimStore

        with self._masks.alone():
            masks, recorder = self._masks.check_in_force(), self._reports.recorder()
            confirming = AimToConfirm(role, masks, recorder.aim if recorder else "")
            with registered_aim_confirmation(self._register, confirming, who):
                AimStore(self._places.masks, self._key).confirm(who, self._clock.now(), masks.mask_hash)

    def _record_view(self, who: str, from_wall_ns: int, to_wall_ns: int) -> None:
        self._register.write(
            Act.VIEW, who=who, purpose="viewing on the camera's page", footage=(from_wall_ns, to_wall_ns)
        )


class _Opened:
    """The owner's key in RAM, for one unlocked browser."""

    def __init__(self, playback: Playback) -> None:
        self._playback: Playback | None = playback

    def open(self, from_wall_ns: int, to_wall_ns: int) -> Footage | None:
        if self._playback is None:
            return None
        found = self._playback.open(from_wall_ns, to_wall_ns)
        return None if found is None else Footage(found.start_wall_ns, found.pieces)

    def close(self) -> None:
        self._playback = None
