"""What the camera keeps of a secret: Argon2id of it, as hard to compute as this board can bear.

One computation runs at a time, whoever asks: each takes tens of mebibytes, and the recorder needs its own.
"""

from __future__ import annotations

import base64
import hmac
import re
import resource
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from edgecam.core.clock import NS_PER_S

_SALT_SIZE, _DIGEST_SIZE = 16, 32
_PHC = re.compile(
    r"\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,2}),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})"
)
# A file must not name what this board cannot give.
_MOST_MEMORY_KIB, _MOST_ROUNDS = 262_144, 64
# More rounds over less memory: twice as much of it would be a third of all that the hub ever takes.
_LARGEST_MEMORY_KIB = 32_768
_SHORTEST_NS, _AIM_NS, _LONGEST_NS = (ms * NS_PER_S // 1000 for ms in (250, 350, 500))
_alone = threading.Lock()


@dataclass(frozen=True, slots=True)
class Strength:
    """What one computation costs: memory in KiB, and rounds over it. One lane, so that it takes one core."""

    memory_kib: int
    rounds: int

    def __post_init__(self) -> None:
        """Raises: ValueError for what is weaker than the floor or more than a board can give."""
        if not (
            FLOOR_MEMORY_KIB <= self.memory_kib <= _MOST_MEMORY_KIB and FLOOR_ROUNDS <= self.rounds <= _MOST_ROUNDS
        ):
            raise ValueError("no strength for a password hash")


# What OWASP's password storage cheat sheet asks of Argon2id at least: 19 MiB, two rounds, one lane.
FLOOR_MEMORY_KIB, FLOOR_ROUNDS = 19_456, 2
FLOOR = Strength(FLOOR_MEMORY_KIB, FLOOR_ROUNDS)


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """Argon2id of one secret; ``salt`` is 16 bytes, ``digest`` 32."""

    strength: Strength
    salt: bytes
    digest: bytes

    def matches(self, secret: str) -> bool:
        """Whether ``secret`` is the one; as slow for a wrong one, and never two at once."""
        return hmac.compare_digest(self.digest, _digest(secret, self.salt, self.strength))

    def encode(self) -> str:
        """The text by which the field keeps such hashes: ``$argon2id$v=19$m=…,t=…,p=1$salt$digest``."""
        cost = f"m={self.strength.memory_kib},t={self.strength.rounds},p=1"
        return f"$argon2id$v=19${cost}${_base64(self.salt)}${_base64(self.digest)}"

    @classmethod
    def decode(cls, text: str) -> PasswordHash:
        """The hash that `encode` wrote. Raises: ValueError for anything else."""
        found = _PHC.fullmatch(text)
        if found is None:
            raise ValueError("not a password hash")
        memory, rounds, salt, digest = found.groups()
        decoded = cls(Strength(int(memory), int(rounds)), _bytes(salt), _bytes(digest))
        if decoded.encode() != text:
            raise ValueError("not written in the one form")
        return decoded


def hash_secret(secret: str, strength: Strength) -> PasswordHash:
    """``secret`` with a new salt."""
    salt = secrets.token_bytes(_SALT_SIZE)
    return PasswordHash(strength, salt, _digest(secret, salt, strength))


def decoy(strength: Strength) -> PasswordHash:
    """What no secret matches, and takes as long to find out."""
    return PasswordHash(strength, secrets.token_bytes(_SALT_SIZE), secrets.token_bytes(_DIGEST_SIZE))


def calibrated(spent_ns: Callable[[], int] | None = None, memory_total_kib: int | None = None) -> Strength:
    """What takes this board 0.25 to 0.5 s: an eighth of its memory, 32 MiB at most, and rounds to fill the time.

    ``spent_ns`` tells the time that this thread has computed, so that other work beside does not make it weaker. A
    slower board takes less memory, never less than `FLOOR`.
    """
    spent_ns = spent_ns or _spent_ns
    total_kib = memory_total_kib or _memory_total_kib()
    memory_kib, rounds = max(FLOOR_MEMORY_KIB, min(_LARGEST_MEMORY_KIB, total_kib // 8)), FLOOR_ROUNDS
    took_ns = _took_ns(Strength(memory_kib, rounds), spent_ns)
    if took_ns > _LONGEST_NS:
        return Strength(max(FLOOR_MEMORY_KIB, memory_kib * _AIM_NS // took_ns), rounds)
    # The first round costs more than those after it, so what fills the time is tried rather than reckoned.
    while took_ns < _SHORTEST_NS and rounds < _MOST_ROUNDS:
        rounds = min(_MOST_ROUNDS, max(rounds + 1, rounds * _AIM_NS // max(1, took_ns)))
        took_ns = _took_ns(Strength(memory_kib, rounds), spent_ns)
    return Strength(memory_kib, rounds)


def _took_ns(strength: Strength, spent_ns: Callable[[], int]) -> int:
    # The quicker of two: the first one fetches its memory from the system.
    took: list[int] = []
    for _ in range(2):
        before_ns = spent_ns()
        _digest("", bytes(_SALT_SIZE), strength)
        took.append(spent_ns() - before_ns)
    return min(took)


def _spent_ns() -> int:
    spent = resource.getrusage(resource.RUSAGE_THREAD)
    return int((spent.ru_utime + spent.ru_stime) * NS_PER_S)


def _memory_total_kib() -> int:
    try:
        first = Path("/proc/meminfo").read_text("ascii").split("\n", 1)[0]
        return int(first.removeprefix("MemTotal:").removesuffix("kB"))
    except (OSError, ValueError):
        return 0


def _digest(secret: str, salt: bytes, strength: Strength) -> bytes:
    with _alone:
        kdf = Argon2id(
            salt=salt,
            length=_DIGEST_SIZE,
            iterations=strength.rounds,
            lanes=1,
            memory_cost=strength.memory_kib,
        )
        return kdf.derive(secret.encode())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
