"""A start that finds all as it was does in RAM what a whole one does, and any doubt makes it a whole one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from firstbootstand import SMALL, FirstBootStand
from hypothesis import given
from hypothesis import strategies as st
from newcamerastand import owner

from edgecam.appliance.factoryreset import begin_reset
from edgecam.appliance.settled import Settled, decode_settled, start_again
from edgecam.core.errors import DataLoss

pytestmark = pytest.mark.row("I1")


@pytest.fixture
def stand(tmp_path: Path) -> FirstBootStand:
    made = FirstBootStand(tmp_path)
    made.lay("edgecam.toml", SMALL.replace("scene:street", "rtsp://10.0.0.2/1"))
    made.lay("wifi.toml", 'country = "JP"\nssid = "x"\npassphrase = "open sesame"\n')
    made.lay("owner.age-recipient", owner(0)[0])
    assert made.start() == []
    return made


def in_ram(stand: FirstBootStand) -> dict[str, str]:
    """What a start leaves where the power takes it away; links by where they lead."""
    told = {"name": stand.image.kernel_host_name.read_text()}
    for folder in (stand.image.wifi_run, stand.image.network_run, stand.image.units_run):
        for path in sorted(folder.rglob("*")):
            if path.is_symlink():
                told[str(path)] = str(path.readlink())
            elif path.is_file():
                told[str(path)] = path.read_text()
    return told


def test_it_leaves_in_ram_what_a_whole_start_leaves(stand: FirstBootStand) -> None:
    before, kept = in_ram(stand), stand.snapshot()
    assert len(before) == 3
    for path in map(Path, before):
        path.unlink(missing_ok=True)
    stand.image.kernel_host_name.write_text("localhost")
    assert start_again(stand.image)
    assert in_ram(stand) == before
    assert stand.snapshot() == kept


def page_changed(stand: FirstBootStand) -> None:
    stand.image.settings.write_text(stand.image.settings.read_text() + "\n")


DOUBTS: dict[str, Callable[[FirstBootStand], object]] = {
    "a file to take": lambda stand: stand.lay("EDGECAM.TOML.TXT", ""),
    "a reset asked for": lambda stand: stand.lay("factory-reset", ""),
    "a reset under way": lambda stand: begin_reset(stand.image, "order"),
    "a problem told": lambda stand: stand.lay("edgecam-problems.txt", "x"),
    "a problem on the page": lambda stand: stand.places.first_start.touch(),
    "settings changed on the page": page_changed,
    "settings lost": lambda stand: stand.image.settings.write_bytes(b""),
    "an owner under way": lambda stand: stand.image.preparing.touch(),
    "no key": lambda stand: stand.places.camera_key.unlink(),
    "no owner": lambda stand: stand.places.recipients.unlink(),
    "nothing said": lambda stand: stand.image.settled.unlink(),
    "something else said": lambda stand: stand.image.settled.write_bytes(b"\0"),
    "a network lost": lambda stand: stand.image.wifi.write_bytes(b"\0"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_any_doubt_makes_it_a_whole_one(stand: FirstBootStand, doubt: str) -> None:
    assert start_again(stand.image)
    DOUBTS[doubt](stand)
    assert not start_again(stand.image)


def test_a_camera_that_is_new_is_looked_at_every_time(tmp_path: Path) -> None:
    stand = FirstBootStand(tmp_path)
    stand.start()
    assert not start_again(stand.image)


def test_a_change_on_the_page_is_taken_up_by_the_next_whole_start(stand: FirstBootStand) -> None:
    page_changed(stand)
    assert stand.start() == []
    assert start_again(stand.image)


@given(st.binary(max_size=100))
def test_any_bytes_are_what_a_start_left_or_lost(data: bytes) -> None:
    with pytest.raises(DataLoss):
        decode_settled(data)


def test_what_a_start_left_reads_as_it_was_written() -> None:
    for network in (True, False):
        assert decode_settled(Settled("edgecam-3c4d", network).encode()) == Settled("edgecam-3c4d", network)


def test_nothing_that_only_making_a_camera_needs_is_brought_along() -> None:
    code = "import sys, edgecam.appliance.start; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pydantic", "cryptography", "numpy", "cv2", "fastapi", "pyrage"} & set(loaded)
