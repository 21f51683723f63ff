"""A case as a file: one line of canonical JSON, signed by the camera; any other bytes are no case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.core.term import Term
from edgecam.core.told import name, octets, text, whole_number
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import (
    AskerKind,
    Case,
    CaseKind,
    CaseState,
    Decision,
    HandOver,
    Party,
    Use,
    Want,
)
from edgecam.keys.camera import camera_id, signed_by

FORMAT = "edgecam-case-1"
MOST_SIZE_BYTES = 262_144
MOST_HANDED_OVER, MOST_FILES = 100, 100
MOST_LETTERS_LONG = 2000
"""Of what is written at length: remarks, reasons, reports and answers."""
_PARTY = ("name", "affiliation", "address", "contact", "representative", "recipient")


def encode_case(case: Case, camera: str, sign: Callable[[bytes], bytes]) -> bytes:
    """The file of ``case`` of the camera with the id ``camera``. The same case always gives the same bytes."""
    fields = _fields(case, camera)
    return ordered_json({**fields, "signature": sign(ordered_json(fields)).hex()}) + b"\n"


def case_sha256(data: bytes) -> str:
    """What register lines call ``case_sha256``: as ``sha256sum`` tells it of the file ``data``."""
    return hashlib.sha256(data).hexdigest()


def decode_case(data: bytes, camera_public: bytes) -> Case:
    """The case that ``data`` tells, if this camera signed it. Raises: DataLoss for anything else."""
    try:
        if len(data) > MOST_SIZE_BYTES:
            raise ValueError("too long")
        told = _object(json.loads(data))
        signature = told.pop("signature")
        case = _case(told)
        signed = ordered_json(_fields(case, text(told["camera"])))
        same = ordered_json({**json.loads(signed), "signature": signature}) + b"\n" == data
        signature = bytes.fromhex(signature)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as broken:
        raise DataLoss("a case does not parse") from broken
    if not same:
        raise DataLoss("a case is not written in the one form that edgecam writes")
    if told["camera"] != camera_id(camera_public):
        raise DataLoss("a case is another camera's")
    if not signed_by(camera_public, signature, signed):
        raise DataLoss("a case was not signed by this camera, or was changed since")
    return case


def long_text(value: Any) -> str:
    """``value`` as a text of at most `MOST_LETTERS_LONG` letters, writable anywhere. Raises: ValueError."""
    if type(value) is not str or len(value) > MOST_LETTERS_LONG:
        raise ValueError("not a text")
    value.encode()  # a lone surrogate could be written nowhere
    return value


def _fields(case: Case, camera: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "camera": camera,
        "case": case.case_id,
        "kind": case.kind.value,
        "want": case.want.value,
        "state": case.state.value,
        "asked": _moment(case.asked),
        "asked_by": case.asked_by,
        "asked_by_id": case.asked_by_id,
        "asked_by_role": case.asked_by_role.value,
        "asker": {key: getattr(case.asker, key) for key in _PARTY},
        "asker_kind": case.asker_kind.value,
        "use": case.use.value,
        "purpose": case.purpose,
        "legal_basis": case.legal_basis,
        "identity_check": case.identity_check,
        "from_wall_ns": case.from_wall_ns,
        "to_wall_ns": case.to_wall_ns,
        "remarks": case.remarks,
        "due_wall_ns": case.due_wall_ns,
        "decision": None if case.decision is None else _decision(case.decision),
        "report": case.report,
        "answer": case.answer,
        "found": case.found,
        "handed_over": [_hand_over(one) for one in case.handed_over],
        "revision": case.revision,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "granted": decision.granted,
        "decided_by": decision.decided_by,
        "at": _moment(decision.at),
        "reason": decision.reason,
        "permit": None if decision.permit is None else decision.permit.told(),
    }


def _hand_over(one: HandOver) -> dict[str, Any]:
    return {
        "at": _moment(one.at),
        "by": one.by,
        "form": one.form.value,
        "files": [[file, digest.hex()] for file, digest in one.files],
        "sealed_to": one.sealed_to,
        "obscured": one.obscured,
        "watermark": one.watermark,
        "duplicate_id": one.duplicate_id,
    }


def _moment(at: Instant) -> dict[str, Any]:
    return {"wall_ns": at.wall_ns, "mono_ns": at.mono_ns, "boot": at.boot_id.hex(), "trust": int(at.trust)}


def _case(told: dict[str, Any]) -> Case:
    if told["format"] != FORMAT:
        raise ValueError("not a case")
    begin, end = _optional(told["from_wall_ns"]), _optional(told["to_wall_ns"])
    if (begin is None) != (end is None) or (begin is not None and end is not None and end <= begin):
        raise ValueError("no span")
    handed_over = _list(told["handed_over"], MOST_HANDED_OVER)
    found = told["found"]
    if found is not None and type(found) is not bool:
        raise TypeError("neither found nor not")
    return Case(
        case_id=name(told["case"]),
        kind=CaseKind(told["kind"]),
        want=Want(told["want"]),
        state=CaseState(told["state"]),
        asked=_instant(told["asked"]),
        asked_by=name(told["asked_by"]),
        asked_by_id=text(told["asked_by_id"]),
        asked_by_role=AccountRole(told["asked_by_role"]),
        asker=Party(**{key: text(_object(told["asker"])[key]) for key in _PARTY}),
        asker_kind=AskerKind(told["asker_kind"]),
        use=Use(told["use"]),
        purpose=text(told["purpose"]),
        legal_basis=text(told["legal_basis"]),
        identity_check=text(told["identity_check"]),
        from_wall_ns=begin,
        to_wall_ns=end,
        remarks=long_text(told["remarks"]),
        due_wall_ns=_optional(told["due_wall_ns"]),
        decision=None if told["decision"] is None else _decided(_object(told["decision"])),
        report=long_text(told["report"]),
        answer=long_text(told["answer"]),
        found=found,
        handed_over=tuple(_handed_over(_object(one)) for one in handed_over),
        revision=whole_number(told["revision"]),
    )


def _decided(told: dict[str, Any]) -> Decision:
    return Decision(
        _flag(told["granted"]),
        text(told["decided_by"]),
        _instant(told["at"]),
        long_text(told["reason"]),
        None if told["permit"] is None else Term.of(told["permit"]),
    )


def _handed_over(told: dict[str, Any]) -> HandOver:
    return HandOver(
        at=_instant(told["at"]),
        by=name(told["by"]),
        form=Want(told["form"]),
        files=tuple(_file(one) for one in _list(told["files"], MOST_FILES)),
        sealed_to=text(told["sealed_to"]),
        obscured=_flag(told["obscured"]),
        watermark=text(told["watermark"]),
        duplicate_id=text(told["duplicate_id"]),
    )


def _file(told: Any) -> tuple[str, bytes]:
    file, digest = _list(told, 2)
    return name(file), octets(digest, 32)


def _instant(value: Any) -> Instant:
    told = _object(value)
    return Instant(
        whole_number(told["wall_ns"]),
        whole_number(told["mono_ns"]),
        octets(told["boot"], 16),
        TimeTrust(whole_number(told["trust"])),
    )


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise TypeError("not an object")
    return value


def _list(value: Any, most: int) -> list[Any]:
    if type(value) is not list or len(value) > most:
        raise TypeError("not a list, or too long")
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError("neither true nor false")
    return value


def _optional(value: Any) -> int | None:
    return None if value is None else whole_number(value)
