"""Time servers that a network names: only names and addresses of them get into chrony's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.dhcptime import hand_on, sources, time_servers
from edgecam.core.hostname import is_address, is_host_name

pytestmark = pytest.mark.row("R8")


def test_what_networkd_learned_is_handed_on(tmp_path: Path) -> None:
    state, place = tmp_path / "state", tmp_path / "network.sources"
    state.write_text("# private\nOPER_STATE=routable\nDNS=192.0.2.1\nNTP=192.0.2.7 ntp.example 2001:db8::1\n")
    hand_on(state, place)
    assert place.read_text() == "server 192.0.2.7 iburst\nserver ntp.example iburst\nserver 2001:db8::1 iburst\n"
    written = place.stat().st_ino
    hand_on(state, place)
    assert place.stat().st_ino == written
    state.unlink()
    hand_on(state, place)
    assert place.read_text() == ""


@given(st.binary() | st.text().map(lambda text: f"NTP={text}\n".encode("utf-8", "replace")))
def test_nothing_but_names_and_addresses_gets_through(state: bytes) -> None:
    servers = time_servers(state)
    assert len(servers) <= 4
    assert all(is_address(one) or is_host_name(one) for one in servers)
    for line in sources(servers).splitlines():
        assert len(line.split()) == 3
