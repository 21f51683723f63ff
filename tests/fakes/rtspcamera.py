"""A small IP camera: an RTSP server (RFC 2326) that sends real H.264 over its one TCP connection (RFC 6184)."""

from __future__ import annotations

import base64
import socketserver
import struct
import threading
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np

_FRAGMENT_SIZE = 1200


@dataclass
class Film:
    """What the camera sends: ``frames`` of each size in ``sizes``, one after the other, then it hangs up.

    With ``stalls`` it stays on the line instead, and sends nothing.
    """

    sizes: tuple[tuple[int, int], ...] = ((320, 240),)
    frames: int = 30
    fps: int = 15
    with_audio: bool = False
    stalls: bool = False
    status: str = "200 OK"
    requests: list[str] = field(default_factory=list)


class RtspCamera:
    """Serves ``film`` on a free port of the loopback until `close`."""

    def __init__(self, film: Film) -> None:
        self.film = film
        self.coded = [_encode(size, film) for size in film.sizes]
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session)
        self._server.daemon_threads = True
        self._server.camera = self  # type: ignore[attr-defined]
        self.url = f"rtsp://owner:secret@127.0.0.1:{self._server.server_address[1]}/live"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def description(self) -> str:
        sets = ",".join(base64.b64encode(unit).decode() for unit in self.coded[0][0][:2])
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 0.0.0.0", "t=0 0", "m=video 0 RTP/AVP 96"]
        lines += ["a=rtpmap:96 H264/90000", f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}"]
        lines += [f"a=framerate:{self.film.fps}", "a=control:track0"]
        if self.film.with_audio:
            lines += ["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "a=control:track1"]
        return "\r\n".join([*lines, ""])


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        camera: RtspCamera = self.server.camera  # type: ignore[attr-defined]
        while (method := self._request(camera)) is not None:
            if method == "PLAY":
                self._play(camera)
                return

    def _request(self, camera: RtspCamera) -> str | None:
        first = self.rfile.readline().decode().strip()
        if not first:
            return None
        headers = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        method, target = first.split()[:2]
        camera.film.requests.append(f"{method} {target}")
        self._answer(camera, method, headers)
        return method

    def _answer(self, camera: RtspCamera, method: str, headers: dict[str, str]) -> None:
        body = camera.description() if method == "DESCRIBE" and camera.film.status == "200 OK" else ""
        status = camera.film.status if method == "DESCRIBE" else "200 OK"
        lines = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}"]
        if method == "OPTIONS":
            lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        if method == "SETUP":
            lines += ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1"]
        if body:
            lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        self.wfile.write(("\r\n".join([*lines, "", ""]) + body).encode())

    def _play(self, camera: RtspCamera) -> None:
        sequence = number = 0
        for coded in camera.coded:
            for units in coded:
                packets = [packet for unit in units for packet in _fragments(unit)]
                for turn, payload in enumerate(packets):
                    marker = 0x80 if turn == len(packets) - 1 else 0
                    ticks = number * 90_000 // camera.film.fps
                    header = struct.pack(">BBHII", 0x80, 96 | marker, sequence & 0xFFFF, ticks, 7)
                    try:
                        self.wfile.write(b"$\x00" + struct.pack(">H", 12 + len(payload)) + header + payload)
                    except OSError:
                        return
                    sequence += 1
                number += 1
        if camera.film.stalls:
            self.rfile.read()


def _fragments(unit: bytes) -> list[bytes]:
    if len(unit) <= _FRAGMENT_SIZE:
        return [unit]
    indicator, kind = unit[0] & 0xE0 | 28, unit[0] & 0x1F
    parts = [unit[start : start + _FRAGMENT_SIZE] for start in range(1, len(unit), _FRAGMENT_SIZE)]
    marks = [0x80 if turn == 0 else 0x40 if turn == len(parts) - 1 else 0 for turn in range(len(parts))]
    return [bytes([indicator, kind | mark]) + part for mark, part in zip(marks, parts, strict=True)]


def _encode(size: tuple[int, int], film: Film) -> list[list[bytes]]:
    """One list of units a frame; the first begins with the parameter sets."""
    width, height = size
    context: Any = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, film.fps), Fraction(film.fps)
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "g": "15",
        "x264-params": "aud=0:repeat-headers=1",
    }
    coded = []
    for number in range(film.frames):
        rows = np.full((height * 3 // 2, width), 128, np.uint8)
        rows[:height] = (np.arange(width)[None, :] + 4 * number) % 200 + 20
        frame = av.VideoFrame.from_ndarray(rows, format="yuv420p")
        frame.pts = number
        data = b"".join(bytes(packet) for packet in context.encode(frame))
        units = [
            unit.rstrip(b"\x00")
            for unit in data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
        ]
        coded.append([unit for unit in units if unit and unit[0] & 0x1F != 6])
    return coded
