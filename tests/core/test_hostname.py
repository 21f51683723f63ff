"""What counts as the name or the address of a host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.hostname import is_address, is_host_name


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::1", "::"])
def test_an_address_is_one(host: str) -> None:
    assert is_address(host)


@pytest.mark.parametrize("host", ["", "broker.example", "192.0.2.7:80", "192.0.2"])
def test_what_is_no_address(host: str) -> None:
    assert not is_address(host)


@pytest.mark.parametrize("host", ["broker.example", "edgecam-7f3a.local", "front_door", "a" * 63])
def test_a_name_is_one(host: str) -> None:
    assert is_host_name(host)


@pytest.mark.parametrize(
    "host", ["", ".", "a..b", "-a", "a-", "a" * 64, "カメラ", "a b", "a/b", ".".join(["abcd"] * 51)]
)
def test_what_is_no_name(host: str) -> None:
    assert not is_host_name(host)


@given(st.text())
def test_any_text_gives_an_answer(host: str) -> None:
    assert is_address(host) in (True, False)
    assert is_host_name(host) in (True, False)
