"""The real agent with its page open to the network: by HTTPS there, by HTTP on loopback, and recording goes on."""

from __future__ import annotations

import json
import ssl

import httpx
import pytest
from agentstand import NewCamera, free_ports

pytestmark = pytest.mark.row("K3")


def test_the_page_by_https_from_the_first_start(new_camera: NewCamera) -> None:
    (tls_port,) = free_ports(1)
    agent = new_camera(sections={"web": {"address": "0.0.0.0", "tls_port": tls_port}})
    with agent.started():
        shown = json.loads(agent.done("certificate", "show", "--json"))
        agent.done("certificate", "ca", "-o", "ca.crt")
        trusting = ssl.create_default_context(cafile=str(agent.folder / "ca.crt"))
        with httpx.Client(verify=trusting, trust_env=False, timeout=60) as browser:
            welcome = browser.get(f"https://localhost:{tls_port}/api/welcome")
            assert welcome.json()["camera_id"] == agent.key.camera_id
            assert browser.get(f"http://127.0.0.1:{agent.page_port}/api/welcome").json() == welcome.json()
            # Whoever types the address without https:// gets there all the same.
            sent_on = browser.get(f"http://localhost:{tls_port}/", follow_redirects=True)
            assert str(sent_on.url) == f"https://localhost:{tls_port}/"
        assert agent.hub is not None
        assert agent.hub.page == f"https://{shown['page']['names'][0]}:{tls_port}"
        assert [fault for fault in agent.hub.faults if fault.code.startswith("page")] == []


def test_a_damaged_authority_costs_trust_and_not_the_recording(new_camera: NewCamera) -> None:
    (tls_port,) = free_ports(1)
    agent = new_camera(sections={"web": {"address": "0.0.0.0", "tls_port": tls_port}})
    agent.places.page_authority.write_bytes(b"\x00" * 4096)
    with agent.started():
        assert "trust it on your devices" in agent.wait_fault("page_authority_new")
        agent.wait_recording()
