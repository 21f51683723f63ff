"""The observer's own analysis over a whole video: what it told, and when it told it."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from edgecam.analysis.analyser import Analyser
from edgecam.cli.clip import Clip
from edgecam.cli.clipaim import ClipAim
from edgecam.cli.clipevent import ClipEvent
from edgecam.cli.clipwitness import ClipWitness
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import Event
from edgecam.core.frames import MaskedFrame
from edgecam.core.smallframes import SmallFrame

# As often as the recorder shows pictures, though the observer may look at fewer of them.
_LEAST_LOOKS_PER_S = 5.0


@dataclass(slots=True)
class ClipAnalysis:
    """What came of it: ``events`` by start, and the time of every frame, seconds."""

    events: list[ClipEvent] = field(default_factory=list)
    frame_s: array[float] = field(default_factory=lambda: array("d"))


def numbered_ids() -> Callable[[], str]:
    """Identities of events that are the same in every run."""
    numbers = count(1)
    return lambda: f"{next(numbers):032x}"


def analyse_clip(
    clip: Clip,
    analyser: Analyser,
    looks_per_s: float,
    aim: ClipAim | None = None,
    witness: ClipWitness | None = None,
    passed: Callable[[float], None] = lambda at_s: None,
) -> ClipAnalysis:
    """Look at all of ``clip``; ``passed`` hears how far it has come, seconds of video.

    Raises: as `Clip.play`; what was seen until then is dropped.
    """
    result = ClipAnalysis()
    newest: dict[str, Event] = {}
    raised_ns: dict[str, int] = {}

    def heard(events: list[Event], at_ns: int) -> None:
        for event in events:
            raised_ns.setdefault(event.event_id, at_ns)
            newest[event.event_id] = event

    def take(frame: MaskedFrame) -> None:
        at_ns = frame.captured_mono_ns
        result.frame_s.append(at_ns / NS_PER_S)
        if frame.small is None:
            return
        small = SmallFrame(frame.small, at_ns, at_ns, frame.sequence, frame.private)
        if aim is not None:
            small = replace(small, aim=aim.look(frame.small, at_ns))
        heard(analyser.observe(small), at_ns)
        if witness is not None:
            witness.take(at_ns / NS_PER_S, analyser.tracks)
        passed(at_ns / NS_PER_S)

    clip.play(take, max(looks_per_s, _LEAST_LOOKS_PER_S))
    end_ns = round(result.frame_s[-1] * NS_PER_S)
    heard(analyser.close(), end_ns)
    told = [_told(event, raised_ns[event.event_id], end_ns) for event in newest.values()]
    result.events = sorted(told, key=lambda one: (one.start_s, one.raised_s))
    return result


def _told(event: Event, raised_ns: int, end_ns: int) -> ClipEvent:
    start_ns = max(0, event.start_wall_ns)
    until_ns = end_ns if event.end_wall_ns is None else min(event.end_wall_ns, end_ns)
    return ClipEvent(
        kind=event.kind,
        zone=event.zone,
        start_s=round(start_ns / NS_PER_S, 3),
        end_s=round(max(start_ns, until_ns) / NS_PER_S, 3),
        confidence=event.confidence,
        reason=event.reason,
        track=event.track,
        box=event.box,
        raised_s=round(raised_ns / NS_PER_S, 3),
    )
