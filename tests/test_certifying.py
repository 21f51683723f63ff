"""HTTPS as the hub has it: the same certificate until it changes, faults that say what to do, and no page lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from agentstand import CLOCK, Agent, camera

from edgecam.certifying import Certifying, is_open_to_network
from edgecam.core.errors import MediaFailing
from edgecam.custody.register.register import Register
from edgecam.places import find_places
from edgecam.settings import Settings, WebSettings

pytestmark = pytest.mark.row("K3")


def certifying(agent: Agent) -> Certifying:
    settings, places = find_places(agent.settings)
    register = Register(places.register, agent.key.sign, agent.key.public)
    return Certifying(settings, places, agent.key.camera_id, register, CLOCK)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    with camera(tmp_path / "camera", sections={"web": {"address": "0.0.0.0"}}) as made:
        yield made


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("127.0.0.1", False),
        ("127.0.0.9", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("::", True),
        ("10.0.0.7", True),
    ],
)
def test_https_is_for_all_but_loopback(address: str, is_open: bool) -> None:
    assert is_open_to_network(Settings(web=WebSettings(address=address))) is is_open


def test_the_context_stays_until_the_certificate_changes(agent: Agent) -> None:
    ours = certifying(agent)
    assert list(ours.names()) == []
    first = ours.context()
    assert first is not None
    assert ours.context() is first
    assert "localhost" in ours.names()
    # A command beside the running page counts too.
    agent.done("certificate", "renew")
    second = ours.context()
    assert second is not None
    assert second is not first
    ours.renew("M. Tanaka", authority=False)
    assert ours.context() is not second
    assert ours.faults == []
    assert ours.secure.name == f"{agent.key.camera_id.replace('_', '-')}.local"


def test_what_cannot_be_used_is_a_fault_and_the_old_one_stays(agent: Agent) -> None:
    ours = certifying(agent)
    first = ours.context()
    agent.places.page_authority.unlink()
    agent.places.page_authority.mkdir()
    assert ours.context() is first
    (fault,) = ours.faults
    assert fault.code == "page_certificate"
    with pytest.raises(MediaFailing, match="recording is not touched"):
        ours.told()
    agent.places.page_authority.rmdir()
    assert ours.context() is not None
    assert ours.faults == []


def test_an_authority_made_anew_and_names_that_it_lacks_are_said(agent: Agent) -> None:
    certifying(agent).context()
    agent.places.page_authority.write_bytes(b"rust")
    ours = certifying(agent)
    assert ours.context() is not None
    assert [fault.code for fault in ours.faults] == ["page_authority_new"]
    agent.configure({"web": {"names": ["camera.example"]}})
    later = certifying(agent)
    later.context()
    (fault,) = later.faults
    assert fault.code == "page_names"
    assert "camera.example" in fault.sentence
