"""Cameras for the end-to-end tests, and the real footage that some of them film."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from agentstand import SCENE, Agent, NewCamera, Sections, camera

_FOOTAGE = Path(os.environ.get("EDGECAM_FOOTAGE", Path(__file__).parents[3] / "shared" / "footage"))


@pytest.fixture
def new_camera(tmp_path: Path) -> Iterator[NewCamera]:
    """Makes cameras, each in a folder of its own, and ends them with the test."""
    with ExitStack() as stack:

        def new(source: str = SCENE, sections: Sections | None = None, *, made: bool = True) -> Agent:
            folder = tmp_path / f"camera-{len(list(tmp_path.iterdir()))}"
            return stack.enter_context(camera(folder, source, sections, made=made))

        yield new


@pytest.fixture(scope="session")
def vtest() -> str:
    """The source that plays ten frames a second of a street with people; skips where the footage is not."""
    path = _FOOTAGE / "vtest.avi"
    if not path.exists():
        pytest.skip(f"no real footage at {path} (set EDGECAM_FOOTAGE)")
    return f"file:{path}"
