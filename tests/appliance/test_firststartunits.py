"""The units around a first start: how little each of them may do, and what the ring's partition is grown by."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from unitsandbox import UNITS, read_unit, setting, system_calls

ROOTFS = UNITS.parents[3]
RING_TYPE = "5edcaf00-ed9e-4afe-8000-000000000001"
SECTOR_BYTES = 512
# As little as a one-shot of root's gets by with: it owns what it gives away, and a name is the whole machine's.
EXPOSURE = {"firstboot": 21, "reset": 15, "wifi": 19, "setup-ap": 19}


@pytest.mark.row("I3")
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("unit", EXPOSURE)
def test_a_unit_is_exposed_no_more_than_it_needs(unit: str) -> None:
    path = str(UNITS / f"edgecam-{unit}.service")
    told = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=yes", f"--threshold={EXPOSURE[unit]}", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.row("I3")
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_who_makes_and_erases_a_camera_talks_to_nobody_and_sets_no_clock() -> None:
    for unit in ("firstboot", "reset"):
        assert setting(unit, "PrivateNetwork") == "yes"
        assert setting(unit, "RestrictAddressFamilies") == "none"
        assert ("DeviceAllow", "/dev/disk/by-partlabel/ring rw") in read_unit(unit)
        assert {"adjtimex"} == system_calls(unit) & {"adjtimex", "clock_adjtime", "clock_settime", "settimeofday"}


@pytest.mark.row("C8")
def test_a_reset_stops_whoever_would_write_meanwhile() -> None:
    told = (UNITS / "edgecam-reset.service").read_text()
    for key in ("Conflicts=", "After="):
        (line,) = [line for line in told.splitlines() if line.startswith(key)]
        assert {f"edgecam-{part}.service" for part in ("recorder", "observer", "hub")} <= set(
            line.removeprefix(key).split()
        )


@pytest.mark.row("I1")
@pytest.mark.skipif(
    None in (shutil.which("systemd-repart"), shutil.which("sfdisk")), reason="systemd-repart or sfdisk is not here"
)
def test_the_ring_grows_to_the_card_and_nothing_else_moves(tmp_path: Path) -> None:
    card = tmp_path / "card.img"
    card.touch()
    # A card as it is flashed: the ring is the last one and small; then a larger card.
    with card.open("r+b") as file:
        file.truncate(64 << 20)
    layout = ["label: gpt", *(f"size=8MiB, name={name}" for name in ("EDGECAM", "root-a", "state"))]
    flashed = "\n".join([*layout, f"size=8MiB, name=ring, type={RING_TYPE}"])
    subprocess.run(["sfdisk", card], input=flashed, text=True, check=True, capture_output=True)
    before = table(card)
    with card.open("r+b") as file:
        file.truncate(1 << 30)
    grow = [
        "systemd-repart",
        f"--definitions={ROOTFS / 'usr/lib/repart.d'}",
        "--dry-run=no",
        "--no-pager",
        str(card),
    ]
    for _ in range(2):
        subprocess.run(grow, check=True, capture_output=True)
        after = table(card)
        assert after[:3] == before[:3]
        assert after[3] == before[3] | {"size": after[3]["size"]}
        assert after[3]["size"] * SECTOR_BYTES > 900 << 20


def table(card: Path) -> list[dict[str, Any]]:
    """Its partitions, with ``start`` and ``size`` in sectors."""
    told = subprocess.run(["sfdisk", "--json", card], check=True, capture_output=True, text=True).stdout
    partitions: list[dict[str, Any]] = json.loads(told)["partitiontable"]["partitions"]
    return partitions
