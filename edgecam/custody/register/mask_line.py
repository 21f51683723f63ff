"""A change of masks as a line of the register: who, what, and the outlines before and after; never a picture."""

from __future__ import annotations

import json
from dataclasses import dataclass

from edgecam.core.errors import BadInput
from edgecam.core.oneform import ordered_json
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, Act, RegisterLine
from edgecam.masking.drawing import Drawing
from edgecam.masking.lifecycle import MaskAct, Role
from edgecam.masking.maskset import MaskSet

# For everything in a line but the two drawings: names, numbers, hashes, signature.
_REST_SIZE_BYTES = 8192
ELSEWHERE = "in the line that put it in force"


@dataclass(frozen=True, slots=True)
class MaskChange:
    """What is about to be done to masks.

    ``before`` is the set in force, ``after`` the one that will be; they are the same where the act puts nothing in
    force. ``drawing`` is what is drawn, proposed, taken back, confirmed or locked.
    """

    act: MaskAct
    role: Role
    before: MaskSet | None
    after: MaskSet | None
    drawing: Drawing | None

    def detail(self) -> dict[str, str]:
        """As it stands in the line: drawings as compact JSON, hashes in hex, empty where there is none.

        Raises: BadInput when the drawing is too large for a line.
        """
        after = _told(self.drawing)
        before = _told(self.before.drawing if self.before else None)
        room = MAX_LINE_SIZE_BYTES - _REST_SIZE_BYTES
        if _size(after) > room:
            raise BadInput(
                "this drawing is too large to be registered",
                do="shorten names, or draw with fewer points",
                safe="the masks in force stay as they are",
            )
        return {
            "what": self.act.value,
            "as": self.role.value,
            "version": str(self.after.version if self.after else 0),
            "hash_before": self.before.mask_hash.hex() if self.before else "",
            "hash_after": self.after.mask_hash.hex() if self.after else "",
            # Two very large drawings do not fit; the older one was told when it was confirmed.
            "before": before if _size(before) + _size(after) <= room else ELSEWHERE,
            "after": after,
        }


def register_mask_change(register: Register, change: MaskChange, who: str) -> RegisterLine:
    """Write the line of ``change`` before it is made; `Register.complete` tells that it was.

    Raises: as `MaskChange.detail` and `Register.write`.
    """
    return register.write(Act.MASK_CHANGE, who=who, purpose="what is masked", detail=change.detail())


def _told(drawing: Drawing | None) -> str:
    if drawing is None:
        return ""
    return ordered_json(drawing.model_dump(mode="json")).decode()


def _size(text: str) -> int:
    """In bytes, as it stands inside the line."""
    return len(json.dumps(text, ensure_ascii=False).encode())
