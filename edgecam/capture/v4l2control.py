"""One control of a V4L2 device, set while it works: what picamera2 itself does before it starts."""

from __future__ import annotations

import struct
from fcntl import ioctl as ioctl
from typing import Any

# From <linux/videodev2.h> and <linux/v4l2-controls.h>.
VIDIOC_S_CTRL = 0xC008561C
V4L2_CID_MPEG_VIDEO_BITRATE = 0x009909CF
_CONTROL = struct.Struct("=Ii")


def set_bit_rate(device: Any, bits_per_s: int) -> None:
    """Tell the codec open as ``device`` the rate it aims at from now on. Raises: OSError when it refuses."""
    ioctl(device, VIDIOC_S_CTRL, _CONTROL.pack(V4L2_CID_MPEG_VIDEO_BITRATE, bits_per_s))
