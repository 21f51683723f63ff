"""RAUC's command line, asked and obeyed; what it refuses becomes one sentence of ours."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Protocol

from edgecam.core.errors import BadInput, DataLoss, EdgecamError, NotAllowed, Unavailable

_INFO_AT_MOST_S, _INSTALL_AT_MOST_S, _MARK_AT_MOST_S = 120, 3600, 30
_SERVICE = "de.pengutronix.rauc"
_KEPT = "what runs now stays as it is"

# What RAUC writes -> our kind and sentence; the first that fits. Both of 1.8 and 1.13, whose words differ.
_REFUSALS: tuple[tuple[tuple[str, ...], type[EdgecamError], str, str], ...] = (
    (
        ("certificate has expired", "certificate is not yet valid"),
        NotAllowed,
        "{} was signed with a key whose time was not then",
        "get it from where this camera's updates come from",
    ),
    (
        ("issuer certificate", "self-signed certificate", "self signed certificate", "certificate purpose"),
        NotAllowed,
        "{} is not signed by a key that this camera trusts",
        "get it from where this camera's updates come from",
    ),
    (("Compatible mismatch",), NotAllowed, "{} is for another board", "get the one for this board"),
    (("Version mismatch",), NotAllowed, "{} is older than what runs", "get a newer one"),
    (
        ("Bundle format",),
        NotAllowed,
        "{} is a bundle of a kind that is not accepted",
        "have it made by image/bundle",
    ),
    (
        ("corrupt", "Input/output error", "digest", "hash mismatch"),
        DataLoss,
        "{} is damaged",
        "fetch or copy it again",
    ),
    (
        (
            "nvalid bundle format",
            "too small",
            "ignature size",
            "no valid CMS",
            "signature verification failed",
            "parse signature",
        ),
        DataLoss,
        "{} is damaged, cut off, or no signed bundle",
        "fetch or copy it again",
    ),
    (
        ("HTTP", "resolve host", "connect to", "nbd", "timed out", "Timeout", "SSL", "rauc info error"),
        Unavailable,
        "{} cannot be fetched now, or is no bundle for this camera",
        "check the network and [update] url",
    ),
    (("lready processing",), Unavailable, "something is being installed already", "wait until it is done"),
    (("No such file", "not a regular file"), BadInput, "{} is no file that can be read", "check its name"),
)


def refusal(name: str, said: str) -> EdgecamError:
    """What RAUC's words ``said`` about the bundle ``name`` mean."""
    for signs, kind, sentence, do in _REFUSALS:
        if any(sign in said for sign in signs):
            return kind(sentence.format(name), do=do, safe=_KEPT)
    last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "no reason told")
    return Unavailable(f"{name} could not be installed ({last[:200]})", safe=_KEPT)


class Rauc(Protocol):
    """What is asked of RAUC; ``source`` is an absolute path or an https address."""

    def info(self, source: str) -> bytes:
        """What the bundle says of itself, as JSON, once its signature is verified. Raises: as `refusal`."""

    def install(self, source: str) -> None:
        """Write the bundle into the slot that does not run, and activate that. Raises: as `refusal`."""

    def activate_other(self) -> None:
        """Have the slot that does not run be the next to run. Raises: Unavailable."""

    def mark_running(self, good: bool) -> None:
        """Tell the boot loader that the running slot is good or bad. Raises: Unavailable."""


class RaucCommand:
    """The program ``rauc``, with the configuration at ``config`` or the machine's own."""

    def __init__(self, config: Path | None = None) -> None:
        self._words = ["rauc", *(["--conf", str(config)] if config else [])]

    def info(self, source: str) -> bytes:
        if source.startswith("https://"):
            return self._streamed_info(source)
        return self._run(_name(source), _INFO_AT_MOST_S, "info", "--output-format=json", source)

    def _streamed_info(self, source: str) -> bytes:
        # Streaming takes devices and rights that the service has and this process has not.
        words = ["busctl", "--json=short", "call", _SERVICE, "/", f"{_SERVICE}.Installer", "Info", "s", source]
        return decode_reply(_done(words, _name(source), _INFO_AT_MOST_S))

    def install(self, source: str) -> None:
        self._run(_name(source), _INSTALL_AT_MOST_S, "install", source)

    def activate_other(self) -> None:
        self._run("the other slot", _MARK_AT_MOST_S, "status", "mark-active", "other")

    def mark_running(self, good: bool) -> None:
        self._run("this slot", _MARK_AT_MOST_S, "status", f"mark-{'good' if good else 'bad'}", "booted")

    def _run(self, name: str, at_most_s: float, *words: str) -> bytes:
        return _done([*self._words, *words], name, at_most_s)


def decode_reply(data: bytes) -> bytes:
    """What busctl printed of the service's ``Info``, as `Rauc.info` tells it. Raises: DataLoss."""
    try:
        compatible, version = json.loads(data)["data"]
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss("the answer of the update service cannot be read") from broken
    return json.dumps({"compatible": compatible, "version": version}).encode()


def _done(words: list[str], name: str, at_most_s: float) -> bytes:
    try:
        done = subprocess.run(words, capture_output=True, timeout=at_most_s, check=False)
    except OSError as missing:
        raise Unavailable(f"{words[0]} cannot be run ({missing.strerror})", safe=_KEPT) from missing
    except subprocess.TimeoutExpired as stuck:
        raise Unavailable(f"{words[0]} did not answer within {at_most_s:.0f} s", safe=_KEPT) from stuck
    if done.returncode:
        raise refusal(name, (done.stderr + done.stdout).decode("utf-8", "replace"))
    return done.stdout


def _name(source: str) -> str:
    return source.rpartition("/")[2]
