"""Whole packets out of any bytes, or a refusal; the same however the bytes were cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import WELCOME, packet_of, publication

from edgecam.core.errors import BadInput
from edgecam.telemetry.packetstream import PacketStream

_MOST = 300
_PINGRESP = b"\xd0\x00"
_MAY_COME = st.one_of(
    st.just(_PINGRESP),
    st.builds(lambda body: packet_of(0x40, body), st.binary(max_size=200)),
    st.builds(lambda body: packet_of(0x90, body), st.binary(max_size=200)),
    st.builds(lambda payload: publication("a/b", payload, first=0x33), st.binary(max_size=200)),
    st.builds(lambda payload: publication("é", payload, first=0x30), st.binary(max_size=200)),
)


def _through(pieces: list[bytes]) -> tuple[bytes, str]:
    """What comes out of a stream that is fed with ``pieces``, and the refusal that ends it."""
    stream = PacketStream(_MOST)
    out = b""
    try:
        for piece in pieces:
            stream.feed(piece)
            while stream:
                out += stream.take(7)
    except BadInput as refused:
        return out, refused.what
    return out, ""


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place for place in places if place < len(data))})
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.lists(_MAY_COME, max_size=5), st.lists(st.integers(0, 900), max_size=12))
def test_what_may_come_passes_unchanged_however_it_was_cut(packets: list[bytes], places: list[int]) -> None:
    data = WELCOME + b"".join(packets)
    assert _through(_cut(data, places)) == (data, "")


@given(st.binary(max_size=80), st.lists(st.integers(0, 80), max_size=8), st.booleans())
def test_any_bytes_give_whole_packets_or_a_refusal(noise: bytes, places: list[int], greeted: bool) -> None:
    data = (WELCOME if greeted else b"") + noise
    out, refusal = _through(_cut(data, places))
    assert data.startswith(out)
    assert (out, refusal) == _through([bytes([byte]) for byte in data])
    assert refusal or len(data) - len(out) <= _MOST


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"HTTP/1.1 400", "begins with 0x48"),
        (_PINGRESP, "before its answer"),
        (WELCOME + WELCOME, "second answer"),
        (WELCOME + b"\xd1\x00", "begins with 0xd1"),
        (WELCOME + b"\xd0\xff\xff\xff\xff\x01", "without a length"),
        (WELCOME + publication("a", b"", first=0x34), "QoS 2"),
        (WELCOME + publication("a", b"", first=0x36), "QoS 3"),
        (WELCOME + publication("a/+", b""), "wildcards"),
        (WELCOME + publication("a/#", b""), "wildcards"),
        (WELCOME + publication("", b""), "no topic"),
        (WELCOME + publication("a\0b", b""), "no topic"),
        (WELCOME + publication("a", b"", mid=0), "without a packet identifier"),
        (WELCOME + packet_of(0x30, b"\x00\x02\xff\xfe\x00"), "not UTF-8"),
        (WELCOME + packet_of(0x32, b"\x00\x05abc"), "ends before"),
        (WELCOME + packet_of(0x30, b""), "ends before"),
        (WELCOME + packet_of(0x30, b"\x00\x01a" + bytes(_MOST)), "takes 300"),
        *(
            (WELCOME + packet_of(kind << 4, b"\x00\x01"), "begins with")
            for kind in (0, 1, 5, 6, 7, 8, 10, 11, 12, 15)
        ),
    ],
)
def test_what_no_broker_may_send_is_refused_by_name(data: bytes, words: str) -> None:
    out, refusal = _through([data])
    assert words in refusal
    assert out == (WELCOME if data.startswith(WELCOME) else b"")


def test_a_packet_too_large_is_refused_before_it_has_come() -> None:
    stream = PacketStream(_MOST)
    stream.feed(WELCOME)
    stream.feed(b"\x30\xff\xff\xff\x7f")
    assert stream.take(100) == WELCOME
    with pytest.raises(BadInput, match="268435460"):
        stream.take(1)


def test_the_largest_packet_passes_and_one_byte_more_does_not() -> None:
    largest = publication("a", bytes(_MOST - len(publication("a", bytes(200))) + 200))
    assert len(largest) == _MOST
    assert _through([WELCOME + largest]) == (WELCOME + largest, "")
    assert _through([WELCOME + publication("a", bytes(_MOST))])[1]
