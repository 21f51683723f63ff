"""Whether a copy still has its edges: a register page is the witness of when it began and ended."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.custody.cases.casepage import CasePage
from edgecam.custody.evidence.account import Account, Period
from edgecam.custody.register.register_line import RegisterLine

_COUNTED = ("from_wall_ns", "to_wall_ns")


@dataclass(frozen=True, slots=True)
class EdgeVerdict:
    """``missing`` is what was cut off, before and after; not ``sure`` where the page knows no such copy."""

    sure: bool
    sentence: str
    missing: tuple[Period, ...] = ()


def check_edges(page: CasePage, sha256: str, held: Account) -> EdgeVerdict:
    """Whether the genuine file with that SHA-256 (hex), which holds ``held``, is all that was given out.

    ``page`` was read by `read_case_page`.
    """
    for line in page.lines:
        if sha256 in _digests(line):
            return EdgeVerdict(True, f"register line {line.sequence} names this very file: nothing was cut off")
    given = [Period(*(int(line.detail[name]) for name in _COUNTED)) for line in page.lines if _counts(line)]
    around = [one for one in given if one.from_wall_ns <= held.from_wall_ns and held.to_wall_ns <= one.to_wall_ns]
    if not around:
        return EdgeVerdict(False, "the register page knows nothing of a copy of that time")
    whole = min(around, key=lambda one: one.to_wall_ns - one.from_wall_ns)
    missing = tuple(
        period
        for period in (Period(whole.from_wall_ns, held.from_wall_ns), Period(held.to_wall_ns, whole.to_wall_ns))
        if period.from_wall_ns < period.to_wall_ns
    )
    if not missing:
        return EdgeVerdict(False, "the file that was given out has the same edges and another SHA-256")
    cut = " and ".join(str(period) for period in missing)
    return EdgeVerdict(True, f"cut at the edge: it was given out as {whole}; missing is {cut}", missing)


def _digests(line: RegisterLine) -> list[str]:
    return [text for name, texts in line.detail.items() if name.startswith("sha256") for text in texts.split()]


def _counts(line: RegisterLine) -> bool:
    return all(line.detail.get(name, "").isdecimal() for name in _COUNTED)
