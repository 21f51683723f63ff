"""The ring's benchmark in miniature: it measures all it names, and leaves nothing behind."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgecam.core.picture import Picture

BENCH = Path(__file__).parents[2] / "benchmarks" / "ring.py"
UNITS = {
    "ring_cpu_share_of_encode": "ratio",
    "write_amplification": "ratio",
    "throughput_vs_raw_disk": "ratio",
    "commit_p99_ms": "ms",
    "recovery_s_512gib": "s",
    "seek_p95_ms_512gib": "ms",
    "writer_rss_mb": "MB",
}


def pictures() -> Iterator[Picture]:
    chance, picture = np.random.default_rng(1), Picture(320, 180)
    while True:
        picture.buffer[:] = chance.integers(100, 130, picture.buffer.size, np.uint8)
        yield picture


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What it measured, and the folder it measured in."""
    folder = tmp_path_factory.mktemp("disk")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EDGECAM_BENCH_CACHE", str(folder))
        bench = runpy.run_path(str(BENCH))
        tiny = bench["Extent"](
            pictures=pictures,
            frames=45,
            streams=1,
            device_size=16 << 20,
            laps=1,
            beside_size=16 << 20,
            realistic_size=50_000,
            large_size=200_000,
            rounds=2,
            round_bytes=400_000,
            commits=10,
            rings_gib=(1 / 64, 1 / 32),
            minutes=3,
        )
        return bench["measure"](tiny), folder


def test_every_measure_is_there_with_its_unit_and_aim(told: tuple[dict[str, Any], Path]) -> None:
    result = json.loads(json.dumps(told[0]))
    assert result["bench"] == "ring"
    assert result["machine"]["cores"] >= 1
    assert {measure["name"]: measure["unit"] for measure in result["measures"]} == UNITS
    for measure in result["measures"]:
        assert set(measure) == {"name", "value", "unit", "better", "aim", "beside"}
        assert measure["value"] > 0
        assert measure["aim"] > 0
        assert measure["better"] == ("higher" if measure["name"] == "throughput_vs_raw_disk" else "lower")
        assert len(measure["beside"]) > 20


def test_more_is_written_than_the_footage_and_less_than_twice_as_much(told: tuple[dict[str, Any], Path]) -> None:
    values = {measure["name"]: measure["value"] for measure in told[0]["measures"]}
    assert 1 < values["write_amplification"] < 2
    assert 10 < values["writer_rss_mb"] < 500


def test_it_leaves_nothing_behind(told: tuple[dict[str, Any], Path]) -> None:
    folder = told[1]
    assert list(folder.iterdir()) == []
    mounts = Path("/proc/self/mounts").read_text()
    assert str(folder) not in mounts
    backing = Path("/sys/block").glob("loop*/loop/backing_file")
    assert not [path for path in backing if str(folder) in path.read_text()]


def test_a_broken_run_leaves_nothing_behind_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGECAM_BENCH_CACHE", str(tmp_path))
    runpy.run_path(str(BENCH))
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path) not in Path("/proc/self/mounts").read_text()


def interrupted() -> None:
    """Ctrl-C while a device is attached and mounted, where that is possible."""
    from parts.ringdisk import can_loop, ext4, loop_device, work_folder

    with work_folder() as folder:
        (folder / "left").write_bytes(b"over")
        if can_loop():
            with loop_device(folder / "image", 16 << 20) as device, ext4(device, folder / "mounted", "defaults"):
                assert str(folder) in Path(f"/sys/block/{device.name}/loop/backing_file").read_text()
                raise KeyboardInterrupt
        raise KeyboardInterrupt
