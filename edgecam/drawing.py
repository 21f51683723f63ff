"""What people draw with on the page: masks, zones and rules of this camera, and the picture that they draw on."""

from __future__ import annotations

from edgecam.core.clock import Clock, Instant
from edgecam.custody.mask_acts import MaskActs
from edgecam.custody.register.register import Register
from edgecam.drawnrules import DrawnRules, Tables
from edgecam.keys.camera import CameraKey
from edgecam.masking.drawing import DrawnPicture
from edgecam.masking.maskstore import MaskStore
from edgecam.places import Places
from edgecam.reports import Reports
from edgecam.settings import Settings
from edgecam.web.drawingparts import DrawingParts, RuleParts


def drawing_parts(
    settings: Settings,
    places: Places,
    key: CameraKey,
    register: Register,
    masks: MaskStore,
    reports: Reports,
    clock: Clock,
) -> DrawingParts:
    """For the page; nothing is read before somebody draws."""

    def confirm(by: str, now: Instant, mask_hash: bytes) -> None:
        confirm_aim(places, key, by, now, mask_hash)

    def picture() -> DrawnPicture | None:
        recorder = reports.recorder()
        if recorder is None or not recorder.width:
            return None
        return DrawnPicture(width=recorder.width, height=recorder.height, rotation=settings.camera.rotation)

    drawn = DrawnRules(places.rules, settings.rules)

    def write(tables: Tables, who: str) -> None:
        drawn.write(tables, register, who)

    rules = RuleParts(settings.retention.timezone, lambda: drawn.read().tables, write)
    return DrawingParts(MaskActs(masks, register, clock, confirm), picture, rules)


def confirm_aim(places: Places, key: CameraKey, by: str, now: Instant, mask_hash: bytes) -> None:
    """Keep that the camera looks where it should for the masks of that hash. Raises: as `AimStore.confirm`."""
    # Only here: it brings OpenCV along, 17 MB that the hub need not carry.
    from edgecam.masking.aimstore import AimStore

    AimStore(places.masks, key).confirm(by, now, mask_hash)
