"""What the page tells of masks: the version in force, and the outlines of it and of what is to follow it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from edgecam.core.errors import EdgecamError
from edgecam.core.outline import Point
from edgecam.masking.drawing import Drawing
from edgecam.masking.lifecycle import MaskState
from edgecam.masking.maskset import MaskSet
from edgecam.masking.maskstore import MaskStore

# Of a drawing for pictures of any shape, while nobody knows the picture's.
_SOME_SIZE = 1280, 720


@dataclass(frozen=True, slots=True)
class Outline:
    """One polygon, points 0-1 from the top left; ``reason`` is a mask's, or ``own`` for what is kept."""

    name: str
    reason: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """What is burnt; ``masked_share`` is how much of the picture (0-1) it hides. ``locked_by`` may be empty."""

    version: int
    mask_hash: str
    drawn_by: str
    confirmed_by: str
    confirmed_wall_ns: int
    locked_by: str
    masked_share: float


@dataclass(frozen=True, slots=True)
class MasksShown:
    """``in_force`` is ``None`` when nothing can be burnt and the whole picture is masked, as ``trouble`` says.

    ``outlines`` are those in force; ``coming`` those that are proposed, or else drawn.
    """

    state: MaskState
    in_force: InForce | None
    trouble: str
    outlines: tuple[Outline, ...]
    coming: tuple[Outline, ...]


class MasksBoard:
    """Tells what is in ``store``; any thread may ask."""

    def __init__(self, store: MaskStore) -> None:
        self._store = store
        self._one_at_a_time = threading.Lock()
        self._told: tuple[MaskSet, tuple[int, int], InForce] | None = None

    def look(self, size: tuple[int, int]) -> MasksShown:
        """As the files are now; ``size`` is the recorded picture's (width, height), zeros where nobody knows.

        Raises: MediaFailing.
        """
        with self._one_at_a_time:
            return self._look(size if all(size) else _SOME_SIZE)

    def _look(self, size: tuple[int, int]) -> MasksShown:
        masks, trouble = None, ""
        try:
            masks = self._store.check_in_force()
        except EdgecamError as refused:
            trouble = str(refused)
        return MasksShown(
            state=self._store.state(),
            in_force=None if masks is None else self._in_force(masks, size),
            trouble=trouble,
            outlines=() if masks is None else _outlines(masks.drawing),
            coming=self._coming(),
        )

    def _in_force(self, masks: MaskSet, size: tuple[int, int]) -> InForce:
        if self._told is None or self._told[:2] != (masks, size):
            # Once a version: it costs as much as preparing to burn it.
            share = float(masks.drawing.covered(*size).mean())
            told = InForce(
                version=masks.version,
                mask_hash=masks.mask_hash.hex(),
                drawn_by=masks.drawn.by,
                confirmed_by=masks.confirmed.by,
                confirmed_wall_ns=masks.confirmed.at_wall_ns,
                locked_by=masks.locked.by if masks.locked else "",
                masked_share=share,
            )
            self._told = masks, size, told
        return self._told[2]

    def _coming(self) -> tuple[Outline, ...]:
        try:
            proposal = self._store.proposal()
            drawing = proposal.drawing if proposal is not None else self._store.draft()
        except EdgecamError:
            return ()  # the command line says what is wrong with it; nothing of it is burnt
        return () if drawing is None else _outlines(drawing)


def _outlines(drawing: Drawing) -> tuple[Outline, ...]:
    masks = (Outline(mask.name, mask.reason, mask.polygon) for mask in drawing.masks)
    return (*masks, *(Outline(area.name, "own", area.polygon) for area in drawing.own))
