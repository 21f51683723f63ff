"""A USB camera as a source, through FFmpeg's V4L2 input."""

from __future__ import annotations

import errno

import av

from edgecam.capture.livesource import LiveSource, reason
from edgecam.capture.uri import V4l2Uri
from edgecam.capture.videoinput import VideoInput
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput, EdgecamError, Unavailable

_NO_CAMERA = frozenset({errno.ENOTTY, errno.EINVAL, errno.EISDIR, errno.ENXIO})


class V4l2Source(LiveSource):
    """The `Source` for ``/dev/videoN``; the driver may deliver another size or rate than wanted."""

    def __init__(
        self, uri: V4l2Uri, *, width: int, height: int, fps: float, rotation: int, pictures: int, clock: Clock
    ) -> None:
        super().__init__(rotation=rotation, pictures=pictures, clock=clock)
        self._device = uri.device
        self._wanted = {"video_size": f"{width}x{height}", "framerate": f"{fps:g}"}

    def _connect(self) -> VideoInput:
        refused: Exception | None = None
        # Uncompressed pictures of this size rarely fit USB 2, so the camera's own JPEG comes first.
        for options in ({**self._wanted, "input_format": "mjpeg"}, self._wanted):
            try:
                container = av.open(str(self._device), "r", format="v4l2", options=options)
                return VideoInput(container, str(self._device))
            except (av.FFmpegError, OSError) as error:
                refused = error
        assert refused is not None
        raise self._named(refused) from refused

    def _named(self, refused: Exception) -> EdgecamError:
        number = getattr(refused, "errno", None)
        if number == errno.ENOENT:
            return Unavailable(f"there is no camera at {self._device}", do="plug it in")
        if number in (errno.EACCES, errno.EPERM):
            return BadInput(f"{self._device} may not be opened", do="add this user to the group video")
        if number == errno.EBUSY:
            return Unavailable(f"another program uses the camera {self._device}", do="stop it")
        if number in _NO_CAMERA:
            return BadInput(
                f"{self._device} is not a camera ({reason(refused)})", do="see `v4l2-ctl --list-devices`"
            )
        return self._lost(reason(refused))

    def _lost(self, reason: str) -> Unavailable:
        return Unavailable(
            f"the camera {self._device} was lost ({reason})",
            do="check its cable",
            safe="everything recorded before is untouched",
        )
