"""An event's message as JSON, composed directly: an alarm waits for it, and the models take ten times as long.

`EventMessage` stays the contract; a test holds this to it, both for what it says and for what it refuses.
"""

from __future__ import annotations

from json.encoder import encode_basestring as _quoted

from edgecam.core.errors import DataLoss
from edgecam.core.events import Event
from edgecam.telemetry.messages import SCHEMA_VERSION, trust_name, utc_text


def head_text(camera: str, site: str, session: str) -> str:
    """A message's header up to its ``sequence``, the same for a whole session; all three as `Header` has them."""
    return (
        f'{{"schema_version":{SCHEMA_VERSION},"camera":"{camera}","site":"{site}","session":"{session}","sequence":'
    )


def event_text(event: Event, head: str, sequence: int) -> bytes:
    """``event`` as it is sent, behind ``head``. Raises: DataLoss when it could not stand in a message."""
    try:
        if event.revision < 0 or not _are_shares(event.confidence, *(event.box or ())):
            raise ValueError("out of range")
        trust = trust_name(event.trust)
        return (
            f'{head}{sequence},"event_id":{_quoted(event.event_id)},"revision":{event.revision},'
            f'"kind":"{event.kind}","start":{_moment(event.start_wall_ns, trust)},'
            f'"end":{"null" if event.end_wall_ns is None else _moment(event.end_wall_ns, trust)},'
            f'"confidence":{event.confidence},"reason":{_quoted(event.reason)},'
            f'"box":{"null" if event.box is None else "[{},{},{},{}]".format(*event.box)},'
            f'"zone":{"null" if event.zone is None else _quoted(event.zone)},'
            f'"track":{"null" if event.track is None else event.track}}}'
        ).encode()
    except ValueError as broken:  # half a character too
        raise DataLoss("an event cannot be told as a message", safe="the recording is not touched") from broken


def _are_shares(*values: float) -> bool:
    # No comparison holds for NaN, which JSON cannot say.
    for value in values:  # noqa: SIM110 - a generator took twice as long
        if not 0 <= value <= 1:
            return False
    return True


def _moment(wall_ns: int, trust: str) -> str:
    return f'{{"utc":"{utc_text(wall_ns)}","trust":"{trust}"}}'
