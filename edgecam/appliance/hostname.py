"""The name by which the camera is found on its network: short enough to be typed on a phone."""

from __future__ import annotations

from pathlib import Path

from edgecam.core.errors import MediaFailing


def host_name(camera_id: str) -> str:
    """``edgecam-3c4d``: the last four digits of ``camera_id`` (``edgecam_1a2b3c4d``)."""
    return f"edgecam-{camera_id[-4:]}"


def page_name(camera_id: str) -> str:
    """Under which its page is reached where mDNS is spoken: ``edgecam-3c4d.local``."""
    return f"{host_name(camera_id)}.local"


def set_host_name(kernel: Path, name: str) -> None:
    """Call the machine ``name`` until its power goes. Raises: MediaFailing.

    ``kernel`` is /proc/sys/kernel/hostname: root may write there without the right to do anything else.
    """
    try:
        kernel.write_text(name)
    except OSError as refused:
        raise MediaFailing(f"the machine cannot be called {name} ({refused.strerror})") from refused
