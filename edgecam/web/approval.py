"""Whether somebody may do something with footage: asked before the register line and the first byte."""

from __future__ import annotations

from collections.abc import Callable

from edgecam.core.errors import NotAllowed
from edgecam.custody.accounts import AccountRole
from edgecam.custody.register_line import Act
from edgecam.web.signedin import Visitor

# Raises NotAllowed when the policy does not let a visitor do that act with footage from one wall time to another.
Approve = Callable[[Visitor, Act, int, int], None]


def owners_alone(visitor: Visitor, act: Act, from_wall_ns: int, to_wall_ns: int) -> None:
    """Owners may do all, nobody else anything. Raises: NotAllowed."""
    if visitor.role is AccountRole.OPERATOR:
        raise NotAllowed(
            "an operator sees footage only with the owner", do="ask the owner", safe="no footage was touched"
        )
    if visitor.role is not AccountRole.OWNER:
        raise NotAllowed("an installer sees no footage", do="ask the owner", safe="no footage was touched")
