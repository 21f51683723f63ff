"""The cases of the camera that a command works on, and how they are told; who runs a command is the owner."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from edgecam.casework import FootageThere, case_rules_of
from edgecam.cli.holding import holds_of
from edgecam.cli.options import open_places
from edgecam.cli.plaintext import plain
from edgecam.core.clock import SystemClock
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.case import Case, CaseState, HandOver, Party
from edgecam.custody.cases.casedesk import CaseDesk
from edgecam.custody.cases.caserules import Actor
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.cases.duedays import is_past
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey, load_camera_key
from edgecam.places import Places
from edgecam.settings import Settings


def this_user() -> Actor:
    """Whoever runs the command: who has a shell on the camera may do what its owner may."""
    return Actor(getpass.getuser(), AccountRole.OWNER)


def store_of(places: Places, key: CameraKey) -> CaseStore:
    """The cases of the camera at ``places``."""
    clock = SystemClock()
    return CaseStore(places.cases, Register(places.register, key.sign, key.public, clock), key, clock)


def desk_of(given: Path | None) -> CaseDesk:
    """What somebody does with the cases of the camera whose settings are ``given``. Raises: BadInput."""
    settings, places = open_places(given)
    return desk_at(settings, places, load_camera_key(places.camera_key))


def desk_at(settings: Settings, places: Places, key: CameraKey) -> CaseDesk:
    """The same, of settings that are read already. Raises: BadInput."""
    clock = SystemClock()
    footage = FootageThere(settings, places, holds_of(settings, places, key), clock)
    return CaseDesk(store_of(places, key), case_rules_of(settings), clock, footage.require)


def tell_case(case: Case, as_json: bool, sentence: str) -> None:
    """One case: as JSON, or ``sentence`` alone."""
    typer.echo(json.dumps(told(case), indent=1, ensure_ascii=False) if as_json else plain(sentence))


def tell_cases(cases: Iterable[Case], troubles: list[str], as_json: bool) -> None:
    """A list, newest first, and what is wrong with others."""
    cases = sorted(cases, key=lambda case: case.case_id, reverse=True)
    if as_json:
        found = {"cases": [told(case) for case in cases], "troubles": troubles}
        typer.echo(json.dumps(found, indent=1, ensure_ascii=False))
        return
    table = Table("case", "kind", "wants", "asked by", "footage", "purpose", "state", "due")
    for case in cases:
        table.add_row(*map(plain, _row(case)))
    if cases:
        Console(highlight=False, width=160).print(table)
    for trouble in troubles:
        typer.echo(trouble)
    typer.echo(f"{len(cases) or 'No'} case{'s' * (len(cases) != 1)}.")


def tell_all(case: Case) -> None:
    """One case, every field that says something on a line of its own."""
    for name, value in told(case).items():
        if value not in ("", None, [], {}):
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
            typer.echo(f"{name:<15} {plain(shown)}")


def told(case: Case) -> dict[str, Any]:
    """A case for programs; moments are UTC."""
    now = SystemClock().now()
    waits = case.state in (CaseState.ASKED, CaseState.EMERGENCY)
    return {
        "case": case.case_id,
        "kind": case.kind.value,
        "want": case.want.value,
        "state": case.state.value,
        "asked": wall_time(case.asked.wall_ns),
        "asked_by": case.asked_by,
        "asker": _party(case.asker),
        "asker_kind": case.asker_kind.value,
        "use": case.use.value,
        "purpose": case.purpose,
        "legal_basis": case.legal_basis,
        "identity_check": case.identity_check,
        "from": _moment(case.from_wall_ns),
        "to": _moment(case.to_wall_ns),
        "remarks": case.remarks,
        "due": _moment(case.due_wall_ns),
        "overdue": waits and is_past(case.due_wall_ns, now),
        "decision": _decision(case),
        "report": case.report,
        "answer": case.answer,
        "found": case.found,
        "handed_over": [_hand_over(one) for one in case.handed_over],
    }


def _decision(case: Case) -> dict[str, Any] | None:
    if case.decision is None:
        return None
    permit = case.decision.permit
    return {
        "granted": case.decision.granted,
        "decided_by": case.decision.decided_by,
        "at": wall_time(case.decision.at.wall_ns),
        "reason": case.decision.reason,
        "permit_until": None if permit is None else _moment(permit.until_wall_ns),
        "permitted": case.permit is not None and case.permit.is_over(SystemClock().now()) is False,
    }


def _party(party: Party) -> dict[str, str]:
    fields = ("name", "affiliation", "address", "contact", "representative", "recipient")
    return {key: value for key in fields if (value := getattr(party, key))}


def _hand_over(one: HandOver) -> dict[str, Any]:
    return {
        "at": wall_time(one.at.wall_ns),
        "by": one.by,
        "form": one.form.value,
        "files": {name: digest.hex() for name, digest in one.files},
        "sealed_to": one.sealed_to,
        "obscured": one.obscured,
        "watermark": one.watermark,
        "duplicate": one.duplicate_id,
    }


def _row(case: Case) -> tuple[str, ...]:
    begin, end = case.from_wall_ns, case.to_wall_ns
    footage = "-" if begin is None or end is None else f"{_minute(begin)} to {_minute(end)}"
    waits = case.state in (CaseState.ASKED, CaseState.EMERGENCY) and case.due_wall_ns is not None
    due = _minute(case.due_wall_ns) if waits and case.due_wall_ns is not None else "-"
    return (
        case.case_id,
        case.kind.value,
        case.want.value,
        case.asker.name or case.asked_by,
        footage,
        case.purpose or case.remarks[:60],
        case.state.value,
        due,
    )


def _minute(wall_ns: int) -> str:
    return wall_time(wall_ns)[:16]


def _moment(wall_ns: int | None) -> str | None:
    return None if wall_ns is None else wall_time(wall_ns)
