"""The page's side of the hub: what it asks for, out of the ring, the register, the masks and the owner's key."""

from __future__ import annotations

import threading
from collections.abc import Callable

from edgecam.albumserving import album_parts
from edgecam.caring import care_of
from edgecam.certifying import Certifying, is_open_to_network
from edgecam.choices import retention_of, support_of
from edgecam.core.clock import Clock
from edgecam.core.errors import Bug, EdgecamError
from edgecam.core.recent import read_recent
from edgecam.core.smallframes import SmallFrames
from edgecam.core.status import Fault
from edgecam.custodial import Custodial
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.cases.permission import Leave
from edgecam.custody.evidence.playback import Playback
from edgecam.custody.register.aim_line import AimToConfirm, registered_aim_confirmation
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.custody.unmasked_sight import UnmaskedDoor
from edgecam.disclosuredesk import Disclosures
from edgecam.drawing import confirm_aim, drawing_parts
from edgecam.duecalendar import calendar_of
from edgecam.duplicating import duplicates_of
from edgecam.firstrun import first_run
from edgecam.holding import holds_of
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import unlock_owner
from edgecam.masking.lifecycle import Role
from edgecam.masking.maskstore import MaskStore
from edgecam.masking.shown import MasksBoard, MasksShown
from edgecam.pastfootage import PastFootage, sealed_parts
from edgecam.permitting import Permitting
from edgecam.places import Places, read_locked_owner
from edgecam.reports import Reports
from edgecam.settings import Settings
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.app import create_app
from edgecam.web.parts import CameraStatus, Footage, FootageSession, PageParts
from edgecam.web.server import PageServer
from edgecam.web.updateparts import UpdateParts

_HOST = "127.0.0.1"
_TEND_EVERY_S = 1.0


class Serving:
    """Serves the page; `faults` says what keeps it from that."""

    def __init__(
        self,
        settings: Settings,
        places: Places,
        key: CameraKey,
        register: Register,
        masks: MaskStore,
        reports: Reports,
        status: Callable[[], CameraStatus],
        updates: UpdateParts,
        clock: Clock,
    ) -> None:
        self._faults: list[Fault] = []
        self._places, self._key, self._register, self._reports = places, key, register, reports
        self._status, self._updates, self._clock = status, updates, clock
        self._accounts = AccountStore(places.accounts, key, register, clock)
        self._door = UnmaskedDoor(register, places.unmasked_permit, places.unmasked_frames, clock)
        self._masks, self._board_of_masks = masks, MasksBoard(masks)
        # The recorder erases what is due; until it has, nobody sees it here.
        self._retention = retention_of(settings)
        self._holds = holds_of(settings, places, key, register, clock)
        self._past = PastFootage(places.ring, self._retention, clock, self._holds)
        self._certifying = (
            Certifying(settings, places, key.camera_id, register, clock) if is_open_to_network(settings) else None
        )
        self._custodial = Custodial(
            settings,
            places,
            key,
            register,
            clock,
            self._holds,
            lambda cases: calendar_of(settings, places, key, register, cases, self._holds, clock),
        )
        cases, rules = self._custodial.store, self._custodial.rules
        self._permitting = Permitting(places, key, register, cases, rules, clock)
        duplicates = duplicates_of(settings, places, register, key, clock)
        self._disclosures = Disclosures(places, cases, duplicates, clock)
        self._done = threading.Event()
        # Apart from the hub's own beat: erasing a large duplicate takes longer than a hub may be silent. Not waited
        # for: what is cut off is taken up again at the next start.
        self._tending = threading.Thread(target=self._tend, name="edgecam.tending", daemon=True)
        self._page = self._new_page(settings) if settings.web.enabled else None

    @property
    def faults(self) -> list[Fault]:
        """What is wrong now."""
        return [
            *self._faults,
            *(self._certifying.faults if self._certifying is not None else ()),
            *self._accounts.faults(),
            *self._permitting.faults,
            *self._disclosures.faults,
            *self._custodial.faults,
        ]

    @property
    def address(self) -> str:
        """Where the page is, empty when there is none."""
        return (self._page.secure_address or self._page.address) if self._page is not None else ""

    def start(self) -> None:
        self._settle_door()
        self._custodial.settle()
        self._disclosures.settle()
        if self._page is not None:
            self._page.start()
        self._tending.start()

    def require_tending(self) -> None:
        """Raises: Bug when nobody sees any more to what has to be done on time."""
        if not self._tending.is_alive():
            raise Bug("what erases permits, duplicates and cases on time has ended")

    def _tend(self) -> None:
        """What has to be done on time, whether or not anybody looks, until `stop`."""
        while not self._done.wait(_TEND_EVERY_S):
            self._permitting.tend()
            self._disclosures.tend()
            self._custodial.tend()

    def stop(self) -> None:
        self._done.set()
        if self._page is not None:
            self._page.close()

    def _new_page(self, settings: Settings) -> PageServer | None:
        album = album_parts(settings, self._places, self._register, self._clock, self._permitting.permits.key_for)
        sealed = sealed_parts(self._past, self._places, self._register, self._permitting.permits.key_for)
        parts = PageParts(
            camera_name=settings.camera.name,
            listen_host=_HOST,
            clock=self._clock,
            live_picture=SmallFrames(self._places.small_frames).newest,
            status=self._status,
            recent_events=lambda: read_recent(self._places.recent_events),
            recordings=self._past.recordings,
            unlock=self._unlock,
            record_view=self._record_view,
            accounts=AccountDesk(self._accounts, self._clock),
            open_unmasked=self._door.open,
            masks=self._masks_shown,
            confirm_aim=self._confirm_aim,
            certificates=self._certifying,
            setup=first_run(self._places, self._key, self._register, self._accounts, self._clock),
            care=care_of(self._places, self._key, self._holds),
            album=album,
            sealed=sealed,
            approve=self._custodial.approve,
            custody=self._custodial.parts(self._permitting.permits, self._disclosures),
            permits=self._permitting.parts(
                self._accounts, sealed.locked_owner, {"ring": sealed.footage, "album": album.sealed.footage}
            ),
            drawing=drawing_parts(
                settings, self._places, self._key, self._register, self._masks, self._reports, self._clock
            ),
            support=support_of(settings),
            updates=self._updates,
        )
        try:
            host = _HOST if self._certifying is not None else settings.web.address
            secure = self._certifying.secure if self._certifying is not None else None
            return PageServer(create_app(parts), host, settings.web.port, secure)
        except EdgecamError as refused:
            self._faults.append(Fault("page", str(refused)))
            return None

    def _unlock(self, passphrase: str, who: str) -> FootageSession:
        identity = unlock_owner(read_locked_owner(self._places), passphrase)
        self._register.write(Act.OWNER_UNLOCK, who=who, purpose="viewing on the camera's page")
        return _Opened(Playback(self._places.ring, identity.unseal, self._retention, self._clock.now))

    def _settle_door(self) -> None:
        try:
            self._door.settle()
        except EdgecamError as refused:
            self._faults.append(Fault("register", str(refused)))

    def _masks_shown(self) -> MasksShown:
        recorder = self._reports.recorder()
        return self._board_of_masks.look((recorder.width, recorder.height) if recorder else (0, 0))

    def _confirm_aim(self, who: str, role: Role) -> None:
        with self._masks.alone():
            masks, recorder = self._masks.check_in_force(), self._reports.recorder()
            confirming = AimToConfirm(role, masks, recorder.aim if recorder else "")
            with registered_aim_confirmation(self._register, confirming, who):
                confirm_aim(self._places, self._key, who, self._clock.now(), masks.mask_hash)

    def _record_view(self, who: str, from_wall_ns: int, to_wall_ns: int, leave: Leave) -> None:
        purpose, footage = leave.purpose or "viewing on the camera's page", (from_wall_ns, to_wall_ns)
        self._register.write(Act.VIEW, who=who, purpose=purpose, footage=footage, detail=leave.detail)


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
