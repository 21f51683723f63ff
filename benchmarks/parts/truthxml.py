"""Truth in the library form of KISA and of i-LIDS: clips with their alarms, times as hh:mm:ss.

Elements are found by name, without regard to case, because the libraries differ in where they put them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, parse

from edgecam.core.errors import BadInput
from parts.scoring import TrueEvent

# What the libraries call it, in small letters -> the kind of our event.
_KIND_OF = {
    "loitering": "loitering",
    "intrusion": "intrusion",
    "sterile zone": "intrusion",
    "abandonment": "abandoned_object",
    "abandoned baggage": "abandoned_object",
    "falldown": "fall",
    "parked vehicle": "parked_vehicle",
    "doorway surveillance": "doorway",
}


def library_events(clip: Path) -> tuple[TrueEvent, ...] | None:
    """What the libraries beside ``clip`` tell of it; ``None`` when none names it. Raises: BadInput."""
    own = clip.with_suffix(".xml")
    paths = [own] if own.is_file() else sorted(clip.parent.glob("*.xml"))
    for path in paths:
        for library, found in _clips(_root(path)):
            name = _text(found, "filename")
            # Clips are kept under other endings than they were filmed under.
            if Path(name).stem.lower() == clip.stem.lower() or (path == own and not name):
                return tuple(_events(library, found))
    return None


def _root(path: Path) -> Element:
    try:
        return parse(path).getroot()
    except (ParseError, OSError, ValueError) as broken:
        raise BadInput(f"{path} is no library of clips ({broken})") from broken


def _clips(root: Element) -> Iterator[tuple[Element, Element]]:
    """Each clip with its library."""
    for library in root.iter():
        if library.tag.lower() == "library":
            for found in library.iter():
                if found.tag.lower() == "clip":
                    yield library, found


def _events(library: Element, clip: Element) -> Iterator[TrueEvent]:
    scenario = _text(library, "scenario").lower()
    for alarm in clip.iter():
        if alarm.tag.lower() != "alarm" or not _text(alarm, "starttime"):
            continue
        described = _text(alarm, "alarmdescription").lower()
        kind = _KIND_OF.get(described) or _KIND_OF.get(scenario)
        if kind is not None:
            start_s = _seconds(_text(alarm, "starttime"))
            yield TrueEvent(kind, start_s, start_s + _seconds(_text(alarm, "alarmduration") or "0"))


def _text(within: Element, name: str) -> str:
    return next(((one.text or "").strip() for one in within.iter() if one.tag.lower() == name), "")


def _seconds(text: str) -> float:
    try:
        parts = [float(part) for part in text.split(":")]
    except ValueError as broken:
        raise BadInput(f"{text!r} is no time", do="write hh:mm:ss") from broken
    return float(sum(part * 60**power for power, part in enumerate(reversed(parts))))
