"""What the screen "custody" needs from the rest of the camera, as plain callables that the hub hands over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgecam.custody.cases.calendar import Due
from edgecam.custody.cases.casedesk import CaseDesk
from edgecam.custody.paper.paperdesk import PaperDesk
from edgecam.web.disclosureparts import DisclosureDesk


@dataclass(frozen=True, slots=True)
class CustodyParts:
    """``desk`` does everything with cases, ``calendar()`` tells what is due, ``papers`` prints (``None``: nothing),
    ``disclosures`` gives footage away (``None``: on the command line alone).

    All may block and raise any `EdgecamError`; threads call them.
    """

    desk: CaseDesk
    calendar: Callable[[], Sequence[Due]]
    papers: PaperDesk | None = None
    disclosures: DisclosureDesk | None = None
