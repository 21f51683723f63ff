"""The access point by which a phone reaches a new camera that has no network: for a while, and with a passphrase.

`python -m edgecam.appliance.accesspoint` ends with 0 when it is wanted now; its unit asks.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path

from edgecam.appliance.imageplaces import ImagePlaces

ADDRESS = "10.11.12.1"
_SALT = b"edgecam access point for setting up"
# Who hears a phone join may try codes at home; each try costs 32 MiB.
_SCRYPT_N, _SCRYPT_R, _SCRYPT_BYTES = 1 << 15, 8, 64 << 20
# Channel 6, which every country allows.
_FREQUENCY_MHZ = 2437
_NOT_WANTED = 1


def passphrase_of(code: str) -> str:
    """What opens the access point of the camera with this set-up code: three groups of four letters (60 bits).

    It stands on the label beside the code, which it does not give away.
    """
    typed = "".join(letter for letter in code.upper() if letter.isalnum()).encode()
    derived = hashlib.scrypt(typed, salt=_SALT, n=_SCRYPT_N, r=_SCRYPT_R, p=1, maxmem=_SCRYPT_BYTES, dklen=8)
    letters = base64.b32encode(derived).decode().lower()[:12]
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def access_point_conf(name: str, passphrase: str) -> str:
    """wpa_supplicant's configuration of an access point called ``name``: WPA2, which every radio offers."""
    lines = [
        "ap_scan=2",
        "network={",
        f"\tssid={name.encode().hex()}",
        "\tmode=2",
        f"\tfrequency={_FREQUENCY_MHZ}",
        "\tkey_mgmt=WPA-PSK",
        "\tproto=RSN",
        "\tpairwise=CCMP",
        "\tgroup=CCMP",
        f'\tpsk="{passphrase}"',
        "}",
    ]
    return "\n".join(lines) + "\n"


def access_point_network() -> str:
    """systemd-networkd's side: an address, and addresses for phones; no way on from here to anywhere."""
    return f"""\
[Match]
Type=wlan

[Network]
Address={ADDRESS}/24
DHCPServer=yes
LinkLocalAddressing=no
IPv6AcceptRA=no
MulticastDNS=yes
LLMNR=no

[DHCPServer]
PoolOffset=10
PoolSize=20
DefaultLeaseTimeSec=10min
EmitDNS=no
EmitNTP=no
EmitRouter=no
PersistLeases=no
"""


def is_wired(devices: Path) -> bool:
    """Whether a cable is plugged in and somebody is at its other end; ``devices`` is /sys/class/net."""
    try:
        wired = [path for path in devices.iterdir() if path.name.startswith(("e", "u"))]
    except OSError:
        return False
    return any(_has_carrier(path) for path in wired)


def is_wanted(places: ImagePlaces) -> bool:
    """Whether the start found the camera new, and it has no other way to be reached."""
    return places.access_point.exists() and not is_wired(places.network_devices)


def _has_carrier(device: Path) -> bool:
    try:
        return (device / "carrier").read_text().strip() == "1"
    except OSError:  # it is switched off
        return False


if __name__ == "__main__":
    sys.exit(0 if is_wanted(ImagePlaces()) else _NOT_WANTED)
