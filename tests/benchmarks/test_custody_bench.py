"""The benchmark of the register in miniature: it measures all it names, and leaves nothing behind."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "benchmarks" / "custody.py"
UNITS = {
    "register_append_p99_ms": "ms",
    "register_lines_verified_per_s": "lines/s",
    "register_mb_per_year": "MB",
}


def test_every_measure_is_there_with_its_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGECAM_BENCH_CACHE", str(tmp_path))
    bench = runpy.run_path(str(BENCH))
    told = bench["measure"](bench["Extent"](appends=20, before=5, lines=300, clicks=False))
    assert json.loads(json.dumps(told)) == told
    found = {measure["name"]: measure for measure in told["measures"]}
    assert {name: found[name]["unit"] for name in UNITS} == UNITS
    assert all(found[name]["value"] > 0 for name in UNITS)
    assert found["disclosure_clicks"]["value"] is None
    assert list(tmp_path.iterdir()) == []
