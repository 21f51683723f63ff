"""Power fails before every act that makes something durable, while footage is given away and a duplicate erased."""

from __future__ import annotations

from pathlib import Path

import pytest
from custodystand import Camera, make_camera, moment, record
from disclosurestand import DAY_NS, DisclosureStand, disclosure_stand
from fakes.power import PowerFails, Supply

from edgecam.custody.disclosure.disclosure import Giving, give
from edgecam.custody.evidence.verify import verify_export
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import decode_line
from edgecam.ringbuffer.format import GapCause

pytestmark = [
    pytest.mark.row("G2"),
    pytest.mark.row("R5"),
    pytest.mark.row("R7"),
    # Nobody closes files when power fails.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
_DURABLE = ("fsync", "fdatasync", "replace", "unlink", "mkdir", "rmdir", "rename", "pwrite")


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    camera = make_camera(tmp_path_factory.mktemp("camera"))
    camera.run(record(frames=4, keyframe_every=2, size=(64, 64)), moment(0), cause=GapCause.FIRST_START)
    return camera


def _settled(stand: DisclosureStand) -> None:
    """What the next start does."""
    stand.cases.settle()
    given = stand.given_away()
    stand.duplicates.tend(lambda duplicate: duplicate.duplicate_id in given)


def _check(stand: DisclosureStand, out: Path) -> bool:
    """The promises; whether the package is there."""
    assert verify_register(stand.register.path, stand.camera.key.public).genuine
    kept = {one.duplicate_id: one for one in stand.duplicates.all()}
    assert set(kept) == stand.given_away()
    assert not stand.duplicates.troubles()
    names = {path.name for path in (stand.folder / "disclosed").iterdir()} - {".lock"} if kept else set()
    assert names == {f"{one}{suffix}" for one in kept for suffix in (".age", ".json")}
    if not out.exists():
        return False
    # Whoever has a package finds its duplicate here, and its hashes in the register.
    assert kept
    if out.is_dir():
        assert verify_export(out / "copy.mp4").genuine
    lines = [decode_line(line + b"\n") for line in stand.register.path.read_bytes().splitlines()]
    assert any(line.detail.get("outcome") == "done" and "duplicate" in line.detail for line in lines)
    return True


@pytest.mark.parametrize("sealed", [False, True])
def test_giving_away_survives_a_cut_at_any_moment(
    camera: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    supply = Supply(monkeypatch, _DURABLE)
    outcomes, cut = [], 0
    while True:
        stand = disclosure_stand(camera, tmp_path / f"state-{cut}")
        case, out = stand.granted(), tmp_path / f"out-{cut}"
        giving = Giving("owner", sealed_to=stand.receiver.recipient() if sealed else "")
        supply.fails_at, supply.count = cut + 1, 0
        try:
            give(stand.parts, case, giving, out, camera.reader(), camera.owner)
            break
        except PowerFails:
            pass
        supply.fails_at = 0
        _settled(stand)
        outcomes.append(_check(stand, out))
        if not outcomes[-1]:
            # Whoever tries again gets it, and nothing of the first try is left beside it.
            give(stand.parts, stand.cases.find(case.case_id), giving, out, camera.reader(), camera.owner)
            assert not [path for path in tmp_path.iterdir() if path.name.startswith(f".out-{cut}.")]
            assert _check(stand, out)
        cut += 1
    assert cut > 30
    assert outcomes == sorted(outcomes)


def test_erasing_a_duplicate_survives_a_cut_at_any_moment(
    camera: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply, cut = Supply(monkeypatch, _DURABLE), 0
    while True:
        stand = disclosure_stand(camera, tmp_path / f"state-{cut}")
        give(stand.parts, stand.granted(), Giving("owner"), tmp_path / f"out-{cut}", camera.reader(), camera.owner)
        stand.clock.after_ns += 3650 * DAY_NS
        supply.fails_at, supply.count = cut + 1, 0
        try:
            stand.duplicates.tend()
            break
        except PowerFails:
            pass
        supply.fails_at = 0
        stand.duplicates.tend()
        assert not stand.duplicates.all()
        assert [path.name for path in (stand.folder / "disclosed").iterdir()] == [".lock"]
        assert verify_register(stand.register.path, camera.key.public).genuine
        cut += 1
    assert cut >= 8
