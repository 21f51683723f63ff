"""The telemetry benchmark in miniature: it measures all it names with real processes, and leaves nothing behind."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from stand import mosquitto_path

BENCH = Path(__file__).parents[2] / "benchmarks" / "telemetry.py"
UNITS = {
    "alert_p99_vs_paho": "ratio",
    "outbox_events_per_s": "1/s",
    "bytes_per_camera_day": "bytes",
    "rss_100k_queued_mb": "MB",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What it measured, and the folder it measured in."""
    mosquitto_path()
    folder = tmp_path_factory.mktemp("disk")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EDGECAM_BENCH_CACHE", str(folder))
        bench = runpy.run_path(str(BENCH))
        tiny = bench["Extent"](
            alerts=20, pause_s=0, rounds=2, round_s=0.05, looks=2, events_a_look=30, healths=5, events=6,
            queued=500, resting_s=0.2,
        )  # fmt: skip
        return bench["measure"](tiny), folder


def test_every_measure_is_there_with_its_unit_and_aim(told: tuple[dict[str, Any], Path]) -> None:
    result = json.loads(json.dumps(told[0]))
    assert result["bench"] == "telemetry"
    assert {measure["name"]: measure["unit"] for measure in result["measures"]} == UNITS
    for measure in result["measures"]:
        assert set(measure) == {"name", "value", "unit", "better", "aim", "beside"}
        assert measure["value"] > 0
        assert measure["aim"] > 0
        assert len(measure["beside"]) > 20


def test_a_burst_arrives_whole_and_tls_costs_more_than_none(told: tuple[dict[str, Any], Path]) -> None:
    beside = {measure["name"]: measure["beside"] for measure in told[0]["measures"]}
    assert "60 arrived" in beside["outbox_events_per_s"]
    values = {measure["name"]: measure["value"] for measure in told[0]["measures"]}
    plain = int(beside["bytes_per_camera_day"].partition("; plain ")[2].split()[0])
    assert 1440 * 200 < plain < values["bytes_per_camera_day"] < 2 * plain
    assert 5 < values["rss_100k_queued_mb"] < 500


def test_it_leaves_nothing_behind(told: tuple[dict[str, Any], Path]) -> None:
    assert list(told[1].iterdir()) == []
