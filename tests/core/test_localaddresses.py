"""This machine's addresses out of what the kernel lists: its own alone, whatever else stands there."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.localaddresses import local_addresses, parse_addresses

FIB_TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.168.1.0/24 2 0 2
        |-- 192.168.1.0
           /24 link UNICAST
        |-- 192.168.1.7
           /32 host LOCAL
        |-- 192.168.1.255
           /32 link BROADCAST
        |-- 999.1.1.1
           /32 host LOCAL
Local:
        |-- 127.0.0.1
           /32 host LOCAL
"""
IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
fe800000000000000000000000000007 02 40 20 80     eth0
fd00000000000000000000000000abcd 02 40 00 01     eth0
fd000000000000000000000000000007 02 40 00 80     eth0
"""


def test_own_addresses_are_found_and_passing_ones_are_not() -> None:
    assert [str(address) for address in parse_addresses(FIB_TRIE, IF_INET6)] == [
        "127.0.0.1",
        "192.168.1.7",
        "::1",
        "fd00::7",
        "fe80::7",
    ]


@given(st.text(), st.text())
def test_any_text_gives_addresses_or_none(fib_trie: str, if_inet6: str) -> None:
    assert all(ipaddress.ip_address(str(found)) == found for found in parse_addresses(fib_trie, if_inet6))


def test_a_kernel_that_tells_nothing(tmp_path: Path) -> None:
    assert local_addresses(tmp_path) == ()


def test_this_machine_has_loopback() -> None:
    assert any(address.is_loopback for address in local_addresses())
