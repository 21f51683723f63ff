"""Certificates as papers: what was erased when, from the register, and a medium that was made unreadable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.custody.evidence.account import Period
from edgecam.custody.paper.certificate import DisposalCertificate
from edgecam.custody.paper.certificate_words import WORDS
from edgecam.custody.paper.letterhead import Letterhead
from edgecam.custody.paper.paper import Paper
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.paperwords import words_of
from edgecam.custody.register.register_line import Act, RegisterLine

# What the camera does by itself, key after key.
_BY_THEMSELVES = frozenset({"due", "overwritten"})


@dataclass(frozen=True, slots=True)
class Erased:
    """Erasures of one civil day that followed each other for one reason: ``keys`` of them, in the lines told."""

    first_wall_ns: int
    last_wall_ns: int
    footage: Period | None
    keys: int
    reason: str
    verified: bool
    first_line: int
    last_line: int

    def and_then(self, other: Erased, zone: ZoneInfo) -> Erased | None:
        """Both as one row, or ``None`` where a person would tell them apart; days are those of ``zone``."""
        same = (self.reason, self.verified) == (other.reason, other.verified)
        days = {_day(moment, zone) for moment in (self.first_wall_ns, other.first_wall_ns)}
        if not same or len(days) > 1 or self.reason not in _BY_THEMSELVES:
            return None
        return replace(
            self,
            last_wall_ns=other.last_wall_ns,
            footage=_both(self.footage, other.footage),
            keys=self.keys + other.keys,
            last_line=other.last_line,
        )


def erased_in(lines: Iterable[RegisterLine], zone: ZoneInfo) -> list[Erased]:
    """What the lines say was erased, each day's of one reason together; oldest first."""
    found: list[Erased] = []
    for line in lines:
        if line.act is not Act.ERASURE or line.completes is not None or "verified" not in line.detail:
            continue
        footage = None
        if line.from_wall_ns is not None and line.to_wall_ns is not None:
            footage = Period(line.from_wall_ns, line.to_wall_ns)
        told = Erased(
            line.at_wall_ns,
            line.at_wall_ns,
            footage,
            1,
            line.detail.get("reason", line.purpose),
            line.detail["verified"] == "True",
            line.sequence,
            line.sequence,
        )
        joined = found[-1].and_then(told, zone) if found else None
        if joined is None:
            found.append(told)
        else:
            found[-1] = joined
    return found


def erasure(head: Letterhead, rows: Iterable[Erased], span: Period) -> Paper:
    """The certificate of erasure: what was erased within ``span``."""
    every = words_of(head.language)
    words, moments, notice = every["erasure"], head.moments, head.notice
    told = [
        {
            "erased": moments.brief(row.first_wall_ns)
            if row.first_wall_ns == row.last_wall_ns
            else head.period(Period(row.first_wall_ns, row.last_wall_ns)),
            "footage": head.period(row.footage) or words["unknown"],
            "keys": str(row.keys),
            "reason": words["reasons"].get(row.reason, row.reason),
            "verified": row.verified,
            "line": str(row.first_line) if row.first_line == row.last_line else f"{row.first_line}–{row.last_line}",
        }
        for row in rows
    ]
    about = [
        (every["letter"]["owner"], notice.owner),
        (words["place"], notice.place),
        (words["camera"], f"{head.camera}  {head.camera_id}"),
        (words["span"], head.period(span)),
    ]
    facts = {"about": [line for line in about if line[1]], "rows": told, "nothing": not told}
    return Paper(PaperKind.ERASURE, head.language, facts)


def disposal(head: Letterhead, certificate: DisposalCertificate) -> Paper:
    """The certificate of disposal, with what is left to do by hand. Raises: BadInput when it is not genuine."""
    if not certificate.genuine():
        raise BadInput(
            "this certificate of disposal was not signed by the camera it names", safe="nothing was printed"
        )
    words = WORDS[head.language]
    facts = {
        "rows": certificate.rows(words),
        "verified": certificate.verified,
        "statement": words.verified if certificate.verified else words.not_verified,
        "remainder": words.remainder,
        "destroy": words.destroy,
    }
    return Paper(PaperKind.DISPOSAL, head.language, facts)


def _both(first: Period | None, second: Period | None) -> Period | None:
    if first is None or second is None:
        return first or second
    return Period(min(first.from_wall_ns, second.from_wall_ns), max(first.to_wall_ns, second.to_wall_ns))


def _day(wall_ns: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(wall_ns // NS_PER_S, UTC).astimezone(zone).date()
