"""An IP camera as a source, over RTSP; of its tracks only the picture is ever asked for."""

from __future__ import annotations

import av
from av.container import InputContainer

from edgecam.capture.livesource import LiveSource, reason
from edgecam.capture.uri import RtspUri
from edgecam.capture.videoinput import VideoInput
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput, EdgecamError, Unavailable

_OPEN_TIMEOUT_S, _READ_TIMEOUT_S = 10.0, 5.0
_OPTIONS = {
    # Interleaved in one TCP connection: no lost packets, no open ports.
    "rtsp_transport": "tcp",
    # Sound is not even set up, so that it never crosses the network.
    "allowed_media_types": "video",
    # Looking at eight frames and two seconds at most tells size and rate; FFmpeg's own habit is to wait longer.
    "fpsprobesize": "8",
    "analyzeduration": "2000000",
}
_REFUSED = (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError, av.error.HTTPNotFoundError)


class RtspSource(LiveSource):
    """The `Source` for ``rtsp://…``."""

    def __init__(
        self,
        uri: RtspUri,
        *,
        rotation: int,
        pictures: int,
        clock: Clock,
        timeouts_s: tuple[float, float] = (_OPEN_TIMEOUT_S, _READ_TIMEOUT_S),
    ) -> None:
        """``timeouts_s``: how long the camera may take to answer, and between two packets."""
        super().__init__(rotation=rotation, pictures=pictures, clock=clock)
        self._timeouts_s = timeouts_s
        self._url, self._name = uri.url, str(uri)
        self._offers_audio = False

    def _connect(self) -> VideoInput:
        try:
            container, self._offers_audio = _open(self._url, self._timeouts_s)
        except (av.FFmpegError, OSError) as refused:
            raise self._named(refused) from refused
        return VideoInput(container, self._name)

    def _carries_audio(self, video: VideoInput) -> bool:
        return self._offers_audio

    def _named(self, refused: Exception) -> EdgecamError:
        if isinstance(refused, _REFUSED):
            return BadInput(
                f"the camera {self._name} refuses ({reason(refused)})", do="check path, user and password"
            )
        return Unavailable(
            f"the camera {self._name} does not answer ({reason(refused)})", do="check power and network"
        )

    def _lost(self, reason: str) -> Unavailable:
        return Unavailable(
            f"the camera {self._name} was lost ({reason})",
            do="check power and network",
            safe="everything recorded before is untouched",
        )


def _open(url: str, timeouts_s: tuple[float, float]) -> tuple[InputContainer, bool]:
    """The opened stream, and whether the camera offered sound in its description (SDP, RFC 8866: ``m=audio``).

    FFmpeg keeps the description of tracks that it does not set up to itself, save for its log.
    """
    level = av.logging.get_level()
    av.logging.set_level(av.logging.VERBOSE)
    try:
        with av.logging.Capture() as lines:
            container = av.open(url, "r", format="rtsp", options=_OPTIONS, timeout=timeouts_s)
    finally:
        av.logging.set_level(level)
    return container, any("m=audio" in text for _, _, text in lines)
