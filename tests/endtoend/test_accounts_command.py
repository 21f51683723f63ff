"""`edgecam accounts` beside a running agent, and the owner's passphrase in step with the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agentstand import PASSPHRASE, QUARTER_OF_AN_HOUR, Agent, accepts, camera, wait_until
from signinstand import (
    INSTALLER,
    INSTALLER_PASSPHRASE,
    browser,
    make_installer,
    make_owner,
    sign_in,
    signed_in,
)

from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act

pytestmark = [pytest.mark.row("K2"), pytest.mark.long]
NEW = "nine black kites above the ferry 3"


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """One that was set up before there were accounts, and runs."""
    with camera(tmp_path / "camera", sections={"retention": QUARTER_OF_AN_HOUR}) as agent, agent.started():
        wait_until(lambda: accepts(agent.page_port), f"the page answers: {agent.said()}")
        yield agent


def changes(agent: Agent) -> list[tuple[str, str]]:
    lines = [line for line in agent.register_lines() if line.act is Act.ACCOUNT_CHANGE]
    assert all(line.completes is not None for line in lines[1::2]), "each change has its end"
    return [(line.detail["what"], line.detail["account"]) for line in lines[::2]]


def test_people_come_and_go_beside_a_running_agent(agent: Agent) -> None:
    with browser(agent) as stranger:
        welcome = stranger.get("/api/welcome").json()
        assert (welcome["accounts"], "edgecam accounts reset-owner" in welcome["do"]) == ("none", True)
        assert sign_in(stranger, agent).status_code == 503
    assert "reset-owner" in agent.command("accounts", "list").refusal
    make_owner(agent)
    make_installer(agent)
    listed = agent.command("accounts", "--json").json()
    assert [(one["name"], one["role"], bool(one["until"])) for one in listed] == [
        ("owner", "owner", False),
        (INSTALLER, "installer", True),
    ]
    assert INSTALLER in agent.done("accounts", "list")
    assert agent.places.accounts.stat().st_mode & 0o077 == 0
    with signed_in(agent) as owner, signed_in(agent, INSTALLER, INSTALLER_PASSPHRASE) as installer:
        assert installer.get("/api/live.jpg").status_code in (200, 503)
        assert agent.command("accounts", "password", INSTALLER, EDGECAM_NEW_PASSPHRASE=NEW).code == 0
        assert installer.get("/api/status").status_code == 401, "signed out at once"
        assert sign_in(installer, agent, INSTALLER, INSTALLER_PASSPHRASE).status_code == 403
        wait_until(
            lambda: sign_in(installer, agent, INSTALLER, NEW).status_code == 200, "the new passphrase is taken"
        )
        agent.done("accounts", "remove", INSTALLER)
        assert installer.get("/api/status").status_code == 401
        assert owner.get("/api/status").status_code == 200
    assert changes(agent) == [
        ("owner's account made anew", "owner"),
        ("account added", INSTALLER),
        ("passphrase changed", INSTALLER),
        ("account removed", INSTALLER),
    ]
    assert verify_register(agent.places.register, agent.key.public).genuine


def test_what_is_refused(agent: Agent) -> None:
    assert "does not open" in agent.command("accounts", "reset-owner", EDGECAM_PASSPHRASE="wrong").refusal
    make_owner(agent)
    before = agent.places.accounts.read_bytes()
    for arguments, new, sentence in (
        (("remove", "owner"), "", "last owner"),
        (("remove", "nobody"), "", "no account called"),
        (("password", "owner"), NEW, "edgecam passphrase"),
        (("add", "kim", "--role", "installer"), NEW, "needs an end"),
        (("add", "kim", "--role", "installer", "--days", "31"), NEW, "1 to 30 days"),
        (("add", "kim", "--role", "operator", "--days", "3"), NEW, "has an end"),
        (("add", "kim", "--role", "operator"), "short", "5 characters"),
        (("add", "kim", "--role", "operator"), "", "set EDGECAM_NEW_PASSPHRASE"),
        (("add", "owner", "--role", "operator"), NEW, "already"),
        (("add", "a b", "--role", "operator"), NEW, "cannot name"),
    ):
        environment: dict[str, Any] = {"EDGECAM_NEW_PASSPHRASE": new} if new else {}
        command = agent.command("accounts", *arguments, **environment)
        assert sentence in command.refusal
    assert agent.command("accounts", "add", "kim", "--role", "king").code == 2
    assert agent.places.accounts.read_bytes() == before


@pytest.mark.row("K5")
def test_the_passphrase_and_the_page_change_together(agent: Agent) -> None:
    make_owner(agent)
    locked = agent.places.locked_owner.read_bytes()
    with signed_in(agent) as owner:
        changed = agent.command("passphrase", EDGECAM_NEW_PASSPHRASE=NEW)
        assert (changed.code, changed.err) == (0, "")
        assert owner.get("/api/status").status_code == 401
    with signed_in(agent, "owner", NEW) as owner:
        assert owner.post("/api/unlock", json={"passphrase": NEW}).status_code == 200
        assert sign_in(owner, agent, "owner", PASSPHRASE).status_code == 403
    assert locked != agent.places.locked_owner.read_bytes()


@pytest.mark.row("K5")
def test_a_broken_list_of_accounts_costs_no_footage(agent: Agent) -> None:
    make_owner(agent)
    with signed_in(agent) as owner:
        agent.places.accounts.write_bytes(b"\0" * 4096)
        refused = owner.get("/api/status")
        assert (refused.status_code, "reset-owner" in refused.json()["do"]) == (410, True)
        assert "reset-owner" in agent.wait_fault("accounts")
        agent.wait_recording(2)
        make_owner(agent)
        assert sign_in(owner, agent).status_code == 200
    wait_until(lambda: "accounts" not in agent.faults(), "the fault goes")


@pytest.mark.row("W1")
def test_setup_makes_the_owners_account_of_the_same_passphrase(tmp_path: Path) -> None:
    folder = tmp_path / "camera"
    with camera(folder, made=False) as agent:
        said = agent.done("setup")
        assert "sign in as owner" in said
        (owner,) = agent.command("accounts", "--json").json()
        assert (owner["name"], owner["role"], owner["way"]) == ("owner", "owner", "either")
        assert PASSPHRASE.encode() not in agent.places.accounts.read_bytes()
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), f"the page answers: {agent.said()}")
            with signed_in(agent) as client:
                assert client.get("/api/me").json()["role"] == "owner"
