"""The camera's side of papers: forms, letters, certificates, signs and the standard, from settings and register."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from edgecam.choices import retention_of, sign_of
from edgecam.core.clock import Clock, Instant
from edgecam.core.zone import zone_named
from edgecam.custody.cases.calendar import Due, DueWhat, Source, due
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.paper.letterhead import Letterhead
from edgecam.custody.paper.paperdesk import PaperDesk, PaperSources
from edgecam.custody.paper.standard import StandardFacts
from edgecam.custody.paper.standardstore import StandardStore
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey
from edgecam.masking.maskstore import MaskStore
from edgecam.places import Places
from edgecam.settings import Settings


def paper_desk(
    settings: Settings, places: Places, key: CameraKey, register: Register, cases: CaseStore, clock: Clock
) -> PaperDesk:
    """The desk of this camera. Raises: BadInput for a zone that is none."""
    zone = zone_of(settings)

    def head(language: str) -> Letterhead:
        return Letterhead(language, settings.notice, settings.camera.name, key.camera_id, zone)

    return PaperDesk(
        PaperSources(
            head=head,
            sign=lambda: sign_of(settings),
            facts=lambda: standard_facts(settings, MaskStore(places.masks, key)),
            cases=cases,
            register=register,
            standards=StandardStore(places.standards, register, zone, clock),
            certificate=places.state_dir / "disposal.json",
            answer_days=settings.custody.answer_days,
            language=settings.notice.language,
            clock=clock,
        )
    )


def standard_facts(settings: Settings, masks: MaskStore) -> StandardFacts:
    """What the operation standard says of this camera. Raises: BadInput, as `retention_of`."""
    chosen, in_force = settings.custody, masks.in_force()
    return StandardFacts(
        notice=settings.notice,
        hours=settings.recording.hours,
        retention=retention_of(settings),
        sealing=chosen.sealing,
        permit_h=chosen.permit_h,
        emergency_report_h=chosen.emergency_report_h if chosen.emergency else None,
        answer_days=chosen.answer_days,
        kept_years=chosen.kept_years,
        notice_days=chosen.standard_notice_days,
        masked_areas=len(in_force.drawing.masks) if in_force is not None else 0,
        holds=settings.ring.hold_gib > 0,
    )


def standard_due(settings: Settings, places: Places, key: CameraKey, register: Register, clock: Clock) -> Source:
    """For the owner's calendar: a standard that no longer says what is so, and one that begins."""
    store = StandardStore(places.standards, register, zone_of(settings), clock)

    def told(now: Instant) -> list[Due]:
        facts = standard_facts(settings, MaskStore(places.masks, key))
        return [
            due(DueWhat.STANDARD, one.due_wall_ns, now, subject=str(one.number))
            for one in store.due(facts, settings.notice.language, now)
        ]

    return told


def zone_of(settings: Settings) -> ZoneInfo:
    """Where the civil days of this camera begin and end. Raises: BadInput for a zone that is none."""
    return zone_named(settings.retention.timezone)
