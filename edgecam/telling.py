"""The broker's side of the hub: the link, what waits for it, and everybody who speaks over it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from edgecam import __version__
from edgecam.choices import kinds_of
from edgecam.core.clock import Clock
from edgecam.core.errors import EdgecamError, MediaFailing, NotAllowed, Unavailable
from edgecam.core.events import Event
from edgecam.core.recent import EventChanges, LastingEvents
from edgecam.core.smallframes import SmallFrames
from edgecam.core.status import Fault
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_head import head_of
from edgecam.custody.register.snapshot_line import NO_SNAPSHOTS, SnapshotChoice, register_snapshot_choice
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.reports import Reports
from edgecam.sealedto import SealedTo
from edgecam.settings import Settings, TelemetrySettings
from edgecam.silences import FollowedSilences
from edgecam.telemetry.address import Address
from edgecam.telemetry.board import Board
from edgecam.telemetry.commandkeys import FollowedKeys
from edgecam.telemetry.commandresult import Answer
from edgecam.telemetry.commandspeaker import CommandSpeaker, Heard
from edgecam.telemetry.connection import Manner
from edgecam.telemetry.conversation import HEALTH_LIVES_PERIODS
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.discovery import NOWHERE, Device, discovery_of
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.healthmessage import Health
from edgecam.telemetry.homeassistant import HomeAssistant
from edgecam.telemetry.link import Link
from edgecam.telemetry.onvif import OnvifEvents
from edgecam.telemetry.outbox import Loss, Outbox
from edgecam.telemetry.registerheads import RegisterHeads, ToldHead
from edgecam.telemetry.rival import Rival
from edgecam.telemetry.snapshots import OwnHome, Sealed, Snapshots
from edgecam.telemetry.speaker import Speaker
from edgecam.telemetry.states import Lasting, States
from edgecam.telemetry.topics import Identity, Topics
from edgecam.telemetry.voice import Voice
from edgecam.web.condition import faults
from edgecam.web.parts import CameraStatus

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the outbox holds now."""

    events: int
    losses: Mapping[Loss, int]
    faults: list[Fault]


class Telling:
    """Composes link and speakers; without a broker it only says so. `answer` may be called by any thread."""

    def __init__(
        self,
        settings: Settings,
        places: Places,
        key: CameraKey,
        register: Register,
        reports: Reports,
        health: Callable[[], Health],
        obey: Callable[[Heard], bool],
        clock: Clock,
    ) -> None:
        self._settings, self._places, self._key, self._register = settings, places, key, register
        self._reports, self._health, self._obey, self._clock = reports, health, obey, clock
        self._outbox = Outbox(places.outbox, clock)
        self._doorbell = Doorbell(places.doorbell)
        self._lasting_events = LastingEvents(places.recent_events)
        self._silences = FollowedSilences(places.silences, clock)
        self._commands: CommandSpeaker | None = None
        self._snapshots: Snapshots | None = None
        self._faults: list[Fault] = []
        self.address = ""
        self._link = self._new_link()

    @property
    def broker(self) -> str:
        """The name of the `BrokerState`."""
        return str(self._link.state.broker) if self._link is not None else "off"

    @property
    def faults(self) -> list[Fault]:
        """What is wrong now, but for what waits: see `waiting`."""
        return [
            *self._faults,
            *(self._link.state.faults if self._link is not None else ()),
            *(self._snapshots.faults if self._snapshots is not None else ()),
            *(self._commands.faults if self._commands is not None else ()),
            *self._reports.care_faults(),
        ]

    def waiting(self) -> Waiting:
        """What waits for the broker; of a medium that refuses to tell, that."""
        try:
            return Waiting(len(self._outbox), self._outbox.losses, self._outbox.faults())
        except (MediaFailing, Unavailable) as failing:
            return Waiting(0, {}, [Fault("outbox_failing", str(failing))])

    def start(self) -> None:
        if self._link is not None:
            self._link.start()

    def stop(self) -> None:
        """Say goodbye to the broker; what waits stays on disk."""
        if self._link is not None:
            self._link.stop()
        self._doorbell.close()
        self._outbox.close()

    def answer(self, heard: Heard, answer: Answer) -> None:
        """Tell whoever gave the command that was ``heard``."""
        if self._commands is not None and self._link is not None:
            self._commands.answer(heard, answer)
            self._link.wake()

    def _new_link(self) -> Link | None:
        chosen = self._settings.telemetry
        if chosen.broker == "off":
            self._is_registered(NO_SNAPSHOTS)
            return None
        embedded = Address("127.0.0.1", chosen.embedded_port, tls=False)
        address = embedded if chosen.broker == "embedded" else Address.parse(chosen.broker)
        self.address = str(address)
        identity = Identity(camera=self._key.camera_id, site=self._settings.camera.site, version=__version__)
        voice = Voice(identity, self._clock)
        return Link(
            address,
            _credentials(chosen, self._places),
            identity,
            self._outbox,
            self._health,
            self._clock,
            manner=Manner(will_delay_s=chosen.offline_after_s),
            doorbell=self._doorbell,
            voice=voice,
            speakers=self._speakers(address, identity, voice),
            rival=self._report_rival,
            health_period_s=chosen.health_interval_s,
        )

    def _speakers(self, address: Address, identity: Identity, voice: Voice) -> list[Speaker]:
        topics = Topics.of(identity)
        keys = FollowedKeys(self._places.command_keys, self._key.public)
        self._commands = CommandSpeaker(voice, identity, keys, self._obey, self._clock)
        # Home Assistant is told of pictures only when there are any.
        pictures = self._picture_speakers(address, topics, voice)
        heads = RegisterHeads(voice, topics, self._register_head, self._zone(), self._clock)
        speakers: list[Speaker] = [self._commands, *self._home_assistant(identity, voice), *pictures, heads]
        if self._settings.telemetry.onvif_events:
            speakers.append(OnvifEvents(topics, self._changes(), self._clock))
        return speakers

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self._settings.retention.timezone)
        except (KeyError, ValueError, OSError):
            return ZoneInfo("UTC")  # the recorder refuses such a zone; here it only says when a day begins

    def _register_head(self) -> ToldHead | None:
        last = self._register.head()
        if last is None:
            return None
        signed = head_of(last, self._clock.now(), self._key.sign)
        head = signed.head
        return ToldHead(head.sequence, head.hash.hex(), signed.utc, signed.trust, signed.signature.hex())

    def _report_rival(self, rival: Rival) -> None:
        """Called in the link's thread; the fault stands in its state anyway."""
        try:
            self._outbox.put(rival.event(self._clock.now()))
        except (MediaFailing, Unavailable) as failing:
            _log.warning("%s", failing)

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
            Board(self._places.state_dir).model(),
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
        return SealedTo(self._places, self._key).now().seal(picture)

    def _mask_hash(self) -> str:
        recorder = self._reports.recorder()
        return recorder.mask_hash if recorder is not None else ""

    def _lasting(self) -> Lasting:
        """What goes on now; of what a silent process would see, nothing is known."""
        recorder, observer = self._reports.recorder(), self._reports.observer()
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
