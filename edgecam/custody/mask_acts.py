"""What people do to masks, each deed between its two lines of the register: one way for command line and page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edgecam.core.clock import Clock, Instant
from edgecam.core.errors import BadInput
from edgecam.custody.register.mask_line import MaskChange, register_mask_change
from edgecam.custody.register.register import Register
from edgecam.masking.drawing import Drawing
from edgecam.masking.lifecycle import MaskAct, Role
from edgecam.masking.maskset import MaskSet
from edgecam.masking.maskstore import MaskStore
from edgecam.masking.proposal import Proposal

# Keeps that somebody says, at a moment, that the camera looks where the masks of a hash belong.
ConfirmsAim = Callable[[str, Instant, bytes], object]


class MaskActs:
    """The deeds on ``store``. Whoever does one holds `MaskStore.alone` from the first look to its end.

    Each raises as `MaskStore`'s deed of its name and as `register_mask_change`; then nothing was done.
    """

    def __init__(self, store: MaskStore, register: Register, clock: Clock, confirm_aim: ConfirmsAim) -> None:
        self.store = store
        self._register, self._clock, self._confirm_aim = register, clock, confirm_aim

    def draw(self, drawing: Drawing, by: str, role: Role) -> None:
        """Make ``drawing`` the draft."""
        self.store.check(MaskAct.DRAW, role)
        with self._registered(MaskAct.DRAW, by, role, drawing):
            self.store.draw(drawing, role)

    def propose(self, by: str, role: Role) -> Proposal:
        """Hand the draft to the owner, in the name of ``by``."""
        self.store.check(MaskAct.PROPOSE, role)
        with self._registered(MaskAct.PROPOSE, by, role, self.store.draft()):
            return self.store.propose(by, self._clock.now(), role)

    def withdraw(self, by: str, role: Role) -> None:
        """Make the proposal a draft again."""
        self.store.check(MaskAct.WITHDRAW, role)
        with self._registered(MaskAct.WITHDRAW, by, role, self._proposed()):
            self.store.withdraw(role)

    def check_confirm(self, by: str) -> None:
        """Raises: NotAllowed when ``by`` could not put the proposal in force; nobody types a secret for that."""
        self.store.to_confirm(by, self._clock.now())

    def confirm(self, by: str) -> MaskSet:
        """Put the proposal in force: who says what is hidden looks at the picture it is hidden in."""
        now = self._clock.now()
        coming = self.store.to_confirm(by, now)
        with self._registered(MaskAct.CONFIRM, by, Role.OWNER, coming.drawing, coming):
            confirmed = self.store.confirm(by, now)
            self._confirm_aim(by, now, confirmed.mask_hash)
            return confirmed

    def check_lock(self, by: str) -> None:
        """Raises: NotAllowed when nothing can be locked now."""
        self.store.to_lock(by, self._clock.now())

    def lock(self, by: str) -> MaskSet:
        """From now on it takes two people to change what is masked."""
        now = self._clock.now()
        coming = self.store.to_lock(by, now)
        with self._registered(MaskAct.LOCK, by, Role.OWNER, coming.drawing, coming):
            return self.store.lock(by, now)

    @contextmanager
    def _registered(
        self, act: MaskAct, by: str, role: Role, drawing: Drawing | None, after: MaskSet | None = None
    ) -> Iterator[None]:
        """Around a deed: its line stands before it is done, and another one after it is.

        ``after`` is what it puts in force; ``None`` when it changes nothing there.
        """
        before = self.store.in_force()
        line = register_mask_change(self._register, MaskChange(act, role, before, after or before, drawing), by)
        yield
        self._register.complete(line, {"what": act.value, "done": "True"})

    def _proposed(self) -> Drawing | None:
        try:
            proposal = self.store.proposal()
        except BadInput:
            return None  # it is thrown away, unread
        return proposal.drawing if proposal else None
