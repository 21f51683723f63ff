"""A camera's state folder with an album, a clock that obeys, things to keep, and an owner who opens all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from ringstand import OWNER, at, make_ring

from edgecam.analysis.digest import Movement
from edgecam.analysis.thumbnails import Shot
from edgecam.core.albumrecord import AlbumRecord, decode_record
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.keys.camera import create_camera_key
from edgecam.places import Places, find_places
from edgecam.ringbuffer.format import SegmentHeader
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.sealedalbum import Job, SealedAlbum
from edgecam.settings import Settings

SCENE = (320, 180)
MASKS = b"m" * 32


class StoryClock:
    """Stands still until a test moves it; ``seconds`` into the story of `ringstand.at`."""

    def __init__(self) -> None:
        self.seconds, self.trust = 0.0, TimeTrust.SYNCED

    def now(self) -> Instant:
        return at(self.seconds, trust=self.trust)

    def mono_ns(self) -> int:
        return self.now().mono_ns

    def sleep(self, duration_s: float) -> None:
        self.seconds += duration_s


@contextmanager
def album_camera(
    days: float = 1.0, size_mib: int = 8, more: str = ""
) -> Iterator[tuple[Settings, Places, StoryClock]]:
    """A state folder with keys, recipients and a ring file; no album yet."""
    with TemporaryDirectory(dir="/dev/shm") as run, TemporaryDirectory() as folder:
        path = Path(folder) / "edgecam.toml"
        path.write_text(
            f'[paths]\nstate_dir = "state"\nrun_dir = "{run}"\n'
            f"[ring]\nsize_gib = 0.0156\n[album]\nsize_mib = {size_mib}\n"
            f'[retention]\npolicy = "own"\ndays = {days}\n{more}'
        )
        settings, places = find_places(path)
        places.state_dir.mkdir()
        create_camera_key(places.camera_key)
        places.recipients.write_text(f"{OWNER.recipient()}\n")
        medium = FileMedium.create(places.ring, 1 << 20)
        make_ring(medium)
        medium.close()
        yield settings, places, StoryClock()


def picture(seed: int = 0, size: tuple[int, int] = SCENE) -> Picture:
    """A picture like no other's."""
    made = Picture(*size)
    made.buffer[:] = 128
    made.y[:] = (
        np.random.default_rng(seed).integers(16, 236, (size[1] // 4, size[0] // 4)).repeat(4, 0).repeat(4, 1)
    )
    return made


def event(number: int, clock: StoryClock, kind: EventKind = EventKind.PERSON, ago_s: float = 1) -> Event:
    """Event ``number``, which began a second ago and lasts."""
    start_ns = clock.now().wall_ns - round(ago_s * NS_PER_S)
    return Event(
        f"{number:032x}", 0, kind, start_ns, None, 2, 0.8, "a person appeared", number, (0.2, 0.2, 0.5, 0.9)
    )


def shot_job(number: int, clock: StoryClock, *, kind: EventKind = EventKind.PERSON, oldest_ns: int = 0) -> Job:
    """The picture of event ``number``, taken now."""
    now = clock.now()
    shot = Shot(
        event(number, clock, kind), False, picture(number), (0.0, 0.0, 1.0, 1.0), (0.2, 0.2, 0.5, 0.9),
        now.mono_ns, now.wall_ns, MASKS,
    )  # fmt: skip
    return Job(shot, oldest_ns or now.mono_ns, SCENE)


def movement_job(number: int, clock: StoryClock, *, lasted_s: float = 6, frames: int = 8) -> Job:
    """A movement that ended now."""
    now, lasted_ns = clock.now(), round(lasted_s * NS_PER_S)
    movement = Movement(
        tuple(picture(number * 100 + n) for n in range(frames)), now.mono_ns - lasted_ns, now.mono_ns,
        now.wall_ns - lasted_ns, now.wall_ns, (EventKind.PERSON,), ("lawn",), (f"{number:032x}",), MASKS,
    )  # fmt: skip
    return Job(movement, movement.from_mono_ns, SCENE)


def opened(places: Places) -> list[tuple[SegmentHeader, bytes, AlbumRecord]]:
    """Header, init and record of every segment that the owner can open."""
    medium = FileMedium.open(places.album, writable=False)
    try:
        reader = RingReader(medium)
        found = []
        for slot in reader.epochs():
            epoch = reader.open_epoch(slot, OWNER.unseal)
            for stored in reader.segments_of(slot):
                data = epoch.open(stored.header, reader.sealed_payload(stored)).fragment
                found.append((stored.header, epoch.init, decode_record(data)))
        return found
    finally:
        medium.close()


def register_acts(places: Places) -> list[tuple[str, str]]:
    """Act and purpose of every register line."""
    lines = places.register.read_text().splitlines() if places.register.exists() else []
    return [(told["act"], told["purpose"]) for told in map(json.loads, lines)]


def kept(album: SealedAlbum, *jobs: Job) -> None:
    for job in jobs:
        album.keep(job)
