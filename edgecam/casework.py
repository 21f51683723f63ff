"""Cases by the owner's policy, as the page and the command line have them."""

from __future__ import annotations

from edgecam.choices import retention_of
from edgecam.core.clock import Clock, Instant, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.custody.cases.case import Case
from edgecam.custody.cases.caserules import CaseRules
from edgecam.custody.cases.duedays import is_past, kept_until
from edgecam.custody.evidence.export import refuse_nothing
from edgecam.custody.holds import Holds
from edgecam.keys.sealing import SealingKind
from edgecam.places import Places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader, live_epochs
from edgecam.settings import Settings


def case_rules_of(settings: Settings) -> CaseRules:
    """What the settings say of cases; without purposes of its own the camera has that of its notice."""
    chosen = settings.custody
    purposes = chosen.purposes or tuple(filter(None, (settings.notice.purpose,)))
    return CaseRules(
        sealing=SealingKind(chosen.sealing),
        purposes=purposes,
        permit_h=chosen.permit_h,
        emergency=chosen.emergency,
        emergency_report_h=chosen.emergency_report_h,
        answer_days=chosen.answer_days,
        kept_years=chosen.kept_years,
        zone=settings.retention.timezone,
    )


def is_over(case: Case, rules: CaseRules, now: Instant) -> bool:
    """Whether a case that is not open was kept as long as the policy says, from what was done with it last.

    Only a synchronised clock knows.
    """
    done = [case.asked, *(one.at for one in case.handed_over)]
    if case.decision is not None:
        done.append(case.decision.at)
    last = max(done, key=lambda at: at.wall_ns)
    if case.is_open or now.trust is not TimeTrust.SYNCED:
        return False
    return is_past(kept_until(last, rules.kept_years, rules.zone), now)


class FootageThere:
    """Whether there is footage at all, in the ring or in a hold; opens the ring for each question."""

    def __init__(self, settings: Settings, places: Places, holds: Holds, clock: Clock) -> None:
        self._retention, self._ring = retention_of(settings), places.ring
        self._holds, self._clock = holds, clock

    def require(self, from_wall_ns: int, to_wall_ns: int) -> None:
        """Raises: BadInput, telling what there is, when nothing lies in the range; MediaFailing."""
        if self._is_held(from_wall_ns, to_wall_ns):
            return
        medium = FileMedium.open(self._ring, writable=False)
        try:
            refuse_nothing(RingReader(medium, self._retention, self._clock.now), from_wall_ns, to_wall_ns)
        except BadInput as nothing:
            raise BadInput(
                nothing.what,
                do=f"{nothing.do}; who only asks whether there is any may ask for that",
                safe="nothing was written down",
                field="from_ms",
            ) from nothing
        finally:
            medium.close()

    def _is_held(self, from_wall_ns: int, to_wall_ns: int) -> bool:
        if not self._holds.store.all():
            return False
        return any(
            held.record.from_wall_ns < to_wall_ns and from_wall_ns < held.record.to_wall_ns
            for held in self._holds.standing(live_epochs(self._ring))
            if not held.ended
        )
