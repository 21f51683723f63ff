"""The hub: talks to the broker and serves the page. It reads the ring as ciphertext and never sees the camera."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from edgecam import __version__
from edgecam.choices import retention_of
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, EdgecamError, MediaFailing, Unavailable
from edgecam.core.recent import read_recent
from edgecam.core.smallframes import SmallFrames
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus, publish_status, read_status
from edgecam.custody.aim_line import AimToConfirm, registered_aim_confirmation
from edgecam.custody.playback import Playback
from edgecam.custody.register import Register
from edgecam.custody.register_line import Act
from edgecam.custody.unmasked_sight import UnmaskedDoor
from edgecam.keys.camera import load_camera_key
from edgecam.keys.owner import OwnerIdentity, unlock_owner
from edgecam.masking.lifecycle import Role
from edgecam.masking.maskstore import MaskStore
from edgecam.masking.shown import MasksBoard, MasksShown
from edgecam.part import run_part
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.stretches import Stretches
from edgecam.settings import Settings, TelemetrySettings
from edgecam.telemetry.address import Address
from edgecam.telemetry.board import Board
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.health import tell_health
from edgecam.telemetry.link import Link
from edgecam.telemetry.messages import Health
from edgecam.telemetry.outbox import Outbox
from edgecam.telemetry.topics import Identity
from edgecam.web.app import create_app
from edgecam.web.condition import faults
from edgecam.web.parts import CameraStatus, Footage, FootageSession, PageParts, Stretch
from edgecam.web.server import PageServer

_STATUS_EVERY_S = 1.0
# Until then recorder and observer may be silent because they are still starting.
_STARTING_S = 15
_HOST = "127.0.0.1"


class Hub:
    """Composes telemetry and page; `run` blocks until told to stop."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        self._settings, self._places, self._clock = settings, places, clock
        self._since_ns = clock.mono_ns()
        self._key = key = load_camera_key(places.camera_key)
        self._register = Register(places.register, key.sign, key.public)
        self._door = UnmaskedDoor(self._register, places.unmasked_permit, places.unmasked_frames, clock)
        self._masks = MaskStore(places.masks, key)
        self._board_of_masks = MasksBoard(self._masks)
        self._outbox = Outbox(places.outbox, clock)
        self._doorbell = Doorbell(places.doorbell)
        self._board = Board(places.state_dir)
        self._address, self._link = self._new_link(key.camera_id)
        self._faults: list[Fault] = []
        self._page = self._new_page() if settings.web.enabled else None
        # The page's threads share these; `_looking` guards them.
        self._looking = threading.Lock()
        # The recorder erases what is due; until it has, nobody sees it here.
        self._retention = retention_of(settings)
        self._stretches: Stretches | None = None

    def run(self, stop: threading.Event) -> None:
        """Tell and serve until ``stop``."""
        self._settle_door()
        if self._link is not None:
            self._link.start()
        if self._page is not None:
            self._page.start()
        while not stop.wait(_STATUS_EVERY_S):
            publish_status(self._places.status_of("hub"), self._status())
        if self._page is not None:
            self._page.close()
        if self._link is not None:
            self._link.stop()
        self._doorbell.close()
        self._outbox.close()

    def _new_link(self, camera_id: str) -> tuple[str, Link | None]:
        chosen = self._settings.telemetry
        if chosen.broker == "off":
            return "", None
        embedded = f"mqtt://{_HOST}:{chosen.embedded_port}"
        address = Address.parse(embedded if chosen.broker == "embedded" else chosen.broker)
        link = Link(
            address,
            _credentials(chosen, self._places),
            Identity(camera=camera_id, site=self._settings.camera.site, version=__version__),
            self._outbox,
            self._health,
            self._clock,
            doorbell=self._doorbell,
            health_period_s=chosen.health_interval_s,
        )
        return str(address), link

    def _new_page(self) -> PageServer | None:
        parts = PageParts(
            camera_name=self._settings.camera.name,
            listen_host=_HOST,
            clock=self._clock,
            live_picture=SmallFrames(self._places.small_frames).newest,
            status=self._camera_status,
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
            return PageServer(create_app(parts), _HOST, self._settings.web.port)
        except EdgecamError as refused:
            self._faults.append(Fault("page", str(refused)))
            return None

    def _recorder(self) -> RecorderStatus | None:
        return read_status(self._places.status_of("recorder"), RecorderStatus)

    def _camera_status(self) -> CameraStatus:
        return CameraStatus(self._recorder(), self._observer(), self._status())

    def _observer(self) -> ObserverStatus | None:
        if not self._settings.analysis.enabled:
            # Switched off is not silent.
            return ObserverStatus(beat_mono_ns=self._clock.mono_ns(), detector="off")
        return read_status(self._places.status_of("observer"), ObserverStatus)

    def _status(self) -> HubStatus:
        link = self._link.state if self._link is not None else None
        waiting = self._waiting()
        return HubStatus(
            pid=os.getpid(),
            beat_mono_ns=self._clock.mono_ns(),
            broker=str(link.broker) if link is not None else "off",
            broker_address=self._address,
            outbox=waiting.events,
            outbox_lost=waiting.lost,
            page=self._page.address if self._page is not None else "",
            faults=[*self._faults, *waiting.faults, *(link.faults if link is not None else ())],
        )

    def _waiting(self) -> _Waiting:
        try:
            return _Waiting(len(self._outbox), self._outbox.lost, self._outbox.faults())
        except (MediaFailing, Unavailable) as failing:
            return _Waiting(0, 0, [Fault("outbox_failing", str(failing))])

    def _health(self) -> Health:
        said = self._camera_status()
        now = self._clock.now()
        found = faults(said, now.mono_ns)
        if now.mono_ns - self._since_ns < _STARTING_S * NS_PER_S:
            found = [fault for fault in found if not fault.code.endswith("_silent")]
        silent = any(fault.code == "recorder_silent" for fault in found)
        return tell_health(
            now=now,
            version=__version__,
            recorder=None if silent else said.recorder,
            board=self._board.read(),
            faults=found,
            outbox_events=said.hub.outbox if said.hub else 0,
            outbox_lost=said.hub.outbox_lost if said.hub else 0,
        )

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
            self._faults.append(Fault("register", str(refused)))

    def _masks_shown(self) -> MasksShown:
        recorder = self._recorder()
        return self._board_of_masks.look((recorder.width, recorder.height) if recorder else (0, 0))

    def _confirm_aim(self, who: str, role: Role) -> None:
        # Only here: it brings OpenCV along, 17 MB that the hub need not carry.
        from edgecam.masking.aimstore import AimStore

        with self._masks.alone():
            masks, recorder = self._masks.check_in_force(), self._recorder()
            confirming = AimToConfirm(role, masks, recorder.aim if recorder else "")
            with registered_aim_confirmation(self._register, confirming, who):
                AimStore(self._places.masks, self._key).confirm(who, self._clock.now(), masks.mask_hash)

    def _record_view(self, who: str, from_wall_ns: int, to_wall_ns: int) -> None:
        self._register.write(
            Act.VIEW, who=who, purpose="viewing on the camera's page", footage=(from_wall_ns, to_wall_ns)
        )


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What the outbox holds now."""

    events: int
    lost: int
    faults: list[Fault]


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


def _credentials(chosen: TelemetrySettings, places: Places) -> Credentials:
    def file(name: str) -> Path | None:
        return (places.settings.parent / Path(name).expanduser()).absolute() if name else None

    return Credentials(
        username=chosen.username or None,
        password_file=file(chosen.password_file),
        ca_file=file(chosen.ca_file),
        cert_file=file(chosen.cert_file),
        key_file=file(chosen.key_file),
    )


def _compose(settings: Settings, places: Places, clock: Clock) -> Hub:
    os.nice(5)  # the recorder comes first
    return Hub(settings, places, clock)


if __name__ == "__main__":
    # python -m edgecam.hub SETTINGS
    run_part("hub", _compose)
