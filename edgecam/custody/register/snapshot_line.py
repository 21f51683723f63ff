"""That pictures of alarms leave the camera, and whereto: a line of the register, before the first of them does."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgecam.core.durable import replace_durably
from edgecam.core.errors import MediaFailing
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act


@dataclass(frozen=True, slots=True)
class SnapshotChoice:
    """What the owner's settings say: ``off``, ``sealed`` or ``own_home``, and the ``broker`` (empty when off)."""

    snapshots: str = "off"
    broker: str = ""


NO_SNAPSHOTS = SnapshotChoice()


def register_snapshot_choice(register: Register, chosen: SnapshotChoice, told: Path) -> None:
    """Write a line if ``chosen`` is not what the last such line said, of which ``told`` is a note.

    A lost note, or power lost in between, costs a second line, never a missing one. Raises: as `Register.write`.
    """
    before = _read(told)
    if chosen == before:
        return
    register.write(
        Act.SETTING_CHANGE,
        who="hub",
        purpose="pictures of alarms that leave the camera",
        detail={
            "what": "snapshots",
            "before": before.snapshots if before else "unknown",
            "after": chosen.snapshots,
            "broker": chosen.broker,
        },
    )
    replace_durably(told, json.dumps(asdict(chosen)).encode())


def _read(told: Path) -> SnapshotChoice | None:
    """What ``told`` notes: off when there is none, ``None`` when it cannot be read."""
    try:
        fields: dict[str, Any] = json.loads(told.read_bytes())
        return SnapshotChoice(str(fields["snapshots"]), str(fields["broker"]))
    except FileNotFoundError:
        return NO_SNAPSHOTS
    except OSError as refused:
        raise MediaFailing(f"{told} cannot be read ({refused.strerror})", do="check its permissions") from refused
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
