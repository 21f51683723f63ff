"""The installer session: opened by the owner, entered by one installer with a code, over in 15 minutes at most."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.register.unmasked_line import Ending
from edgecam.masking.permit import LONGEST_S, Why
from edgecam.web.installerview import InstallerView
from edgecam.web.parts import UnmaskedSight

# No letter that is taken for another one or for a digit: 40 bits, and few tries in 15 minutes.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 8


class Place(StrEnum):
    """Whose browser it is: of who opened the session, of the installer, or of anybody else."""

    OPENER = "opener"
    INSTALLER = "installer"
    NOBODY = "nobody"


@dataclass(slots=True)
class InstallerSession:
    """One session; the code is kept as SHA-256 alone. Owned by the event loop.

    ``opener_id`` and ``installer_id`` are the sign-in sessions of who opened it and who entered.
    """

    opened_by: str
    opened_for: str
    why: Why
    opened_mono_ns: int
    until_mono_ns: int
    opener_id: str
    code_hash: bytes | None
    installer_id: str | None = None
    sight: UnmaskedSight | None = None
    picture: InstallerView | None = None
    looked_s: int = 0
    _last_looked_s: int = field(default=-1)

    def count_look(self, now_ns: int) -> None:
        """``looked_s`` counts the seconds in which a picture was handed out."""
        now_s = now_ns // NS_PER_S
        if now_s != self._last_looked_s:
            self._last_looked_s = now_s
            self.looked_s += 1


class InstallerSessions:
    """At most one session. Owned by the event loop: no other thread may call it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._session: InstallerSession | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Future[None] | None = None

    def open(self, opener_id: str, opened_by: str, opened_for: str, why: Why, minutes: int) -> str:
        """A new session's code. Raises: NotAllowed while another one stands."""
        self.require_none()
        if not 0 < minutes * 60 <= LONGEST_S:
            raise BadInput(f"an installer session lasts 1 to {LONGEST_S // 60} minutes")
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        now_ns = self._clock.mono_ns()
        until_ns = now_ns + minutes * 60 * NS_PER_S
        self._session = InstallerSession(
            opened_by, opened_for, why, now_ns, until_ns, opener_id=opener_id, code_hash=_hash(code)
        )
        self._timer = asyncio.get_running_loop().call_later(minutes * 60, self._look_later)
        return code

    def require_none(self) -> None:
        """Raises: NotAllowed while a session stands."""
        if (standing := self.standing()) is not None:
            raise NotAllowed(
                f"an installer session for {standing.opened_for} stands already", do="end it, then open another one"
            )

    def standing(self) -> InstallerSession | None:
        """The session, unless its time is over."""
        session = self._session
        if session is not None and self._clock.mono_ns() >= session.until_mono_ns:
            self.end(Ending.EXPIRED)
        return self._session

    def take_code(self, code: str) -> InstallerSession:
        """The session whose code this is; the code is good no more. Raises: NotAllowed."""
        session = self.standing()
        typed = "".join(letter for letter in code.upper() if letter.isalnum())
        if session is None or session.code_hash is None or not hmac.compare_digest(session.code_hash, _hash(typed)):
            raise NotAllowed("this code opens nothing", do="ask the owner for a new one")
        session.code_hash = None
        return session

    def enter(self, session: InstallerSession, session_id: str, sight: UnmaskedSight) -> None:
        """Let the sign-in session ``session_id`` look at ``sight``. Raises: NotAllowed when it ended meanwhile."""
        if self.standing() is not session:
            raise NotAllowed("the installer session is over", do="ask the owner to open another one")
        session.installer_id = session_id
        session.sight, session.picture = sight, InstallerView(sight.newest, self._clock)

    def place(self, session_id: str) -> Place:
        """Whose browser the sign-in session ``session_id`` is of, while an installer session stands."""
        session = self.standing()
        if session is None:
            return Place.NOBODY
        if session.installer_id == session_id:
            return Place.INSTALLER
        return Place.OPENER if session.opener_id == session_id else Place.NOBODY

    def left(self, session_id: str) -> None:
        """Whoever was signed in there is not any more: an installer looks no longer."""
        if self._session is not None and self._session.installer_id == session_id:
            self.end(Ending.CLOSED)

    def installers(self, session_id: str) -> InstallerSession:
        """The session, for its installer. Raises: NotAllowed for anybody else."""
        session = self.standing()
        if session is None or self.place(session_id) is not Place.INSTALLER:
            raise NotAllowed("the unmasked view is for the installer whom the owner let in", do="enter the code")
        return session

    def count_look(self, session: InstallerSession) -> None:
        """Somebody looked just now."""
        session.count_look(self._clock.mono_ns())

    def left_s(self, session: InstallerSession) -> int:
        """Seconds until ``session`` is over, at least 0."""
        return max(0, -((self._clock.mono_ns() - session.until_mono_ns) // NS_PER_S))

    def end(self, how: Ending) -> None:
        """End the session, if there is one: nobody is let in any more, and a thread settles the rest."""
        session, self._session = self._session, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if session is not None:
            self._closing = asyncio.get_running_loop().run_in_executor(None, _close, session, how)

    async def settled(self) -> None:
        """Return when the session that ended last has left nothing behind."""
        if self._closing is not None:
            await self._closing

    def _look_later(self) -> None:
        # It ends also when nobody asks. The timer may be late, because it does not count while the board sleeps.
        session = self.standing()
        self._timer = None
        if session is not None:
            self._timer = asyncio.get_running_loop().call_later(self.left_s(session) + 1, self._look_later)


def _close(session: InstallerSession, how: Ending) -> None:
    if session.sight is not None:
        session.sight.close(how, session.looked_s)
    if session.picture is not None:
        session.picture.forget()


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
