"""The accounts on a real file: registered before they change, followed when another process changes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from accountstand import account_store, camera_key, secret_of, three_accounts
from page_camera import ObedientClock

from edgecam.core.errors import BadInput, DataLoss, EdgecamError, MediaFailing, NotAllowed, Unavailable
from edgecam.custody.accounts.accounts import (
    MOST_PASSKEYS,
    AccountRole,
    Accounts,
    Passkey,
    SignInWay,
    installer_term,
)
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.keys import passwordhash
from edgecam.keys.passwordhash import FLOOR, Strength, hash_secret

pytestmark = pytest.mark.row("K2")
KEY = Passkey(b"credential", b"public", 0, "my phone", "edgecam.local", 0)


@pytest.fixture
def clock() -> ObedientClock:
    return ObedientClock()


@pytest.fixture
def store(tmp_path: Path, clock: ObedientClock) -> AccountStore:
    return account_store(tmp_path, clock)


def again(store: AccountStore, clock: ObedientClock) -> AccountStore:
    """The same accounts, as another process has them."""
    key = camera_key()
    return AccountStore(
        store.path, key, Register(store.path.parent / "register.jsonl", key.sign, key.public), clock
    )


def lines(store: AccountStore) -> list[RegisterLine]:
    path = store.path.parent / "register.jsonl"
    return [decode_line(line) for line in path.read_bytes().splitlines(keepends=True)] if path.exists() else []


CHANGES: dict[str, Callable[[AccountStore], object]] = {
    "account added": lambda store: store.add("owner", "kim", AccountRole.OPERATOR, secret_of("kim"), None),
    "account removed": lambda store: store.remove("owner", "sato"),
    "passphrase changed": lambda store: store.set_secret("owner", "operator", secret_of("operator", "another")),
    "role changed": lambda store: store.set_role("owner", "sato", AccountRole.OPERATOR, None),
    "account switched off": lambda store: store.set_disabled("owner", "sato", True),
    "account switched on": lambda store: store.set_disabled("owner", "sato", False),
    "passkey added": lambda store: store.add_passkey("owner", "owner", KEY),
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_change_is_one_line_before_and_one_after(store: AccountStore, clock: ObedientClock, what: str) -> None:
    before = store.look()
    CHANGES[what](store)
    line, done = lines(store)
    assert (line.act, line.who, line.detail["what"]) == (Act.ACCOUNT_CHANGE, "owner", what)
    assert line.detail["account"]
    assert (done.completes, done.detail["done"]) == (line.sequence, "True")
    assert store.look() != before
    assert again(store, clock).look() == store.look()
    assert verify_register(store.path.parent / "register.jsonl", camera_key().public).genuine


@pytest.mark.parametrize("what", CHANGES)
def test_what_cannot_be_registered_is_not_done(store: AccountStore, what: str) -> None:
    before = store.path.read_bytes()
    (store.path.parent / "register.jsonl").write_bytes(b"not a line\n")
    with pytest.raises(DataLoss):
        CHANGES[what](store)
    assert store.path.read_bytes() == before


def test_what_ends_sessions_and_what_does_not(store: AccountStore) -> None:
    def revision(name: str) -> int:
        return store.look().of(name).revision

    store.add_passkey("owner", "owner", KEY)
    assert revision("owner") == 0
    changes: list[Callable[[], None]] = [
        lambda: store.set_way("owner", "owner", SignInWay.BOTH),
        lambda: store.set_way("owner", "owner", SignInWay.EITHER),
        lambda: store.remove_passkey("owner", "owner", KEY.credential_id),
        lambda: store.set_secret("owner", "owner", secret_of("owner", "another")),
    ]
    for change in changes:
        before = revision("owner")
        change()
        assert revision("owner") == before + 1
    account = store.look().of("owner")
    store.keep_rehashed(account, hash_secret(secret_of("owner", "another"), Strength(20_000, 2)))
    assert store.look().of("owner").revision == account.revision
    assert store.look().of("owner").password.matches(secret_of("owner", "another"))


def test_refusals_leave_everything_as_it_was(store: AccountStore, clock: ObedientClock) -> None:
    before = store.path.read_bytes()
    month = installer_term(30, clock.now())
    refused: list[tuple[type[EdgecamError], Callable[[], object]]] = [
        (BadInput, lambda: store.add("owner", "sato", AccountRole.OPERATOR, "x", None)),
        (BadInput, lambda: store.add("owner", "no name", AccountRole.OPERATOR, "x", None)),
        (BadInput, lambda: store.add("owner", "kim", AccountRole.INSTALLER, "x", None)),
        (BadInput, lambda: store.add("owner", "kim", AccountRole.OPERATOR, "x", month)),
        (BadInput, lambda: store.set_role("owner", "operator", AccountRole.INSTALLER, None)),
        (BadInput, lambda: store.remove("owner", "nobody")),
        (NotAllowed, lambda: store.remove("owner", "owner")),
        (NotAllowed, lambda: store.set_disabled("owner", "owner", True)),
        (NotAllowed, lambda: store.set_role("owner", "owner", AccountRole.OPERATOR, None)),
        (NotAllowed, lambda: store.set_way("owner", "sato", SignInWay.PASSKEY)),
        (BadInput, lambda: store.remove_passkey("owner", "sato", b"x")),
    ]
    for kind, change in refused:
        with pytest.raises(kind):
            change()
    assert store.path.read_bytes() == before
    assert lines(store) == []


def test_passkeys_are_bounded_and_the_needed_one_stays(store: AccountStore) -> None:
    for number in range(MOST_PASSKEYS):
        store.add_passkey("owner", "owner", replace(KEY, credential_id=bytes([number])))
    with pytest.raises(BadInput, match="passkeys already"):
        store.add_passkey("owner", "owner", KEY)
    with pytest.raises(BadInput, match="registered already"):
        store.add_passkey("owner", "sato", replace(KEY, credential_id=b"\0"))
    store.add_passkey("owner", "sato", KEY)
    store.set_way("owner", "sato", SignInWay.PASSKEY)
    with pytest.raises(NotAllowed, match="last one"):
        store.remove_passkey("owner", "sato", KEY.credential_id)
    account = store.look().of("sato")
    store.keep_count(account, KEY.credential_id, 41)
    assert store.look().of("sato").passkeys == (replace(KEY, sign_count=41),)


def test_a_change_by_another_process_is_seen_at_once(store: AccountStore, clock: ObedientClock) -> None:
    assert store.look().named("sato") is not None
    again(store, clock).remove("root", "sato")
    assert store.look().named("sato") is None


def test_changes_of_several_at_once_all_stay(store: AccountStore, clock: ObedientClock) -> None:
    def work(number: int) -> None:
        again(store, clock).add("owner", f"kim{number}", AccountRole.OPERATOR, secret_of("kim"), None)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {f"kim{number}" for number in range(6)} <= {one.name for one in store.look().accounts}
    assert verify_register(store.path.parent / "register.jsonl", camera_key().public).genuine


def test_without_a_file_and_with_a_broken_one_nobody_is_known(store: AccountStore) -> None:
    store.path.write_bytes(b"{}")
    with pytest.raises(DataLoss, match="reset-owner"):
        store.look()
    (fault,) = store.faults()
    assert fault.code == "accounts"
    store.path.unlink()
    with pytest.raises(Unavailable, match="reset-owner"):
        store.look()
    assert store.faults() == []
    store.path.mkdir()
    with pytest.raises(DataLoss):
        store.look()


@pytest.fixture
def quick_board(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board that bears no more than the floor: the calibration itself is proved elsewhere."""
    monkeypatch.setattr(passwordhash, "_LARGEST_MEMORY_KIB", FLOOR.memory_kib)
    monkeypatch.setattr(passwordhash, "_SHORTEST_NS", 0)


@pytest.mark.usefixtures("quick_board")
def test_the_owner_comes_back_as_new(store: AccountStore, clock: ObedientClock) -> None:
    store.add_passkey("owner", "owner", KEY)
    store.set_way("owner", "owner", SignInWay.PASSKEY)
    store.add("owner", "second", AccountRole.OWNER, secret_of("second"), None)
    store.set_disabled("second", "owner", True)
    before = store.look().of("owner")
    store.reset_owner("root", secret_of("owner", "another"))
    owner = store.look().of("owner")
    assert owner.password.matches(secret_of("owner", "another"))
    assert (owner.way, owner.passkeys, owner.disabled) == (SignInWay.EITHER, (), False)
    assert (owner.account_id, owner.revision > before.revision) == (before.account_id, True)
    assert {one.name for one in store.look().accounts} == {"owner", "operator", "sato", "second"}


@pytest.mark.usefixtures("quick_board")
@pytest.mark.parametrize("broken", [None, b"", b"{}", b"\xff" * 600_000])
def test_the_owner_begins_where_nothing_can_be_read(store: AccountStore, broken: bytes | None) -> None:
    if broken is None:
        store.path.unlink()
    else:
        store.path.write_bytes(broken)
    store.reset_owner("root", secret_of("owner"))
    (owner,) = store.look().accounts
    assert (owner.name, owner.role, owner.password.matches(secret_of("owner"))) == (
        "owner",
        AccountRole.OWNER,
        True,
    )
    assert store.look().strength == FLOOR
    kept = store.path.with_name("accounts.json.broken")
    assert kept.exists() == (broken is not None)
    assert store.path.stat().st_mode & 0o077 == 0


def test_a_medium_that_refuses_is_told(store: AccountStore, clock: ObedientClock) -> None:
    nowhere = AccountStore(
        store.path.parent / "away" / "accounts.json",
        camera_key(),
        Register(store.path.parent / "register.jsonl", camera_key().sign, camera_key().public),
        clock,
    )
    with pytest.raises(MediaFailing):
        nowhere.remove("owner", "sato")


def test_the_stand_has_one_of_each_role(clock: ObedientClock) -> None:
    accounts: Accounts = three_accounts(clock)
    assert {one.role for one in accounts.accounts} == set(AccountRole)
