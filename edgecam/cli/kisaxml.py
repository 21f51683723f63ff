"""The result file of KISA's intelligent CCTV certification: which alarms, when, in whole seconds of the clip."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from edgecam.cli.clipevent import ClipEvent
from edgecam.core.events import EventKind

# What the certification knows an alarm as; other events have no place in its file.
DESCRIPTIONS = {
    EventKind.LOITERING: "Loitering",
    EventKind.INTRUSION: "Intrusion",
    EventKind.LINE_CROSSING: "Intrusion",
    EventKind.ABANDONED_OBJECT: "Abandonment",
    EventKind.DUMPING: "Abandonment",
    EventKind.FALL: "Falldown",
}


def kisa_xml(filename: str, events: Iterable[ClipEvent]) -> bytes:
    """The file for the clip ``filename``, UTF-8. An alarm's time is when it was raised, not when it began."""
    alarms = sorted((event for event in events if event.kind in DESCRIPTIONS), key=lambda event: event.raised_s)
    root = Element("KisaLibraryIndex")
    clip = SubElement(SubElement(root, "Library"), "Clip")
    header = SubElement(clip, "Header")
    SubElement(header, "AlarmEvents").text = str(len(alarms))
    SubElement(header, "Filename").text = filename
    listed = SubElement(clip, "Alarms")
    for event in alarms:
        alarm = SubElement(listed, "Alarm")
        SubElement(alarm, "StartTime").text = _hh_mm_ss(event.raised_s)
        SubElement(alarm, "AlarmDescription").text = DESCRIPTIONS[event.kind]
        SubElement(alarm, "AlarmDuration").text = _hh_mm_ss(max(0.0, event.end_s - event.raised_s))
    indent(root)
    told: bytes = tostring(root, "utf-8", xml_declaration=True, short_empty_elements=False)
    return told + b"\n"


def _hh_mm_ss(at_s: float) -> str:
    seconds = int(at_s)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
