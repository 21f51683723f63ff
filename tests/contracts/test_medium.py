"""What the ring needs of a medium, held by the real one and by the fake alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.medium import RamMedium

from edgecam.core.errors import MediaFailing
from edgecam.ringbuffer.medium import FileMedium, Medium

SIZE = 256 * 1024
Make = Callable[[], Medium]


@pytest.fixture(params=["file", "ram"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "file":
        return lambda: FileMedium.create(tmp_path / "ring", SIZE)
    return lambda: RamMedium(SIZE)


def test_a_new_medium_has_its_size_and_reads_as_zeros(make: Make) -> None:
    medium = make()
    assert medium.size_bytes == SIZE
    assert medium.read_at(0, SIZE) == bytes(SIZE)


def test_what_was_written_is_read_at_once_and_after_a_flush_from_the_medium(make: Make) -> None:
    medium = make()
    medium.write_at(4096, b"a" * 8192)
    assert medium.read_at(4095, 8194) == b"\0" + b"a" * 8192 + b"\0"
    medium.flush()
    assert medium.reread_at(4096, 8192) == b"a" * 8192


def test_any_part_of_a_page_is_read_again(make: Make) -> None:
    medium = make()
    medium.write_at(4096, bytes(range(256)) * 32)
    medium.flush()
    for offset, size in ((4096, 512), (4100, 5), (8191, 2), (12287, 1)):
        assert medium.reread_at(offset, size) == medium.read_at(offset, size) != b""


def test_several_buffers_lie_one_after_the_other(make: Make) -> None:
    medium = make()
    medium.write_at(512, b"one", memoryview(bytearray(b"two")), b"", bytearray(b"three"))
    assert medium.read_at(512, 11) == b"onetwothree"


def test_zeroed_bytes_read_as_zeros_and_their_neighbours_stay(make: Make) -> None:
    medium = make()
    medium.write_at(0, b"x" * SIZE)
    medium.zero(4096, 3 * 4096)
    medium.zero(SIZE - 4096, 0)
    medium.flush()
    assert medium.reread_at(0, SIZE) == b"x" * 4096 + bytes(3 * 4096) + b"x" * (SIZE - 4 * 4096)
    assert medium.size_bytes == SIZE


def test_the_last_byte_can_be_written_and_none_behind_it_read(make: Make) -> None:
    medium = make()
    medium.write_at(SIZE - 1, b"z")
    assert medium.read_at(SIZE - 1, 1) == b"z"
    with pytest.raises(MediaFailing):
        medium.read_at(SIZE - 1, 2)


def test_a_closed_medium_refuses(make: Make) -> None:
    medium = make()
    medium.close()
    medium.close()
    for use in (lambda: medium.read_at(0, 1), lambda: medium.write_at(0, b"a"), medium.flush):
        with pytest.raises(MediaFailing):
            use()
