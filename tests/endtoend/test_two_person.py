"""Footage sealed to two people, on a real recorder: nobody alone opens it, both do; a permit is a key."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from agentstand import PASSPHRASE, QUARTER_OF_AN_HOUR, Agent, NewCamera, owner, wait_until

from edgecam.cli.accounts import account_store
from edgecam.core.errors import NotAllowed
from edgecam.custody.accounts.accountfile import encode_accounts
from edgecam.custody.accounts.accounts import Account, AccountRole, Accounts
from edgecam.custody.cases.permitkeys import offered_key, permit_key
from edgecam.custody.register.register_line import Act
from edgecam.keys.owner import OwnerIdentity, Recipients, new_identity, unlock_owner
from edgecam.keys.passwordhash import FLOOR, hash_secret
from edgecam.keys.sealing import Together, Unseals
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.ringbuffer.format import HEADER_SIZE, SegmentHeader
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.sealing import EpochKey

pytestmark = [pytest.mark.row("K6"), pytest.mark.long]

READ_RING = Path(__file__).parents[2] / "docs" / "design" / "read_ring.py"
KIMS = "nine small owls on the wire 6"
PURPOSE = "to see who was there"
PASSPHRASES = {"owner": PASSPHRASE, "kim": KIMS}


def give_accounts(agent: Agent) -> None:
    """An owner's and an operator's, hashed as weakly as is allowed; before the agent starts."""
    made = tuple(
        Account(
            account_id=f"{number:032x}",
            name=name,
            role=AccountRole.OWNER if name == "owner" else AccountRole.OPERATOR,
            password=hash_secret(sign_in_secret(passphrase, agent.key.camera_id, name), FLOOR),
            made_by="setup",
            made_wall_ns=0,
        )
        for number, (name, passphrase) in enumerate(PASSPHRASES.items(), 1)
    )
    agent.places.accounts.write_bytes(encode_accounts(Accounts(agent.key.camera_id, FLOOR, made), agent.key.sign))


def kim_of(agent: Agent) -> OwnerIdentity:
    (locked,) = agent.places.identities.iterdir()
    return unlock_owner(locked.read_bytes(), KIMS)


def opened(agent: Agent, who: Unseals) -> list[bool]:
    """For each epoch of the ring, oldest first, whether ``who`` opens it."""
    medium = FileMedium.open(agent.places.ring, writable=False)
    try:
        reader, found = RingReader(medium), []
        for slot in reader.epochs():
            try:
                reader.open_epoch(slot, who.unseal)
                found.append(True)
            except NotAllowed:
                found.append(False)
        return found
    finally:
        medium.close()


def recorded_ns(agent: Agent, epoch: int) -> tuple[int, int]:
    """From when to when there is footage in that epoch."""
    headers = [header for header in agent.headers() if header.epoch == epoch]
    return headers[0].start_wall_ns, headers[-1].end_wall_ns


def test_nobody_alone_opens_what_two_people_have_to(new_camera: NewCamera, tmp_path: Path) -> None:
    agent = new_camera(sections={"retention": QUARTER_OF_AN_HOUR})
    give_accounts(agent)
    with agent.started():
        agent.configure({"custody": {"sealing": "two_person"}})
        assert "no operator has one" in agent.wait_fault("recipients")
        made = agent.command("accounts", "key", "kim", EDGECAM_OPERATOR_PASSPHRASE=KIMS)
        assert made.code == 0, made.err
        kim, both = kim_of(agent), Together(owner()[2], kim_of(agent))
        wait_until(lambda: opened(agent, both)[-1:] == [True] and len(opened(agent, both)) > 1, "a new epoch")
        wait_until(lambda: "recipients" not in agent.faults(), "the fault is over")
        agent.wait_recording(2)
    count = len(opened(agent, both))
    assert opened(agent, owner()[2]) == [True] * (count - 1) + [False]
    assert opened(agent, kim) == [False] * count
    assert opened(agent, both) == [True] * count
    assert "every invariant holds" in agent.done("check")

    # The command line takes both passphrases, and says so.
    taken = ("export", "--from", "1970-01-01", "-o")
    alone = agent.command(*taken, str(tmp_path / "alone.mp4"))
    assert "it takes two people" in alone.refusal
    assert not (tmp_path / "alone.mp4").exists()
    with_kim = (*taken, str(tmp_path / "both.mp4"), "--with-operator", "kim")
    assert (
        "does not open the key of kim" in agent.command(*with_kim, EDGECAM_OPERATOR_PASSPHRASE=PASSPHRASE).refusal
    )
    done = agent.command(*with_kim, EDGECAM_OPERATOR_PASSPHRASE=KIMS)
    assert done.code == 0, done.err
    assert "genuine" in agent.done("verify", str(tmp_path / "both.mp4"))
    copied = [line.detail for line in agent.register_lines() if line.act is Act.COPY]
    assert copied[0]["viewers"] == "kim"
    accounts = account_store(agent.places, agent.key)
    accounts.set_disabled("owner", "kim", True)
    again = agent.command(*with_kim, "--overwrite", EDGECAM_OPERATOR_PASSPHRASE=KIMS)
    assert "an operator has not allowed it" in again.refusal
    accounts.set_disabled("owner", "kim", False)

    # So does the way that needs nothing of edgecam.
    files = [tmp_path / "owner.txt", tmp_path / "kim.txt"]
    for file, person in zip(files, (owner()[2], kim), strict=True):
        file.write_text(f"{person.secret()}\n")
    newest = agent.headers()[-1].start_wall_ns / 1e9
    since = ("--from", str(datetime.fromtimestamp(newest - 1)))
    for keyfiles, code in (([files[0]], 1), ([files[1]], 1), (files, 0)):
        read = subprocess.run(
            [sys.executable, READ_RING, agent.places.ring, *keyfiles, "-o", tmp_path / "read.mp4", *since],
            capture_output=True,
            check=False,
        )
        assert read.returncode == code, read.stderr

    # Past footage goes over with both, in either direction.
    assert "--with-operator" in agent.command("recipients", "past").refusal
    went = agent.command("recipients", "past", "--with-operator", "kim", EDGECAM_OPERATOR_PASSPHRASE=KIMS)
    assert went.code == 0, went.err
    assert (opened(agent, owner()[2]), opened(agent, both)) == ([False] * count, [True] * count)
    agent.configure({"custody": {"sealing": "owner"}})
    assert "--with-operator" in agent.command("recipients", "past").refusal
    back = agent.command("recipients", "past", "--with-operator", "kim", EDGECAM_OPERATOR_PASSPHRASE=KIMS)
    assert back.code == 0, back.err
    assert opened(agent, owner()[2]) == [True] * count
    assert "every invariant holds" in agent.done("check")


# --- a permit -----------------------------------------------------------------------------------------------------


class Person:
    """Somebody signed in on the page of ``agent``."""

    def __init__(self, agent: Agent, name: str) -> None:
        self._address = f"http://127.0.0.1:{agent.page_port}"
        self._client = httpx.Client(
            base_url=self._address, headers={"Origin": self._address}, timeout=60, trust_env=False
        )
        secret = sign_in_secret(PASSPHRASES[name], agent.key.camera_id, name)
        assert self.ask("POST", "/api/sign-in", {"name": name, "secret": secret}).status_code == 200

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self._client.request(method, path, json=body)

    def done(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def close(self) -> None:
        self._client.close()

    def keys(self, case_id: str, person: OwnerIdentity, *, offers: bool = False) -> None:
        """What `grantKeys` and `offerKeys` do in a browser."""
        told = self.done("GET", f"/api/cases/{case_id}/epochs")
        keys = []
        for one in told["epochs"]:
            sealed = b64decode(one["sealed_key"])
            recipients = Recipients(told["recipients"])
            left = offered_key(person, sealed) if offers else permit_key(person, sealed, recipients)
            ring = b64decode(one["bound_to"])[72:88].hex()
            keys.append({"ring": ring, "epoch": one["epoch"], "sealed_key": b64encode(left).decode()})
        self.done("PUT", f"/api/cases/{case_id}/keys", {"keys": keys})

    def film(self, span_ms: tuple[int, int], person: OwnerIdentity) -> list[int]:
        """The epochs of the segments of that time that ``person`` opens with what is served."""
        query = f"from_ms={span_ms[0]}&to_ms={span_ms[1]}"
        answer = self.ask("GET", f"/api/ring/epochs?{query}")
        if answer.status_code != 200:
            return []
        keys = {}
        for one in answer.json():
            try:
                keys[one["epoch"]] = EpochKey(person.unseal(b64decode(one["sealed_key"])))
            except NotAllowed:
                continue
        sealed, found = self.ask("GET", f"/api/ring/segments?{query}").content, []
        while sealed:
            header = SegmentHeader.decode(sealed[:HEADER_SIZE])
            body, sealed = sealed[HEADER_SIZE:][: header.payload_size], sealed[HEADER_SIZE + header.payload_size :]
            if header.epoch in keys:
                keys[header.epoch].open_segment(header.index, body, header.sealed_with)
                found.append(header.epoch)
        return found


@contextmanager
def page(agent: Agent) -> Iterator[tuple[Person, Person]]:
    """The owner and kim, signed in."""
    wait_until(lambda: agent.hub is not None and bool(agent.hub.page), "the page is served")
    people = Person(agent, "owner"), Person(agent, "kim")
    try:
        yield people
    finally:
        for one in people:
            one.close()


def asked(span_ms: tuple[int, int]) -> dict[str, Any]:
    return {"kind": "look", "want": "view", "purpose": PURPOSE, "from_ms": span_ms[0], "to_ms": span_ms[1]}


def test_a_permit_opens_its_own_time_and_nothing_when_it_is_over(new_camera: NewCamera) -> None:
    agent = new_camera(
        sections={
            "retention": QUARTER_OF_AN_HOUR,
            "custody": {"sealing": "two_person", "purposes": [PURPOSE]},
        }
    )
    give_accounts(agent)
    made = agent.command("accounts", "key", "kim", EDGECAM_OPERATOR_PASSPHRASE=KIMS)
    assert made.code == 0, made.err
    me, kim = owner()[2], kim_of(agent)
    with agent.started():
        # Another operator, so that a second epoch begins.
        text = agent.places.recipients.read_text()
        agent.places.recipients.write_text(f"{text}{new_identity().recipient()}\n")
        wait_until(lambda: {header.epoch for header in agent.headers()} == {0, 1}, "a second epoch")
        agent.wait_recording(2)
        first_ns, second_ns = recorded_ns(agent, 0), recorded_ns(agent, 1)
        early = first_ns[0] // 10**6 + 1, first_ns[1] // 10**6 - 1
        late = second_ns[0] // 10**6 + 1, second_ns[1] // 10**6 - 1
        with page(agent) as (owners, kims):
            # Without anybody's permit neither sees a thing, and the slots' keys open for nobody alone.
            assert (kims.film(early, kim), owners.film(early, me)) == ([], [])
            case_id = kims.done("POST", "/api/cases", asked(early))["case_id"]
            assert owners.ask("POST", f"/api/cases/{case_id}/grant", {}).status_code == 403
            owners.keys(case_id, me)
            owners.done("POST", f"/api/cases/{case_id}/grant", {"hours": 1})
            assert set(kims.film(early, kim)) == {0}
            assert kims.film(late, kim) == []
            assert owners.film(early, me) == []
            keys = agent.places.cases / f"{case_id}.keys"
            assert keys.exists()
            owners.done("POST", f"/api/cases/{case_id}/revoke", {"reason": "seen enough"})
            assert kims.film(early, kim) == []
            assert not keys.exists()
            # The keys may be made on the command line as well.
            case_id = kims.done("POST", "/api/cases", asked(late))["case_id"]
            agent.done("approve", case_id)
            assert set(kims.film(late, kim)) == {1}
            kims.done("POST", f"/api/cases/{case_id}/close", {"found": True})
            assert kims.film(late, kim) == []
            # The other way round: an owner asks, and an operator decides.
            case_id = owners.done("POST", "/api/cases", asked(late))["case_id"]
            owners.keys(case_id, me, offers=True)
            kims.keys(case_id, kim)
            kims.done("POST", f"/api/cases/{case_id}/grant", {"hours": 1})
            assert set(owners.film(late, me)) == {1}
            assert (owners.film(early, me), kims.film(late, kim)) == ([], [])
    told = [line.detail for line in agent.register_lines() if line.act is Act.KEY_CHANGE]
    assert [one["what"] for one in told if "keys" in one["what"]][::2] == [
        "keys granted",
        "keys granted",
        "keys offered",
        "keys granted",
    ]
