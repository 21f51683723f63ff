"""A second radio of the kernel's mac80211_hwsim, in a network namespace of its own: a phone, or a router.

``phone`` joins the camera's access point, is given an address, finds the camera by its name and asks its page.
``router`` is the network that `wifi.toml` names, and waits until the camera asks it for an address.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from proving import proved, run, until

_RADIO = "wlan1"
_CLONE_NEWNET = 0x40000000
_GENERIC = 16
_CONTROL, _GET_FAMILY, _FAMILY_ID, _FAMILY_NAME = 16, 3, 1, 2
_SET_WIPHY_NETNS, _WIPHY, _PID = 49, 1, 82
_LABEL = Path("/boot/edgecam/edgecam-label.txt")
_MDNS = ("224.0.0.251", 5353)
_SSID, _PASSPHRASE = "proof", "quiet harbour"


def attribute(kind: int, content: bytes) -> bytes:
    """One netlink attribute, padded."""
    length = 4 + len(content)
    return struct.pack("=HH", length, kind) + content + bytes(-length % 4)


def ask(line: socket.socket, family: int, command: int, content: bytes) -> bytes:
    """One generic netlink request and its answer. Raises: OSError for a refusal."""
    body = struct.pack("=BBH", command, 1, 0) + content
    line.send(struct.pack("=IHHII", 16 + len(body), family, 5, 1, 0) + body)
    answer = line.recv(65536)
    if struct.unpack_from("=H", answer, 4)[0] == 2 and (error := struct.unpack_from("=i", answer, 16)[0]):
        raise OSError(-error, os.strerror(-error))
    return answer


def move_radio(to_pid: int) -> None:
    """Give the radio to the network namespace of a process."""
    wiphy = int(Path(f"/sys/class/net/{_RADIO}/phy80211/index").read_text())
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _GENERIC) as line:
        line.bind((0, 0))
        told = ask(line, _CONTROL, _GET_FAMILY, attribute(_FAMILY_NAME, b"nl80211\0"))
        at = 20
        while True:
            length, kind = struct.unpack_from("=HH", told, at)
            if kind == _FAMILY_ID:
                family = struct.unpack_from("=H", told, at + 4)[0]
                break
            at += length + -length % 4
        line.recv(65536)  # the acknowledgement
        words = attribute(_WIPHY, struct.pack("=I", wiphy)) + attribute(_PID, struct.pack("=I", to_pid))
        ask(line, family, _SET_WIPHY_NETNS, words)


def elsewhere(what: Callable[[], None]) -> None:
    """Do ``what`` in a network namespace of its own that has the radio, and end as it ends."""
    until(lambda: Path(f"/sys/class/net/{_RADIO}").exists(), 300, "the second radio")
    until(lambda: Path("/sys/class/net/wlan0").exists(), 60, "the first radio")
    inside, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.unshare(_CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        os.write(told, b".")
        what()
        os._exit(0)
    os.read(inside, 1)
    move_radio(pid)
    _, status = os.waitpid(pid, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


def radio() -> dict[str, Any]:
    """How the radio is here."""
    return dict(json.loads(run("ip", "-j", "link", "show", _RADIO))[0])


def join(conf: str) -> None:
    """Begin wpa_supplicant on the radio, and wait until it carries."""
    until(lambda: _RADIO in run("ip", "-br", "link"), 60, "the radio here")
    path = Path(f"/run/proof-{os.getpid()}.conf")
    path.write_text(conf)
    subprocess.Popen(["wpa_supplicant", "-i", _RADIO, "-D", "nl80211", "-c", str(path)], stdout=sys.stderr)
    until(lambda: radio()["operstate"] == "UP", 300, "a network")


def phone() -> None:
    until(_LABEL.exists, 600, "the label")
    label = _LABEL.read_text()
    print(label, flush=True)
    name = re.search(r"edgecam-[0-9a-z]{4}", label)
    passphrase = re.search(r"\b[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}\b", label)
    assert name, label
    assert passphrase, label
    join(f'network={{\n\tssid="{name[0]}"\n\tpsk="{passphrase[0]}"\n\tscan_ssid=1\n}}\n')
    proved("joined", name[0])
    hear_strangers()
    address = until(offered, 120, "an address")
    proved("address", address)
    run("ip", "addr", "add", f"{address}/24", "dev", _RADIO)
    camera = until(lambda: found(f"{name[0]}.local", address), 120, "the camera's name")
    proved("mdns", camera)
    proved("page", json.loads(until(lambda: welcome(camera), 600, "the page"))["state"])


def welcome(camera: str) -> bytes:
    """What the page says to whoever comes; empty before it is there."""
    unchecked = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(f"https://{camera}/api/welcome", context=unchecked, timeout=300) as page:
            return bytes(page.read())
    except OSError as none:
        print(none, flush=True)
        return b""


def hear_strangers() -> None:
    """Take what comes from an address that nothing leads to yet: the offer of one."""
    for name in ("all", "default", _RADIO):
        Path(f"/proc/sys/net/ipv4/conf/{name}/rp_filter").write_text("0")


def offered() -> str:
    """What a DHCP server offers here; empty when none answers."""
    mac = bytes.fromhex(radio()["address"].replace(":", ""))
    discover = struct.pack("!BBBBIHH16s16s192sI", 1, 1, 6, 0, 7, 0, 0x8000, b"", mac, b"", 0x63825363)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, _RADIO.encode())
        line.bind(("", 68))
        line.settimeout(5)
        try:
            line.sendto(discover + bytes([53, 1, 1, 255]), ("255.255.255.255", 67))
            return socket.inet_ntoa(line.recv(2048)[16:20])
        except OSError as none:
            print(none, flush=True)
            return ""


def found(name: str, own: str) -> str:
    """The address that mDNS has for ``name``; empty when nobody answers."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
        line.bind((own, 0))
        line.settimeout(5)
        line.sendto(struct.pack("!6H", 9, 0, 1, 0, 0, 0) + labels + struct.pack("!2H", 1, 1), _MDNS)
        try:
            answer = line.recv(2048)
        except OSError as none:
            print(none, flush=True)
            return ""
    return socket.inet_ntoa(answer[-4:]) if struct.unpack_from("!H", answer, 6)[0] else ""


def router() -> None:
    join(
        f'ap_scan=2\nnetwork={{\n\tssid="{_SSID}"\n\tmode=2\n\tfrequency=2437\n\tkey_mgmt=WPA-PSK\n\tproto=RSN\n'
        f'\tpairwise=CCMP\n\tgroup=CCMP\n\tpsk="{_PASSPHRASE}"\n}}\n'
    )
    run("ip", "addr", "add", "10.9.8.1/24", "dev", _RADIO)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, _RADIO.encode())
        line.bind(("", 67))
        line.settimeout(600)
        asked = line.recv(2048)
    proved("asked-for-address-by", asked[28:34].hex(":"))


if __name__ == "__main__":
    elsewhere({"phone": phone, "router": router}[sys.argv[1]])
