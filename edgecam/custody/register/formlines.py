"""Lines of the register in their order, and what else it tells of the same case, hold or act."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from edgecam.custody.cases.case import CaseKind, Step
from edgecam.custody.evidence.account import Period
from edgecam.custody.register.register_line import Act, RegisterLine

# Acts that look at footage or take it out.
HANDLING_ACTS = frozenset({Act.SEARCH, Act.VIEW, Act.COPY, Act.DISCLOSURE})
FORM_ACTS = HANDLING_ACTS | {Act.HOLD, Act.ERASURE, Act.DISPOSAL, Act.REQUEST, Act.DECISION}


class FormLines:
    """Acts in their order, with what was decided about a case and how each ended.

    ``lines`` are all there are, since a decision or an end may be years away; rows are made of the ``wanted`` ones.
    """

    def __init__(
        self, lines: Iterable[RegisterLine], wanted: Callable[[RegisterLine], bool] = lambda line: True
    ) -> None:
        self._is_wanted = wanted
        self.begun: list[RegisterLine] = []
        self._ended: dict[int, RegisterLine] = {}
        self._asked: dict[str, RegisterLine] = {}
        self._decided: dict[str, RegisterLine] = {}
        self._holds: dict[str, RegisterLine] = {}
        for line in lines:
            self._take(line)

    def _take(self, line: RegisterLine) -> None:
        if line.act not in FORM_ACTS:
            return
        if line.completes is not None:
            self._ended[line.completes] = line
            return
        if self._is_wanted(line):
            self.begun.append(line)
        case = line.detail.get("case", "")
        if line.act is Act.REQUEST:
            self._asked.setdefault(case, line)
        elif line.act is Act.DECISION and line.detail.get("step") in (Step.GRANT, Step.REFUSE):
            self._decided[case] = line
        elif line.act is Act.HOLD:
            self._holds.setdefault(line.detail.get("hold", ""), line)

    def asked(self, line: RegisterLine) -> RegisterLine | None:
        case = line.detail.get("case", "")
        return self._asked.get(case) if case else None

    def decided(self, line: RegisterLine) -> RegisterLine | None:
        case = line.detail.get("case", "")
        return self._decided.get(case) if case else None

    def first_of_hold(self, line: RegisterLine) -> RegisterLine:
        return self._holds.get(line.detail.get("hold", ""), line)

    def told(self, line: RegisterLine, name: str) -> str:
        """``name`` of the line's detail, else of how it ended, else of what was asked; empty where nobody told."""
        for known in (line, self._ended.get(line.sequence), self.asked(line)):
            if known is not None and known.detail.get(name):
                return known.detail[name]
        return ""

    def affiliation(self, line: RegisterLine) -> str:
        """Of who acts. Lines of a case carry that of who asked, who may be somebody outside."""
        told, asked = line.detail.get("affiliation", ""), self.asked(line)
        if asked is None or "kind" not in asked.detail or told != asked.detail.get("affiliation", ""):
            return told
        return told if asked.detail["kind"] == CaseKind.LOOK and line.who == asked.who else ""

    def receivers_affiliation(self, line: RegisterLine) -> str:
        """Of who gets it or asked for it."""
        told, asked = self.told(line, "recipient_affiliation"), self.asked(line)
        if told or asked is None or asked.detail.get("kind") != CaseKind.DISCLOSURE:
            return told
        return asked.detail.get("affiliation", "")

    def failed(self, line: RegisterLine) -> str:
        """Why nothing came of it; empty where it was done, or where nobody told."""
        ended = self._ended.get(line.sequence)
        if ended is None or ended.detail.get("outcome") != "failed":
            return ""
        return ended.detail.get("reason", "failed")

    def given(self, line: RegisterLine) -> Period | None:
        """Which footage came out; ``None`` where nothing did."""
        if self.failed(line):
            return None
        ended = self._ended.get(line.sequence)
        edges = [_number(ended.detail.get(name)) for name in ("from_wall_ns", "to_wall_ns")] if ended else []
        if len(edges) == 2 and edges[0] is not None and edges[1] is not None:
            return Period(edges[0], edges[1])
        return footage_of(line)


def footage_of(line: RegisterLine) -> Period | None:
    """Which footage the line is about."""
    if line.from_wall_ns is None or line.to_wall_ns is None:
        return None
    return Period(line.from_wall_ns, line.to_wall_ns)


def _number(told: str | None) -> int | None:
    return int(told) if told is not None and told.isdecimal() and len(told) < 20 else None
