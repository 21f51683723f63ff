from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.capture.fragmenter import BoxSplitter, Fragmenter
from edgecam.core.errors import Bug, DataLoss

INTERVAL_NS = 66_666_667


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


INIT = box(b"ftyp", b"isom") + box(b"moov", b"m" * 50)
bodies = st.binary(max_size=300)


def stream_of(pairs: list[tuple[bytes, bytes]]) -> list[bytes]:
    return [box(b"moof", head) + box(b"mdat", data) for head, data in pairs]


@given(st.lists(st.tuples(bodies, bodies), max_size=6), st.lists(st.integers(0, 3000), max_size=30))
def test_any_split_of_the_bytes_gives_the_same_fragments(pairs: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    wanted = stream_of(pairs)
    whole = INIT + b"".join(wanted)
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    splitter, found = BoxSplitter(), []
    for start, end in pairwise(places):
        found += splitter.feed(whole[start:end])
    assert found == wanted
    assert splitter.init == INIT
    assert not splitter.unfinished


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9])
def test_byte_by_byte_is_no_different(size: int) -> None:
    wanted = stream_of([(b"a", b"b" * 20), (b"", b"")])
    whole = INIT + b"".join(wanted)
    splitter, found = BoxSplitter(), []
    for start in range(0, len(whole), size):
        found += splitter.feed(whole[start : start + size])
    assert found == wanted


@given(st.lists(st.binary(max_size=64), max_size=20), st.booleans())
def test_any_bytes_are_fragments_or_our_error(pieces: list[bytes], after_init: bool) -> None:
    splitter, fed = BoxSplitter(), b"".join(pieces)
    found: list[bytes] = []
    try:
        if after_init:
            splitter.feed(INIT)
        for piece in pieces:
            found += splitter.feed(piece)
    except DataLoss:
        return
    assert b"".join(found) == fed[: sum(map(len, found))] or not after_init


@pytest.mark.parametrize(
    "bytes_",
    [
        box(b"moov"),
        box(b"ftyp") + box(b"moof"),
        INIT + box(b"mdat"),
        INIT + box(b"moof") + box(b"moof"),
        struct.pack(">I4s", 7, b"ftyp"),
        struct.pack(">I4s", 0, b"ftyp"),
        struct.pack(">I4s", 1, b"ftyp") + b"\0" * 8,
        INIT + struct.pack(">I4s", 0x7FFFFFFF, b"moof"),
    ],
)
def test_boxes_out_of_order_or_of_absurd_size_are_refused(bytes_: bytes) -> None:
    with pytest.raises(DataLoss, match="not fragmented MP4"):
        BoxSplitter().feed(bytes_)


def test_a_fragment_knows_its_times_frames_and_mask() -> None:
    fragmenter = Fragmenter(INTERVAL_NS)
    fragmenter.write(INIT)
    for number in range(3):
        fragmenter.frame(1000 + number * INTERVAL_NS, number == 0, b"a" * 32, private=False)
    fragmenter.frame(1000 + 3 * INTERVAL_NS, True, b"b" * 32, private=True)
    assert fragmenter.take() == []
    fragmenter.write(box(b"moof") + box(b"mdat", b"x"))
    (first,) = fragmenter.take()
    assert (first.start_mono_ns, first.end_mono_ns, first.frame_count) == (1000, 1000 + 3 * INTERVAL_NS, 3)
    assert (first.mask_hash, first.private, first.init) == (b"a" * 32, False, INIT)
    fragmenter.finish()
    fragmenter.write(box(b"moof") + box(b"mdat", b"y"))
    (last,) = fragmenter.take()
    assert (last.start_mono_ns, last.end_mono_ns) == (1000 + 3 * INTERVAL_NS, 1000 + 4 * INTERVAL_NS)
    assert (last.mask_hash, last.private, last.frame_count) == (b"b" * 32, True, 1)


@pytest.mark.row("C4")
def test_a_silence_belongs_to_no_fragment() -> None:
    fragmenter = Fragmenter(INTERVAL_NS)
    fragmenter.write(INIT)
    fragmenter.frame(5, True, b"", private=False)
    fragmenter.frame(5 + 10_000_000_000, True, b"", private=False)
    fragmenter.write(box(b"moof") + box(b"mdat"))
    (first,) = fragmenter.take()
    assert first.end_mono_ns == 5 + INTERVAL_NS


def test_frames_of_two_mask_sets_never_share_a_fragment() -> None:
    fragmenter = Fragmenter(INTERVAL_NS)
    fragmenter.frame(1, True, b"a", private=False)
    with pytest.raises(Bug, match="two mask sets"):
        fragmenter.frame(2, False, b"a", private=True)
    with pytest.raises(Bug, match="two mask sets"):
        Fragmenter(INTERVAL_NS).frame(1, False, b"a", private=False)


def test_bytes_that_come_before_their_last_frame_are_a_bug() -> None:
    fragmenter = Fragmenter(INTERVAL_NS)
    fragmenter.write(INIT + box(b"moof") + box(b"mdat"))
    with pytest.raises(Bug, match="before its last frame"):
        fragmenter.take()
