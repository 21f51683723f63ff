"""Zones, lines and rules as they were drawn on the page: ``rules.toml`` in the state folder.

Where that file is, it stands in place of the ``[[zone]]``, ``[[line]]`` and ``[[rule]]`` of the settings, which
begin it and which the page never writes: they are a person's, with a person's remarks, and may lie where the camera
cannot write. It is TOML, as `edgecam analyse --rules` takes it; its first line names the tables that it replaces::

    # Drawn on the page, in place of the rules in the settings: 5f0c1d...
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edgecam.core.durable import identity_of, replace_durably
from edgecam.core.errors import BadInput
from edgecam.core.status import Fault
from edgecam.custody.register.register import Register
from edgecam.custody.register.rule_line import registered_rule_change
from edgecam.settings import rule_lines

Tables = Mapping[str, Sequence[Mapping[str, Any]]]

_KINDS: Final = ("zone", "line", "rule")
_MOST_SIZE_BYTES: Final = 1 << 20
_FIRST: Final = "# Drawn on the page, in place of the rules in the settings: "


@dataclass(frozen=True, slots=True)
class RulesFound:
    """The tables in force, and what is wrong with where they come from."""

    tables: Tables
    fault: Fault | None = None


class DrawnRules:
    """The file at ``path``, or without it the tables ``settings``. One thread may `follow`."""

    def __init__(self, path: Path, settings: Tables) -> None:
        self._path, self._settings = path, settings
        self._seen: tuple[int, ...] | None = None

    def read(self) -> RulesFound:
        """What is in force now; a file that cannot be read is a fault, and then the settings hold."""
        try:
            with open(self._path, "rb") as file:
                data = file.read(_MOST_SIZE_BYTES + 1)
            told = _decoded(data)
        except FileNotFoundError:
            return RulesFound(self._settings)
        except (OSError, BadInput) as broken:
            sentence = f"the rules drawn on the page cannot be read ({broken}): those of the settings hold"
            return RulesFound(self._settings, Fault("rule", sentence))
        if _replaced(data) not in ("", _hash(self._settings)):
            sentence = (
                f"the rules in the settings were changed, but those drawn on the page hold: remove {self._path} "
                "to go back to the settings"
            )
            return RulesFound(told, Fault("rule", sentence))
        return RulesFound(told)

    def follow(self) -> RulesFound | None:
        """What is in force, when that may have changed since the last call; ``None`` when it has not."""
        seen = identity_of(self._path)
        if seen is not None and seen == self._seen:
            return None
        before, self._seen = self._seen, seen
        return None if seen is None and before is None else self.read()

    def write(self, tables: Tables, register: Register, who: str) -> None:
        """Put ``tables``, which are sound, in force in the name of ``who``: a register line, then the file.

        Raises: BadInput when they are too large to be registered; as `Register.write`; MediaFailing.
        """
        before = self.read().tables
        with registered_rule_change(register, who, _plain(before), _plain(tables)):
            text = "\n".join([f"{_FIRST}{_hash(self._settings)}", "", *rule_lines(tables)])
            replace_durably(self._path, text.encode(), shared=True)


def _decoded(data: bytes) -> Tables:
    """Raises: BadInput when ``data`` are no tables; whether each is sound is for who reads rules."""
    if len(data) > _MOST_SIZE_BYTES:
        raise BadInput("the file is too large")
    try:
        told = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as broken:
        raise BadInput(f"not TOML: {broken}") from broken
    for kind, tables in told.items():
        is_tables = isinstance(tables, list) and all(isinstance(table, dict) for table in tables)
        if kind not in _KINDS or not is_tables:
            raise BadInput(f"{kind} is no list of zones, lines or rules")
    return {kind: tuple(told.get(kind, ())) for kind in _KINDS}


def _replaced(data: bytes) -> str:
    """The hash of the settings' tables that a file of ours replaces; empty where somebody wrote it by hand."""
    told = re.match(rf"{re.escape(_FIRST)}([0-9a-f]{{64}})\s", data[:200].decode(errors="replace"))
    return told[1] if told else ""


def _hash(tables: Tables) -> str:
    return hashlib.sha256(_plain(tables).encode()).hexdigest()


def _plain(tables: Tables) -> str:
    told = {kind: list(tables.get(kind, ())) for kind in _KINDS}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
