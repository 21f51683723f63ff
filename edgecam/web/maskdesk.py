"""The desk at which masks are drawn: where they stand, what a drawing hides, deeds on what somebody looked at."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edgecam.core.errors import BadInput, Unavailable
from edgecam.masking.cover import Cover, Rectangle, cover_of
from edgecam.masking.drawing import Drawing, DrawnPicture, decode_drawing
from edgecam.masking.geometry import CELL
from edgecam.masking.lifecycle import TRANSITIONS, Role
from edgecam.masking.maskstore import MaskStore
from edgecam.web.answers import NS_PER_MS
from edgecam.web.drawingparts import DrawingParts
from edgecam.web.refusals import Overtaken
from edgecam.web.signedin import Visitor


@dataclass(frozen=True, slots=True)
class ProposedAnswer:
    """Who answers for what is proposed, and the version that it is to become."""

    by: str
    at_ms: int
    version: int


@dataclass(frozen=True, slots=True)
class DraftAnswer:
    """Where the masks stand. ``drawing`` is what waits for the owner, or else what is drawn on.

    ``tag`` goes back with every change: a change that was made on an older one is refused. ``picture`` is what is
    recorded now, ``fits`` whether ``drawing`` means something on it. ``may`` are the acts that this visitor may do
    now; with ``two_people`` whoever confirms is another one than who proposed. ``trouble`` says what cannot
    be read.
    """

    state: str
    tag: str
    drawing: Drawing
    in_force: Drawing | None
    version: int
    proposed: ProposedAnswer | None
    picture: DrawnPicture | None
    fits: bool
    two_people: bool
    may: list[str]
    trouble: str


@dataclass(frozen=True, slots=True)
class CoverAnswer:
    """What would be filled: ``rectangles`` as left, top, width, height in pixels of the recorded picture.

    ``cell`` is the side of the smallest one; ``share`` is how much of the picture is hidden, 0-1.
    """

    width: int
    height: int
    cell: int
    rectangles: list[Rectangle]
    share: float

    @classmethod
    def of(cls, cover: Cover) -> CoverAnswer:
        return cls(cover.width, cover.height, CELL, list(cover.rectangles), cover.share)


class MaskDesk:
    """Over ``parts``. Everything here may block; any thread may call it. Raises: any `EdgecamError`."""

    def __init__(self, parts: DrawingParts) -> None:
        self.acts, self._store, self._picture = parts.acts, parts.acts.store, parts.picture
        # A large drawing takes a while to lay out; two at once would take it from the recorder.
        self._laying_out = threading.Lock()

    def look(self, visitor: Visitor) -> DraftAnswer:
        """Where the masks stand, for ``visitor``."""
        return _draft(self._store, Role(visitor.role), self._picture())

    def do(self, visitor: Visitor, tag: str, deed: Callable[[], object]) -> DraftAnswer:
        """Where they stand after ``deed``, which is done to what had the tag ``tag`` or not at all."""
        with self._store.alone():
            _require_unchanged(self._store, tag)
            deed()
        return self.look(visitor)

    def draw(self, visitor: Visitor, tag: str, told: dict[str, Any]) -> DraftAnswer:
        """Make ``told`` the draft."""
        drawn = _placed(decoded(told), self._picture())
        return self.do(visitor, tag, lambda: self.acts.draw(drawn, visitor.name, Role(visitor.role)))

    def laid_out(self, told: dict[str, Any]) -> Cover:
        """What would be filled in the picture that is recorded now, or else in the one that was drawn on."""
        drawn = decoded(told)
        on = self._picture() or drawn.picture
        if on is None:
            raise Unavailable("nobody knows the picture now, because nothing is recorded", do="wait for the camera")
        with self._laying_out:
            return cover_of(drawn, on.width, on.height)


def _draft(store: MaskStore, role: Role, picture: DrawnPicture | None) -> DraftAnswer:
    with store.alone():
        trouble, proposal, state = "", None, store.state()
        in_force = store.in_force()
        drawn = in_force.drawing if in_force else Drawing()
        try:
            proposal = store.proposal()
            drawn = proposal.drawing if proposal else store.begun()
        except BadInput as broken:
            trouble = str(broken)
        may = [act.value for (of, act), (_, roles) in TRANSITIONS.items() if of is state and role in roles]
        return DraftAnswer(
            state=state.value,
            tag=store.tag(),
            drawing=drawn,
            in_force=in_force.drawing if in_force else None,
            version=in_force.version if in_force else 0,
            proposed=None
            if proposal is None
            else ProposedAnswer(proposal.drawn.by, proposal.drawn.at_wall_ns // NS_PER_MS, proposal.version),
            picture=picture,
            fits=picture is None or drawn.is_of(picture.width, picture.height, picture.rotation),
            two_people=store.was_locked,
            may=may,
            trouble=trouble,
        )


def decoded(told: dict[str, Any]) -> Drawing:
    """The drawing that a browser tells. Raises: BadInput, with the field that is wrong."""
    try:
        return decode_drawing(json.dumps(told).encode())
    except (ValueError, RecursionError) as broken:
        raise BadInput("this cannot be masked with", do="mend the drawing") from broken


def _placed(drawn: Drawing, picture: DrawnPicture | None) -> Drawing:
    """``drawn``, bound to the picture that is recorded now. Raises: BadInput, Unavailable."""
    if picture is None:
        if drawn.picture is None and (drawn.masks or drawn.own):
            raise Unavailable(
                "nobody knows on which picture this was drawn, because nothing is recorded now",
                do="wait for the camera, then save again",
                safe="the masks in force stay as they are",
            )
        return drawn
    drawn = drawn.on(picture)
    if not drawn.is_of(picture.width, picture.height, picture.rotation):
        raise BadInput(
            "this was drawn on a picture of another shape than is recorded now",
            do="look whether every outline lies where it should, then save it for this picture",
            safe="the masks in force stay as they are",
            field="picture",
        )
    return drawn


def _require_unchanged(store: MaskStore, tag: str) -> None:
    if store.tag() != tag:
        raise Overtaken(
            "somebody else changed the masks meanwhile",
            do="look at what they drew, and decide which to keep",
            safe="what you drew is kept on this page",
        )
