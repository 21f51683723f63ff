"""An operator's own key on the command line: made by who signs in with that passphrase, and its way back."""

from __future__ import annotations

import pytest
from agentstand import Agent, Command, NewCamera

from edgecam.custody.accounts.accountstore import read_accounts
from edgecam.custody.register.register_line import Act
from edgecam.keys.owner import new_identity, unlock_owner

pytestmark = pytest.mark.row("K6")

KIMS, NEW = "nine small owls on the wire 6", "ten tall cranes in the reeds 5"


def key(agent: Agent, *arguments: str, passphrase: str = KIMS, kit: str = "") -> Command:
    return agent.command(
        "accounts", "key", "kim", *arguments, EDGECAM_OPERATOR_PASSPHRASE=passphrase, EDGECAM_KIT=kit
    )


def kept(agent: Agent) -> bytes:
    (path,) = agent.places.identities.iterdir()
    return path.read_bytes()


def test_a_key_is_made_lost_and_found(new_camera: NewCamera) -> None:
    agent = new_camera()
    agent.done("accounts", "reset-owner")
    add = ("accounts", "add", "kim", "--role", "operator")
    assert agent.command(*add, EDGECAM_NEW_PASSPHRASE=KIMS).code == 0
    assert "not the passphrase with which kim signs in" in key(agent, passphrase=NEW).refusal
    assert not agent.places.identities.exists()
    assert "edgecam kit --of kim" in key(agent).out
    (told,) = [one for one in agent.command("accounts", "list", "--json").json() if one["name"] == "kim"]
    kims = unlock_owner(kept(agent), KIMS)
    assert told["recipient"] == kims.recipient()
    assert read_accounts(agent.places.accounts, agent.key.public).operators() == (kims.recipient(),)
    assert "has a key already" in key(agent).refusal

    paper = agent.folder / "kim.pdf"
    kit = agent.command("kit", "--of", "kim", "-o", str(paper), EDGECAM_OPERATOR_PASSPHRASE=KIMS)
    assert kit.code == 0, kit.err
    assert paper.read_bytes().startswith(b"%PDF")

    # The passphrase is lost: the owner gives another one, and the kit puts the same key under it.
    changed = agent.command("accounts", "password", "kim", EDGECAM_NEW_PASSPHRASE=NEW)
    assert "accounts key kim --kit" in changed.out
    stranger = new_identity().secret()
    assert "not the key of kim" in key(agent, "--kit", passphrase=NEW, kit=stranger).refusal
    assert key(agent, "--kit", passphrase=NEW, kit=kims.secret()).code == 0
    assert unlock_owner(kept(agent), NEW).secret() == kims.secret()

    # The kit is lost too: another key, and the old one is sealed to no more.
    assert key(agent, "--anew", passphrase=NEW).code == 0
    another = unlock_owner(kept(agent), NEW).recipient()
    assert another != kims.recipient()
    assert read_accounts(agent.places.accounts, agent.key.public).operators() == (another,)
    told_of = [line.detail for line in agent.register_lines() if line.act is Act.ACCOUNT_CHANGE]
    assert [one["recipient"] for one in told_of if "recipient" in one] == [kims.recipient(), another]


def test_only_operators_have_one(new_camera: NewCamera) -> None:
    agent = new_camera()
    agent.done("accounts", "reset-owner")
    refused = agent.command("accounts", "key", "owner", EDGECAM_OPERATOR_PASSPHRASE="seven blue herons cross 42")
    assert "not the passphrase with which owner signs in" in refused.refusal
    assert "there is no account" in key(agent).refusal
    assert "no key of their own" in agent.command("kit", "--of", "owner", "-o", "x.pdf").refusal
