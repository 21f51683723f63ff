"""The addresses this machine has now, as the kernel lists them."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import TypeAlias

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_PROC = Path("/proc/net")
# A leaf of the routing trie that is one of this machine's own addresses.
_OWN_V4 = re.compile(r"\|-- (\d+\.\d+\.\d+\.\d+)\n\s+/32 host LOCAL\b", re.ASCII)
# Address, interface, prefix length, scope, flags; the lowest flag marks those that change by themselves every day.
_OWN_V6 = re.compile(r"^([0-9a-f]{32}) [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ [0-9a-f]?[02468ace] ", re.ASCII | re.MULTILINE)


def local_addresses(proc: Path = _PROC) -> tuple[IPAddress, ...]:
    """Those that last, loopback and link-local ones included, in order; none where the kernel tells none."""
    return parse_addresses(_text(proc / "fib_trie"), _text(proc / "if_inet6"))


def parse_addresses(fib_trie: str, if_inet6: str) -> tuple[IPAddress, ...]:
    """What /proc/net/fib_trie and /proc/net/if_inet6 say; lines that are not understood are passed over."""
    found: set[IPAddress] = {ipaddress.IPv6Address(int(digits, 16)) for digits in _OWN_V6.findall(if_inet6)}
    for dotted in _OWN_V4.findall(fib_trie):
        try:
            found.add(ipaddress.IPv4Address(dotted))
        except ValueError:
            continue
    return tuple(sorted(found, key=lambda address: (address.version, int(address))))


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""
