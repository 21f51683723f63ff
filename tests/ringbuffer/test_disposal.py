"""After disposal nothing opens, nothing is left, and the certificate has its facts."""

from __future__ import annotations

import pytest
from ringstand import CAMERA, SMALL_RING, RamMedium, append, at, make_ring, open_writer

from edgecam.core.errors import BadInput
from edgecam.ringbuffer.disposal import dispose_ring
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.recovery import read_superblock

pytestmark = pytest.mark.row("R6")


def ring_with_footage() -> RamMedium:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    for i in range(20):
        append(writer, i)
    return medium


def test_a_disposed_ring_is_zeros() -> None:
    medium = ring_with_footage()
    ring_id, epochs = read_superblock(medium).ring_id, RingReader(medium).epochs()
    disposal = dispose_ring(medium)
    assert not any(medium.image)
    assert (disposal.ring_id, disposal.camera_public, disposal.size_bytes) == (ring_id, CAMERA.public, SMALL_RING)
    assert (disposal.epochs, disposal.verified) == (len(epochs), True)
    assert (disposal.from_wall_ns, disposal.to_wall_ns) == (at(0).wall_ns, epochs[-1].start.wall_ns)
    with pytest.raises(BadInput):
        dispose_ring(medium)


def test_keys_are_overwritten_and_flushed_before_the_superblocks_go() -> None:
    medium = ring_with_footage()
    keys = [slot.sealed_key for slot in RingReader(medium).epochs()]
    before = medium.start_journal()
    medium.refuse = lambda verb, offset, size: pytest.fail("too late") if verb == "zero" and holds(medium) else None

    def holds(ring: RamMedium) -> bool:
        return any(key in bytes(ring.image) for key in keys)

    assert holds(RamMedium(0, before))
    dispose_ring(medium)
    assert not holds(medium)


def test_a_medium_that_only_pretends_is_not_called_verified() -> None:
    medium = ring_with_footage()
    old = bytes(medium.image)
    medium.reread_at = lambda offset, size: old[offset : offset + size]  # type: ignore[method-assign]
    assert not dispose_ring(medium).verified


def test_a_disposed_ring_says_so_to_whoever_opens_it() -> None:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    dispose_ring(medium)
    with pytest.raises(BadInput, match="disposed of") as told:
        RingReader(medium)
    assert "edgecam setup" in told.value.do
