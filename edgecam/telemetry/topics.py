"""Where each message goes: below ``edgecam/<site>/<camera>/``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgecam.core.errors import BadInput

_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks: ``site`` and ``camera`` as they stand in topics, and the ``version`` of edgecam.

    ``camera`` is unique at the broker (the camera's machine name, ``edgecam_1f2e3d4c``): it is the MQTT client id
    too, so that a copied camera shows itself by throwing the first one out.
    """

    site: str
    camera: str
    version: str

    def __post_init__(self) -> None:
        """Raises: BadInput for a name that could not stand in a topic."""
        _require_safe("site", self.site)
        _require_safe("camera", self.camera)


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one camera; ``commands`` is the filter that matches them all."""

    root: str
    status: str
    health: str
    event: str
    snapshot: str
    register_head: str
    commands: str

    @classmethod
    def of(cls, identity: Identity) -> Topics:
        root = f"edgecam/{identity.site}/{identity.camera}"
        return cls(
            root=root,
            status=f"{root}/status",
            health=f"{root}/health",
            event=f"{root}/event",
            snapshot=f"{root}/snapshot",
            register_head=f"{root}/register/head",
            commands=f"{root}/cmd/+",
        )

    def state(self, kind: str) -> str:
        """Where the state of ``kind`` goes. Raises: BadInput for a name that could not stand in a topic."""
        _require_safe("state's", kind)
        return f"{self.root}/state/{kind}"

    def command(self, name: str) -> str:
        """Where the command ``name`` comes in. Raises: BadInput as `state`."""
        _require_safe("command's", name)
        return f"{self.root}/cmd/{name}"

    def command_result(self, name: str) -> str:
        """Where the answer to the command ``name`` goes. Raises: BadInput as `state`."""
        _require_safe("command's", name)
        return f"{self.root}/cmd_result/{name}"

    def command_in(self, topic: str) -> str | None:
        """The name of the command that ``topic`` carries, ``None`` for any other topic."""
        prefix, _, name = topic.rpartition("/")
        return name if prefix == f"{self.root}/cmd" and _SAFE_NAME.fullmatch(name) else None


def _require_safe(what: str, name: str) -> None:
    if not _SAFE_NAME.fullmatch(name):
        raise BadInput(
            f"the {what} name {name!r} cannot stand in a topic",
            do="use 1 to 64 letters, digits, _ or -",
        )
