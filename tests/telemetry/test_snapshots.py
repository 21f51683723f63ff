"""Snapshots: one for each alarm, sealed or to the owner's own home, never of a private picture, never many."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]
from page_camera import ObedientClock
from pyrage import x25519
from stand import IDENTITY, ROOT

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.recent import EventChanges, RecentEvents
from edgecam.core.smallframes import SmallFrame
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.telemetry.address import Address
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.snapshots import MOST_A_MINUTE, OwnHome, Sealed, SnapshotProperties, Snapshots
from edgecam.telemetry.topics import Topics
from edgecam.telemetry.voice import Voice

pytestmark = pytest.mark.row("T6")

OWNER = OwnerIdentity(x25519.Identity.generate())
FRIEND = OwnerIdentity(x25519.Identity.generate())
SEALED = Sealed(Recipients([OWNER.recipient(), FRIEND.recipient()]).seal)
HOME = OwnHome(Address("127.0.0.1", 1883, tls=False))
HASH = "ab" * 32


@dataclass
class _Scene:
    """A camera that notices and shows what a test says."""

    folder: Path
    receiver: Sealed | OwnHome = SEALED
    clock: ObedientClock = field(default_factory=ObedientClock)
    frames: list[SmallFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.recent = RecentEvents(self.folder / "events.jsonl")
        self.snapshots = Snapshots(
            self.receiver,
            Topics.of(IDENTITY),
            Voice(IDENTITY, self.clock),
            EventChanges(self.folder / "events.jsonl"),
            lambda: self.frames.pop() if self.frames else None,
            lambda: HASH,
            self.clock,
        )
        self.snapshots.connected()
        self._number = 0

    def shows(self, *, grey: int = 126, private: bool = False, age_s: float = 0.1) -> None:
        picture = Picture(64, 36)
        picture.buffer[:] = 128
        picture.y[:] = grey
        now = self.clock.now()
        age_ns = int(age_s * 1e9)
        self.frames = [SmallFrame(picture, now.mono_ns - age_ns, now.wall_ns - age_ns, 1, private)]

    def notices(self, kind: EventKind = EventKind.INTRUSION, **changed: object) -> Event:
        self._number += 1
        now = self.clock.now()
        event = Event(f"e{self._number}", 0, kind, now.wall_ns, None, 2, 0.8, "Somebody is on the lawn.")
        event = replace(event, **changed)  # type: ignore[arg-type]
        self.recent.add(event)
        return event

    def says(self) -> Outgoing:
        (message,) = self.snapshots.say()
        return message


def _told(message: Outgoing) -> SnapshotProperties:
    """What stands beside the picture, as a receiver reads it."""
    told: dict[str, Any] = dict(message.user_properties)
    numbers = {name: int(told[name]) for name in ("schema_version", "sequence", "width", "height") if name in told}
    return SnapshotProperties.model_validate(told | numbers)


def test_an_alarm_brings_a_picture_that_each_recipient_opens_and_nobody_else(tmp_path: Path) -> None:
    scene = _Scene(tmp_path)
    scene.shows(grey=235)
    alarm = scene.notices()
    message = scene.says()
    assert (message.topic, message.retain, message.content_type) == (f"{ROOT}/snapshot", False, "application/age")
    assert 0 < message.expiry_s <= 3600
    assert message.payload.startswith(b"age-encryption.org/v1\n")
    for recipient in (OWNER, FRIEND):
        pixels = simplejpeg.decode_jpeg(recipient.unseal(message.payload))
        assert pixels.shape == (36, 64, 3)
        assert pixels.min() > 250
    with pytest.raises(NotAllowed):
        OwnerIdentity(x25519.Identity.generate()).unseal(message.payload)
    told = _told(message)
    assert (told.event_id, told.kind, told.picture) == (alarm.event_id, EventKind.INTRUSION, "sealed")
    assert (told.width, told.height, told.mask_hash) == (64, 36, HASH)
    assert (told.captured_utc, told.captured_trust) == ("2026-11-21T09:59:59.900Z", "synced")
    assert (told.camera, told.site, told.schema_version) == (IDENTITY.camera, IDENTITY.site, 1)


def test_at_home_the_picture_is_a_jpeg_that_tells_nothing_but_its_pixels(tmp_path: Path) -> None:
    scene = _Scene(tmp_path, HOME)
    scene.shows()
    scene.notices()
    message = scene.says()
    assert (message.content_type, _told(message).picture) == ("image/jpeg", "plain")
    assert simplejpeg.decode_jpeg(message.payload).shape == (36, 64, 3)
    # Markers (ITU-T T.81, B.1.1.3): APP1 to APP15 and comments are where cameras leave place, time and maker.
    head = message.payload[: message.payload.index(b"\xff\xda")]
    assert not [mark for mark in (*range(0xE1, 0xF0), 0xFE) if bytes((0xFF, mark)) in head]


@pytest.mark.parametrize("address", ["mqtt://192.0.2.7", "mqtt://home.example", "mqtt://[2001:db8::1]"])
def test_no_broker_gets_a_plain_picture_over_a_line_that_others_can_read(address: str) -> None:
    with pytest.raises(NotAllowed, match="not encrypted"):
        OwnHome(Address.parse(address))


@pytest.mark.parametrize(
    "address", ["mqtts://192.0.2.7", "mqtts://home.example", "mqtt://127.0.0.1", "mqtt://[::1]", "mqtt://localhost"]
)
def test_an_encrypted_line_or_one_inside_the_machine_will_do(address: str) -> None:
    assert OwnHome(Address.parse(address)).address == Address.parse(address)


@pytest.mark.parametrize("receiver", [SEALED, HOME])
def test_a_private_picture_is_told_and_not_sent(tmp_path: Path, receiver: Sealed | OwnHome) -> None:
    scene = _Scene(tmp_path, receiver)
    scene.shows(private=True)
    scene.notices()
    message = scene.says()
    assert (message.payload, _told(message).picture) == (b"", "private")


def test_a_picture_that_is_not_there_or_old_is_missing(tmp_path: Path) -> None:
    scene = _Scene(tmp_path)
    scene.notices(EventKind.SIGNAL_LOST)
    missing = scene.says()
    assert (missing.payload, _told(missing).picture, _told(missing).captured_utc) == (b"", "missing", None)
    scene.shows(age_s=5)
    scene.notices()
    assert _told(scene.says()).picture == "missing"


def test_two_alarms_at_once_both_have_the_picture_that_there_is(tmp_path: Path) -> None:
    scene = _Scene(tmp_path, HOME)
    scene.shows()
    scene.notices()
    first = scene.says()
    scene.notices(EventKind.LOITERING)
    second = scene.says()
    assert second.payload == first.payload
    scene.clock.sleep(5)
    assert not scene.snapshots.say()
    scene.notices(EventKind.FALL)
    assert _told(scene.says()).picture == "missing"


def test_an_alarm_has_one_picture_and_what_is_no_alarm_none(tmp_path: Path) -> None:
    scene = _Scene(tmp_path)
    scene.shows()
    alarm = scene.notices()
    assert scene.says()
    scene.recent.add(replace(alarm, revision=1))
    scene.recent.add(replace(alarm, revision=2, end_wall_ns=alarm.start_wall_ns + 1))
    for kind in (EventKind.PERSON, EventKind.VEHICLE, EventKind.MOTION, EventKind.COUNTING):
        scene.notices(kind)
    assert not scene.snapshots.say()


def test_what_began_before_the_connection_has_no_picture(tmp_path: Path) -> None:
    scene = _Scene(tmp_path)
    scene.shows()
    scene.notices()
    scene.snapshots.connected()
    assert not scene.snapshots.say()


def test_a_storm_of_alarms_brings_six_pictures_a_minute(tmp_path: Path) -> None:
    scene = _Scene(tmp_path)
    sent = 0
    for _ in range(240):
        scene.shows()
        scene.notices()
        sent += len(scene.snapshots.say())
        scene.clock.sleep(0.5)
    assert sent == 2 * MOST_A_MINUTE


def test_nobody_to_seal_to_is_a_fault_and_no_picture_leaves(tmp_path: Path) -> None:
    def seal(jpeg: bytes) -> bytes:
        if not recipients:
            raise BadInput("no owner key to seal footage to")
        return SEALED.seal(jpeg)

    recipients: list[str] = []
    scene = _Scene(tmp_path, Sealed(seal))
    scene.shows()
    scene.notices()
    message = scene.says()
    assert (message.payload, _told(message).picture) == (b"", "missing")
    assert [fault.code for fault in scene.snapshots.faults] == ["snapshots"]
    recipients.append("somebody")
    scene.notices()
    assert _told(scene.says()).picture == "sealed"
    assert scene.snapshots.faults == ()


def test_a_full_size_small_picture_fits_the_embedded_broker(tmp_path: Path) -> None:
    scene = _Scene(tmp_path)
    noise = Picture(640, 360)
    noise.buffer[:] = np.random.default_rng(1).integers(16, 236, noise.buffer.size)
    now = scene.clock.now()
    scene.frames = [SmallFrame(noise, now.mono_ns, now.wall_ns, 1, False)]
    scene.notices()
    assert len(scene.says().payload) < 262_144
