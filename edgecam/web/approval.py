"""Whether somebody may do something with footage: asked before the register line and the first byte."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Query

from edgecam.core.errors import NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.permission import UNTOUCHED, Leave
from edgecam.custody.register.register_line import Act
from edgecam.web.signedin import Visitor

# What a look may say of itself: which declared purpose it is for, or by which case it is permitted.
PurposeNamed = Annotated[str, Query(max_length=200, description="one of the declared purposes")]
CaseNamed = Annotated[
    str, Query(max_length=20, pattern=r"^([0-9]{8}-[0-9]{6}[a-z]?)?$", description="the case that permits it")
]


class Approve(Protocol):
    """`Permission.approve`, of a visitor."""

    def __call__(
        self,
        visitor: Visitor,
        act: Act,
        from_wall_ns: int,
        to_wall_ns: int,
        purpose: str = "",
        case_id: str = "",
    ) -> Leave:
        """Raises: NotAllowed when the policy does not let ``visitor`` do that with footage of that time."""
        ...


def owners_alone(
    visitor: Visitor, act: Act, from_wall_ns: int, to_wall_ns: int, purpose: str = "", case_id: str = ""
) -> Leave:
    """Owners may do all, nobody else anything. Raises: NotAllowed."""
    if visitor.role is AccountRole.OPERATOR:
        raise NotAllowed("an operator sees footage only with the owner", do="ask the owner", safe=UNTOUCHED)
    if visitor.role is not AccountRole.OWNER:
        raise NotAllowed("an installer sees no footage", do="ask the owner", safe=UNTOUCHED)
    return Leave(purpose)
