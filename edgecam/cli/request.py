"""`edgecam request`: writes down who asks to look at footage or to be given some, and tells what became of it."""

from __future__ import annotations

from typing import Annotated

import typer

from edgecam.cli.casetelling import desk_of, tell_all, tell_case, tell_cases, this_user
from edgecam.cli.options import JsonOption, SettingsOption, local_zone, parse_moment
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, Party, Use, Want
from edgecam.custody.cases.casedesk import Ask
from edgecam.custody.evidence.account import wall_time

app = typer.Typer(
    help="Ask to look at footage or to be given some, and see what became of it.", no_args_is_help=True
)
CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="As `edgecam request list` names it.")]


@app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was asked for, newest first."""
    desk = desk_of(settings)
    found = [case for case in desk.seen_by(this_user()) if case.kind is not CaseKind.COMPLAINT]
    tell_cases([case for case in found if all_ or case.is_open], desk.store.troubles(), as_json)


@app.command()
def ask(
    want: Annotated[Want, typer.Option(help="What is to be done with the footage.")],
    purpose: Annotated[str, typer.Option(help="What for: a declared purpose, or another with --outside.")],
    from_: Annotated[str, typer.Option("--from", help="2026-11-21T14:00:00, 14:00 (today), -15m or -2h.")],
    to: Annotated[str, typer.Option("--to", help="As --from, or now.")] = "now",
    who: Annotated[AskerKind, typer.Option("--for", help="Who asks; inside: who has an account here.")] = (
        AskerKind.INSIDE
    ),
    name: Annotated[str, typer.Option(help="Their name.")] = "",
    affiliation: Annotated[str, typer.Option(help="Where they belong, and as what.")] = "",
    address: Annotated[str, typer.Option(help="Their address.")] = "",
    contact: Annotated[str, typer.Option(help="Where they can be reached.")] = "",
    representative: Annotated[str, typer.Option(help="Who stands for a body.")] = "",
    recipient: Annotated[str, typer.Option(help="Their age key, to which a copy is sealed.")] = "",
    outside: Annotated[bool, typer.Option("--outside", help="It is outside of the declared purposes.")] = False,
    legal_basis: Annotated[str, typer.Option("--legal-basis", help="The law and its article.")] = "",
    identity_check: Annotated[str, typer.Option("--identity-check", help="How it was made sure who asks.")] = "",
    remarks: Annotated[str, typer.Option(help="Whatever else matters.")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down a request; it is registered, and waits for a decision."""
    zone, inside = local_zone(), who is AskerKind.INSIDE
    wanted = Ask(
        kind=CaseKind.LOOK if inside else CaseKind.DISCLOSURE,
        want=want,
        asker=Party(name, affiliation, address, contact, representative, recipient),
        asker_kind=who,
        use=Use.OUTSIDE if outside else Use.WITHIN if inside else Use.PROVISION,
        purpose=purpose,
        legal_basis=legal_basis,
        identity_check=identity_check,
        from_wall_ns=parse_moment(from_, zone),
        to_wall_ns=parse_moment(to, zone),
        remarks=remarks,
    )
    made = desk_of(settings).ask(this_user(), wanted)
    tell_case(made, as_json, f"case {made.case_id} waits for a decision{_until(made)}.")


@app.command()
def show(case: CaseArgument, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Tell all of one case."""
    found = desk_of(settings).find(this_user(), case)
    if as_json:
        tell_case(found, as_json, "")
    else:
        tell_all(found)


@app.command()
def withdraw(case: CaseArgument, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Who asked wants it no more."""
    done = desk_of(settings).withdraw(this_user(), case)
    tell_case(done, as_json, f"case {done.case_id} is withdrawn.")


@app.command()
def answer(
    case: CaseArgument,
    text: Annotated[str, typer.Option(help="What they are told.")],
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer who asked whether there is footage, or to have it erased; that ends the case."""
    done = desk_of(settings).answer(this_user(), case, text)
    tell_case(done, as_json, f"case {done.case_id} is answered and closed.")


@app.command()
def close(
    case: CaseArgument,
    found: Annotated[
        bool | None, typer.Option("--found/--not-found", help="Whether there was such footage.")
    ] = None,
    remarks: Annotated[str, typer.Option(help="Whatever else is to be remembered.")] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """It is over: its permit ends."""
    done = desk_of(settings).close(this_user(), case, found, remarks)
    tell_case(done, as_json, f"case {done.case_id} is closed.")


def _until(case: Case) -> str:
    if case.due_wall_ns is None:
        return "; the clock was never set, so nobody can say until when"
    return f", due by {wall_time(case.due_wall_ns)[:19]} UTC"
