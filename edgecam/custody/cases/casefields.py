"""What a register line tells of a case: the fields that the guidelines' forms ask for, by their keys."""

from __future__ import annotations

from edgecam.core.errors import Bug
from edgecam.custody.cases.case import Case, CaseKind, CaseState, Step
from edgecam.custody.register.register_line import Act

ASK, EMERGENCY = "ask", "emergency"
"""The steps with which a case begins."""

_DECIDING = {Step.GRANT, Step.REFUSE, Step.REVOKE}
_ENDING = {CaseKind.LOOK: Act.REQUEST, CaseKind.DISCLOSURE: Act.DISCLOSURE, CaseKind.COMPLAINT: Act.COMPLAINT}


def asked_step(case: Case) -> str:
    """The name of the step with which ``case`` begins."""
    return EMERGENCY if case.state is CaseState.EMERGENCY else ASK


def act_of(kind: CaseKind, step: str) -> Act:
    """The act under which a step of a case of that kind is registered."""
    if kind is CaseKind.COMPLAINT:
        return Act.COMPLAINT
    if step in (ASK, EMERGENCY, Step.WITHDRAW):
        return Act.REQUEST
    if step in _DECIDING:
        return Act.DECISION
    if step == Step.REPORT:
        return Act.REPORT
    if step in (Step.HAND_OVER, Step.ANSWER, Step.CLOSE):
        return _ENDING[kind]
    raise Bug(f"nobody knows the step {step!r}")


def fields_of(case: Case, step: str) -> dict[str, str]:
    """What the line of ``step``, after which ``case`` is as it is, tells of it; nothing that is empty."""
    told = {"kind": case.kind.value, "asker_kind": case.asker_kind.value, "form": case.want.value} | basis_of(case)
    told["found"] = _found(case) if step not in (ASK, EMERGENCY) else ""
    told["remarks"] = _remarks(case, step)
    if case.kind is not CaseKind.LOOK:
        told["recipient"] = case.asker.name
    if step == ASK and case.kind is CaseKind.DISCLOSURE:
        told["identity_check"] = case.identity_check
    if case.permit is not None and step in (Step.GRANT, EMERGENCY) and case.permit.for_ns is not None:
        told["permit_h"] = f"{case.permit.for_ns / 3.6e12:g}"
    if step == Step.HAND_OVER and case.handed_over:
        last = case.handed_over[-1]
        told |= {"form": last.form.value, "file": " ".join(f"{file} {sha.hex()}" for file, sha in last.files)}
    return {key: text for key, text in told.items() if text}


def basis_of(case: Case) -> dict[str, str]:
    """On what ground: for each line that is about what the case permits; nothing that is empty."""
    told = {"affiliation": case.asker.affiliation, "use": case.use.value, "legal_basis": case.legal_basis}
    return {key: text for key, text in told.items() if text}


def _found(case: Case) -> str:
    return "" if case.found is None else "yes" if case.found else "no"


def _remarks(case: Case, step: str) -> str:
    if step in _DECIDING:
        return case.decision.reason if case.decision is not None else ""
    return {Step.REPORT.value: case.report, Step.ANSWER.value: case.answer}.get(step, case.remarks)
