"""The image boots, records, tells and shows its page with nobody there; then its plug is pulled."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from agentstand import PASSPHRASE
from cardstand import CARD_BYTES, PATIENCE_S, Seized, broker, prepared, running, with_broker
from qemu.card import Card
from qemu.machine import Machine

from edgecam.custody.accounts.accounts import OWNER_NAME
from edgecam.keys.signinsecret import sign_in_secret

pytestmark = [pytest.mark.boots, pytest.mark.row("I1"), pytest.mark.row("I3"), pytest.mark.row("I4")]


def test_flashed_and_powered_it_records(card: Card, tmp_path: Path) -> None:
    with broker(tmp_path) as heard, running(card) as machine:
        prepared(card, tmp_path / "prepared", with_broker(heard.port))
        machine.on()
        machine.wait_for(r"recording: the first segment is kept", PATIENCE_S)
        health = json.loads(heard.wait("/health"))
        assert health["recording"] is True
        # Until somebody says what is to be hidden all is, and nothing can be noticed.
        nothing_to_hide(machine)
        assert json.loads(heard.wait("/event"))["kind"]
        assert "ordering cycle" not in machine.console(), "a unit was left out"
        machine.pull()
    # What was secret is gone from where anybody can read it.
    names = set(card.names("EDGECAM"))
    assert names.isdisjoint({"owner.age", "owner.account", "camera.key", "wifi.toml"}), names
    assert "edgecam-problems.txt" not in names
    partitions = card.partitions()
    assert partitions["ring"].offset_bytes + partitions["ring"].size_bytes > CARD_BYTES - 8 * 2**20
    seized = Seized(card, tmp_path / "seized")
    assert seized.segments() > 2
    assert seized.stretches()[0]["private"] is True


def nothing_to_hide(machine: Machine) -> None:
    """What its owner says on its page, signed in there."""
    address = f"https://127.0.0.1:{machine.page_port}"
    with httpx.Client(
        base_url=address, headers={"Origin": address}, verify=False, trust_env=False, timeout=PATIENCE_S
    ) as browser:
        camera_id = browser.get("/api/welcome").json()["camera_id"]
        secret = sign_in_secret(PASSPHRASE, camera_id, OWNER_NAME)
        signed_in = browser.post("/api/sign-in", json={"name": OWNER_NAME, "secret": secret})
        assert signed_in.status_code == 200, signed_in.text
        decided = browser.post("/api/setup/nothing-to-hide", json={"reason": "a drawn street"})
        assert decided.status_code == 200, decided.text
