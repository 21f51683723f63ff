"""Who asks: the person behind a request, and the doors through which a route lets people in.

Every route takes one of `SignedIn`, `Watching`, `AsOwner`, `AsOperator`, `AsInstaller`, and so gets its `Visitor`::

    @router.get("/holds")
    async def holds(visitor: AsOperator) -> list[HoldAnswer]: ...

`tests/web/test_walk.py` goes through all routes and fails for one without; the few open ones are named there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Cookie, Depends, Request

from edgecam.core.errors import NotAllowed
from edgecam.custody.accounts.accounts import AccountRole

COOKIE = "edgecam_sign_in"

SignInToken = Annotated[str | None, Cookie(alias=COOKIE)]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in. ``name`` is the account's, and goes into register lines as ``who``.

    ``session_id`` is this browser's session, no secret; what hangs on a session (opened footage, the unmasked view)
    is kept under it. ``account_id`` outlives sessions and changes of the password, and is nobody else's ever.
    """

    name: str
    role: AccountRole
    session_id: str
    account_id: str = ""


class KnowsVisitors(Protocol):
    """What the application keeps as ``app.state.sign_ins``."""

    def visitor(self, token: str | None, *, prolongs: bool) -> Visitor:
        """Who ``token`` names now. Raises: `NotSignedIn`, and what keeps everybody out (DataLoss, Unavailable)."""
        ...


class Admits:
    """A dependency that lets in who is signed in with one of ``roles``; ``prolongs`` says whether that is a sign of
    life.
    """

    def __init__(self, roles: frozenset[AccountRole], prolongs: bool = True) -> None:
        self.roles, self._prolongs = roles, prolongs

    async def __call__(self, request: Request, token: SignInToken = None) -> Visitor:
        """Raises: `NotSignedIn`; NotAllowed for another role."""
        known: KnowsVisitors = request.app.state.sign_ins
        visitor = known.visitor(token, prolongs=self._prolongs)
        if visitor.role not in self.roles:
            raise NotAllowed(
                f"an {visitor.role.value} may not do this", do=f"ask the {'; or the '.join(sorted(self.roles))}"
            )
        return visitor


_ALL = frozenset(AccountRole)

# Anybody who is signed in.
SignedIn = Annotated[Visitor, Depends(Admits(_ALL))]
# The same, for what a page asks again and again by itself: an unattended page must not stay signed in by it.
Watching = Annotated[Visitor, Depends(Admits(_ALL, prolongs=False))]
AsOwner = Annotated[Visitor, Depends(Admits(frozenset({AccountRole.OWNER})))]
# An operator or the owner.
AsOperator = Annotated[Visitor, Depends(Admits(frozenset({AccountRole.OWNER, AccountRole.OPERATOR})))]
# `AsOperator` for what a page asks by itself.
OperatorWatching = Annotated[
    Visitor, Depends(Admits(frozenset({AccountRole.OWNER, AccountRole.OPERATOR}), prolongs=False))
]
# An installer or the owner.
AsInstaller = Annotated[Visitor, Depends(Admits(frozenset({AccountRole.OWNER, AccountRole.INSTALLER})))]

# Whether somebody's session still stands; streams ask before each piece.
Stands = Callable[[Visitor], bool]
