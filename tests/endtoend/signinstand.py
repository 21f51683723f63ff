"""People with accounts on a real camera, made by its own command line, and their browsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from agentstand import PASSPHRASE, Agent

from edgecam.keys.signinsecret import sign_in_secret

INSTALLER, INSTALLER_PASSPHRASE = "sato", "four grey cranes over the mill 7"


def make_owner(agent: Agent) -> None:
    """The owner's account, as for a camera that was set up before there were accounts."""
    agent.done("accounts", "reset-owner")


def make_installer(agent: Agent) -> None:
    """An installer for two days."""
    arguments = ("accounts", "add", INSTALLER, "--role", "installer", "--days", "2")
    made = agent.command(*arguments, EDGECAM_NEW_PASSPHRASE=INSTALLER_PASSPHRASE)
    assert made.code == 0, made.err


def secret_of(agent: Agent, name: str, passphrase: str = PASSPHRASE) -> str:
    """What a browser derives of ``passphrase``."""
    return sign_in_secret(passphrase, agent.key.camera_id, name)


def browser(agent: Agent) -> httpx.Client:
    """A browser in which nobody is signed in."""
    address = f"http://127.0.0.1:{agent.page_port}"
    return httpx.Client(base_url=address, headers={"Origin": address}, timeout=30, trust_env=False)


def sign_in(
    client: httpx.Client, agent: Agent, name: str = "owner", passphrase: str = PASSPHRASE
) -> httpx.Response:
    """The answer to a try to sign in."""
    return client.post("/api/sign-in", json={"name": name, "secret": secret_of(agent, name, passphrase)})


@contextmanager
def signed_in(agent: Agent, name: str = "owner", passphrase: str = PASSPHRASE) -> Iterator[httpx.Client]:
    """A browser in which ``name`` is signed in."""
    with browser(agent) as client:
        answer = sign_in(client, agent, name, passphrase)
        assert answer.status_code == 200, answer.text
        yield client
