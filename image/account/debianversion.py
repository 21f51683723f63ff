"""Which of two Debian versions is the later one, by the rules of Debian Policy 5.6.12."""

from __future__ import annotations

import re
from functools import total_ordering
from itertools import zip_longest


@total_ordering
class DebianVersion:
    """``[epoch:]upstream[-revision]``, comparable with others."""

    def __init__(self, text: str) -> None:
        epoch, colon, rest = text.partition(":")
        self._epoch = int(epoch) if colon and epoch.isdecimal() else 0
        upstream, _, revision = (rest if colon and epoch.isdecimal() else text).rpartition("-")
        self._upstream, self._revision = (upstream, revision) if upstream else (revision, "0")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DebianVersion) and not self < other and not other < self

    def __lt__(self, other: DebianVersion) -> bool:
        if self._epoch != other._epoch:
            return self._epoch < other._epoch
        order = _compare(self._upstream, other._upstream) or _compare(self._revision, other._revision)
        return order < 0

    def __hash__(self) -> int:
        return hash(self._epoch)


def _compare(left: str, right: str) -> int:
    """Negative, zero or positive; letters and numbers take turns, beginning with letters."""
    for (a_text, a_number), (b_text, b_number) in zip_longest(_runs(left), _runs(right), fillvalue=("", 0)):
        for a, b in zip_longest(a_text, b_text, fillvalue=""):
            if (order := _weight(a) - _weight(b)) != 0:
                return order
        if a_number != b_number:
            return a_number - b_number
    return 0


def _runs(text: str) -> list[tuple[str, int]]:
    return [(letters, int(number or 0)) for letters, number in re.findall(r"(\D*)(\d*)", text) if letters or number]


def _weight(letter: str) -> int:
    """A tilde comes before the end, the end before letters, letters before all else."""
    if letter == "~":
        return -1
    if not letter:
        return 0
    return ord(letter) if letter.isalpha() and letter.isascii() else ord(letter) + 256
