"""The events of a video, told to programs and to people."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.table import Table

from edgecam.cli.clipevent import ClipEvent


def event_line(event: ClipEvent) -> str:
    """One JSON object; its keys and their order are stable."""
    told = {
        "kind": event.kind,
        "zone": event.zone,
        "start_s": event.start_s,
        "end_s": event.end_s,
        "confidence": event.confidence,
        "reason": event.reason,
        "track": event.track,
        "box": event.box,
    }
    return json.dumps(told, ensure_ascii=False)


def event_table(events: Sequence[ClipEvent], title: str) -> Table:
    """One row an event, by start."""
    table = Table("from", "to", "event", "where", "sure", "why", title=title, title_justify="left")
    for event in events:
        table.add_row(
            clock_text(event.start_s),
            clock_text(event.end_s),
            event.kind.replace("_", " "),
            event.zone or ("" if event.track is None else f"object {event.track}"),
            f"{event.confidence:.0%}",
            event.reason,
        )
    return table


def clock_text(at_s: float) -> str:
    """Minutes and seconds into the video, as ``1:02.3``; with hours where there are any."""
    tenths = round(at_s * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"
