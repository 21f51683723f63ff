"""Hands chrony the time servers that the network's DHCP named: plain ones, so authenticated ones go before them.

``python3 -m edgecam.appliance.dhcptime``, whenever systemd-networkd wrote down what it learned.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from edgecam.core.hostname import is_address, is_host_name

_LEARNED: Final = Path("/run/systemd/netif/state")
_SOURCES: Final = Path("/run/chrony-dhcp/network.sources")
_MOST_BYTES: Final = 65_536
_MOST_SERVERS: Final = 4
_WITHIN_S: Final = 30.0


def time_servers(state: bytes) -> list[str]:
    """Names and addresses under ``NTP=`` of networkd's ``state``, four at most; what is neither is left out."""
    named: list[str] = []
    for line in state.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition("=")
        if key == "NTP":
            named += value.split()
    # A stranger's network wrote this: nothing of it gets into a configuration that is not a name or an address.
    return [name for name in dict.fromkeys(named) if is_address(name) or is_host_name(name)][:_MOST_SERVERS]


def sources(servers: list[str]) -> str:
    """The same as lines of chrony's."""
    return "".join(f"server {name} iburst\n" for name in servers)


def hand_on(learned: Path = _LEARNED, place: Path = _SOURCES) -> None:
    """Write down what is named now, unless it stands there already. Raises: OSError."""
    try:
        with learned.open("rb") as file:
            told = sources(time_servers(file.read(_MOST_BYTES)))
    except FileNotFoundError:
        told = ""
    if place.exists() and place.read_text("utf-8", "replace") == told:
        return
    beside = place.with_name(f".{place.name}.new")
    beside.write_text(told)
    os.replace(beside, place)


if __name__ == "__main__":
    program = shutil.which("chronyc")
    hand_on()
    if program is not None:
        # Also when nothing is new: the last time it may not have been heard. Without a chrony that listens it reads
        # them when it starts.
        subprocess.run([program, "reload", "sources"], timeout=_WITHIN_S, check=False, stdin=subprocess.DEVNULL)
