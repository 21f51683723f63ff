"""The network that a camera joins by radio: `wifi.toml` of the boot folder, kept, and told to wpa_supplicant."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict, dataclass
from typing import Any

from edgecam.appliance.bootfolder import WIFI
from edgecam.core.errors import BadInput, DataLoss

_KNOWN = ("country", "ssid", "passphrase", "psk", "open", "hidden")
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_PSK = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
# What IEEE 802.11 allows: printable ASCII.
_PASSPHRASE = re.compile(r"[\x20-\x7e]{8,63}")
_MOST_SSID_BYTES = 32


@dataclass(frozen=True, slots=True)
class WifiNetwork:
    """One network: ``passphrase`` (8 to 63 letters), or ``psk`` (64 hex digits), or neither for an open one."""

    country: str
    ssid: str
    passphrase: str = ""
    psk: str = ""
    hidden: bool = False

    def __post_init__(self) -> None:
        """Raises: BadInput, which never repeats a secret."""
        if not _COUNTRY.fullmatch(self.country):
            raise BadInput(
                f"{WIFI}: country must be two capital letters, because each has other channels",
                do='write country = "JP", "KR" or another',
            )
        if not 0 < len(self.ssid.encode(errors="replace")) <= _MOST_SSID_BYTES or not self.ssid.isprintable():
            raise BadInput(f"{WIFI}: ssid must be the network's name, 32 bytes at most", do="correct it")
        if self.passphrase and not _PASSPHRASE.fullmatch(self.passphrase):
            raise BadInput(
                f"{WIFI}: the passphrase must have 8 to 63 letters, digits and signs of ASCII", do="correct it"
            )
        if self.psk and not _PSK.fullmatch(self.psk):
            raise BadInput(f"{WIFI}: psk must be 64 hexadecimal digits", do="write passphrase in its place")
        if self.psk and self.passphrase:
            raise BadInput(f"{WIFI} has both passphrase and psk", do="leave one of them away")

    def encode(self) -> bytes:
        """As it is kept; root alone may read it."""
        return (json.dumps({"format": 1, **asdict(self)}) + "\n").encode()

    def to_toml(self) -> str:
        """As `decode_wifi` reads it."""
        lines = [f"country = {json.dumps(self.country)}", f"ssid = {json.dumps(self.ssid, ensure_ascii=False)}"]
        secrets = {"passphrase": self.passphrase, "psk": self.psk}
        lines += [f"{name} = {json.dumps(value)}" for name, value in secrets.items() if value]
        lines += ["open = true"] if not (self.passphrase or self.psk) else []
        lines += ["hidden = true"] if self.hidden else []
        return "\n".join(lines) + "\n"


def decode_wifi(text: str) -> WifiNetwork:
    """The network that ``wifi.toml`` names. Raises: BadInput, which never repeats a secret."""
    try:
        told: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise BadInput(f"{WIFI} is not TOML ({broken})", do="mend that line") from broken
    if strange := [name for name in told if name not in _KNOWN]:
        raise BadInput(f"{WIFI}: {strange[0]!r} is not known", do=f"use {', '.join(_KNOWN)}")
    for name, kind in zip(_KNOWN, (str, str, str, str, bool, bool), strict=True):
        if type(told.get(name, kind())) is not kind:
            words = "true or false" if kind is bool else "text in quotation marks"
            raise BadInput(f"{WIFI}: {name} must be {words}", do="correct it")
    is_open = told.pop("open", False)
    if missing := [name for name in ("country", "ssid") if name not in told]:
        raise BadInput(f"{WIFI} names no {missing[0]}", do=f'write {missing[0]} = "…"')
    found = WifiNetwork(**told)
    if not (found.passphrase or found.psk or is_open):
        raise BadInput(f"{WIFI} names no passphrase", do="write it, or open = true if the network really has none")
    return found


def decode_kept_wifi(data: bytes) -> WifiNetwork:
    """The network that `WifiNetwork.encode` wrote. Raises: DataLoss for anything else."""
    try:
        told = json.loads(data)
        if type(told) is not dict or told.pop("format", None) != 1:
            raise ValueError("no network")
        network = WifiNetwork(**told)
        if type(network.hidden) is not bool:
            raise ValueError("neither hidden nor seen")
    except (ValueError, TypeError, AttributeError, RecursionError, BadInput) as broken:
        raise DataLoss("the network that the camera joins is lost", do="write wifi.toml again") from broken
    return network


def station_conf(network: WifiNetwork) -> str:
    """wpa_supplicant's configuration to join ``network``; its name as hex, so that no letter means anything."""
    lines = [f"country={network.country}", "network={", f"\tssid={network.ssid.encode().hex()}"]
    if network.hidden:
        lines.append("\tscan_ssid=1")
    if network.passphrase:
        # WPA3 where the network speaks it, with management frames protected where both can.
        lines += ["\tkey_mgmt=SAE WPA-PSK WPA-PSK-SHA256", "\tieee80211w=1", f'\tpsk="{network.passphrase}"']
    elif network.psk:
        lines += ["\tkey_mgmt=WPA-PSK WPA-PSK-SHA256", "\tieee80211w=1", f"\tpsk={network.psk.lower()}"]
    else:
        lines.append("\tkey_mgmt=NONE")
    return "\n".join([*lines, "}"]) + "\n"
