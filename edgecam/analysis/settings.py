"""How the analysis looks and judges, as one pure value; what an owner chooses comes from the settings file."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.core.events import EventKind


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """Thresholds and budgets of the analysis; all durations count capture time, never frames."""

    looks_per_s: float = 5.0
    """How often a frame is looked at; frames that come faster are passed over unseen. Hz."""

    kinds: frozenset[EventKind] = frozenset(EventKind)
    """What is reported at all."""

    object_score: float = 0.38
    """The least detector score, 0-1, of a sighting that counts; some kinds are asked for more (`DEMANDS`)."""

    crops_per_s: float = 10.0
    """How many crops a second the detector may look at in the long run; this bounds what analysis costs."""

    crops_per_look: int = 4
    """How many crops the detector may look at in one look."""

    rule_crops_per_s: float = 16.0
    """As `crops_per_s`, beside it, for what is in or near the place of a rule: there nothing should be missed."""

    rule_crops_per_look: int = 5
    """As `crops_per_look`, for the same."""

    confirm_hits: int = 3
    """In how many looks an object must be seen before it is reported."""

    confirm_window_s: float = 2.5
    """Within how long those looks must fall. Seconds."""

    lost_after_s: float = 3.5
    """How long an object may be out of sight before its event ends. Seconds."""

    parked_after_s: float = 20.0
    """After how long without moving a vehicle counts as parked and its event ends. Seconds."""

    motion_area: float = 0.0015
    """The least share of the picture, 0-1, that must stir for a motion event."""

    motion_after_s: float = 1.5
    """How long something unrecognised must stir before a motion event opens. Seconds."""

    motion_quiet_s: float = 5.0
    """How long it must be quiet before a motion event ends. Seconds."""

    motion_pause_s: float = 15.0
    """The least time from the start of one motion event to the start of the next. Seconds."""
