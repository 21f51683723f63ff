"""What ONVIF calls that which edgecam notices: kind by kind, as data.

Topics without a colon are ONVIF's (Analytics Service Specification, annex A; Core Specification, 9.11 and
Imaging), below ``tns1``; where it has none, the last part says ``edgecam:``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edgecam.core.events import EventKind


@dataclass(frozen=True, slots=True)
class OnvifTopic:
    """``lasting`` events are ONVIF's properties: a state that begins and ends. The others happened, no more.

    ``state`` is the item of Data that says whether it is so, empty where ONVIF has none; ``since`` that which says
    since when. ``class_type`` is ONVIF's word for who it was.
    """

    path: str
    lasting: bool = True
    state: str = ""
    since: str = ""
    class_type: str = ""

    @property
    def by_rule(self) -> bool:
        """Whether Source names a rule, not the video source alone."""
        return self.path.startswith("RuleEngine/")


ONVIF_TOPICS: Final[dict[EventKind, OnvifTopic]] = {
    EventKind.MOTION: OnvifTopic("VideoSource/MotionAlarm", state="State"),
    EventKind.PERSON: OnvifTopic("RuleEngine/ObjectDetection/Object", lasting=False, class_type="Human"),
    EventKind.VEHICLE: OnvifTopic("RuleEngine/ObjectDetection/Object", lasting=False, class_type="Vehicle"),
    EventKind.BICYCLE: OnvifTopic("RuleEngine/ObjectDetection/Object", lasting=False, class_type="Bicycle"),
    EventKind.ANIMAL: OnvifTopic("RuleEngine/ObjectDetection/Object", lasting=False, class_type="Animal"),
    EventKind.COVERED: OnvifTopic("VideoSource/GlobalSceneChange/AnalyticsService", state="State"),
    EventKind.MOVED: OnvifTopic("VideoSource/GlobalSceneChange/AnalyticsService", state="State"),
    EventKind.DEFOCUSED: OnvifTopic("VideoSource/ImageTooBlurry/AnalyticsService", state="State"),
    EventKind.BLINDED: OnvifTopic("VideoSource/ImageTooBright/AnalyticsService", state="State"),
    EventKind.DARK: OnvifTopic("VideoSource/ImageTooDark/AnalyticsService", state="State"),
    EventKind.FROZEN: OnvifTopic("VideoSource/edgecam:Frozen", state="State"),
    EventKind.SIGNAL_LOST: OnvifTopic("VideoSource/SignalLoss", state="State"),
    EventKind.INTRUSION: OnvifTopic("RuleEngine/FieldDetector/ObjectsInside", state="IsInside"),
    EventKind.LINE_CROSSING: OnvifTopic("RuleEngine/LineDetector/Crossed", lasting=False),
    EventKind.LOITERING: OnvifTopic("RuleEngine/LoiteringDetector/ObjectIsLoitering", since="Since"),
    EventKind.ABANDONED_OBJECT: OnvifTopic("RuleEngine/ObjectAbandoned"),
    EventKind.REMOVED_OBJECT: OnvifTopic("RuleEngine/ObjectRemoved"),
    EventKind.PARKED_VEHICLE: OnvifTopic("RuleEngine/edgecam:ParkedVehicle", state="State"),
    EventKind.DOORWAY: OnvifTopic("RuleEngine/edgecam:Doorway", lasting=False),
    EventKind.CROWDING: OnvifTopic("RuleEngine/edgecam:Crowding", state="State"),
    # Its totals stand in the event's sentence alone, at the end of the period: no Counter can be made of it.
    EventKind.COUNTING: OnvifTopic("RuleEngine/edgecam:Counting", lasting=False),
    EventKind.FALL: OnvifTopic("RuleEngine/edgecam:Fall", state="State"),
    EventKind.DUMPING: OnvifTopic("RuleEngine/edgecam:Dumping", state="State"),
    EventKind.UNUSUAL: OnvifTopic("RuleEngine/edgecam:Unusual", state="State"),
    EventKind.CLONED: OnvifTopic("Device/edgecam:Cloned", lasting=False),
}
