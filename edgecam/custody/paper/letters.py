"""Letters to who asked: a refusal with its reason and how to object, or an answer."""

from __future__ import annotations

from edgecam.core.clock import Instant
from edgecam.core.errors import BadInput
from edgecam.custody.cases.case import Case, CaseKind, CaseState
from edgecam.custody.paper.letterhead import Letterhead
from edgecam.custody.paper.paper import Paper
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.paperwords import words_of


def refusal(head: Letterhead, case: Case, written: Instant, answer_days: int) -> Paper:
    """Raises: BadInput when the case was not refused."""
    if case.state is not CaseState.REFUSED or case.decision is None:
        raise BadInput(f"case {case.case_id} was not refused", do="print another letter", field="case")
    words = words_of(head.language)["letter"]
    decided = (words["decided_by"], f"{case.decision.decided_by}  {head.moments.told(case.decision.at)}")
    return _letter(PaperKind.REFUSAL, head, case, written, answer_days, case.decision.reason, [decided])


def answer(head: Letterhead, case: Case, written: Instant, answer_days: int) -> Paper:
    """What became of the case. Raises: BadInput while nobody answered it, or when it was refused."""
    if case.state is CaseState.REFUSED:
        raise BadInput(f"case {case.case_id} was refused", do="print the letter of refusal", field="case")
    said = "\n".join(text for text in (case.answer, case.decision.reason if case.decision else "") if text)
    if not said:
        raise BadInput(f"case {case.case_id} was not answered yet", do="answer or decide it first", field="case")
    every = words_of(head.language)
    words = every["letter"]
    outcome: list[tuple[str, str]] = []
    if case.found is not None:
        outcome.append((words["found"], every["yes"] if case.found else every["no"]))
    for given in case.handed_over:
        files = [f"{name}\nSHA-256: {digest.hex()}" for name, digest in given.files]
        outcome.append((words["handed"], "\n".join([head.moments.told(given.at), *files])))
    if case.decision is not None:
        outcome.append((words["decided_by"], f"{case.decision.decided_by}  {head.moments.told(case.decision.at)}"))
    return _letter(PaperKind.ANSWER, head, case, written, answer_days, said, outcome)


def _letter(
    kind: PaperKind,
    head: Letterhead,
    case: Case,
    written: Instant,
    answer_days: int,
    said: str,
    outcome: list[tuple[str, str]],
) -> Paper:
    every = words_of(head.language)
    words, moments, notice = every["letter"], head.moments, head.notice
    wish = every["wants"][case.want.value]
    asked = [(words["case"], case.case_id), (words["asked"], moments.told(case.asked))]
    asked.append((words["about"], case.purpose if case.kind is CaseKind.COMPLAINT else f"{wish}\n{case.purpose}"))
    if case.from_wall_ns is not None and case.to_wall_ns is not None:
        asked.append((words["range"], f"{moments.moment(case.from_wall_ns)} – {moments.moment(case.to_wall_ns)}"))
    if case.due_wall_ns is not None:
        asked.append((words["due"], words["days"].format(due=moments.day(case.due_wall_ns), days=answer_days)))
    facts = {
        "date": moments.day(written.wall_ns),
        "name": " ".join(text for text in (case.asker.affiliation, case.asker.name) if text),
        "address": case.asker.address,
        "owner": notice.owner,
        "responsible": notice.responsible,
        "contact": notice.contact,
        "asked": asked,
        "answer": said,
        "outcome": outcome,
        "object": words["object"].format(days=answer_days),
    }
    return Paper(kind, head.language, facts)
