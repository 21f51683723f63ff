"""One disclosure in a process of its own, behind everything else: ``python -m edgecam.disclosurejob``.

An order as JSON on standard input; on standard output a line of JSON each time it has come further. The owner's
passphrase comes in by the order and goes with the process.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from edgecam.core.clock import SystemClock
from edgecam.core.errors import EdgecamError, NotAllowed
from edgecam.custody.accounts.accountstore import read_accounts
from edgecam.custody.accounts.identities import locked_identity
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.disclosure.obscuring import ExtraBox
from edgecam.custody.disclosure.review import Decisions, Review
from edgecam.custody.register.register import Register
from edgecam.disclosing import Disclosing, Wish
from edgecam.holding import holds_of
from edgecam.keys.camera import load_camera_key
from edgecam.keys.owner import unlock_owner
from edgecam.keys.sealing import Together, Unseals
from edgecam.places import Places, find_places, read_locked_owner

_BEHIND = 15
_REVIEW, _DECIDE = "review", "decide"


def main() -> int:
    """0 when it is done, 1 when it was refused, which the last line tells."""
    os.nice(_BEHIND)
    try:
        _run(json.loads(sys.stdin.buffer.readline()))
    except EdgecamError as refused:
        kind = type(refused).__name__
        _tell({"refused": kind, "what": refused.what, "do": refused.do, "safe": refused.safe})
        return 1
    return 0


def _run(order: dict[str, Any]) -> None:
    settings, places = find_places(Path(order["settings"]))
    key, clock = load_camera_key(places.camera_key), SystemClock()
    if order["what"] == _DECIDE:
        Review.load(Path(order["folder"])).decide(_decisions(order))
        _tell({"done": _DECIDE})
        return
    identity = _identity(places, key.public, order)
    # Whoever waits for the passphrase to be tried goes on now.
    _tell({"opened": True})
    register = Register(places.register, key.sign, key.public, clock)
    cases = CaseStore(places.cases, register, key, clock)
    holds = holds_of(settings, places, key, register, clock)
    disclosing = Disclosing(settings, places, key, register, cases, holds, clock)
    case = cases.find(order["case"])
    review = Path(order["review"]) if order.get("review") else None
    wish = Wish(
        order["by"],
        order.get("sealed_to", ""),
        order.get("watermark", ""),
        review,
        order.get("reviewed_by", ""),
        order.get("frames_seen", 0),
    )
    if order["what"] == _REVIEW:
        disclosing.begin_review(case, wish, Path(order["folder"]), identity, lambda share: _tell({"share": share}))
        _tell({"done": _REVIEW})
        return
    span_ns = max((case.to_wall_ns or 0) - (case.from_wall_ns or 0), 1)
    given = disclosing.give(
        case,
        wish,
        Path(order["out"]),
        identity,
        lambda header: _tell({"share": (header.end_wall_ns - (case.from_wall_ns or 0)) / span_ns}),
    )
    if review is not None:
        Review.load(review).drop()
    _tell({"done": "give", "duplicate": given.duplicate.duplicate_id})


def _identity(places: Places, camera_public: bytes, order: dict[str, Any]) -> Unseals:
    owner = unlock_owner(read_locked_owner(places), order["passphrase"])
    if not order.get("operator"):
        return Together(owner)
    account = read_accounts(places.accounts, camera_public).of(order["operator"])
    own = locked_identity(places.identities, account)
    if own is None:
        raise NotAllowed(f"{account.name} has no key of their own", do="let them make one on the page")
    return Together(owner, unlock_owner(own, order["operator_passphrase"], f"the key of {account.name}"))


def _decisions(order: dict[str, Any]) -> Decisions:
    boxes = tuple(ExtraBox(first, last, (x0, y0, x1, y1)) for first, last, x0, y0, x1, y1 in order["boxes"])
    return Decisions(frozenset(order["keep"]), frozenset(order["fill"]), boxes)


def _tell(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
