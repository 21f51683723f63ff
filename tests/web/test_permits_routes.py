"""Keys over HTTP: everybody's own, locked; and what who allows a look leaves, sealed to the one who asked."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from accountstand import ROLES, account_store, camera_key, new_folder, remove_folder, secret_of
from fastapi import FastAPI
from page_camera import NOW_WALL_NS, ObedientClock
from pyrage import x25519

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.core.term import Term
from edgecam.custody.accounts.identities import Identities
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, CaseState, Decision, Party, Use, Want
from edgecam.custody.cases.caserules import CaseRules
from edgecam.custody.cases.permission import Leave
from edgecam.custody.cases.permitkeys import PermitKeys, Permits, offered_key, permit_key
from edgecam.custody.evidence.ciphertext import SealedEpoch
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, decode_line
from edgecam.keys.owner import OwnerIdentity, Recipients, unlock_owner
from edgecam.keys.sealing import SealingKind, sealing
from edgecam.ringbuffer.format import EpochSlot
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.ciphertext import ciphertext
from edgecam.web.permitparts import PermitParts
from edgecam.web.permits import MOST_AT_ONCE, permits
from edgecam.web.refusals import NotSignedIn, answer_refusals
from edgecam.web.sealedparts import SealedParts
from edgecam.web.server import PageServer
from edgecam.web.signedin import COOKIE, Visitor

pytestmark = pytest.mark.row("K6")

OWNER, KIM = (OwnerIdentity(x25519.Identity.generate()) for _ in range(2))
PASSPHRASE = "five quiet winter herons"
KEY, RING = bytes(range(32)), bytes(range(16))
ID = "20261121-100000"
SPAN = {"from_ms": NOW_WALL_NS // 10**6 - 60_000, "to_ms": NOW_WALL_NS // 10**6}
LOCKED = KIM.locked(PASSPHRASE)
IDS = {name: f"{number:032x}" for number, name in enumerate(ROLES, 1)}


@dataclass
class Stand:
    """Accounts, one case and some epochs, over HTTP; a test changes what is there."""

    folder: Path
    kind: SealingKind = SealingKind.TWO_PERSON
    asker: str = "operator"
    epochs: int = 2
    state: CaseState = CaseState.ASKED

    def __post_init__(self) -> None:
        self.clock = ObedientClock()
        self.store = account_store(self.folder, self.clock)
        key = camera_key()
        self.register = Register(self.folder / "register.jsonl", key.sign, key.public, self.clock)
        self.sealing = sealing(self.kind, [OWNER.recipient()], [KIM.recipient()], 1 << 16)
        self.slots = [
            EpochSlot(7 + n, self.clock.now(), 0, 4200, self.sealing.seal(KEY), b"init", bytes(32), ring_id=RING)
            for n in range(self.epochs)
        ]
        (self.folder / "cases").mkdir()
        shared = self.kind is SealingKind.SHARED
        self.permits = Permits(PermitKeys(self.folder / "cases", key), self.find, self.clock, shared=shared)

    def find(self, case_id: str) -> Case:
        if case_id != ID:
            raise BadInput("there is no such case")
        asked = Case(
            case_id=ID, kind=CaseKind.LOOK, want=Want.VIEW, state=self.state, asked=self.clock.now(),
            asked_by=self.asker, asker=Party(self.asker), asker_kind=AskerKind.INSIDE, use=Use.WITHIN,
            purpose="theft", from_wall_ns=SPAN["from_ms"] * 10**6, to_wall_ns=SPAN["to_ms"] * 10**6,
            asked_by_id=IDS[self.asker], asked_by_role=ROLES[self.asker],
        )  # fmt: skip
        if self.state is not CaseState.GRANTED:
            return asked
        permit = Term(self.granted_at, 3600 * NS_PER_S)
        return replace(asked, decision=Decision(True, "somebody", self.granted_at, "", permit))

    def grant(self) -> None:
        self.state, self.granted_at = CaseState.GRANTED, self.clock.now()

    # --- as sealed footage -------------------------------------------------------------------------------------

    def of(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Sequence[SealedEpoch]:
        start_ns = NOW_WALL_NS - 60 * NS_PER_S
        return [SealedEpoch(slot, start_ns, NOW_WALL_NS, False, camera_key().public) for slot in self.slots]

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        yield from ()

    # --- as who is signed in -----------------------------------------------------------------------------------

    def visitor(self, token: str | None, *, prolongs: bool) -> Visitor:
        if token is None:
            raise NotSignedIn("you are not signed in")
        return Visitor(token, ROLES[token], "a session", IDS[token])

    def app(self) -> FastAPI:
        app = FastAPI()
        app.state.sign_ins, app.state.end_streams = self, lambda: None
        answer_refusals(app)
        footage = _Footage(self)
        parts = PermitParts(
            identities=Identities(self.folder / "identities", self.store),
            permits=self.permits,
            rules=CaseRules(self.kind),
            register=self.register,
            locked_owner=lambda: b"age-encryption.org/v1 the owner's",
            owners=lambda: [OWNER.recipient()],
            sources={"ring": footage},
        )
        sealed = SealedParts(footage, bytes, lambda *_: None, permitted=self.permits.key_for)
        app.include_router(permits(parts, AccountDesk(self.store, self.clock)))
        app.include_router(ciphertext(sealed, lambda *_, **__: Leave(), lambda _: True))
        return app

    def told(self) -> list[dict[str, str]]:
        lines = (self.folder / "register.jsonl").read_bytes().splitlines(keepends=True)
        found = [decode_line(line) for line in lines]
        return [dict(line.detail) for line in found if line.act is Act.KEY_CHANGE and line.completes is None]


class _Footage:
    def __init__(self, stand: Stand) -> None:
        self.epochs, self.segments = stand.of, stand.segments


@dataclass
class Client:
    """Asks as whoever is named."""

    address: str

    def __call__(self, who: str | None, method: str, path: str, body: Any = None) -> httpx.Response:
        cookies = {COOKIE: who} if who else None
        headers = {"Origin": self.address}
        with httpx.Client(
            base_url=self.address, cookies=cookies, headers=headers, timeout=30, trust_env=False
        ) as client:
            return client.request(method, path, json=body)

    def keys(self, who: str, makes: Callable[[bytes, list[str]], bytes]) -> httpx.Response:
        """What `grantKeys` does in a browser."""
        told = self(who, "GET", f"/api/cases/{ID}/epochs").json()
        keys = [
            {
                "ring": b64decode(one["bound_to"])[72:88].hex(),
                "epoch": one["epoch"],
                "sealed_key": b64encode(makes(b64decode(one["sealed_key"]), told["recipients"])).decode(),
            }
            for one in told["epochs"]
        ]
        return self(who, "PUT", f"/api/cases/{ID}/keys", {"keys": keys})

    def served(self, who: str) -> list[bytes]:
        query = "&".join(f"{name}={value}" for name, value in SPAN.items())
        return [b64decode(one["sealed_key"]) for one in self(who, "GET", f"/api/ring/epochs?{query}").json()]


@contextmanager
def camera(**changed: Any) -> Iterator[tuple[Stand, Client]]:
    folder = new_folder()
    stand = Stand(folder, **changed)
    server = PageServer(stand.app(), "127.0.0.1", 0)
    server.start()
    try:
        yield stand, Client(server.address)
    finally:
        server.close()
        remove_folder(folder)


def with_key(stand: Stand, client: Client, recipient: str = "", locked: bytes = LOCKED) -> httpx.Response:
    told = {"locked": b64encode(locked).decode(), "recipient": recipient or KIM.recipient()}
    return client("operator", "PUT", "/api/identity", told | {"secret": secret_of("operator")})


def given_to(owner: OwnerIdentity) -> Callable[[bytes, list[str]], bytes]:
    return lambda sealed, recipients: permit_key(owner, sealed, Recipients(recipients))


# --- one's own key -----------------------------------------------------------------------------------------


def test_an_operator_keeps_a_key_that_only_their_passphrase_opens() -> None:
    with camera() as (stand, client):
        assert client("operator", "GET", "/api/identity").json() == {
            "kind": "operator",
            "locked": "",
            "recipient": "",
        }
        assert with_key(stand, client).status_code == 200
        told = client("operator", "GET", "/api/identity").json()
        assert told["recipient"] == KIM.recipient()
        assert unlock_owner(b64decode(told["locked"]), PASSPHRASE).secret() == KIM.secret()
        assert stand.store.look().operators() == (KIM.recipient(),)
        (path,) = (stand.folder / "identities").iterdir()
        assert path.stem == IDS["operator"]
        assert path.stat().st_mode & 0o077 == 0
        owners = client("owner", "GET", "/api/identity").json()
        assert (owners["kind"], b64decode(owners["locked"])[:21]) == ("owner", b"age-encryption.org/v1")
        for nobody, status in (("sato", 403), (None, 401)):
            assert client(nobody, "GET", "/api/identity").status_code == status


def test_what_is_no_key_or_not_typed_by_its_person_is_refused() -> None:
    with camera() as (stand, client):
        good = {"locked": b64encode(LOCKED).decode(), "recipient": KIM.recipient(), "secret": secret_of("operator")}
        for wrong, status in (
            ({"locked": b64encode(KIM.secret().encode()).decode()}, 400),
            ({"locked": "???"}, 400),
            ({"locked": "鍵"}, 400),
            ({"recipient": KIM.secret()}, 400),
            ({"recipient": "age1" + "q" * 58}, 400),
            ({"secret": secret_of("owner")}, 403),
        ):
            answer = client("operator", "PUT", "/api/identity", good | wrong)
            assert answer.status_code == status, wrong
            stand.clock.sleep(600)
        assert client("owner", "PUT", "/api/identity", good | {"secret": secret_of("owner")}).status_code == 403
        assert not (stand.folder / "identities").exists()
        assert stand.store.look().operators() == ()


# --- a permit that is a key --------------------------------------------------------------------------------


def test_an_owner_allows_an_operator_under_two_people() -> None:
    with camera() as (stand, client):
        assert with_key(stand, client).status_code == 200
        assert client.keys("owner", given_to(OWNER)).status_code == 200
        # Not before it is allowed, and to nobody else.
        slots = [slot.sealed_key for slot in stand.slots]
        assert client.served("operator") == slots
        stand.grant()
        assert client.served("owner") == slots
        served = client.served("operator")
        assert [KIM.unseal(one) for one in served] == [KEY, KEY]
        assert stand.told() == [{"what": "keys granted", "case": ID, "epochs": "2", "for": "operator"}]
        # It ends by itself, and nothing is left.
        stand.clock.sleep(3601)
        assert client.served("operator") == slots
        assert stand.permits.tend() == [ID]
        assert not list((stand.folder / "cases").glob("*.keys"))


def test_an_operator_allows_an_owner_who_took_off_their_own_layer() -> None:
    with camera(asker="owner") as (stand, client):
        assert client.keys("owner", lambda sealed, _: offered_key(OWNER, sealed)).status_code == 200
        stand.grant()
        assert client.served("owner") == [slot.sealed_key for slot in stand.slots]
        assert client.keys("operator", given_to(KIM)).status_code == 200
        assert [OWNER.unseal(one) for one in client.served("owner")] == [KEY, KEY]


def test_under_the_owner_alone_the_key_itself_goes_over() -> None:
    with camera(kind=SealingKind.OWNER) as (stand, client):
        assert with_key(stand, client).status_code == 200
        assert client.keys("owner", given_to(OWNER)).status_code == 200
        stand.grant()
        assert [KIM.unseal(one) for one in client.served("operator")] == [KEY, KEY]


def test_who_has_no_key_is_told_as_nobody_to_seal_to() -> None:
    with camera() as (_, client):
        assert client("owner", "GET", f"/api/cases/{ID}/epochs").json()["recipients"] == []


def test_only_who_asked_or_may_allow_it_gets_to_the_keys() -> None:
    body = {"keys": [{"ring": RING.hex(), "epoch": 7, "sealed_key": b64encode(LOCKED).decode()}]}
    with camera() as (_, client):
        for who, status in (("sato", 403), (None, 401)):
            assert client(who, "GET", f"/api/cases/{ID}/epochs").status_code == status
            assert client(who, "PUT", f"/api/cases/{ID}/keys", body).status_code == status
        assert client("owner", "GET", "/api/cases/20261121-110000/epochs").status_code == 400
    with camera(asker="owner", kind=SealingKind.OWNER) as (_, client):
        assert client("operator", "GET", f"/api/cases/{ID}/epochs").status_code == 403
        assert client("operator", "PUT", f"/api/cases/{ID}/keys", body).status_code == 403


def test_epochs_of_another_time_and_what_is_no_key_are_refused() -> None:
    with camera() as (stand, client):
        for wrong in (
            {"epoch": 99},
            {"ring": "ff" * 16},
            {"sealed_key": b64encode(KEY).decode()},
            {"sealed_key": "?"},
        ):
            one = {"ring": RING.hex(), "epoch": 7, "sealed_key": b64encode(LOCKED).decode()} | wrong
            assert client("owner", "PUT", f"/api/cases/{ID}/keys", {"keys": [one]}).status_code == 400, wrong
        stand.state = CaseState.REFUSED
        one = {"ring": RING.hex(), "epoch": 7, "sealed_key": b64encode(LOCKED).decode()}
        assert client("owner", "PUT", f"/api/cases/{ID}/keys", {"keys": [one]}).status_code == 403
        assert stand.permits.keys.of(ID) is None


def test_long_cases_are_told_in_pieces() -> None:
    with camera(epochs=MOST_AT_ONCE + 3) as (_, client):
        first = client("owner", "GET", f"/api/cases/{ID}/epochs").json()
        rest = client("owner", "GET", f"/api/cases/{ID}/epochs?told={MOST_AT_ONCE}").json()
        assert (len(first["epochs"]), first["more"]) == (MOST_AT_ONCE, True)
        assert ([one["epoch"] for one in rest["epochs"]], rest["more"]) == ([71, 72, 73], False)


def test_the_register_keeps_keys_back_that_it_cannot_tell_of() -> None:
    with camera() as (stand, client):
        with_key(stand, client)
        (stand.folder / "register.jsonl").unlink()
        (stand.folder / "register.jsonl").mkdir()
        assert client.keys("owner", given_to(OWNER)).status_code >= 500
        assert stand.permits.keys.of(ID) is None
