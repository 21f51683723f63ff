"""Watching a version on trial until it is judged; run at each start of a slot that is not the committed one.

Ends with 0 when the version was marked good. Any other end has systemd restart the machine, which leads back to the
version before: so does a bug in here, and so does a version whose Python does not even begin.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from edgecam import __version__
from edgecam.appliance.bootslots import BootSlots
from edgecam.appliance.rauc import Rauc, RaucCommand
from edgecam.appliance.release import load_release
from edgecam.appliance.updatenotes import Expected, Refused, UpdateNotes
from edgecam.appliance.verdict import Seen, Terms, Trial, Verdict, judge
from edgecam.core.clock import NS_PER_S, Clock, SystemClock
from edgecam.core.errors import EdgecamError, MediaFailing, Unavailable
from edgecam.core.process import log_to_stderr
from edgecam.core.status import HubStatus, RecorderStatus, read_status
from edgecam.places import Places, find_places
from edgecam.settings import find_settings

_LOOK_EVERY_S = 1.0
_TERMS = Terms()
_log = logging.getLogger(__name__)


class TrialWatch:
    """Looks once a second and does what the verdict asks for; ``version`` is the one on trial."""

    def __init__(
        self, version: str, slots: BootSlots, rauc: Rauc, notes: UpdateNotes, clock: Clock, terms: Terms = _TERMS
    ) -> None:
        self._version, self._slots, self._rauc, self._notes = version, slots, rauc, notes
        self._clock, self._terms = clock, terms

    def run(self, see: Callable[[], Seen]) -> bool:
        """Watch until there is a verdict: whether the version is good, and is what a start takes from now on."""
        expected = self._notes.expected() or Expected(self._version)
        trial = Trial.begin(self._clock.mono_ns())
        while True:
            before, trial = trial, judge(trial, see(), expected, self._terms)
            if trial.lacking != before.lacking:
                _log.info("on trial: %s", trial.lacking or "nothing is lacking")
            if trial.verdict is Verdict.GOOD and self._commit():
                return True
            if trial.looked_ns - trial.begun_ns >= self._terms.limit_s * NS_PER_S:
                good = trial.verdict is Verdict.GOOD
                self.refuse("it could not be marked good" if good else trial.lacking or "it was sound too late")
                return False
            self._clock.sleep(_LOOK_EVERY_S)

    def refuse(self, why: str) -> None:
        """Say why this version is left, where the next one finds it, and that its slot is bad."""
        at_wall_ns = self._clock.now().wall_ns
        self._notes.tell(at_wall_ns, "refused", self._version, why)
        try:
            self._notes.refuse(Refused(self._version, why[:200], at_wall_ns))
        except MediaFailing as refused:
            _log.warning("%s", refused)
        try:
            self._rauc.mark_running(good=False)
        except EdgecamError as refused:
            _log.warning("%s", refused)

    def _commit(self) -> bool:
        try:
            self._rauc.mark_running(good=True)
            if self._slots.on_trial():
                raise Unavailable("a start would still take the version before")
        except EdgecamError as refused:
            _log.warning("%s", refused)
            return False
        self._notes.tell(self._clock.now().wall_ns, "good", self._version)
        self._notes.forget_refused()
        return True


def look(places: Places, clock: Clock) -> Seen:
    """What recorder and hub say now."""
    recorder = read_status(places.status_of("recorder"), RecorderStatus)
    return Seen(recorder, read_status(places.status_of("hub"), HubStatus), clock.mono_ns())


def _main() -> int:
    log_to_stderr("verdict")
    clock = SystemClock()
    watch = TrialWatch(_version(), BootSlots(), RaucCommand(), UpdateNotes(), clock)
    try:
        _, places = find_places(find_settings(None))
    except EdgecamError as refused:
        watch.refuse(str(refused))
        return 1
    return 0 if watch.run(lambda: look(places, clock)) else 1


def _version() -> str:
    try:
        return str(load_release().version)
    except EdgecamError:
        return __version__


if __name__ == "__main__":
    # python -m edgecam.appliance.trialwatch
    raise SystemExit(_main())
