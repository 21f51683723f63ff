"""What is left on the medium of footage past its time: searched byte by byte, past the ring's own code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pyrage
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from custodystand import record
from mountstand import loop_device, made, needs, run
from ringstand import CAMERA, at, make_ring

from edgecam.core.frames import Fragment
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.writer import RingWriter

pytestmark = pytest.mark.row("R3")
ONE_HOUR = Retention(1 / 24)
AGE_MAGIC, SEGMENT_MAGIC = b"age-encryption.org/v1", b"edgecamS"
WINDOW = 32
# Three epochs that will be due, one that will not.
EPOCH_STARTS_S = (0, 700, 1400, 4000)
ALL_DUE_S, KEPT = 5000, 3
FRAMES, KEYFRAME_EVERY = 60, 15


@dataclass
class Secrets:
    """Everything about one epoch that somebody might look for."""

    key: bytes
    sealed_key: bytes
    plain: list[bytes] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)


@dataclass
class Scene:
    """Footage that was recorded onto ``ring``; ``raw`` reads the whole medium below it, when nobody holds it."""

    ring: Path
    raw: Callable[[], bytes]
    below_a_file_system: bool = False
    identity: pyrage.x25519.Identity = field(default_factory=pyrage.x25519.Identity.generate)
    epochs: list[Secrets] = field(default_factory=list)

    def writer(self, seconds: float) -> RingWriter:
        return RingWriter(
            FileMedium.open(self.ring, writable=True),
            sign=CAMERA.sign,
            camera_public=CAMERA.public,
            seal=self._seal,
            retention=ONE_HOUR,
            now=at(seconds),
        )

    def record(self) -> None:
        medium = FileMedium.create(self.ring, 2 << 20)
        make_ring(medium, ONE_HOUR, at(0))
        medium.close()
        writer = self.writer(0)
        for start_s in EPOCH_STARTS_S:
            # Of sizes of their own, so that no two epochs look alike to the encoder.
            footage = record(FRAMES, KEYFRAME_EVERY, size=(160, 96 + 16 * (start_s // 700)))
            for number, data in enumerate(footage.fragments):
                start = at(start_s + number)
                end_ns = start.mono_ns + 10**9
                fragment = Fragment(footage.init, data, start.mono_ns, end_ns, KEYFRAME_EVERY, bytes(32), False)
                writer.append(fragment, start, 0, GapCause.NONE)
                self.epochs[-1].plain.append(data)
            self.epochs[-1].plain.append(footage.init)
        writer.close()
        with self.reader() as reader:
            for stored in reader.segments():
                self.epochs[stored.header.epoch].sealed.append(reader.sealed_payload(stored))

    def erase(self) -> None:
        writer = self.writer(ALL_DUE_S - 1)  # what is due by then goes while the ring is opened
        told = [erasure.epoch for erasure in (*writer.take_erasures(), *writer.erase_due(at(ALL_DUE_S)))]
        assert told == [0, 1, 2]
        writer.close()

    @contextmanager
    def reader(self) -> Iterator[RingReader]:
        medium = FileMedium.open(self.ring, writable=False)
        try:
            yield RingReader(medium)
        finally:
            medium.close()

    def _seal(self, secret: bytes) -> bytes:
        sealed = Recipients([str(self.identity.to_public())]).seal(secret)
        self.epochs.append(Secrets(secret, sealed))
        return sealed


def windows(data: bytes) -> Iterator[bytes]:
    """Samples that cannot lie on a medium by chance: boxes are full of zeros."""
    for start in range(0, len(data) - WINDOW + 1, 211):
        window = data[start : start + WINDOW]
        if len(set(window)) >= WINDOW // 2:
            yield window


def holds(raw: bytes, things: list[bytes]) -> bool:
    sampled = [window for thing in things for window in windows(thing)]
    assert len(sampled) >= len(things)
    return any(window in raw for window in sampled)


def places(raw: bytes, magic: bytes) -> Iterator[int]:
    """Every byte of ``raw`` at which ``magic`` begins: file systems have blocks of their own."""
    place = raw.find(magic)
    while place >= 0:
        yield place
        place = raw.find(magic, place + 1)


def opened_by_hand(raw: bytes, identity: pyrage.x25519.Identity, sizes: set[int]) -> set[bytes]:
    """Every fragment that the owner's secret still opens, from any age file and any segment anywhere in ``raw``."""
    keys = set()
    for place, size in product(places(raw, AGE_MAGIC), sizes):
        with suppress(pyrage.DecryptError):
            keys.add(pyrage.decrypt(raw[place : place + size], [identity]))
    opened = set()
    for place in places(raw, SEGMENT_MAGIC):
        header = raw[place : place + 512]
        nonce = (int.from_bytes(header[24:28], "little") + 1).to_bytes(12, "little")
        payload = raw[place + 512 : place + 512 + int.from_bytes(header[72:76], "little")]
        for key in keys:
            with suppress(InvalidTag):
                opened.add(AESGCM(key).decrypt(nonce, payload, header[:208])[16:])
    return opened


@contextmanager
def file_on_this_disk(folder: Path) -> Iterator[Scene]:
    ring = folder / "ring"
    yield Scene(ring, ring.read_bytes)


@contextmanager
def block_device(folder: Path) -> Iterator[Scene]:
    needs("ext4", "losetup")
    image = folder / "image"
    image.write_bytes(os.urandom(2 << 20))
    with loop_device(image) as device:
        yield Scene(device, image.read_bytes)


@contextmanager
def file_on_ext4(folder: Path) -> Iterator[Scene]:
    with made("ext4", folder, 24, "defaults", "-b", "4096") as disk:

        def raw() -> bytes:
            run("sync", "--file-system", str(disk))
            return (folder / "image").read_bytes()

        yield Scene(disk / "ring", raw, below_a_file_system=True)


MEDIA = {
    "a file": file_on_this_disk,
    "a block device": block_device,
    "a file, seen from below its file system": file_on_ext4,
}


@pytest.fixture(params=MEDIA)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    with MEDIA[request.param](tmp_path) as made_scene:
        made_scene.record()
        yield made_scene


def test_of_footage_past_its_time_nothing_is_left_that_anybody_could_open(scene: Scene) -> None:
    before = scene.raw()
    for epoch in scene.epochs:
        # The search finds what is there; and neither key nor picture ever was.
        assert holds(before, [epoch.sealed_key])
        assert holds(before, epoch.sealed)
        assert epoch.key not in before
        assert not holds(before, epoch.plain)
    plain_of = [set(epoch.plain[:-1]) for epoch in scene.epochs]
    sizes = {len(epoch.sealed_key) for epoch in scene.epochs}
    assert opened_by_hand(before, scene.identity, sizes) == set().union(*plain_of)

    scene.erase()
    after = scene.raw()
    for epoch in scene.epochs[:KEPT]:
        assert epoch.key not in after
        assert not any(window in after for window in tail_windows(epoch.sealed_key))
        assert not holds(after, epoch.plain)
        # A file system marks zeroed room as unwritten and leaves what lies below: ciphertext that has no key.
        assert scene.below_a_file_system or not holds(after, epoch.sealed)
    assert scene.epochs[KEPT].key not in after
    assert not holds(after, scene.epochs[KEPT].plain)
    # With the owner's secret itself, over every byte of the medium: what still lives, and nothing else.
    assert opened_by_hand(after, scene.identity, sizes) == plain_of[KEPT]


def test_the_ring_itself_finds_nothing_past_its_time(scene: Scene) -> None:
    scene.erase()
    with scene.reader() as reader:
        (kept,) = reader.epochs()
        opened = reader.open_epoch(kept, OwnerIdentity(scene.identity).unseal)
        found = [opened.open(s.header, reader.sealed_payload(s)).fragment for s in reader.segments()]
    assert found == scene.epochs[KEPT].plain[:-1]


def test_no_key_is_ever_written_anywhere_else(tmp_path: Path) -> None:
    with file_on_this_disk(tmp_path) as scene:
        scene.record()
        scene.erase()
        assert [path.name for path in tmp_path.rglob("*")] == ["ring"]


def tail_windows(sealed_key: bytes) -> Iterator[bytes]:
    """All of an age file's bytes but those with which every one of them begins."""
    own = sealed_key.index(b"-> X25519 ") + len(b"-> X25519 ")
    for start in range(own, len(sealed_key) - WINDOW + 1):
        yield sealed_key[start : start + WINDOW]
