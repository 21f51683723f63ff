"""Whether a text names a host: an IP address, or a name as certificates and the page take it."""

from __future__ import annotations

from ipaddress import ip_address


def is_address(host: str) -> bool:
    """Whether ``host`` is an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_host_name(host: str) -> bool:
    """Whether ``host`` may stand in a certificate as a DNS name."""
    return len(host) <= 253 and all(_is_label(label) for label in host.split("."))


def _is_label(label: str) -> bool:
    letters = label.replace("-", "").replace("_", "")
    return 0 < len(label) <= 63 and letters.isascii() and letters.isalnum() and label.strip("-") == label
