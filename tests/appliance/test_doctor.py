"""The doctor: what it says here, of an image, and of a board with a full fake of the camera stack."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.picamera2 import Board as FakeBoard
from fakes.picamera2 import installed
from fakes.turningclock import TurningClock
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from edgecam.appliance.bootslots import BootSlots
from edgecam.appliance.examination import LOOKS, Finding, Patient, Verdict, examine
from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.appliance.restartlog import Ended, Restart
from edgecam.cli.boardproof import PROOFS, Proving, decode_report, differences, prove_board, report_of
from edgecam.cli.commands import Commands
from edgecam.core.clock import SystemClock, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.core.status import Fault, RecorderStatus, publish_status
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.telemetry.board import Board

pytestmark = pytest.mark.row("T4")
RELEASE = 'version = "0.2.0"\ntarget = "generic"\nbuilt = "2026-11-22T06:30:00Z"\n'


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """A machine of files: an image, a healthy board, a recorder that films."""
    root = tmp_path
    for name in ("run", "state", "dev", "system/care", "bin", "sys/class/net/wlan0/wireless", "proc/net"):
        (root / name).mkdir(parents=True)
    dog, zone = root / "sys/class/watchdog/watchdog0", root / "sys/class/thermal/thermal_zone0"
    for folder, files in (
        (dog, {"state": "active", "timeout": "15", "identity": "Broadcom BCM2835 Watchdog timer"}),
        (zone, {"type": "cpu-thermal", "temp": "51000"}),
    ):
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(f"{text}\n")
    (root / "proc/net/wireless").write_text("head\nhead\n wlan0: 0000 54. -56. -256 0 0 0 0 0 0\n")
    (root / "release.toml").write_text(RELEASE)
    (root / "autoboot.txt").write_text(
        "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n# a=good b=bad\n"
    )
    (root / "cmdline").write_text("console=ttyAMA0 rauc.slot=A ro\n")
    program(root / "bin", "rauc", "exit 0")
    places = Places(root / "edgecam.toml", root / "state", root / "run", root / "ring", root / "masks.json")
    clock = TurningClock()
    publish_status(
        places.status_of("recorder"),
        RecorderStatus(
            beat_mono_ns=clock.mono_ns_,
            recording=True,
            frames=9,
            source="v4l2:/dev/video0",
            encoder="x264",
            fps=15.0,
        ),
    )
    line = Restart("01" * 16, 1, 2, Ended.CLEAN, "", 0, "")
    (root / "system/care/restarts.jsonl").write_bytes(line.encode())
    return Patient(
        clock=clock,
        board=Board(root, root / "proc", root / "sys", str(root / "bin")),
        settings=Settings(),
        places=places,
        image=ImagePlaces(system=root / "system"),
        release=root / "release.toml",
        slots=BootSlots(root / "autoboot.txt", root / "cmdline"),
        sys=root / "sys",
        dev=root / "dev",
        programs=str(root / "bin"),
    )


def of(findings: list[Finding], name: str) -> Finding:
    (found,) = [one for one in findings if one.name == name]
    return found


def test_a_healthy_camera_has_nothing_to_look_at_but_its_small_ring(patient: Patient) -> None:
    findings = list(examine(patient))
    assert len(findings) == len(LOOKS)
    assert {one.name for one in findings if one.verdict is not Verdict.OK} == {"card"}
    assert "edgecam 0.2.0" in of(findings, "image").says
    assert "days" in of(findings, "card").values


def test_what_is_wrong_is_said_with_what_to_do(patient: Patient, tmp_path: Path) -> None:
    clock = TurningClock(trust=TimeTrust.UNSET, mono_ns_=patient.clock.mono_ns())
    assert patient.places is not None
    publish_status(
        patient.places.status_of("recorder"),
        RecorderStatus(beat_mono_ns=clock.mono_ns_, faults=[Fault("source", "No camera is connected.")]),
    )
    (tmp_path / "sys/class/thermal/thermal_zone0/temp").write_text("84000")
    (tmp_path / "sys/class/watchdog/watchdog0/state").write_text("inactive")
    (tmp_path / "cmdline").write_text("rauc.slot=B")
    (tmp_path / "proc/net/wireless").write_text("head\nhead\n wlan0: 0000 54. -81. -256 0 0 0 0 0 0\n")
    program(tmp_path / "bin", "rauc", "echo 'no slots' >&2; exit 1")
    (tmp_path / "system/care/restarts.jsonl").write_bytes(
        b"".join(Restart(f"{n:032x}", 1, 2, Ended.UNCLEAN, "", 0, "").encode() for n in range(3))
    )
    findings = list(examine(replace(patient, clock=clock)))
    bad = {one.name for one in findings if one.verdict is Verdict.ATTENTION}
    assert bad == {
        *("slots", "updates", "recording", "clock", "card", "camera", "temperature", "watchdog", "wifi", "starts")
    }
    assert all(one.do for one in findings if one.verdict is Verdict.ATTENTION)
    assert of(findings, "recording").says == "No camera is connected."


def test_a_machine_of_which_nothing_is_known_is_told_apart_from_a_bad_one(tmp_path: Path) -> None:
    nowhere = tmp_path / "nothing"
    unknown = Patient(
        clock=TurningClock(),
        board=Board(nowhere, nowhere, nowhere, ""),
        settings=None,
        places=None,
        image=ImagePlaces(system=nowhere),
        release=nowhere,
        slots=BootSlots(nowhere, nowhere),
        sys=nowhere,
        dev=nowhere,
        programs="",
    )
    findings = list(examine(unknown))
    told = {one.name for one in findings if one.verdict is Verdict.CANNOT_TELL}
    assert {"image", "slots", "updates", "card", "encoder", "temperature", "starts"} <= told


def run(*words: str) -> tuple[int, str]:
    import typer

    app = typer.Typer(cls=Commands)
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["doctor", *words])
    return result.exit_code, result.output


def test_here_it_says_that_this_is_no_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if Board(tmp_path).model().startswith("Raspberry Pi"):
        pytest.skip("this is one")
    code, said = run("--hardware")
    assert code == 1
    assert said.count("needs a Raspberry Pi") == len(PROOFS)
    assert "is no Raspberry Pi" in said
    assert list(tmp_path.iterdir()) == []
    code, said = run("--json")
    assert {one["name"] for one in json.loads(said)} >= {"image", "clock", "temperature"}
    code, _ = run("--toggle")
    assert code != 0


def as_a_board(patient: Patient, root: Path) -> Patient:
    (root / "proc/device-tree").mkdir()
    (root / "proc/device-tree/model").write_text("Raspberry Pi 4 Model B Rev 1.5\0")
    program(
        root / "bin",
        "vcgencmd",
        "case $1 in get_rsts) echo get_rsts=1000;; get_throttled) echo throttled=0x0;; *) echo 2025/10/08;; esac",
    )
    flags = root / "flags"
    flags.write_text("0")
    program(
        root / "bin",
        "vcmailbox",
        f'f={flags}; v=$(cat $f); if [ "$1" = 0x00038064 ]; then v=$(printf "%d" $4); echo $v > $f; fi\n'
        'printf "0x00000020 0x80000000 %s 0x00000004 0x80000004 0x%08x 0x00000000\\n" $1 $v',
    )
    return replace(patient, clock=SystemClock())


def test_a_board_is_proven_and_its_report_compared(patient: Patient, tmp_path: Path) -> None:
    """With a full fake of picamera2, its codec, and the board's own programs; pins and PID 1 are this machine's."""
    board = as_a_board(patient, tmp_path)
    with installed(FakeBoard(frames=140)):
        findings = list(prove_board(Proving(board, load_s=0.01)))
    assert [one.name for one in findings] == list(PROOFS)
    camera = of(findings, "camera_mask_codec")
    assert camera.verdict is Verdict.OK, camera.says
    assert camera.values["encoder"] == "board"
    assert of(findings, "trial_flag").verdict is Verdict.OK
    assert (tmp_path / "flags").read_text().strip() == "0"
    assert of(findings, "throttling").verdict is Verdict.OK
    assert of(findings, "boot_loader").values["reset_register"] == "1000"
    assert of(findings, "card_speed").values["write_mb_per_s"]
    assert not list((tmp_path / "state").glob(".doctor-*"))
    kept = decode_report(json.dumps(report_of(board, findings)).encode())
    assert differences(findings, kept) == []
    hotter = replace(of(findings, "heat"), values={"before_c": 51.0, "after_c": 80.0})
    assert differences([hotter], kept) == ["heat: after_c is 80.0, was 51.0"]


def test_light_that_gets_through_the_mask_is_seen(patient: Patient, tmp_path: Path) -> None:
    """A board whose codec sees the buffer before the mask: the film says so, whatever was burnt."""
    from edgecam.cli import boardproof
    from edgecam.masking.proof import FillProof

    board = as_a_board(patient, tmp_path)
    proof = FillProof(boardproof._half_masked(1), 640, 360)
    with installed(FakeBoard(frames=30)):
        from edgecam.capture.picamera import PicameraSource
        from edgecam.capture.uri import PicameraUri
        from edgecam.core.frames import Fragment, MaskedFrame

        fragments: list[Fragment] = []
        source = PicameraSource(
            PicameraUri(0), width=640, height=360, fps=15.0, rotation=0, pictures=6, clock=board.clock
        )
        source.open()
        encoder = source.make_encoder(bit_rate_kbps=2000, on_fragment=fragments.append)
        assert encoder is not None
        seen: list[int] = []

        def unmasked(raw: object) -> None:
            picture, small = raw.picture, raw.small  # type: ignore[attr-defined]
            seen.append(1)
            encoder.encode(MaskedFrame(picture, small, raw.captured_mono_ns, raw.sequence, bytes(32), False))  # type: ignore[attr-defined]

        source.run(unmasked, lambda: len(seen) >= 20)
        encoder.close()
        source.close()
    frames, holds = boardproof._measured(fragments, proof)
    assert frames >= 15
    assert not holds


@given(
    st.binary(max_size=200) | st.dictionaries(st.text(), st.integers() | st.text()).map(json.dumps).map(str.encode)
)
def test_any_bytes_are_a_report_or_our_error(data: bytes) -> None:
    with pytest.raises(BadInput):
        decode_report(data)


def test_the_flag_is_taken_back_even_when_it_did_not_hold(patient: Patient, tmp_path: Path) -> None:
    board = as_a_board(patient, tmp_path)
    log = tmp_path / "asked"
    program(tmp_path / "bin", "vcmailbox", f'echo $1 $4 >> {log}; echo "0x20 0x80000000 $1 0x4 0x80000004 0x0 0x0"')
    finding = PROOFS["trial_flag"](Proving(board))
    assert finding.verdict is Verdict.ATTENTION
    assert log.read_text().splitlines()[-2] == "0x00038064 0x00000000"
    assert os.access(tmp_path / "bin/vcmailbox", os.X_OK)
