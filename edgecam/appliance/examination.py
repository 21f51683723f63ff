"""What a support person asks first, each answered in a line, as far as it can be told from files.

Nothing is changed and nothing is taken from a running camera. Where an answer needs the image, or a right that this
process lacks, it says so.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from edgecam.appliance.bootslots import BootSlots
from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.appliance.release import RELEASE, load_release
from edgecam.appliance.restartlog import Ended, read_restarts
from edgecam.core.clock import NS_PER_S, Clock, TimeTrust
from edgecam.core.errors import EdgecamError, NotAllowed
from edgecam.core.status import RecorderStatus, read_status
from edgecam.places import Places
from edgecam.ringplan import gib, make_plan
from edgecam.settings import Settings
from edgecam.telemetry.board import Board

_DAY_NS: Final = 86_400 * NS_PER_S
_WARM_C: Final = 70.0
_WEAK_DBM: Final = -75.0
_SILENT_NS: Final = 10 * NS_PER_S
_WITHIN_S: Final = 10.0


class Verdict(StrEnum):
    """What a line says."""

    OK = "ok"
    ATTENTION = "attention"
    CANNOT_TELL = "cannot tell"
    NOT_HERE = "not here"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: to what, how it is, the sentence, and what to do; ``values`` are numbers to compare."""

    name: str
    verdict: Verdict
    says: str
    do: str = ""
    values: dict[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patient:
    """The camera that is looked at; every path can be another one. Without settings much cannot be told."""

    clock: Clock
    board: Board
    settings: Settings | None
    places: Places | None
    image: ImagePlaces = field(default_factory=ImagePlaces)
    release: Path = RELEASE
    slots: BootSlots = field(default_factory=BootSlots)
    sys: Path = Path("/sys")
    dev: Path = Path("/dev")
    programs: str | None = None

    def recorder(self) -> RecorderStatus | None:
        """What the recorder says of itself now; ``None`` when it says nothing."""
        if self.places is None:
            return None
        said = read_status(self.places.status_of("recorder"), RecorderStatus)
        return said if said and self.clock.mono_ns() - said.beat_mono_ns < _SILENT_NS else None


def examine(patient: Patient) -> Iterator[Finding]:
    """Every answer in turn; a look that fails is an answer too."""
    for look in LOOKS:
        try:
            yield look(patient)
        except (EdgecamError, OSError) as failed:
            yield Finding(look.__name__.removeprefix("_"), Verdict.CANNOT_TELL, str(failed))


def _image(patient: Patient) -> Finding:
    try:
        release = load_release(patient.release)
    except NotAllowed as none:
        return Finding("image", Verdict.CANNOT_TELL, none.what, none.do)
    return Finding("image", Verdict.OK, f"edgecam {release.version} for {release.target}")


def _slots(patient: Patient) -> Finding:
    load_release(patient.release)
    running, choice = patient.slots.running(), patient.slots.choice()
    says = f"slot {running} runs; A is {choice.a}, B is {choice.b}"
    if running is not choice.committed:
        return Finding("slots", Verdict.ATTENTION, f"{says}; it is on trial", "wait a quarter of an hour")
    return Finding("slots", Verdict.OK, says)


def _updates(patient: Patient) -> Finding:
    load_release(patient.release)
    program = shutil.which("rauc", path=patient.programs)
    if program is None:
        return Finding("updates", Verdict.CANNOT_TELL, "there is no RAUC on this machine")
    try:
        done = subprocess.run([program, "status"], capture_output=True, timeout=_WITHIN_S, check=False)
    except subprocess.TimeoutExpired:
        return Finding("updates", Verdict.ATTENTION, "RAUC does not answer", "restart the camera")
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it says nothing"]
        return Finding("updates", Verdict.ATTENTION, f"RAUC refuses: {said[0][:200]}", "flash the card anew")
    return Finding("updates", Verdict.OK, "RAUC knows its slots")


def _recording(patient: Patient) -> Finding:
    said = patient.recorder()
    if said is None:
        return Finding("recording", Verdict.ATTENTION, "the recorder says nothing", "see `edgecam status`")
    if said.resting:
        return Finding("recording", Verdict.OK, "outside the recording hours")
    if said.faults or not said.recording:
        why = said.faults[0].sentence if said.faults else "it does not record"
        return Finding("recording", Verdict.ATTENTION, why, "see `edgecam status`")
    says = f"{said.width}x{said.height} at {said.fps:.3g} frames a second, {said.bit_rate_kbps:.0f} kbit/s"
    return Finding("recording", Verdict.OK, says)


def _clock(patient: Patient) -> Finding:
    trust = patient.clock.now().trust
    if trust is TimeTrust.SYNCED:
        return Finding("clock", Verdict.OK, "set by the network")
    if trust is TimeTrust.RESTORED:
        return Finding("clock", Verdict.ATTENTION, "not synchronised now", "let it reach a time server")
    return Finding("clock", Verdict.ATTENTION, "never set", "connect it to a network once")


def _card(patient: Patient) -> Finding:
    if patient.settings is None or patient.places is None:
        return Finding("card", Verdict.CANNOT_TELL, "there are no settings")
    plan = make_plan(patient.settings, patient.places)
    days, wanted = plan.most_days(), plan.retention.floor_ns / _DAY_NS
    says = f"{gib(plan.data_size)} GiB keep {days:.1f} days at most, {wanted:g} are wanted"
    values: dict[str, float | str] = {"days": round(days, 1)}
    if days < wanted:
        return Finding("card", Verdict.ATTENTION, says, "see `edgecam plan` for what would do", values)
    return Finding("card", Verdict.OK, says, values=values)


def _camera(patient: Patient) -> Finding:
    said = patient.recorder()
    if said is not None and said.frames and not any(fault.code == "source" for fault in said.faults):
        return Finding("camera", Verdict.OK, f"{said.source} gives pictures")
    found = sorted(path.name for path in patient.dev.glob("video*"))
    media = sorted(path.name for path in patient.dev.glob("media*"))
    if not found and not media:
        return Finding("camera", Verdict.ATTENTION, "no camera is found", "check its cable, then restart")
    return Finding("camera", Verdict.CANNOT_TELL, f"there are {', '.join(found + media)}; nobody films now")


def _encoder(patient: Patient) -> Finding:
    said = patient.recorder()
    if said is None or not said.encoder:
        return Finding("encoder", Verdict.CANNOT_TELL, "nobody encodes now")
    return Finding(
        "encoder", Verdict.OK, {"board": "the board's own", "x264": "x264"}.get(said.encoder, said.encoder)
    )


def _temperature(patient: Patient) -> Finding:
    reading = patient.board.read()
    if reading.cpu_temperature_c is None:
        return Finding("temperature", Verdict.CANNOT_TELL, "this board has no thermometer that can be read")
    says = f"{reading.cpu_temperature_c:.0f} °C"
    values: dict[str, float | str] = {"celsius": reading.cpu_temperature_c}
    if reading.throttling is not None and reading.throttling.now:
        says = f"{says}; now {', '.join(reading.throttling.now)}"
        return Finding("temperature", Verdict.ATTENTION, says, "use a better supply, give it air", values)
    if reading.cpu_temperature_c >= _WARM_C:
        return Finding("temperature", Verdict.ATTENTION, says, "give it shade or air", values)
    return Finding("temperature", Verdict.OK, says, values=values)


def _watchdog(patient: Patient) -> Finding:
    folder = patient.sys / "class/watchdog/watchdog0"
    if not folder.exists():
        return Finding("watchdog", Verdict.ATTENTION, "there is no watchdog", "nothing restarts a hung board")
    state = (folder / "state").read_text().strip() if (folder / "state").exists() else "unknown"
    if state != "active":
        return Finding(
            "watchdog", Verdict.ATTENTION, f"it is {state}", "PID 1 should arm it: see systemd's settings"
        )
    return Finding("watchdog", Verdict.OK, f"armed, {(folder / 'timeout').read_text().strip()} s")


def _wifi(patient: Patient) -> Finding:
    radios = sorted(path.parent.name for path in (patient.sys / "class/net").glob("*/wireless"))
    if not radios:
        return Finding("wifi", Verdict.OK, "no radio; wired")
    signal = patient.board.read().wifi_signal_dbm
    if signal is None:
        return Finding("wifi", Verdict.CANNOT_TELL, f"{', '.join(radios)}: connected to nothing")
    values: dict[str, float | str] = {"dbm": signal}
    if signal < _WEAK_DBM:
        return Finding("wifi", Verdict.ATTENTION, f"weak: {signal:.0f} dBm", "move it or its access point", values)
    return Finding("wifi", Verdict.OK, f"{signal:.0f} dBm", values=values)


def _starts(patient: Patient) -> Finding:
    known = read_restarts(patient.image.system / "care/restarts.jsonl")
    if not known:
        return Finding("starts", Verdict.CANNOT_TELL, "no start is in the log")
    bad = [one for one in known[-20:] if one.ended not in (Ended.FIRST, Ended.CLEAN)]
    says = f"{len(known)} in the log; the last run ended: {known[-1].ended}"
    if len(bad) >= 3:
        says += f"; {len(bad)} of the newest {len(known[-20:])} runs did not end as they should"
        return Finding("starts", Verdict.ATTENTION, says, "look at its supply first")
    return Finding("starts", Verdict.OK, says)


LOOKS: Final[tuple[Callable[[Patient], Finding], ...]] = (
    _image,
    _slots,
    _updates,
    _recording,
    _clock,
    _card,
    _camera,
    _encoder,
    _temperature,
    _watchdog,
    _wifi,
    _starts,
)
