"""What a broker may still hold of this camera for Home Assistant, kept on disk until it has been taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss


@dataclass(frozen=True, slots=True)
class Announced:
    """Topics with a retained message, of discovery and of states, and the platform of each entity by its key."""

    configs: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    platforms: Mapping[str, str] = field(default_factory=dict)

    def joined(self, other: Announced) -> Announced:
        """Both; where they differ in an entity's platform, this one's, which is to be taken back."""
        platforms = {**other.platforms, **self.platforms}
        return Announced(self.configs | other.configs, self.states | other.states, platforms)

    def gone(self, now: Announced) -> dict[str, str]:
        """The entities that are not there ``now``, or not on the platform that they were."""
        return {key: name for key, name in self.platforms.items() if now.platforms.get(key) != name}

    def to_json(self) -> bytes:
        told = {"configs": sorted(self.configs), "states": sorted(self.states), "platforms": dict(self.platforms)}
        return json.dumps(told).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Announced:
        """What ``text`` tells. Raises: DataLoss for anything that `to_json` did not write."""
        try:
            told = json.loads(text)
            configs, states, platforms = told["configs"], told["states"], told["platforms"]
            if not isinstance(configs, list) or not isinstance(states, list) or not isinstance(platforms, dict):
                raise TypeError("two lists and an object are expected")
            return cls(
                frozenset(map(_text, configs)),
                frozenset(map(_text, states)),
                {_text(key): _text(name) for key, name in platforms.items()},
            )
        except (ValueError, TypeError, KeyError, RecursionError) as broken:
            raise DataLoss("the note of what Home Assistant was told does not parse") from broken


NOTHING: Final = Announced()


def read_announced(path: Path) -> Announced:
    """The note at ``path``; nothing when there is none. Raises: DataLoss, OSError."""
    try:
        return Announced.from_json(path.read_bytes())
    except FileNotFoundError:
        return NOTHING


def keep_announced(path: Path, announced: Announced) -> None:
    """Make ``path`` say ``announced``; no file says nothing. Raises: MediaFailing, OSError."""
    if announced == NOTHING:
        path.unlink(missing_ok=True)
    else:
        replace_durably(path, announced.to_json())


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    value.encode()  # a lone surrogate stands in no topic
    return value
