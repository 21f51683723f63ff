"""SIGKILL of the recorder at any instant: nothing committed is lost, and at most two seconds before the kill are.

``EDGECAM_KILLS=1000 pytest -s tests/torture`` is what `make torture` runs.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from agentstand import SCENE, camera
from killstand import Torture

_MOST_LOST_S = 2.0
_KILLS = int(os.environ.get("EDGECAM_KILLS", "15"))
_SECTIONS = {
    # The interval that a camera has by default: it is what a kill costs.
    "encoder": {"keyframe_interval_s": 1.0},
    "ring": {"size_gib": 0.0156},
}


@pytest.mark.row("R7")
@pytest.mark.row("C4")
def test_a_kill_at_any_instant_costs_two_seconds_and_nothing_committed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with camera(tmp_path / "camera", SCENE, _SECTIONS) as agent:
        torture = Torture(agent, seed=_KILLS)
        try:
            while torture.tally.kills < _KILLS:
                torture.kill_once()
                if torture.tally.kills % 10 == 0:
                    torture.check_register()
            torture.check_register()
        finally:
            torture.close()
        with capsys.disabled():
            print(f"\n{torture.tally}")  # noqa: T201 - the summary is what this is run for
        assert torture.tally.segments_checked > _KILLS
        assert max(torture.tally.losses_s) <= _MOST_LOST_S
