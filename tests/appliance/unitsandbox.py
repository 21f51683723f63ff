"""A unit's own sandbox on a machine without its systemd: users, groups, namespaces, read-only root, calls, W^X.

As a program, ``python unitsandbox.py UNIT COMMAND…`` binds itself to the unit's SystemCallFilter=,
RestrictAddressFamilies=, RestrictSUIDSGID= and MemoryDenyWriteExecute= by seccomp and prctl, as systemd does, and
becomes COMMAND.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

UNITS = Path(__file__).parents[2] / "image/rootfs/usr/lib/systemd/system"

_PR_SET_MDWE, _REFUSE_EXEC_GAIN = 65, 1
_ALLOW, _EPERM, _EQ, _MASKED_EQ = 0x7FFF0000, 0x00050000 | errno.EPERM, 4, 7  # <seccomp.h>
# Which argument is a mode, of the calls that could give one with these bits.
_MODES, _SUID_SGID = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "mkdir": 1, "mkdirat": 2}, 0o6000


class _Argument(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def read_unit(name: str) -> list[tuple[str, str]]:
    """The assignments of the unit's [Service] section, in order."""
    told = (UNITS / f"edgecam-{name}.service").read_text().partition("[Service]\n")[2].partition("[Install]")[0]
    lines = [line for line in told.splitlines() if line and not line.startswith("#")]
    return [(line.partition("=")[0], line.partition("=")[2]) for line in lines]


def setting(name: str, key: str) -> str:
    """The last value of ``key``; fails when there is none."""
    return [value for found, value in read_unit(name) if found == key][-1]


def system_calls(name: str) -> set[str]:
    """What the unit's SystemCallFilter= lines leave, in their order."""
    allowed: set[str] = set()
    for value in [value for key, value in read_unit(name) if key == "SystemCallFilter"]:
        found = set(_expanded(value.removeprefix("~").split()))
        allowed = allowed - found if value.startswith("~") else allowed | found
    # Part of every list that allows something: systemd.exec(5).
    return allowed | set(_expanded(["@default"]))


def _expanded(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield from _expanded(_sets()[word]) if word.startswith("@") else [word]


@cache
def _sets() -> Mapping[str, list[str]]:
    told = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter"], capture_output=True, text=True, check=True
    )
    sets: dict[str, list[str]] = {}
    for line in told.stdout.splitlines():
        if line.startswith("@"):
            sets[line.strip()] = []
        elif line.startswith("    ") and not line.strip().startswith("#"):
            sets[next(reversed(sets))].append(line.strip())
    return sets


def confine(name: str) -> None:
    """Bind this process, and what it becomes, to the calls and the memory that the unit has."""
    calls = system_calls(name) | {"execve"}
    libc = ctypes.CDLL(None, use_errno=True)
    if setting(name, "MemoryDenyWriteExecute") == "yes" and libc.prctl(_PR_SET_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this kernel knows no memory-deny-write-execute")
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(_EPERM))
    modes = _MODES if setting(name, "RestrictSUIDSGID") == "yes" else {}
    for call in calls - {"socket"}:
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        plain = _Argument(modes.get(call, 0), _MASKED_EQ, _SUID_SGID, 0)
        if number >= 0:
            count, arguments = (1, ctypes.byref(plain)) if call in modes else (0, None)
            assert seccomp.seccomp_rule_add_array(context, _ALLOW, number, count, arguments) == 0, call
    number = seccomp.seccomp_syscall_resolve_name(b"socket")
    for family in setting(name, "RestrictAddressFamilies").split():
        argument = _Argument(0, _EQ, getattr(socket, family), 0)
        assert seccomp.seccomp_rule_add_array(context, _ALLOW, number, 1, ctypes.byref(argument)) == 0, family
    assert seccomp.seccomp_load(context) == 0


def main() -> None:
    confine(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
