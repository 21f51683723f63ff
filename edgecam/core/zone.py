"""Time zones by their IANA names."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edgecam.core.errors import BadInput


def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises: BadInput where this machine knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise BadInput(
            f"there is no time zone {name!r}", do="use an IANA name such as Asia/Tokyo; install tzdata"
        ) from unknown
