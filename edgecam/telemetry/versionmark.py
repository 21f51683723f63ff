"""When this version of edgecam first ran here: one small file that a later version writes anew."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from edgecam.core.clock import Clock
from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.telemetry.messages import Moment

_MOST_BYTES = 1024
_log = logging.getLogger(__name__)


def version_since(path: Path, version: str, clock: Clock) -> Moment | None:
    """When ``version`` first ran, by the file at ``path``, which is written when it tells of another version.

    ``None`` when it cannot be: nobody needs this to record.
    """
    try:
        told, since = decode_mark(path.read_bytes()[:_MOST_BYTES])
    except (OSError, DataLoss):
        told, since = "", None
    if since is not None and told == version:
        return since
    since = Moment.at(clock.now())
    try:
        replace_durably(path, encode_mark(version, since))
    except MediaFailing as refused:
        _log.warning("%s", refused)
        return None
    return since


def encode_mark(version: str, since: Moment) -> bytes:
    return json.dumps({"version": version, "since": since.model_dump()}).encode()


def decode_mark(data: bytes) -> tuple[str, Moment]:
    """The version and when it first ran. Raises: DataLoss for any other bytes."""
    try:
        fields: dict[str, Any] = json.loads(data)
        version = fields["version"]
        if not isinstance(version, str):
            raise TypeError("not a version")
        return version, Moment.model_validate(fields["since"])
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss("the mark of the last update cannot be read") from broken
