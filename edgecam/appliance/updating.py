"""Updates of this camera: what there is, fetching and installing it, and going back."""

from __future__ import annotations

import configparser
import logging
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from edgecam.appliance.bootslots import BootSlots, State
from edgecam.appliance.bundle import Bundle, bundles_in, newest_bundle, read_bundle, require_wanted
from edgecam.appliance.deferral import Deferral, PutOff, ended, put_off, standing_until
from edgecam.appliance.offer import Offer, fetch_offer
from edgecam.appliance.rauc import Rauc
from edgecam.appliance.release import Release
from edgecam.appliance.updatenotes import Attempt, Expected, Looked, Refused, UpdateNotes
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput, EdgecamError, NotAllowed, Unavailable
from edgecam.core.status import HubStatus, RecorderStatus, read_status
from edgecam.places import Places
from edgecam.stage import Stage, stage_of

_RAUC_STATUS = Path("/state/system/rauc/central.raucs")
_KEPT = "footage, keys, masks and registers are on other partitions and stay as they are"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How updating is: which version runs where, what the other slot holds, what was refused last.

    ``deferred_until_wall_ns`` is until when it is put off; 0: it is not.
    """

    version: str
    target: str
    slot: str
    on_trial: bool
    other_state: str
    other_version: str
    refused: Refused | None
    looked: Looked | None
    deferred_until_wall_ns: int = 0


@dataclass(frozen=True, slots=True)
class Machine:
    """What updating does to the machine it runs on."""

    slots: BootSlots
    rauc: Rauc
    # Restarts once into the slot that is not committed.
    restart_into_other: Callable[[], None]
    rauc_status: Path = _RAUC_STATUS


def restart_into_other() -> None:
    """The firmware's one-shot flag, then a restart. Raises: Unavailable."""
    words = ["systemctl", "reboot", "--reboot-argument=0 tryboot"]
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as refused:
        raise Unavailable(f"the camera could not be restarted ({refused})", safe=_KEPT) from refused


class Updates:
    """Updates of the image ``release`` on this machine; ``url`` is where they come from, empty for nowhere."""

    def __init__(
        self, release: Release, url: str, places: Places, machine: Machine, notes: UpdateNotes, clock: Clock
    ) -> None:
        self._release, self._url, self._places = release, url, places
        self._machine, self._notes, self._clock = machine, notes, clock

    def standing(self) -> Standing:
        """How it is now. Raises: BadInput, DataLoss, Unavailable."""
        slots = self._machine.slots
        running, choice = slots.running(), slots.choice()
        return Standing(
            version=str(self._release.version),
            target=self._release.target,
            slot=running.value,
            on_trial=running is not choice.committed,
            other_state=choice.state(running.other).value,
            other_version=_version_in(self._machine.rauc_status, running.other.value),
            refused=self._refused(),
            looked=self._notes.looked(),
            deferred_until_wall_ns=self._deferred_until(),
        )

    def settle(self) -> None:
        """Note a trial that ended without a verdict, for whoever tells of it and cannot read the boot choice.

        Raises: BadInput, DataLoss, Unavailable, MediaFailing.
        """
        refused = self._refused()
        if refused is not None and refused != self._notes.refused():
            self._notes.refuse(refused)

    def check(self) -> Looked:
        """What [update] url offers, told and noted. Raises: BadInput, Unavailable, MediaFailing."""
        at_wall_ns = self._clock.now().wall_ns
        try:
            offer = self._offer()
        except EdgecamError as refused:
            # A server that is away for a night makes nobody forget what waits.
            known = self._notes.looked() or Looked("", False, "", 0)
            self._notes.look(Looked(known.version, known.newer, str(refused)[:200], at_wall_ns))
            raise
        looked = Looked(str(offer.version), offer.version > self._release.version, "", at_wall_ns)
        self._notes.look(looked)
        if not looked.newer:
            self._notes.forget_deferral()
        return looked

    def install(self, source: str = "", *, again: bool = True) -> Bundle:
        """Install the bundle at ``source`` (a file, a folder to look in, an https address; empty: what [update] url
        offers) and restart into its trial; without ``again`` not the version that was refused last.

        Raises: all kinds but Bug; then what runs stays as it is.
        """
        now = self._clock.now()
        attempt = Attempt("", now.wall_ns, now.boot_id.hex())
        try:
            self._require_leave()
            bundle = self._wanted(source, again)
            attempt = replace(attempt, version=str(bundle.version))
            self._notes.attempted(attempt)
            self._write(bundle)
        except EdgecamError as refused:
            # Of a stick that has nothing for this camera, or still what runs, nobody need read for long.
            if attempt.version or not source:
                self._notes.attempted(replace(attempt, over=True, why=str(refused)[:200]))
            raise
        self._notes.attempted(replace(attempt, over=True))
        return bundle

    def install_offered(self) -> bool:
        """Install what [update] url offers when it is newer, not put off and not refused before:
        whether it was.

        Raises: as `check`, `install`.
        """
        looked = self.check()
        refused = self._refused()
        left = refused is not None and refused.version == looked.version
        if left or not looked.newer or self._deferred_until():
            return False
        self.install()
        return True

    def defer(self, how: PutOff) -> Deferral:
        """Have nothing installed by itself, and nobody reminded, for ``how``. Raises: NotAllowed, MediaFailing."""
        deferral = put_off(self._notes.deferral(), how, self._clock.now().wall_ns)
        self._notes.defer(deferral)
        return deferral

    def resume(self) -> None:
        """Put off nothing any longer. Raises: MediaFailing."""
        if (deferral := self._notes.deferral()) is not None:
            self._notes.defer(ended(deferral, self._clock.now().wall_ns))

    def rollback(self) -> str:
        """Restart into the other slot's version, which has to prove itself as a new one has: that version.

        Raises: NotAllowed when it holds none that was good; Unavailable.
        """
        self._require_leave()
        slots = self._machine.slots
        other = slots.running().other
        if (state := slots.choice().state(other)) is not State.GOOD:
            what = "was left before it was good" if state is State.TRIAL else "holds no version that was good"
            raise NotAllowed(f"there is nothing to go back to: slot {other} {what}", safe=_KEPT)
        version = _version_in(self._machine.rauc_status, other.value) or f"of slot {other}"
        self._notes.expect(self._expected(version))
        self._machine.rauc.activate_other()
        self._start_trial(version)
        return version

    def _wanted(self, source: str, again: bool) -> Bundle:
        bundle = self._find(source)
        require_wanted(bundle, self._release)
        if not again and (refused := self._refused()) and refused.version == str(bundle.version):
            raise NotAllowed(
                f"version {bundle.version} was tried and left: {refused.why}",
                do="take its stick out; put in while the camera runs it is tried once more",
            )
        return bundle

    def _write(self, bundle: Bundle) -> None:
        self._notes.expect(self._expected(str(bundle.version)))
        self._tell("installing", bundle.version)
        self._machine.rauc.install(bundle.source)
        self._start_trial(str(bundle.version))

    def _start_trial(self, version: str) -> None:
        slots = self._machine.slots
        choice = slots.choice()
        if choice.primary is slots.running():
            raise Unavailable("the new version was written but would not be started", do="install it again")
        slots.choose(choice.tried())
        self._tell("starting", version)
        self._machine.restart_into_other()

    def _require_leave(self) -> None:
        if self._machine.slots.on_trial():
            raise NotAllowed(
                f"version {self._release.version} is on trial itself",
                do="wait until it was judged, fifteen minutes after its start at most",
            )
        if stage_of(self._places) is not Stage.READY:
            raise NotAllowed(
                "this camera is not set up: whether a new version records could not be judged",
                do="set it up first",
            )

    def _find(self, source: str) -> Bundle:
        rauc = self._machine.rauc
        if not source:
            return read_bundle(rauc, self._offer().address(self._url))
        if source.startswith("https://"):
            return read_bundle(rauc, source)
        if "://" in source:
            raise BadInput(f"{source[:100]} is no https address", do="give a file, a folder or an https address")
        path = Path(source).absolute()
        if path.is_dir():
            return newest_bundle(rauc, self._release, bundles_in(path))
        return read_bundle(rauc, str(path))

    def _offer(self) -> Offer:
        if not self._url:
            raise BadInput("nobody said where updates come from", do="set [update] url, or give a file")
        return fetch_offer(self._url, self._release)

    def _expected(self, version: str) -> Expected:
        hub = read_status(self._places.status_of("hub"), HubStatus) or HubStatus()
        recorder = read_status(self._places.status_of("recorder"), RecorderStatus) or RecorderStatus()
        codes = tuple(sorted({fault.code for fault in recorder.faults}))
        return Expected(version, bool(hub.page), hub.broker == "connected", codes)

    def _deferred_until(self) -> int:
        return standing_until(self._notes.deferral(), self._clock.now().wall_ns)

    def _refused(self) -> Refused | None:
        """What was left last, told by its verdict, or by the lack of one."""
        slots, expected = self._machine.slots, self._notes.expected()
        choice, running = slots.choice(), slots.running()
        if expected and running is choice.committed and choice.state(running.other) is State.TRIAL:
            return Refused(expected.version, "it did not come up, or the power failed before it was judged")
        return self._notes.refused()

    def _tell(self, what: str, version: object) -> None:
        self._notes.tell(self._clock.now().wall_ns, what, str(version))


def _version_in(status: Path, bootname: str) -> str:
    # RAUC's own note of what it wrote where; what was flashed has none.
    told = configparser.RawConfigParser(strict=False)
    with suppress(OSError, UnicodeDecodeError, configparser.Error):
        told.read_string(status.read_text("utf-8"))
    return told.get(f"slot.rootfs.{'AB'.index(bootname)}", "bundle.version", fallback="")
