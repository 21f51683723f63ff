"""Keeps one camera's filter and lamp as the light asks: looks at the picture, says what comes, then does it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edgecam.appliance.brightness import brightness
from edgecam.appliance.daynight import DayNight, Light, LightPlan
from edgecam.appliance.lines import GpioLines, OpensLines
from edgecam.appliance.optics import DrivenOptics, Wiring
from edgecam.core.announcement import Announcement, FollowedAnnouncement, announce
from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.smallframes import SmallFrames
from edgecam.core.timetable import Timetable
from edgecam.places import Places
from edgecam.settings import DayNightSettings

_LOOK_EVERY_NS: Final = NS_PER_S // 2
_STALE_NS: Final = 2 * NS_PER_S
_BY_NIGHT: Final = frozenset({Light.NIGHT, Light.PROBE_COMES, Light.PROBE, Light.DAY_COMES})


class LightKeeper:
    """Owns the lines of filter and lamp. One thread uses it, ten times a second."""

    def __init__(
        self, chosen: DayNightSettings, zone: str, places: Places, clock: Clock, opens: OpensLines = GpioLines
    ) -> None:
        """Raises: BadInput, Unavailable when the lines cannot be had."""
        self._chosen, self._clock, self._place = chosen, clock, places.light_switch
        self._hours = Timetable.parse(chosen.night_hours, zone)
        wiring = _wiring(chosen)
        self._lines = opens(Path(chosen.chip), outputs=wiring.outputs, inverted=_inverted(chosen))
        self._optics = DrivenOptics(wiring, self._lines, clock)
        self._frames = SmallFrames(places.small_frames)
        self._looked_ns = self._seen_ns = 0
        self.brightness: float | None = None
        self.switches = 0
        before = FollowedAnnouncement(self._place).newest()
        by_night = before is not None and before.what in _BY_NIGHT
        plan = LightPlan(
            chosen.dark_below,
            chosen.bright_above,
            chosen.dwell_s,
            60 * chosen.probe_min,
            wiring.lamp_line is not None,
        )
        now_s = clock.mono_ns() / NS_PER_S
        self._daynight = DayNight(plan, now_s, Light.NIGHT if by_night else Light.DAY)
        self._settled = False

    @property
    def light(self) -> Light:
        """Where it stands."""
        return self._daynight.light

    def tend(self) -> None:
        """Look, decide, say it, do it. Raises: Unavailable without the chip, OSError when nobody can be told."""
        now = self._clock.now()
        self._look(now)
        if self._daynight.step(now.mono_ns / NS_PER_S, self.brightness, self._wanted_night(now)):
            self._settled = False
            self.switches += self.light in (Light.DAY, Light.NIGHT)
        if self._settled:
            return
        # First the word, then the deed: whoever looks must know before the picture changes.
        from_s, until_s = self._daynight.strange_s
        announce(self._place, Announcement(self.light, int(from_s * NS_PER_S), int(until_s * NS_PER_S)))
        self._optics.bring(self._daynight.optics)
        self._settled = True

    def close(self) -> None:
        """Lamp off, lines free; the filter stays where it is."""
        try:
            self._optics.rest()
        finally:
            self._lines.close()

    def _look(self, now: Instant) -> None:
        if now.mono_ns - self._looked_ns < _LOOK_EVERY_NS:
            return
        self._looked_ns = now.mono_ns
        frame = self._frames.newest()
        if frame is not None:
            self._seen_ns, self.brightness = now.mono_ns, brightness(frame)
        elif now.mono_ns - self._seen_ns > _STALE_NS:
            self.brightness = None

    def _wanted_night(self, now: Instant) -> bool | None:
        match self._chosen.mode:
            case "always_day":
                return False
            case "always_night":
                return True
            case "timetable" if now.trust is not TimeTrust.UNSET:
                return self._hours.is_open(now.wall_ns)
        # By its light too while nobody knows the time: a guessed hour could leave the night black.
        return None


def _wiring(chosen: DayNightSettings) -> Wiring:
    def pin(line: int) -> int | None:
        return line if line >= 0 else None

    return Wiring(
        pin(chosen.filter_line), pin(chosen.filter_out_line), pin(chosen.lamp_line), chosen.pulse_ms / 1000
    )


def _inverted(chosen: DayNightSettings) -> list[int]:
    filters = [chosen.filter_line, chosen.filter_out_line] if chosen.filter_inverted else []
    return [line for line in (*filters, *([chosen.lamp_line] if chosen.lamp_inverted else [])) if line >= 0]
