"""What the screen "care" needs from the rest of the camera, as plain callables that the hub hands over."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgecam.custody.holds import HoldOrder, Standing
from edgecam.custody.register.register_check import RegisterVerdict
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.custody.register.registerpage import RegisterPage


class HoldDesk(Protocol):
    """The camera's holds; its calls may block and raise any `EdgecamError`, threads make them."""

    def standing(self) -> Sequence[Standing]:
        """Those that have not ended."""
        ...

    def place(self, order: HoldOrder) -> Standing:
        """Registers it first, then copies the range out of the ring; may take minutes."""
        ...

    def release(self, hold_id: str, by: str, reason: str) -> None:
        """Registers it first, then destroys the hold."""
        ...


@dataclass(frozen=True, slots=True)
class CareParts:
    """``register_page(before, limit, act, wanted)`` is `read_page` of this camera's register, ``prove_register()``
    is `verify_register` of all its books; it may take half a minute.
    """

    register_page: Callable[[int | None, int, Act | None, Container[RegisterLine] | None], RegisterPage]
    prove_register: Callable[[], RegisterVerdict]
    holds: HoldDesk
