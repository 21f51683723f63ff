"""A camera that has recorded, with cases of its own, and everything that giving footage away takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from custodystand import BOOT_A, START_WALL_NS, Camera, new_owner

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.term import Term
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, CaseState, Decision, Party, Step, Use, Want
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.disclosure.disclosure import DisclosureParts
from edgecam.custody.disclosure.duplicates import Duplicates
from edgecam.custody.register.register import Register
from edgecam.keys.owner import OwnerIdentity, Recipients

DAY_NS = 86_400 * NS_PER_S
HOUR_NS = 3600 * NS_PER_S


class HandClock:
    """Stands until somebody moves it; begins two hours after the first footage."""

    def __init__(self) -> None:
        self.after_ns, self.trust = 2 * HOUR_NS, TimeTrust.SYNCED

    def now(self) -> Instant:
        return Instant(START_WALL_NS + self.after_ns, self.after_ns, BOOT_A, self.trust)

    def mono_ns(self) -> int:
        return self.after_ns

    def sleep(self, duration_s: float) -> None:
        self.after_ns += round(duration_s * NS_PER_S)


@dataclass(slots=True)
class DisclosureStand:
    """``folder`` is the state folder; ``receiver`` and ``owner`` hold the keys that things are sealed to."""

    camera: Camera
    folder: Path
    clock: HandClock
    register: Register
    cases: CaseStore
    duplicates: Duplicates
    receiver: OwnerIdentity

    @property
    def parts(self) -> DisclosureParts:
        return DisclosureParts(
            self.register,
            self.camera.key,
            self.duplicates,
            Recipients([self.camera.owner.recipient()]),
            self.clock,
            books=lambda: [self.register.path],
            do_step=self.cases.step,
            kept_years=5,
            zone="Asia/Tokyo",
        )

    def asked(self, **other: object) -> Case:
        """A case that the police asked for: all of the camera's footage."""
        told: dict[str, object] = {
            "case_id": "",
            "kind": CaseKind.DISCLOSURE,
            "want": Want.COPY,
            "state": CaseState.ASKED,
            "asked": self.clock.now(),
            "asked_by": "owner",
            "asker": Party("Inspector Mori", "Kumamoto East Police", contact="096-000-0000"),
            "asker_kind": AskerKind.POLICE,
            "use": Use.PROVISION,
            "purpose": "theft of a bicycle",
            "legal_basis": "Code of Criminal Procedure 197(2)",
            "from_wall_ns": START_WALL_NS,
            "to_wall_ns": START_WALL_NS + DAY_NS,
        }
        return self.cases.ask(Case(**(told | other)))  # type: ignore[arg-type]

    def granted(self, hours: float = 24.0, **other: object) -> Case:
        case, now = self.asked(**other), self.clock.now()
        decision = Decision(True, "owner", now, "asked in writing", Term(now, round(hours * HOUR_NS)))
        return self.cases.step(case.case_id, Step.GRANT, "owner", decision=decision)

    def given_away(self) -> set[str]:
        return {one.duplicate_id for case in self.cases.all() for one in case.handed_over}


def disclosure_stand(camera: Camera, folder: Path, quota_bytes: int = 64 << 20) -> DisclosureStand:
    """A state of its own in ``folder`` for what ``camera`` recorded."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = HandClock()
    register = Register(folder / "register.jsonl", camera.key.sign, camera.key.public, clock)
    return DisclosureStand(
        camera,
        folder,
        clock,
        register,
        CaseStore(folder / "cases", register, camera.key, clock),
        Duplicates(folder / "disclosed", register, camera.key, clock, quota_bytes),
        new_owner(),
    )
