"""Orders about updates: one word in one file in RAM, from whoever may order to whom it may be done by."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from edgecam.appliance.deferral import PutOff
from edgecam.core.durable import open_shared
from edgecam.core.errors import BadInput, MediaFailing, Unavailable

ORDER = Path("/run/edgecam-orders/update")
_MOST_BYTES = 64


class UpdateOrder(StrEnum):
    """All that can be ordered: never a path or an address. The names stand in the file and in the register."""

    CHECK = "check"
    INSTALL = "install"
    DEFER_DAY = "defer_day"
    DEFER_WEEK = "defer_week"
    RESUME = "resume"

    @property
    def put_off(self) -> PutOff | None:
        """For how long it has things put off; ``None`` for an order of another kind."""
        return {UpdateOrder.DEFER_DAY: PutOff.DAY, UpdateOrder.DEFER_WEEK: PutOff.WEEK}.get(self)


def decode_order(data: bytes) -> UpdateOrder:
    """One of a few words: no path and no address comes from whoever may order. Raises: BadInput."""
    word = data.removesuffix(b"\n").decode("ascii", "replace")
    try:
        return UpdateOrder(word)
    except ValueError as strange:
        raise BadInput("the order about updates is none", do=f"write {' or '.join(UpdateOrder)}") from strange


def leave_order(order: UpdateOrder, path: Path = ORDER) -> None:
    """Leave ``order`` at ``path``, in place of one that nobody took yet. Raises: Unavailable, MediaFailing."""
    beside = path.with_name(f".{path.name}.new")
    try:
        with open(open_shared(beside, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "wb") as file:
            file.write(order.encode())
        os.replace(beside, path)
    except FileNotFoundError as nobody:
        raise Unavailable("nobody takes orders about updates here", do="restart the camera") from nobody
    except OSError as refused:
        raise MediaFailing(f"{path} cannot be written ({refused.strerror})", do="restart the camera") from refused


def waiting_order(path: Path = ORDER) -> UpdateOrder | None:
    """The order that nobody took yet."""
    try:
        with path.open("rb") as file:
            return decode_order(file.read(_MOST_BYTES))
    except (OSError, BadInput):
        return None


def take_order(path: Path = ORDER) -> UpdateOrder | None:
    """The order at ``path``, which is gone afterwards; ``None`` without one. Raises: BadInput, Unavailable."""
    try:
        # Whoever writes orders is nobody here: it must not lead to another file, or to one that never ends.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            data = os.read(descriptor, _MOST_BYTES)
        finally:
            os.close(descriptor)
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return None
    except OSError as refused:
        try:
            path.unlink(missing_ok=True)
        except OSError as stuck:
            raise Unavailable(f"{path} cannot be taken away ({stuck.strerror})") from stuck
        raise BadInput("the order about updates is none", do="write it as a file") from refused
    return decode_order(data)
