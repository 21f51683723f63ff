"""Names in topics."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput
from edgecam.telemetry.topics import Identity, Topics


@pytest.mark.row("T1")
def test_the_three_topics_of_a_camera() -> None:
    topics = Topics.of(Identity("town-hall", "edgecam_1f2e3d4c", "0.1.0"))
    root = "edgecam/town-hall/edgecam_1f2e3d4c"
    assert (topics.status, topics.health, topics.event) == (f"{root}/status", f"{root}/health", f"{root}/event")


@pytest.mark.row("T5")
def test_the_other_topics_lie_below_the_same_root() -> None:
    topics = Topics.of(Identity("town-hall", "edgecam_1f2e3d4c", "0.1.0"))
    root = "edgecam/town-hall/edgecam_1f2e3d4c"
    assert (topics.root, topics.snapshot, topics.commands) == (root, f"{root}/snapshot", f"{root}/cmd/+")
    assert topics.state("person") == f"{root}/state/person"
    assert topics.command("hold") == f"{root}/cmd/hold"
    assert topics.command_result("hold") == f"{root}/cmd_result/hold"


@given(st.text(max_size=20))
def test_only_a_command_of_this_camera_has_a_name(name: str) -> None:
    topics = Topics.of(Identity("site", "camera", "1"))
    safe = re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) is not None
    assert topics.command_in(f"edgecam/site/camera/cmd/{name}") == (name if safe else None)
    assert topics.command_in(name) is None
    assert topics.command_in(f"edgecam/site/other/cmd/{name}") is None
    for make in (topics.state, topics.command, topics.command_result):
        if not safe:
            with pytest.raises(BadInput, match="topic"):
                make(name)


@given(st.text(max_size=70), st.sampled_from(["site", "camera"]))
def test_a_name_is_safe_or_refused(name: str, what: str) -> None:
    site, camera = (name, "camera") if what == "site" else ("site", name)
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        assert Topics.of(Identity(site, camera, "1")).event == f"edgecam/{site}/{camera}/event"
    else:
        with pytest.raises(BadInput, match="topic"):
            Identity(site, camera, "1")


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "a b", "$SYS", "tür", "a\n", "x" * 65])
def test_what_would_reach_another_topic_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        Identity("home", name, "1")
