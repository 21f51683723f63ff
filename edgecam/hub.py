"""The hub: talks to the broker and serves the page. It reads the ring as ciphertext and never sees the camera."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgecam import __version__
from edgecam.choices import kinds_of, retention_of
from edgecam.commandacts import Camera
from edgecam.commanding import Commanding
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, EdgecamError, MediaFailing, NotAllowed, Unavailable
from edgecam.core.events import Event
from edgecam.core.process import restarts
from edgecam.core.recent import EventChanges, LastingEvents, read_recent
from edgecam.core.smallframes import SmallFrames
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus, publish_status, read_status
from edgecam.custody.aim_line import AimToConfirm, registered_aim_confirmation
from edgecam.custody.playback import Playback
from edgecam.custody.register import Register
from edgecam.custody.register_line import Act
from edgecam.custody.snapshot_line import NO_SNAPSHOTS, SnapshotChoice, register_snapshot_choice
from edgecam.custody.unmasked_sight import UnmaskedDoor
from edgecam.keys.camera import load_camera_key
from edgecam.keys.owner import OwnerIdentity, Recipients, unlock_owner
from edgecam.keys.recipients import read_recipients
from edgecam.masking.lifecycle import Role
from edgecam.masking.maskstore import MaskStore
from edgecam.masking.shown import MasksBoard, MasksShown
from edgecam.part import run_part
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.stretches import Stretches
from edgecam.settings import Settings, TelemetrySettings
from edgecam.silences import FollowedSilences
from edgecam.telemetry.address import Address
from edgecam.telemetry.board import Board
from edgecam.telemetry.commandkeys import FollowedKeys
from edgecam.telemetry.commandresult import Answer
from edgecam.telemetry.commandspeaker import CommandSpeaker, Heard
from edgecam.telemetry.conversation import HEALTH_LIVES_PERIODS
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.discovery import NOWHERE, Device, discovery_of
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.health import tell_health
from edgecam.telemetry.healthmessage import Health
from edgecam.telemetry.homeassistant import HomeAssistant
from edgecam.telemetry.link import Link
from edgecam.telemetry.onvif import OnvifEvents
from edgecam.telemetry.outbox import Loss, Outbox
from edgecam.telemetry.rival import Rival
from edgecam.telemetry.snapshots import OwnHome, Sealed, Snapshots
from edgecam.telemetry.speaker import Speaker
from edgecam.telemetry.states import Lasting, States
from edgecam.telemetry.topics import Identity, Topics
from edgecam.telemetry.versionmark import version_since
from edgecam.telemetry.voice import Voice
from edgecam.web.app import create_app
from edgecam.web.condition import faults
from edgecam.web.parts import CameraStatus, Footage, FootageSession, PageParts, Stretch
from edgecam.web.server import PageServer

_STATUS_EVERY_S = 1.0
# Until then recorder and observer may be silent because they are still starting.
_STARTING_S = 15
_HOST = "127.0.0.1"
_log = logging.getLogger(__name__)


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
        self._lasting_events = LastingEvents(places.recent_events)
        self._version_since = version_since(places.version_mark, __version__, clock)
        self._silences = FollowedSilences(places.silences, clock)
        self._commanding = Commanding(Camera(settings, places, key, self._register, self._health, clock))
        self._commands: CommandSpeaker | None = None
        self._faults: list[Fault] = []
        self._snapshots: Snapshots | None = None
        self._address, self._link = self._new_link(key.camera_id)
        self._page = self._new_page() if settings.web.enabled else None
        # The page's threads share these; `_looking` guards them.
        self._looking = threading.Lock()
        # The recorder erases what is due; until it has, nobody sees it here.
        self._retention = retention_of(settings)
        self._stretches: Stretches | None = None

    def run(self, stop: threading.Event) -> None:
        """Tell and serve until ``stop``."""
        self._settle_door()
        self._commanding.start(self._answer)
        if self._link is not None:
            self._link.start()
        if self._page is not None:
            self._page.start()
        while not stop.wait(_STATUS_EVERY_S):
            publish_status(self._places.status_of("hub"), self._status())
        if self._page is not None:
            self._page.close()
        self._commanding.stop()
        if self._link is not None:
            self._link.stop()
        self._doorbell.close()
        self._outbox.close()

    def _new_link(self, camera_id: str) -> tuple[str, Link | None]:
        chosen = self._settings.telemetry
        if chosen.broker == "off":
            self._is_registered(NO_SNAPSHOTS)
            return "", None
        embedded = f"mqtt://{_HOST}:{chosen.embedded_port}"
        address = Address.parse(embedded if chosen.broker == "embedded" else chosen.broker)
        identity = Identity(camera=camera_id, site=self._settings.camera.site, version=__version__)
        voice = Voice(identity, self._clock)
        pictures = self._picture_speakers(address, Topics.of(identity), voice)
        keys = FollowedKeys(self._places.command_keys, self._key.public)
        self._commands = CommandSpeaker(voice, identity, keys, self._commanding.obey, self._clock)
        speakers: list[Speaker] = [self._commands, *self._home_assistant(identity, voice)]
        speakers += pictures
        if chosen.onvif_events:
            speakers.append(OnvifEvents(Topics.of(identity), self._changes(), self._clock))
        link = Link(
            address,
            _credentials(chosen, self._places),
            identity,
            self._outbox,
            self._health,
            self._clock,
            doorbell=self._doorbell,
            voice=voice,
            speakers=speakers,
            rival=self._report_rival,
            health_period_s=chosen.health_interval_s,
        )
        return str(address), link

    def _report_rival(self, rival: Rival) -> None:
        """Called in the link's thread; the fault stands in its state anyway."""
        try:
            self._outbox.put(rival.event(self._clock.now()))
        except (MediaFailing, Unavailable) as failing:
            _log.warning("%s", failing)

    def _answer(self, heard: Heard, answer: Answer) -> None:
        if self._commands is not None and self._link is not None:
            self._commands.answer(heard, answer)
            self._link.wake()

    def _home_assistant(self, identity: Identity, voice: Voice) -> list[Speaker]:
        """Who speaks with Home Assistant; while it is switched off, only what was said before is taken back."""
        chosen = self._settings.telemetry
        kinds = kinds_of(self._settings)
        health_expires_s = int(chosen.health_interval_s * HEALTH_LIVES_PERIODS)
        device = Device(
            identity,
            self._settings.camera.name,
            kinds,
            health_expires_s,
            self._board.model(),
            chosen.home_assistant_page,
            snapshots=self._snapshots is not None and chosen.snapshots == "own_home",
        )
        discovery = discovery_of(device, chosen.home_assistant_prefix) if chosen.home_assistant else NOWHERE
        states = States(voice, Topics.of(identity), kinds, self._lasting, self._clock)
        home_assistant = HomeAssistant(
            discovery,
            f"{chosen.home_assistant_prefix}/status",
            self._places.home_assistant,
            lambda: voice.health(self._health(), health_expires_s),
            states.connected,
            self._clock,
        )
        return [home_assistant, states] if chosen.home_assistant else [home_assistant]

    def _picture_speakers(self, address: Address, topics: Topics, voice: Voice) -> list[Speaker]:
        """Who sends snapshots; where what the owner chose is refused, that is a fault, and no picture leaves."""
        chosen = self._settings.telemetry.snapshots
        receiver: Sealed | OwnHome | None = None
        try:
            if chosen != "off":
                receiver = OwnHome(address) if chosen == "own_home" else Sealed(self._seal)
        except NotAllowed as refused:
            self._faults.append(Fault("snapshots", str(refused)))
        told = NO_SNAPSHOTS if receiver is None else SnapshotChoice(chosen, str(address))
        if not self._is_registered(told) or receiver is None:
            return []
        newest = SmallFrames(self._places.small_frames).newest
        self._snapshots = Snapshots(receiver, topics, voice, self._changes(), newest, self._mask_hash, self._clock)
        return [self._snapshots]

    def _is_registered(self, chosen: SnapshotChoice) -> bool:
        """Whether the register tells ``chosen``: what it does not tell must not happen."""
        try:
            register_snapshot_choice(self._register, chosen, self._places.snapshots_told)
        except EdgecamError as refused:
            self._faults.append(Fault("register", str(refused)))
            return False
        return True

    def _changes(self) -> EventChanges:
        """What begins and ends, without what is silenced; for one speaker."""
        silenced = FollowedSilences(self._places.silences, self._clock)
        return EventChanges(self._places.recent_events, lambda event: not silenced.silences(event))

    def _seal(self, picture: bytes) -> bytes:
        return Recipients.parse(read_recipients(self._places.recipients)).seal(picture)

    def _mask_hash(self) -> str:
        recorder = self._recorder()
        return recorder.mask_hash if recorder is not None else ""

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
            restarts=restarts(),
            broker=str(link.broker) if link is not None else "off",
            broker_address=self._address,
            outbox=waiting.events,
            outbox_lost=sum(waiting.losses.values()),
            outbox_losses={cause.value: count for cause, count in waiting.losses.items() if count},
            page=self._page.address if self._page is not None else "",
            faults=[
                *self._faults,
                *waiting.faults,
                *(link.faults if link is not None else ()),
                *(self._snapshots.faults if self._snapshots is not None else ()),
                *self._commanding.faults,
                *(self._commands.faults if self._commands is not None else ()),
            ],
        )

    def _waiting(self) -> _Waiting:
        try:
            return _Waiting(len(self._outbox), self._outbox.losses, self._outbox.faults())
        except (MediaFailing, Unavailable) as failing:
            return _Waiting(0, {}, [Fault("outbox_failing", str(failing))])

    def _health(self) -> Health:
        said = self._camera_status()
        now = self._clock.now()
        found = faults(said, now.mono_ns)
        if now.mono_ns - self._since_ns < _STARTING_S * NS_PER_S:
            found = [fault for fault in found if not fault.code.endswith("_silent")]
        codes = [fault.code for fault in found]
        silent = [code.removesuffix("_silent") for code in codes if code.endswith("_silent")]
        return tell_health(
            now=now,
            version=__version__,
            version_since=self._version_since,
            recorder=said.recorder,
            observer=said.observer,
            hub=said.hub,
            silent=silent,
            board=self._board.read(),
            memory_of=self._board.memory_of,
            mask_state=self._masks.state(),
            faults=found,
        )

    def _lasting(self) -> Lasting:
        """What goes on now; of what a silent process would see, nothing is known."""
        recorder, observer = self._recorder(), self._observer()
        found = faults(CameraStatus(recorder, observer, None), self._clock.mono_ns())
        silent = {fault.code for fault in found}
        if recorder is None or "recorder_silent" in silent:
            return Lasting(None, recording=False, private=None)
        events = None if "observer_silent" in silent else self._told(self._lasting_events.look())
        return Lasting(events, recorder.recording, recorder.private)

    def _told(self, events: list[Event]) -> list[Event]:
        """What of ``events`` is not silenced."""
        standing = self._silences.standing()
        return [event for event in events if not any(silence.covers(event) for silence in standing)]

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
    losses: Mapping[Loss, int]
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
