"""Which commands were seen already: durable, bounded, and right also when a clock leaps.

An id is remembered until its command expires. What is forgotten leaves a *horizon* behind: what expires no later
than that counts as seen, so that a clock that goes back lets no old command in again. JSON, UTF-8::

    {"format": 1, "horizon_ns": -1, "keys": {"9f86…": {"horizon_ns": -1, "seen": {"5f0c…": 1795290705000000000}}}}
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss
from edgecam.telemetry.command import LONGEST_LIFE_NS, Command

MOST_IDS: Final = 256
MOST_KEYS: Final = 64
_MOST_SIZE_BYTES = 4 << 20
_INT_LIMIT = 1 << 63
_NOTHING_NS = -1


@dataclass(slots=True)
class _Seen:
    """Of one key: ids with the wall time at which each expires, and until when what expired is forgotten."""

    ids: dict[str, int] = field(default_factory=dict)
    horizon_ns: int = _NOTHING_NS

    def forget(self, until_wall_ns: int) -> None:
        """Forget what expired by ``until_wall_ns``, and what is more than there is room for."""
        soonest = sorted(self.ids.items(), key=lambda item: item[1])
        too_many = len(soonest) - MOST_IDS
        for place, (name, expires_ns) in enumerate(soonest):
            if expires_ns > until_wall_ns and place >= too_many:
                return
            self.horizon_ns = max(self.horizon_ns, expires_ns)
            del self.ids[name]


@dataclass(slots=True)
class _Memory:
    """By key, in hex, the one used last at the end; ``horizon_ns`` is of all others."""

    keys: dict[str, _Seen] = field(default_factory=dict)
    horizon_ns: int = _NOTHING_NS

    def encode(self) -> bytes:
        keys = {key: {"horizon_ns": seen.horizon_ns, "seen": seen.ids} for key, seen in self.keys.items()}
        return json.dumps({"format": 1, "horizon_ns": self.horizon_ns, "keys": keys}).encode()


class CommandMemory:
    """Kept at ``path``; for one thread. `remember` is durable before it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._memory: _Memory | None = None

    def knows(self, command: Command, now_wall_ns: int) -> bool:
        """Whether ``command`` was seen, or may have been."""
        memory = self._loaded(now_wall_ns)
        seen = memory.keys.get(command.key.hex(), _Seen())
        return command.id in seen.ids or command.expires_wall_ns <= max(seen.horizon_ns, memory.horizon_ns)

    def remember(self, command: Command, now_wall_ns: int, *, may_forget: bool) -> None:
        """From now on `knows` it, over power cuts too.

        ``may_forget``: by this clock ids may be forgotten when they expire. Raises: MediaFailing.
        """
        memory = self._loaded(now_wall_ns)
        key = command.key.hex()
        seen = memory.keys.pop(key, None) or _Seen()
        memory.keys[key] = seen
        seen.ids[command.id] = command.expires_wall_ns
        for known in memory.keys.values():
            known.forget(now_wall_ns if may_forget else _NOTHING_NS)
        while len(memory.keys) > MOST_KEYS:
            gone = memory.keys.pop(next(iter(memory.keys)))
            memory.horizon_ns = max(memory.horizon_ns, gone.horizon_ns, *gone.ids.values())
        try:
            replace_durably(self._path, memory.encode())
        except BaseException:
            self._memory = None  # what is on the medium is what counts
            raise

    def _loaded(self, now_wall_ns: int) -> _Memory:
        if self._memory is None:
            try:
                self._memory = decode_memory(self._path.read_bytes())
            except FileNotFoundError:
                self._memory = _Memory()
            except (OSError, DataLoss):
                # Nobody knows what was seen: whatever can have been issued until now counts as seen.
                self._memory = _Memory(horizon_ns=now_wall_ns + LONGEST_LIFE_NS)
        return self._memory


def decode_memory(data: bytes) -> _Memory:
    """The memory that ``data`` tells. Raises: DataLoss for anything else."""
    try:
        told: Any = json.loads(data)
        if len(data) > _MOST_SIZE_BYTES or type(told) is not dict or told["format"] != 1:
            raise ValueError("not a memory")
        keys = {_text(key): _seen(seen) for key, seen in _of(dict, told["keys"]).items()}
        return _Memory(keys, _number(told["horizon_ns"]))
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss("the list of commands that were seen is broken") from broken


def _seen(told: Any) -> _Seen:
    ids = {_text(name): _number(expires) for name, expires in _of(dict, told["seen"]).items()}
    return _Seen(ids, _number(told["horizon_ns"]))


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"expected {kind}")
    return value


def _text(value: str) -> str:
    value.encode()  # a lone surrogate could be written nowhere
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not -1 <= value < _INT_LIMIT:
        raise ValueError("number out of range")
    return value
