"""The aim guard at work: which view was confirmed, whether it is the one seen now, and what has to be kept of it.

Two threads: the source's looks, five times a second; the masks' `follow` reads and writes files, so that no frame
waits for one. They hand each other whole values.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edgecam.core.aim import NO_AIM, UNCONFIRMED_AIM, AimReading, AimState
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.core.picture import U8
from edgecam.core.status import Fault
from edgecam.masking.aimconfirmation import AimConfirmation
from edgecam.masking.aimfield import Covered
from edgecam.masking.aimguard import Aim, AimGuard
from edgecam.masking.aimreference import AimReference, ReferenceTaking
from edgecam.masking.aimstore import NOBODY, AimStore, Film, Moved
from edgecam.masking.geometry import pixels_of

# Looks come with frames: half a frame early is in time.
_LOOK_EVERY_NS: Final = NS_PER_S // 6
_PAUSE_NS: Final = 2 * NS_PER_S
# Five seconds: as much as averages out people who walk by, and nobody waits long.
_REFERENCE_LOOKS: Final = 25
_KEEP_EVERY_NS: Final = 3600 * NS_PER_S
# A new reference that does not find its own view for so long was taken of something that passed.
_PATIENCE_NS: Final = 10 * NS_PER_S
# While a guard looks for its view for the first time nothing is wrong yet.
_SETTLING_LOOKS: Final = 15
_CONFIRM = "somebody looks and confirms: on the page, or `edgecam aim confirm`"
_OTHER_SIZE = Fault(
    "aim", f"The view was confirmed on a picture of another size: the whole picture is masked until {_CONFIRM}."
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be watched: the confirmation, and what was kept for it."""

    confirmation: AimConfirmation | None = None
    kept: AimReference | Moved | None = None


class Aiming:
    """Judges the aim of one camera. In doubt about anything the state is not one that is trusted."""

    def __init__(self, store: AimStore | None, film: Film | None = None) -> None:
        """Without a ``store`` nobody guards the aim, as the owner chose, and every view is trusted.

        The first view of a ``film`` is confirmed by itself; that of a camera only by a person.
        """
        self._store, self._film = store, film
        # Written by `follow` alone.
        self._order = _Order()
        self._refusal: Fault | None = None
        self._seen: tuple[object, ...] | None = None
        self._keep: deque[tuple[AimConfirmation, AimReference | Moved]] = deque(maxlen=4)
        # Written by `look` alone.
        self._obeyed = self._order
        self._kept: AimReference | Moved | None = None
        self._trouble: Fault | None = None
        self._size = (0, 0)
        self._guard: AimGuard | None = None
        self._successor: AimGuard | None = None
        self._taking: ReferenceTaking | None = None
        self._looks = 0
        self._looked_ns = self._kept_ns = -(10**18)
        self._covered: Covered | None = None
        self._visible: U8 | None = None
        self._newest = NO_AIM if store is None else UNCONFIRMED_AIM

    @property
    def confirmation(self) -> AimConfirmation | None:
        """Who confirmed the view that is watched for; ``None`` when nobody did."""
        return self._order.confirmation

    @property
    def fault(self) -> Fault | None:
        """What a person should know of the aim, and do."""
        if self._refusal is not None:
            return self._refusal
        newest = self._newest
        settling = self._looks < _SETTLING_LOOKS and newest.state is AimState.LOST
        if newest.state is AimState.UNCONFIRMED and self.confirmation is not None:
            return self._trouble
        sentence = None if settling else _SENTENCES.get(newest.state)
        return Fault("aim", sentence.format(off=newest.went())) if sentence else None

    def reading_at(self, mono_ns: int) -> AimReading:
        """The newest judgement, while it is fresh enough to be one about a frame of that moment."""
        if self._store is None or 0 <= mono_ns - self._looked_ns <= _PAUSE_NS:
            return self._newest
        return UNCONFIRMED_AIM

    def follow(self, mask_hash: bytes | None) -> None:
        """Look at the files; ``mask_hash`` names the masks in force, for which alone a confirmation holds."""
        if self._store is None:
            return
        self._write_down(self._store)
        seen = (self._store.identity(), mask_hash)
        if seen != self._seen:
            self._order, self._refusal = self._read(self._store, mask_hash)
            self._seen = (self._store.identity(), mask_hash)

    def _read(self, store: AimStore, mask_hash: bytes | None) -> tuple[_Order, Fault | None]:
        try:
            if self._film is not None and mask_hash is not None:
                store.confirm_film(self._film, mask_hash)
            confirmation = store.confirmation()
            if confirmation is None or confirmation.mask_hash != mask_hash:
                return _Order(), None
            if confirmation.step.by == NOBODY and self._film is None:
                return _Order(), None
            return _Order(confirmation, store.kept(confirmation)), None
        except (BadInput, DataLoss, MediaFailing) as refused:
            return _Order(), Fault("aim", str(refused))

    def look(self, luma: U8, covered: Covered, mono_ns: int) -> AimReading:
        """Judge one look at ``mono_ns``: masked luma, and what is masked in it, as `AimGuard.look`."""
        since_ns = mono_ns - self._looked_ns
        if self._store is None or 0 <= since_ns < _LOOK_EVERY_NS:
            return self._newest
        self._looked_ns = mono_ns
        size = luma.shape[1], luma.shape[0]
        if self._order is not self._obeyed:
            self._kept = self._order.kept
            self._obey(self._order, size)
        elif size != self._size:
            self._obey(self._order, size)
        if not 0 <= since_ns <= _PAUSE_NS:
            self._looks, self._taking, self._successor = 0, None, None
        self._looks += 1
        aim = self._guard.look(luma, covered, mono_ns) if self._guard is not None else None
        aim = self._found_again(aim, luma, covered, mono_ns)
        self._take(luma, covered)
        self._newest = self._reading(aim, luma, covered)
        self._remember(aim, mono_ns)
        return self._newest

    def _obey(self, order: _Order, size: tuple[int, int]) -> None:
        """Begin to watch for what ``order`` asks; a view that is trusted now vouches until the next is known."""
        self._obeyed, self._size, self._looks = order, size, 0
        self._successor, self._taking, self._trouble = None, None, None
        kept, guard = self._kept, self._guard
        if isinstance(kept, AimReference):
            fits = (kept.width, kept.height) == size
            self._guard = AimGuard(kept) if fits else None
            self._trouble = None if fits else _OTHER_SIZE
        elif guard is None or not guard.aim.trust or (guard.reference.width, guard.reference.height) != size:
            self._guard = None

    def _take(self, luma: U8, covered: Covered) -> None:
        """Take the reference that the confirmation asks for: five seconds, and other five until it succeeds."""
        confirmation = self._obeyed.confirmation
        if confirmation is None or self._kept is not None or self._successor is not None:
            return
        try:
            if self._taking is None:
                self._taking = ReferenceTaking(*self._size, confirmation.digest)
            self._taking.take(luma, covered)
            if self._taking.looks >= _REFERENCE_LOOKS:
                taking, self._taking = self._taking, None
                self._successor, self._trouble = AimGuard(taking.finish()), None
        except BadInput as unusable:
            self._trouble = Fault("aim", f"{unusable}. The whole picture is masked.")

    def _found_again(self, aim: Aim | None, luma: U8, covered: Covered, mono_ns: int) -> Aim | None:
        """A new reference counts once its own view was found by it; until then the guard before it vouches."""
        if self._successor is None or self._obeyed.confirmation is None:
            return aim
        found = self._successor.look(luma, covered, mono_ns)
        if found.trust:
            self._guard, self._successor = self._successor, None
            self._hand_over(self._guard.reference, mono_ns)
            return found
        if mono_ns - found.since_mono_ns > _PATIENCE_NS:
            self._successor = None
        return aim

    def _reading(self, aim: Aim | None, luma: U8, covered: Covered) -> AimReading:
        mean, deviation = cv2.meanStdDev(luma, mask=self._seen_part(luma, covered))
        brightness, contrast = float(mean[0, 0]), float(deviation[0, 0])
        if aim is None or self._obeyed.confirmation is None:
            state = AimState.MOVED if isinstance(self._kept, Moved) else AimState.UNCONFIRMED
            return AimReading(state, brightness=brightness, contrast=contrast)
        return aim.reading(brightness, contrast)

    def _seen_part(self, luma: U8, covered: Covered) -> U8:
        """255 where the picture is not masked."""
        if covered is not self._covered or self._visible is None or self._visible.shape != luma.shape:
            height, width = luma.shape
            hidden = covered if covered.shape == luma.shape else pixels_of(covered, width, height)
            self._visible, self._covered = np.where(hidden, np.uint8(0), np.uint8(255)), covered
        return self._visible

    def _remember(self, aim: Aim | None, mono_ns: int) -> None:
        """Hand to `follow` what is to outlive this process."""
        if aim is None or self._guard is None or not isinstance(self._kept, AimReference):
            return
        if aim.latched:
            self._hand_over(Moved(), mono_ns)
            _log.warning("the camera was moved: %s", self._newest.went())
        elif aim.trust and mono_ns - self._kept_ns > _KEEP_EVERY_NS:
            self._hand_over(self._guard.reference, mono_ns)

    def _hand_over(self, kept: AimReference | Moved, mono_ns: int) -> None:
        assert self._obeyed.confirmation is not None
        self._kept, self._kept_ns = kept, mono_ns
        self._keep.append((self._obeyed.confirmation, kept))

    def _write_down(self, store: AimStore) -> None:
        while self._keep:
            confirmation, kept = self._keep[0]
            try:
                if isinstance(kept, Moved):
                    store.note_moved(confirmation)
                else:
                    store.keep(kept)
            except MediaFailing as failing:
                _log.warning("%s", failing)
                return  # the next second is another try
            self._keep.popleft()


UNGUARDED: Final = Aiming(None)


_SENTENCES: Final = {
    AimState.UNCONFIRMED: f"Nobody has confirmed this view: the whole picture is masked until {_CONFIRM}.",
    AimState.DRIFTED: f"The view has drifted ({{off}}): the masks follow it with a margin until {_CONFIRM}.",
    AimState.MOVED: (f"The camera was moved, its view went {{off}}: the whole picture is masked until {_CONFIRM}."),
    AimState.LOST: "What is seen is not the confirmed view: the whole picture is masked until it is seen again.",
    AimState.BLIND: "Nothing is seen of the confirmed view: the whole picture is masked until it is seen again.",
}
