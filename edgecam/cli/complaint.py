"""`edgecam complaint`: complaints and questions of people who are filmed, and what they were answered."""

from __future__ import annotations

from typing import Annotated

import typer

from edgecam.cli.casetelling import desk_of, tell_case, tell_cases, this_user
from edgecam.cli.options import JsonOption, SettingsOption
from edgecam.cli.request import CaseArgument
from edgecam.custody.cases.case import AskerKind, CaseKind, Party, Want
from edgecam.custody.cases.casedesk import Ask

app = typer.Typer(help="Write complaints and questions down, and answer them.", no_args_is_help=True)


@app.command()
def add(
    text: Annotated[str, typer.Option(help="What they said.")],
    name: Annotated[str, typer.Option(help="Who; may be left out.")] = "",
    contact: Annotated[str, typer.Option(help="Where they can be reached.")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down a complaint or a question."""
    asked = Ask(CaseKind.COMPLAINT, Want.NOTHING, Party(name, contact=contact), AskerKind.PERSON, remarks=text)
    made = desk_of(settings).ask(this_user(), asked)
    tell_case(made, as_json, f"complaint {made.case_id} is written down and waits for an answer.")


@app.command()
def answer(
    case: CaseArgument,
    text: Annotated[str, typer.Option(help="What they were told.")],
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down what they were answered; that closes it."""
    done = desk_of(settings).answer(this_user(), case, text)
    tell_case(done, as_json, f"complaint {done.case_id} is answered.")


@app.command("list")
def list_(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List all of them, newest first."""
    desk = desk_of(settings)
    found = [case for case in desk.seen_by(this_user()) if case.kind is CaseKind.COMPLAINT]
    tell_cases(found, desk.store.troubles(), as_json)
