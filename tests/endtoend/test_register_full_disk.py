"""A register that cannot be written costs no footage and no line: a small ring that wraps on a real file."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from agentstand import CLOCK, owner

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import DataLoss, EdgecamError, MediaFailing
from edgecam.core.frames import Fragment
from edgecam.keys.camera import CameraKey, create_camera_key
from edgecam.keys.owner import Recipients
from edgecam.ringbuffer.committer import Committer
from edgecam.ringbuffer.creation import create_ring
from edgecam.ringbuffer.erasure import Erasure
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.writer import RingWriter

_FRAGMENTS = 40
_FRAGMENT_SIZE = 100_000


class _Register:
    """Refuses the first tries, then keeps what it is told; full disks are freed like that."""

    def __init__(self, refusal: EdgecamError, tries: int) -> None:
        self.refusal, self.tries = refusal, tries
        self.told: list[int] = []

    def __call__(self, erasures: list[Erasure]) -> None:
        if self.tries > 0:
            self.tries -= 1
            raise self.refusal
        self.told += [erasure.epoch for erasure in erasures]


def _open(path: Path, key: CameraKey) -> RingWriter:
    return RingWriter(
        FileMedium.open(path, writable=True),
        sign=key.sign,
        camera_public=key.public,
        seal=Recipients([owner()[0]]).seal,
        retention=Retention(14),
        now=CLOCK.now(),
    )


def _fragment(number: int, start_ns: int) -> Fragment:
    data = hashlib.shake_128(bytes([number])).digest(_FRAGMENT_SIZE)
    start = start_ns + number * NS_PER_S
    return Fragment(b"an init", data, start, start + NS_PER_S, 10, bytes(32), False)


@pytest.mark.row("R9")
@pytest.mark.row("R3")
@pytest.mark.parametrize("refusal", [MediaFailing("the disk is full"), DataLoss("the last line is not ours")])
def test_footage_is_committed_once_and_each_erasure_told_once(tmp_path: Path, refusal: EdgecamError) -> None:
    path, key = tmp_path / "ring", create_camera_key(tmp_path / "camera.key")
    medium = FileMedium.create(path, 1 << 21)
    create_ring(medium, camera_public=key.public, sign=key.sign, retention=Retention(14), now=CLOCK.now())
    medium.close()
    register = _Register(refusal, tries=3)
    committer = Committer(_open(path, key), lambda: _open(path, key), CLOCK, register, GapCause.FIRST_START)
    start_ns = CLOCK.mono_ns()
    for number in range(_FRAGMENTS):
        committer.deliver(_fragment(number, start_ns))
    committer.close()
    thread = threading.Thread(target=committer.run)
    thread.start()
    thread.join()
    reader_medium = FileMedium.open(path, writable=False)
    try:
        reader = RingReader(reader_medium)
        starts = [stored.header.start_mono_ns for stored in reader.segments()]
        oldest = reader.epochs()[0].epoch
    finally:
        reader_medium.close()
    assert committer.segments == _FRAGMENTS
    assert starts == [start_ns + number * NS_PER_S for number in range(_FRAGMENTS)][-len(starts) :]
    assert oldest > 3
    assert register.told == list(range(register.told[0], oldest))
    assert register.told[0] == 0
    assert committer.unregistered is None
