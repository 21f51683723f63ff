"""How far a camera is on its way from its box, and the code by which somebody may go on with it.

Read by every process at its start, so it brings nothing along that only making a camera needs.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from enum import StrEnum

from edgecam.core.durable import write_new_durably
from edgecam.core.errors import BadInput, EdgecamError, MediaFailing
from edgecam.places import Places
from edgecam.ringbuffer.creation import is_unfinished
from edgecam.ringbuffer.medium import FileMedium

# Of the set-up code: no letter that is taken for another one or for a digit; 40 bits.
ALPHABET, CODE_LENGTH = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 8


class Stage(StrEnum):
    """How far a camera is on its way from the box."""

    # Nobody owns it: whoever has the set-up code may.
    NEW = "new"
    # It has an owner who has not said yet how long footage is to live: there is nothing to record into.
    OWNED = "owned"
    READY = "ready"


def stage_of(places: Places) -> Stage:
    """Where this camera is, read from what lies on its medium.

    A camera that loses its recipients or its ring later on is never new again: a stranger must not own what
    somebody else recorded, and a disk that is not mounted must not be taken for one that never was. So everything
    but what is plainly the beginning is `READY`, and the recorder says what is missing.
    """
    if not places.recipients.exists():
        # A file that was given its size and nothing else is what a power cut left.
        return Stage.NEW if not _was_used(places) else Stage.READY
    return Stage.OWNED if places.first_run.exists() and not has_ring(places) else Stage.READY


def has_ring(places: Places) -> bool:
    """Whether there is a ring, or something that must not be made one; only a blank medium is none."""
    if not places.ring.exists():
        return False
    try:
        medium = FileMedium.open(places.ring, writable=False)
    except EdgecamError:
        return True
    try:
        return not is_unfinished(medium)
    except EdgecamError:
        return True
    finally:
        medium.close()


def setup_code(places: Places) -> str:
    """The code that lets one browser set this camera up; made when there is none, as on a label that is printed.

    Raises: MediaFailing.
    """
    if not places.setup_code.exists():
        with suppress(BadInput):  # another process was quicker
            write_new_durably(places.setup_code, f"{new_code()}\n".encode())
    try:
        return places.setup_code.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise MediaFailing(f"{places.setup_code} cannot be read", do="remove it and start again") from unreadable


def new_code() -> str:
    """A set-up code by chance, in its one form."""
    fresh = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{fresh[:4]}-{fresh[4:]}"


def _was_used(places: Places) -> bool:
    return has_ring(places) or places.masks.exists() or places.outbox.exists()
