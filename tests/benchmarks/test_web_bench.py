"""The web benchmark in miniature: a real agent, real visitors and a real browser, and nothing left behind."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from edgecam.web.frontend import STATIC

BENCH = Path(__file__).parents[2] / "benchmarks" / "web.py"
UNITS = {"page_weight_kb_gz": "kB", "hub_rss_5_viewers_mb": "MB", "first_picture_s": "s"}

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the page is not built (make page)"),
    pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="there is no Chromium"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What it measured, and the folder it measured in."""
    folder = tmp_path_factory.mktemp("disk")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EDGECAM_BENCH_CACHE", str(folder))
        bench = runpy.run_path(str(BENCH))
        tiny = bench["Extent"](loads=1, seeks=0, viewers=2, pages=3, window_s=6.0)
        return bench["measure"](tiny), folder


def test_every_measure_is_there_with_its_unit_and_aim(told: tuple[dict[str, Any], Path]) -> None:
    result = json.loads(json.dumps(told[0]))
    assert result["bench"] == "web"
    assert {measure["name"]: measure["unit"] for measure in result["measures"]} == UNITS
    for measure in result["measures"]:
        assert set(measure) == {"name", "value", "unit", "better", "aim", "beside"}
        assert measure["value"] > 0
        assert measure["aim"] > 0


@pytest.mark.row("W3")
def test_visitors_add_no_gap_and_are_all_answered(told: tuple[dict[str, Any], Path]) -> None:
    (beside,) = (one["beside"] for one in told[0]["measures"] if one["name"] == "hub_rss_5_viewers_mb")
    assert " 0 refused" in beside
    assert beside.count(" 0 gaps") == 2
    pictures, answers = (int(beside.split(word)[0].split()[-1]) for word in (" pictures", " answers"))
    assert pictures > 5
    assert answers > 3


def test_it_leaves_nothing_behind(told: tuple[dict[str, Any], Path]) -> None:
    assert list(told[1].iterdir()) == []
