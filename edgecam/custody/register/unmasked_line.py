"""An unmasked view as two lines of the register: before it is opened, and when it is over; never a picture."""

from __future__ import annotations

from enum import StrEnum

from edgecam.core.clock import Instant
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.masking.permit import Permit, Why

PURPOSE = "seeing what is masked"


class Ending(StrEnum):
    """How an unmasked view ended; the names stand in the register."""

    CLOSED = "closed"
    EXPIRED = "expired"
    # It could not be opened after all.
    REFUSED = "refused"
    # The hub ended while it stood, and with it every session.
    PAGE_ENDED = "page_ended"


def register_unmasked_view(
    register: Register, opened_by: str, opened_for: str, why: Why, until_mono_ns: int, now: Instant
) -> RegisterLine:
    """Write that ``opened_for`` is about to see the unmasked picture, as ``opened_by`` wants it.

    Raises: as `Register.write`; then nothing may be opened.
    """
    detail = {
        "for": opened_for,
        "why": why.value,
        "until_wall_ns": str(now.wall_ns + until_mono_ns - now.mono_ns),
    }
    return register.write(Act.UNMASKED_VIEW, who=opened_by, purpose=PURPOSE, detail=detail)


def complete_unmasked_view(register: Register, permit: Permit, how: Ending, looked_s: int | None) -> RegisterLine:
    """Write that the view of ``permit`` is over; ``looked_s`` is how long pictures were handed out.

    ``None`` where nobody counted. Raises: as `Register.write`.
    """
    detail = {
        "for": permit.opened_for,
        "how": how.value,
        "looked_s": "unknown" if looked_s is None else str(looked_s),
    }
    return register.write(
        Act.UNMASKED_VIEW, who=permit.opened_by, purpose=PURPOSE, detail=detail, completes=permit.line
    )
