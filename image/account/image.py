"""An image as its bills of materials name it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from account.component import Component

_SPACE = uuid.UUID("5edcaf00-ed9e-4afe-8000-000000000000")


@dataclass(frozen=True, slots=True)
class Image:
    """``root_hash`` is what ``treehash.py`` says of the root (hex); ``epoch_s`` when its inputs date from."""

    version: str
    target: str
    root_hash: str
    epoch_s: int
    components: tuple[Component, ...]

    @property
    def uuid(self) -> uuid.UUID:
        """The same root has the same name, whoever built it."""
        return uuid.uuid5(_SPACE, f"{self.target} {self.version} {self.root_hash}")

    @property
    def moment(self) -> str:
        """When the inputs date from, as RFC 3339 in UTC."""
        return datetime.fromtimestamp(self.epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
