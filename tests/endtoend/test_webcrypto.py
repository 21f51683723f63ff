"""A browser opens footage by itself: the layout needs nothing that WebCrypto does not have."""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from debianbrowser import chromium
from ringstand import INIT, OWNER, SMALL_RING, RamMedium, append, at, fragment, make_ring, open_writer

from edgecam.ringbuffer.reader import RingReader

# The nonce is index + 1 as 96 bits, little-endian; the init's is 0. The tag comes last, as WebCrypto has it.
_OPEN = """async ([secret, index, boundTo, sealed]) => {
    const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", bytes(secret), "AES-GCM", false, ["decrypt"]);
    const iv = new Uint8Array(12);
    new DataView(iv.buffer).setUint32(0, index + 1, true);
    const opened = await crypto.subtle.decrypt(
        { name: "AES-GCM", iv, additionalData: bytes(boundTo) }, key, bytes(sealed));
    return btoa(String.fromCharCode(...new Uint8Array(opened)));
}"""


def told(data: bytes) -> str:
    return b64encode(data).decode("ascii")


@pytest.mark.row("K1")
def test_webcrypto_opens_init_and_segments(tmp_path: Path) -> None:
    medium = RamMedium(SMALL_RING)
    make_ring(medium)
    writer = open_writer(medium)
    for number in range(3):
        append(writer, number)
    reader = RingReader(medium)
    (slot,) = reader.epochs()
    secret = told(OWNER.unseal(slot.sealed_key))
    asked = [(-1, slot.sealed_with, slot.sealed_init)]
    asked += [(s.header.index, s.header.sealed_with, reader.sealed_payload(s)) for s in reader.segments()]
    page_file = tmp_path / "page.html"
    page_file.write_text("<title>opens</title>")
    with chromium(shows_page=False) as browser:
        page = browser.new_page()
        page.goto(page_file.as_uri())
        opened = [
            b64decode(page.evaluate(_OPEN, [secret, index, told(bound_to), told(sealed)]))
            for index, bound_to, sealed in asked
        ]
    assert opened[0] == INIT
    assert [payload[16:] for payload in opened[1:]] == [fragment(n, at(2 * n)).data for n in range(3)]
