"""Accounts as values and as a file: any bytes are accounts or refused, and an owner is always left."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from accountstand import camera_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.custody.accounts.accountfile import decode_accounts, encode_accounts
from edgecam.custody.accounts.accounts import (
    MOST_ACCOUNTS,
    Account,
    AccountRole,
    Accounts,
    Passkey,
    SignInWay,
    account_name,
    installer_term,
)
from edgecam.keys.camera import CameraKey
from edgecam.keys.passwordhash import FLOOR, Strength, decoy

pytestmark = pytest.mark.row("K2")
NOW = Instant(1_795_255_200 * NS_PER_S, 5_000 * NS_PER_S, bytes(16), TimeTrust.SYNCED)
DAY_NS = 86_400 * NS_PER_S


def account(name: str = "owner", role: AccountRole = AccountRole.OWNER) -> Account:
    until = installer_term(3, NOW) if role is AccountRole.INSTALLER else None
    return Account(
        name.encode().hex().ljust(32, "0")[:32], name, role, decoy(FLOOR), "setup", NOW.wall_ns, until=until
    )


@cache
def three() -> Accounts:
    passkey = Passkey(b"id", b"key", 7, "田中's phone", "edgecam.local", NOW.wall_ns)
    owner = replace(account(), passkeys=(passkey,), way=SignInWay.BOTH, revision=4)
    sato = account("sato", AccountRole.INSTALLER)
    return Accounts(
        camera_key().camera_id,
        Strength(65_536, 3),
        (owner, replace(account("田中", AccountRole.OPERATOR), disabled=True), sato),
    )


def test_the_file_holds_them() -> None:
    key = camera_key()
    data = encode_accounts(three(), key.sign)
    assert decode_accounts(data, key.public) == three()
    assert b"passphrase" not in data


@given(st.binary(max_size=400))
def test_any_bytes_are_accounts_or_refused(data: bytes) -> None:
    with pytest.raises(DataLoss):
        decode_accounts(data, camera_key().public)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_whatever_stands_in_a_field_is_refused_unless_the_camera_signed_it(data: st.DataObject) -> None:
    key = camera_key()
    file = json.loads(encode_accounts(three(), key.sign))
    place = data.draw(
        st.sampled_from([file, file["accounts"][0], file["accounts"][2], file["accounts"][0]["passkeys"][0]])
    )
    field = data.draw(st.sampled_from(sorted(place)))
    before, put = place[field], data.draw(_JSON)
    place[field] = put
    encoded = json.dumps(file).encode()
    if json.dumps(put) == json.dumps(before):
        decode_accounts(encoded, key.public)
        return
    with pytest.raises(DataLoss):
        decode_accounts(encoded, key.public)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "king"),
        ("until", None),
        ("name", "Sato"),
        ("name", "田中"),
        ("password", "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43),
        ("account_id", "0"),
        ("disabled", 0),
        ("made_by", "\ud800"),
    ],
)
def test_a_signature_does_not_make_nonsense_believed(field: str, value: object) -> None:
    key = camera_key()
    file = json.loads(encode_accounts(three(), key.sign))
    file["accounts"][2][field] = value
    del file["signature"]
    told = json.dumps(file, sort_keys=True, separators=(",", ":")).encode()
    file["signature"] = key.sign(told).hex()
    with pytest.raises(DataLoss, match="it is broken"):
        decode_accounts(json.dumps(file).encode(), key.public)


def test_another_cameras_file_and_a_changed_one_are_refused() -> None:
    other = CameraKey(Ed25519PrivateKey.generate())
    with pytest.raises(DataLoss, match="another camera's"):
        decode_accounts(encode_accounts(three(), camera_key().sign), other.public)
    data = encode_accounts(three(), camera_key().sign)
    with pytest.raises(DataLoss, match="did not sign"):
        decode_accounts(data.replace(b'"disabled": true', b'"disabled": false'), camera_key().public)
    with pytest.raises(DataLoss, match="it is broken"):
        decode_accounts(data.replace(b'"format": 1', b'"format": true'), camera_key().public)


def test_an_owner_is_always_left() -> None:
    accounts = three()
    owner = accounts.of("owner")
    changes: list[Callable[[], Accounts]] = [
        lambda: accounts.without("owner"),
        lambda: accounts.with_changed(owner.changed(disabled=True)),
        lambda: accounts.with_changed(owner.changed(role=AccountRole.OPERATOR)),
    ]
    for change in changes:
        with pytest.raises(NotAllowed, match="last owner"):
            change()
    two = accounts.with_account(account("second"))
    assert two.without("owner").named("owner") is None
    with pytest.raises(NotAllowed):
        two.with_changed(two.of("second").changed(disabled=True)).without("owner")


def test_there_is_an_end_to_accounts() -> None:
    accounts = three()
    for number in range(MOST_ACCOUNTS - 3):
        accounts = accounts.with_account(account(f"a{number}"))
    with pytest.raises(BadInput, match="accounts already"):
        accounts.with_account(account("one-more"))
    with pytest.raises(BadInput, match="already"):
        three().with_account(account("sato"))
    key = camera_key()
    assert decode_accounts(encode_accounts(accounts, key.sign), key.public) == accounts


@pytest.mark.parametrize(
    ("typed", "name"),
    [("Owner", "owner"), (" k.Sato ", "k.sato"), ("田中", "田中"), ("ﾀﾅｶ", "タナカ"), ("김-영수", "김-영수")],
)
def test_one_name_has_one_form(typed: str, name: str) -> None:
    assert account_name(typed) == name


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_refused(typed: str) -> None:
    try:
        name = account_name(typed)
    except BadInput:
        return
    assert account_name(name) == name
    assert name.encode()


@pytest.mark.parametrize("typed", ["", " ", "-a", ".", "a b", "a/b", "a" * 33, "<b>", "a\u202eb", "\ud800"])
def test_what_names_nobody(typed: str) -> None:
    with pytest.raises(BadInput):
        account_name(typed)


def test_an_installers_time_ends_by_every_clock() -> None:
    sato = account("sato", AccountRole.INSTALLER)
    later = replace(NOW, mono_ns=NOW.mono_ns + 3 * DAY_NS - 1)
    assert (sato.trouble(NOW), sato.trouble(later)) == ("", "")
    assert "is over" in sato.trouble(replace(later, mono_ns=later.mono_ns + 1))
    restarted = Instant(NOW.wall_ns + 2 * DAY_NS, 60 * NS_PER_S, b"another boot....", TimeTrust.SYNCED)
    assert sato.trouble(restarted) == ""
    assert sato.trouble(replace(restarted, wall_ns=NOW.wall_ns + 3 * DAY_NS))


def test_an_installers_time_after_a_restart_without_a_known_clock() -> None:
    sato = account("sato", AccountRole.INSTALLER)
    restored = Instant(NOW.wall_ns + 60 * NS_PER_S, 60 * NS_PER_S, b"another boot....", TimeTrust.RESTORED)
    assert sato.trouble(restored) == "", "who installs a camera switches it off and on"
    assert sato.trouble(replace(restored, wall_ns=NOW.wall_ns + 3 * DAY_NS))
    assert sato.trouble(replace(restored, wall_ns=NOW.wall_ns - 1)), "a clock that went back knows nothing"
    assert sato.trouble(replace(restored, trust=TimeTrust.UNSET))


@pytest.mark.parametrize("days", [0, -1, 30.1, float("nan"), float("inf")])
def test_no_installers_time_is_longer_than_a_month(days: float) -> None:
    with pytest.raises(BadInput):
        installer_term(days, NOW)
