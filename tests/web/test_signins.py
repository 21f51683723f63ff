"""Sessions: their two ends, their bounds, and their end when the account changes, by the injected clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from accountstand import account_store, secret_of
from page_camera import ObedientClock

from edgecam.core.errors import DataLoss
from edgecam.custody.accounts.accounts import Account, AccountRole
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.device import Device
from edgecam.web.refusals import NotSignedIn
from edgecam.web.signins import IDLE_S, LONGEST_S, MOST_PER_ACCOUNT, SignIns

pytestmark = pytest.mark.row("K2")
PHONE = Device("Safari", "iPhone")


class Stand:
    """Sessions over real accounts, and who was told of their ends."""

    def __init__(self, folder: Path) -> None:
        self.clock = ObedientClock()
        self.store: AccountStore = account_store(folder, self.clock)
        self.sign_ins = SignIns(self.clock, AccountDesk(self.store, self.clock))
        self.ended: list[str] = []
        self.sign_ins.on_end(self.ended.append)

    def account(self, name: str = "owner") -> Account:
        return self.store.look().of(name)

    def begin(self, name: str = "owner") -> str:
        return self.sign_ins.begin(self.account(name), PHONE, "192.168.1.7")

    def is_in(self, token: str, *, prolongs: bool = False) -> bool:
        try:
            self.sign_ins.visitor(token, prolongs=prolongs)
        except NotSignedIn:
            return False
        return True


OnLoop = Callable[[Callable[[Stand], None]], None]


@pytest.fixture
def on_loop(tmp_path: Path) -> OnLoop:
    def run(test: Callable[[Stand], None]) -> None:
        async def within() -> None:
            stand = Stand(tmp_path)
            test(stand)
            stand.sign_ins.end_all()

        asyncio.run(within())

    return run


def test_an_unused_session_ends_and_polling_does_not_use_it(on_loop: OnLoop) -> None:
    def test(stand: Stand) -> None:
        token = stand.begin()
        stand.clock.sleep(IDLE_S - 1)
        assert stand.is_in(token)
        assert stand.is_in(token, prolongs=True)
        stand.clock.sleep(IDLE_S - 1)
        assert stand.is_in(token)
        stand.clock.sleep(1)
        assert not stand.is_in(token)
        assert len(stand.ended) == 1

    on_loop(test)


def test_no_session_outlasts_half_a_day(on_loop: OnLoop) -> None:
    def test(stand: Stand) -> None:
        token = stand.begin()
        for _ in range(LONGEST_S // 1000):
            assert stand.is_in(token, prolongs=True)
            stand.clock.sleep(1000)
        (one,) = stand.sign_ins.listed()
        assert stand.sign_ins.left_s(one) == LONGEST_S % 1000
        stand.clock.sleep(LONGEST_S % 1000)
        assert not stand.is_in(token, prolongs=True)

    on_loop(test)


def test_tokens_are_long_differ_and_are_not_kept(on_loop: OnLoop) -> None:
    def test(stand: Stand) -> None:
        tokens = {stand.begin() for _ in range(MOST_PER_ACCOUNT)}
        assert len(tokens) == MOST_PER_ACCOUNT
        assert min(map(len, tokens)) >= 43
        kept = repr(stand.sign_ins.listed())
        assert not any(token in kept for token in tokens)
        for wrong in (
            None,
            "",
            "x",
            next(iter(tokens))[:-1],
            "\ud800",
            *(one.session_id for one in stand.sign_ins.listed()),
        ):
            with pytest.raises(NotSignedIn):
                stand.sign_ins.visitor(wrong, prolongs=True)

    on_loop(test)


def test_the_ninth_of_one_account_ends_its_longest_unused(on_loop: OnLoop) -> None:
    def test(stand: Stand) -> None:
        others = stand.begin("sato")
        tokens = []
        for _ in range(MOST_PER_ACCOUNT):
            tokens.append(stand.begin())
            stand.clock.sleep(1)
        assert stand.is_in(tokens[0], prolongs=True)
        stand.begin()
        assert [stand.is_in(token) for token in tokens] == [True, False] + [True] * (MOST_PER_ACCOUNT - 2)
        assert stand.is_in(others)

    on_loop(test)


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.set_secret("owner", "sato", secret_of("sato", "another")),
        lambda store: store.set_role("owner", "sato", AccountRole.OPERATOR, None),
        lambda store: store.set_disabled("owner", "sato", True),
        lambda store: store.remove("owner", "sato"),
    ],
    ids=["secret", "role", "off", "removed"],
)
def test_a_changed_account_ends_its_sessions_and_no_other(
    on_loop: OnLoop, change: Callable[[AccountStore], None]
) -> None:
    def test(stand: Stand) -> None:
        token, owners = stand.begin("sato"), stand.begin()
        visitor = stand.sign_ins.visitor(token, prolongs=True)
        assert stand.sign_ins.stands(visitor)
        change(stand.store)
        assert not stand.sign_ins.stands(visitor)
        stand.sign_ins.forget_over()
        assert stand.ended == [visitor.session_id]
        assert not stand.is_in(token)
        assert stand.is_in(owners)

    on_loop(test)


def test_an_account_that_comes_back_under_its_name_brings_no_session_back(on_loop: OnLoop) -> None:
    def test(stand: Stand) -> None:
        token = stand.begin("operator")
        stand.store.remove("owner", "operator")
        stand.store.add("owner", "operator", AccountRole.OPERATOR, secret_of("operator"), None)
        assert not stand.is_in(token)

    on_loop(test)


def test_a_broken_file_lets_nobody_on(on_loop: OnLoop) -> None:
    def test(stand: Stand) -> None:
        token = stand.begin()
        visitor = stand.sign_ins.visitor(token, prolongs=True)
        stand.store.path.write_bytes(b"{}")
        with pytest.raises(DataLoss, match="reset-owner"):
            stand.sign_ins.visitor(token, prolongs=True)
        assert not stand.sign_ins.stands(visitor)

    on_loop(test)


def test_an_installer_whose_time_is_over_is_out(on_loop: OnLoop) -> None:
    def test(stand: Stand) -> None:
        stand.clock.sleep(7 * 86_400 - 60)
        token = stand.begin("sato")
        assert stand.is_in(token)
        stand.clock.sleep(60)
        assert not stand.is_in(token)

    on_loop(test)
