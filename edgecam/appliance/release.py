"""Which version of the image this is, for which board, and which of two is newer.

A version is written ``0.2.0``, or ``0.2.0-rc.1`` before it is released. ``+20261122063000`` after it tells from
when its inputs are: the same edgecam with newer packages is newer. The order is that of semantic versions, and of
equal ones that of their inputs.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import total_ordering
from pathlib import Path
from typing import Any

from edgecam import __version__
from edgecam.core.errors import BadInput, NotAllowed

RELEASE = Path("/usr/lib/edgecam/release.toml")
_VERSION = re.compile(
    r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})"
    r"(?:-([0-9a-z]{1,20}(?:\.[0-9a-z]{1,20}){0,4}))?(?:\+(\d{14}))?",
    re.ASCII,
)
_BUILT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
_TARGET = re.compile(r"[a-z][a-z0-9]{1,30}", re.ASCII)


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """Three numbers, the words of a pre-release (none: released), and when its inputs are from (empty: unknown)."""

    numbers: tuple[int, int, int]
    pre: tuple[str, ...] = ()
    built: str = ""

    @classmethod
    def parse(cls, text: str) -> Version:
        """Raises: BadInput."""
        told = _VERSION.fullmatch(text)
        if told is None:
            raise BadInput(f"{text[:60]!r} is not a version", do="write it as 0.2.0 or 0.2.0-rc.1+20261122063000")
        numbers = (int(told[1]), int(told[2]), int(told[3]))
        return cls(numbers, tuple(told[4].split(".")) if told[4] else (), told[5] or "")

    def __str__(self) -> str:
        pre = f"-{'.'.join(self.pre)}" if self.pre else ""
        built = f"+{self.built}" if self.built else ""
        return f"{'.'.join(map(str, self.numbers))}{pre}{built}"

    def __lt__(self, other: Version) -> bool:
        return self._rank < other._rank

    @property
    def _rank(self) -> tuple[Any, ...]:
        # Numbers rank below words and by value; the word itself keeps 01 and 1 from being told equal.
        words = tuple((0, int(word), word) if word.isdigit() else (1, 0, word) for word in self.pre)
        return self.numbers, not self.pre, words, self.built


@dataclass(frozen=True, slots=True)
class Release:
    """What the image says of itself; ``key`` is the fingerprint of what signs its updates, empty when not told."""

    version: Version
    target: str
    key: str = ""

    @property
    def compatible(self) -> str:
        """What a bundle has to be for, in RAUC's word."""
        return f"edgecam-{self.target}-arm64"


def decode_release(text: str) -> Release:
    """What a ``release.toml`` says. Raises: BadInput."""
    try:
        told = tomllib.loads(text)
        version, target, built, key = (str(told.get(name, "")) for name in ("version", "target", "built", "key"))
        when = _BUILT.fullmatch(built)
        if _TARGET.fullmatch(target) is None or (built and when is None):
            raise ValueError(target)
        return Release(Version.parse(version + (f"+{''.join(when.groups())}" if when else "")), target, key)
    except (ValueError, RecursionError) as broken:
        raise BadInput("the image does not say which version it is", do="flash the card anew") from broken


def running_version(path: Path = RELEASE) -> str:
    """The image's version, with the time of its inputs; without an image, edgecam's own."""
    try:
        return str(load_release(path).version)
    except (BadInput, NotAllowed):
        return __version__


def load_release(path: Path = RELEASE) -> Release:
    """What the running image is. Raises: NotAllowed on a machine that is none, BadInput."""
    try:
        return decode_release(path.read_text("utf-8"))
    except FileNotFoundError as none:
        raise NotAllowed(
            "this machine does not run the edgecam image", do="update edgecam the way it was installed here"
        ) from none
    except (OSError, UnicodeDecodeError) as unreadable:
        raise BadInput(f"{path} cannot be read ({unreadable})") from unreadable
