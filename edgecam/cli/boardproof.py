"""What only a real Raspberry Pi can show: its camera, mask and codec, firmware, pins, card and heat.

No report of a real board has been made yet: what is written here was only ever run against a full fake of the
camera stack, and on machines that are no Raspberry Pi.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edgecam.appliance.examination import Finding, Patient, Verdict
from edgecam.appliance.lines import GpioLines, line_names
from edgecam.appliance.restartlog import read_evidence
from edgecam.capture.encoder import X264Encoder
from edgecam.capture.picamera import PicameraSource
from edgecam.capture.uri import PicameraUri
from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.core.errors import BadInput, EdgecamError
from edgecam.core.frames import Encoder, Fragment, MaskedFrame
from edgecam.masking.burn import Burner
from edgecam.masking.drawing import Drawing, Mask
from edgecam.masking.maskset import MaskSet, Step
from edgecam.masking.proof import FillProof
from edgecam.masking.shrink import small_size_for
from edgecam.settings import Settings

FRAMES: Final = 100
_FPS, _SIZE = 15.0, (1280, 720)
_LOAD_S: Final = 60.0
_CARD_BYTES: Final = 64 << 20
_CHUNK: Final = 1 << 20
_WITHIN_S: Final = 10.0
NOT_HERE: Final = "needs a Raspberry Pi"
# Firmware properties of its mailbox: whether the next start is a trial. As Raspberry Pi's firmware header has them.
_GET_REBOOT_FLAGS, _SET_REBOOT_FLAGS, _TRYBOOT = "0x00030064", "0x00038064", 1


@dataclass(frozen=True, slots=True)
class Proving:
    """What the proofs may do besides looking: ``toggles`` lets pins move, for ``load_s`` the board is heated."""

    patient: Patient
    toggles: bool = False
    load_s: float = _LOAD_S


def prove_board(proving: Proving) -> Iterator[Finding]:
    """Every proof in turn; on a machine that is no Raspberry Pi each says so."""
    here = proving.patient.board.model().startswith("Raspberry Pi")
    for name, proof in PROOFS.items():
        if not here:
            yield Finding(name, Verdict.NOT_HERE, NOT_HERE)
            continue
        try:
            yield proof(proving)
        except (EdgecamError, OSError, subprocess.SubprocessError) as failed:
            yield Finding(name, Verdict.ATTENTION, str(failed))


def report_of(patient: Patient, findings: list[Finding]) -> dict[str, Any]:
    """What is kept to compare another board with."""
    return {
        "format": 1,
        "model": patient.board.model(),
        "wall_ns": patient.clock.now().wall_ns,
        "findings": {
            one.name: {"verdict": one.verdict, "says": one.says, "values": one.values} for one in findings
        },
    }


def decode_report(data: bytes) -> Mapping[str, Mapping[str, Any]]:
    """The findings of a kept report by name. Raises: BadInput."""
    try:
        told = json.loads(data)
        findings = told["findings"]
        if told["format"] != 1 or not all(isinstance(one["values"], dict) for one in findings.values()):
            raise ValueError("of another make")
        return {str(name): one for name, one in findings.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
        raise BadInput("that is no report of `edgecam doctor --hardware`") from broken


def differences(findings: list[Finding], reference: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is otherwise than in ``reference``: verdicts, and numbers that are a quarter or more away."""
    told: list[str] = []
    for one in findings:
        before = reference.get(one.name)
        if before is None:
            told.append(f"{one.name}: not in the other report")
            continue
        if before.get("verdict") != one.verdict:
            told.append(f"{one.name}: {one.verdict}, was {before.get('verdict')}")
        for key, value in one.values.items():
            was = before["values"].get(key)
            if was != value and not _near(value, was):
                told.append(f"{one.name}: {key} is {value}, was {was}")
    return told


def _near(value: float | str, was: object) -> bool:
    if isinstance(value, str) or not isinstance(was, int | float):
        return False
    return abs(value - was) <= 0.25 * max(abs(value), abs(was))


def _camera(proving: Proving) -> Finding:
    """A hundred frames with a mask burnt before any encoder sees them; then the film is decoded and measured."""
    clock = proving.patient.clock
    source = PicameraSource(
        PicameraUri(0), width=_SIZE[0], height=_SIZE[1], fps=_FPS, rotation=0, pictures=6, clock=clock
    )
    fragments: list[Fragment] = []
    taken: list[int] = []
    made = source.open()
    try:
        hardware = source.make_encoder(bit_rate_kbps=2000, on_fragment=fragments.append)
        encoder: Encoder = hardware or X264Encoder(made, bit_rate_kbps=2000, on_fragment=fragments.append)
        size = made.width, made.height
        masks = _half_masked(clock.now().wall_ns)
        burner = Burner(masks, size, small_size_for(*size))

        def keep(masked: MaskedFrame) -> None:
            taken.append(masked.captured_mono_ns)
            try:
                encoder.encode(masked)
            finally:
                masked.release()

        source.run(lambda raw: keep(burner.burn(raw, True)), lambda: len(taken) >= FRAMES)
        encoder.close()
    finally:
        source.close()
    seconds = (taken[-1] - taken[0]) / NS_PER_S
    fps = (len(taken) - 1) / seconds if seconds > 0 else 0.0
    proof = FillProof(masks, *size)
    decoded_frames, holds = _measured(fragments, proof)
    values: dict[str, float | str] = {
        "encoder": "board" if hardware is not None else "x264",
        "fps": round(fps, 2),
        "keyframes": len(fragments),
        "kbps": round(sum(len(one.data) for one in fragments) * 8 / 1000 / max(seconds, 0.001)),
    }
    says = (
        f"{decoded_frames} frames at {fps:.1f} a second, encoded by {values['encoder']}, {len(fragments)} keyframes"
    )
    if not holds:
        return Finding(
            "camera_mask_codec", Verdict.ATTENTION, f"{says}; NOT masked in the film", "do not use it", values
        )
    if decoded_frames < FRAMES - 1:
        return Finding(
            "camera_mask_codec", Verdict.ATTENTION, f"{says}; frames are missing", "look at its log", values
        )
    return Finding("camera_mask_codec", Verdict.OK, f"{says}; masked on every one", values=values)


def _half_masked(wall_ns: int) -> MaskSet:
    step = Step(by="doctor", at_wall_ns=wall_ns, trust=TimeTrust.UNSET)
    polygon = ((0.1, 0.1), (0.6, 0.1), (0.6, 0.9), (0.1, 0.9))
    mask = Mask(name="doctor", reason="other", polygon=polygon)
    return MaskSet("doctor", 1, Drawing(masks=(mask,), margin=0.0), drawn=step, confirmed=step)


def _measured(fragments: list[Fragment], proof: FillProof) -> tuple[int, bool]:
    """How many frames come out of the film, and whether each shows nothing but fill under the mask."""
    from edgecam.cli.decoded import decoded

    frames, holds = 0, bool(fragments)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        film = Path(folder) / "film.mp4"
        film.write_bytes(b"".join([fragments[0].init, *(one.data for one in fragments)]) if fragments else b"")
        for y, u, v in decoded(film) if fragments else ():
            frames += 1
            holds = holds and proof.look(y, u, v).holds
    return frames, holds


def _trial_flag(proving: Proving) -> Finding:
    """The flag that makes the next start a trial is set, read back, and taken back; nothing is restarted."""
    program = shutil.which("vcmailbox", path=proving.patient.programs)
    if program is None:
        return Finding("trial_flag", Verdict.CANNOT_TELL, "there is no vcmailbox", "install raspi-utils-core")
    before = _mailbox(program, _GET_REBOOT_FLAGS, 0)
    try:
        _mailbox(program, _SET_REBOOT_FLAGS, before | _TRYBOOT)
        seen = _mailbox(program, _GET_REBOOT_FLAGS, 0)
    finally:
        _mailbox(program, _SET_REBOOT_FLAGS, before)
    after = _mailbox(program, _GET_REBOOT_FLAGS, 0)
    if not seen & _TRYBOOT or after != before:
        return Finding(
            "trial_flag", Verdict.ATTENTION, f"set: {seen:#x}, then {after:#x}", "update its boot loader"
        )
    return Finding("trial_flag", Verdict.OK, "it can be set, read, and taken back")


def _mailbox(program: str, tag: str, value: int) -> int:
    """The flags that the firmware answers with. Raises: BadInput for any other answer."""
    words = [program, tag, "4", "4", f"{value:#010x}"]
    done = subprocess.run(words, capture_output=True, timeout=_WITHIN_S, check=True)
    try:
        # Size, code, tag, room, length, then the flags.
        return int(done.stdout.split()[5], 16)
    except (ValueError, IndexError) as strange:
        raise BadInput("the firmware's mailbox gives no answer that is known") from strange


def _boot_loader(proving: Proving) -> Finding:
    program = shutil.which("vcgencmd", path=proving.patient.programs)
    if program is None:
        return Finding("boot_loader", Verdict.CANNOT_TELL, "there is no vcgencmd", "install raspi-utils-core")
    told = subprocess.run([program, "bootloader_version"], capture_output=True, timeout=_WITHIN_S, check=True)
    first = told.stdout.decode("utf-8", "replace").splitlines()[:1] or ["says nothing"]
    register = read_evidence(proving.patient.sys, programs=proving.patient.programs).register
    values: dict[str, float | str] = {"version": first[0][:60], "reset_register": register}
    return Finding(
        "boot_loader", Verdict.OK, f"{first[0][:60]}; reset register {register or 'unknown'}", values=values
    )


def _pins(proving: Proving) -> Finding:
    settings = proving.patient.settings or Settings()
    chip, outputs = Path(settings.daynight.chip), _outputs(settings)
    names = line_names(chip)
    used = [f"{line} {name} ({user})" for line, (name, user) in enumerate(names) if user]
    says = f"{chip} has {len(names)} lines; in use: {', '.join(used) or 'none'}"
    if any(line >= len(names) for line in outputs):
        return Finding("pins", Verdict.ATTENTION, f"{says}; it lacks {outputs}", "set other pins in [daynight]")
    if not proving.toggles or not outputs:
        return Finding("pins", Verdict.OK, says, values={"lines": len(names)})
    lines = GpioLines(chip, outputs=outputs)
    try:
        for line in outputs:
            for active in (True, False):
                lines.set(line, active)
                if lines.is_active(line) is not active:
                    return Finding("pins", Verdict.ATTENTION, f"line {line} does not follow", "check its wiring")
                proving.patient.clock.sleep(settings.daynight.pulse_ms / 1000)
    finally:
        lines.close()
    return Finding("pins", Verdict.OK, f"{says}; toggled: {outputs}", values={"lines": len(names)})


def _outputs(settings: Settings) -> list[int]:
    chosen = settings.daynight
    return [line for line in (chosen.filter_line, chosen.filter_out_line, chosen.lamp_line) if line >= 0]


def _armed(proving: Proving) -> Finding:
    """Whether PID 1 itself holds the watchdog."""
    folder = proving.patient.sys / "class/watchdog/watchdog0"
    state, identity = (folder / "state").read_text().strip(), (folder / "identity").read_text().strip()
    values: dict[str, float | str] = {"identity": identity}
    held = any(os.readlink(one).startswith("/dev/watchdog") for one in Path("/proc/1/fd").iterdir())
    if state != "active" or not held:
        return Finding(
            "watchdog_armed", Verdict.ATTENTION, f"{identity} is {state}", "set RuntimeWatchdogSec=", values
        )
    return Finding("watchdog_armed", Verdict.OK, f"{identity}, held by PID 1", values=values)


def _throttling(proving: Proving) -> Finding:
    reading = proving.patient.board.read().throttling
    if reading is None:
        return Finding("throttling", Verdict.ATTENTION, "the firmware does not answer", "install raspi-utils-core")
    now, ever = ", ".join(reading.now) or "nothing", ", ".join(reading.since_boot) or "nothing"
    verdict = Verdict.ATTENTION if reading.now or reading.since_boot else Verdict.OK
    do = "use the board's own supply, give it air" if reading.now or reading.since_boot else ""
    return Finding("throttling", verdict, f"now {now}; since it started {ever}", do)


def _card_speed(proving: Proving) -> Finding:
    """How fast the card takes a file, flushed every megabyte as the ring is, and gives it back."""
    patient = proving.patient
    folder = patient.places.state_dir if patient.places is not None else Path.home()
    chunk = os.urandom(_CHUNK)
    # Not buffered, and flushed by the kernel at every write.
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".doctor-")
    try:
        os.close(descriptor)
        descriptor = os.open(name, os.O_RDWR | os.O_DSYNC)
        begun_ns = patient.clock.mono_ns()
        for _ in range(_CARD_BYTES // _CHUNK):
            os.write(descriptor, chunk)
        written_ns = patient.clock.mono_ns()
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.lseek(descriptor, 0, os.SEEK_SET)
        while os.read(descriptor, _CHUNK):
            pass
        read_ns = patient.clock.mono_ns()
        os.close(descriptor)
    finally:
        Path(name).unlink()
    write = _CARD_BYTES / 1e6 / max((written_ns - begun_ns) / NS_PER_S, 1e-6)
    read = _CARD_BYTES / 1e6 / max((read_ns - written_ns) / NS_PER_S, 1e-6)
    values: dict[str, float | str] = {"write_mb_per_s": round(write, 1), "read_mb_per_s": round(read, 1)}
    says = f"takes {write:.1f} MB a second flushed, gives {read:.1f}"
    if write < 2.0:
        return Finding("card_speed", Verdict.ATTENTION, says, "use a card of class A1 or better", values)
    return Finding("card_speed", Verdict.OK, says, values=values)


def _heat(proving: Proving) -> Finding:
    """The temperature before and after every core was busy for a minute."""
    patient = proving.patient
    before = patient.board.read()
    stop = threading.Event()
    # Hashing lets go of the interpreter, so a thread is a core.
    burners = [threading.Thread(target=_burn, args=(stop,)) for _ in range(os.cpu_count() or 1)]
    for burner in burners:
        burner.start()
    try:
        patient.clock.sleep(proving.load_s)
        after = patient.board.read()
    finally:
        stop.set()
        for burner in burners:
            burner.join()
    if before.cpu_temperature_c is None or after.cpu_temperature_c is None:
        return Finding("heat", Verdict.CANNOT_TELL, "there is no thermometer")
    values: dict[str, float | str] = {"before_c": before.cpu_temperature_c, "after_c": after.cpu_temperature_c}
    says = (
        f"{before.cpu_temperature_c:.0f} °C, {after.cpu_temperature_c:.0f} °C after {proving.load_s:.0f} s of load"
    )
    if after.throttling is not None and after.throttling.now:
        return Finding("heat", Verdict.ATTENTION, f"{says}; throttled", "give it a heat sink or air", values)
    return Finding("heat", Verdict.OK, says, values=values)


def _burn(stop: threading.Event) -> None:
    import hashlib

    block = bytes(_CHUNK)
    while not stop.is_set():
        hashlib.sha256(block).digest()


PROOFS: Final[dict[str, Callable[[Proving], Finding]]] = {
    "camera_mask_codec": _camera,
    "trial_flag": _trial_flag,
    "boot_loader": _boot_loader,
    "pins": _pins,
    "watchdog_armed": _armed,
    "throttling": _throttling,
    "card_speed": _card_speed,
    "heat": _heat,
}
