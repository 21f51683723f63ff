"""`edgecam aim`: whether the camera still looks where its masks were drawn, and saying that it does."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from edgecam.cli.maskwork import MaskWork
from edgecam.cli.options import JsonOption, SettingsOption, unlock
from edgecam.core.status import RecorderStatus, read_status
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.register.aim_line import AimToConfirm, registered_aim_confirmation
from edgecam.masking.aimconfirmation import AimConfirmation
from edgecam.masking.lifecycle import Role
from edgecam.supervise import agent_running

app = typer.Typer(help="Tell whether the camera looks where its masks were drawn, and confirm that it does.")
_NOT_RUNNING = "not running"
_MEANINGS = {
    "unguarded": "nobody guards the aim: masking.guard_aim is off",
    "unconfirmed": "nobody has confirmed this view, or its reference is being taken: the whole picture is masked",
    "steady": "the confirmed view",
    "drifted": "a little off the confirmed view: the masks follow with a margin",
    "moved": "the camera was moved: the whole picture is masked until the aim is confirmed",
    "lost": "not the confirmed view: the whole picture is masked until it is seen again",
    "blind": "nothing is seen of the confirmed view: the whole picture is masked until it is seen again",
    _NOT_RUNNING: "nothing is recorded now, so nobody knows what the camera sees",
}


@app.callback(invoke_without_command=True)
def aim(context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Tell where the camera looks, and who confirmed that."""
    context.obj = settings
    if context.invoked_subcommand is not None:
        return
    work = MaskWork(settings)
    status, confirmation = _recorder(work), work.aim.confirmation()
    state = status.aim if status else _NOT_RUNNING
    if as_json:
        typer.echo(json.dumps(_told(state, status, confirmation), indent=1, ensure_ascii=False))
        return
    typer.echo(f"{state}: {_MEANINGS[state]}")
    if status and status.aim_off:
        typer.echo(f"off by at most {status.aim_off:.1%} of the width")
    if confirmation is None:
        typer.echo("never confirmed")
    else:
        typer.echo(f"confirmed by {confirmation.step.by}, {wall_time(confirmation.step.at_wall_ns)}")


@app.command()
def confirm(
    context: typer.Context,
    by: Annotated[str, typer.Option(help="Who does it, by name; without it the name of the login.")] = "",
    settings: SettingsOption = None,
) -> None:
    """Say that what the camera sees now is what its masks were drawn over; asks for the owner's passphrase."""
    work = MaskWork(settings or context.obj, by)
    work.store.check_in_force()
    unlock(work.places)
    with work.store.alone():
        masks, status = work.store.check_in_force(), _recorder(work)
        confirming = AimToConfirm(Role.OWNER, masks, status.aim if status else _NOT_RUNNING)
        with registered_aim_confirmation(work.register, confirming, work.by):
            work.aim.confirm(work.by, work.clock.now(), masks.mask_hash)
    when = "within ten seconds, if it stays as it is" if status else "from its first pictures on"
    typer.echo(f"confirmed; the recorder takes the view's reference {when}")


def _recorder(work: MaskWork) -> RecorderStatus | None:
    """What the recorder last said, while it runs."""
    status = read_status(work.places.status_of("recorder"), RecorderStatus)
    return status if status is not None and status.aim and agent_running(work.places) else None


def _told(state: str, status: RecorderStatus | None, confirmation: AimConfirmation | None) -> dict[str, object]:
    return {
        "state": state,
        "right": status.aim_right if status else None,
        "down": status.aim_down if status else None,
        "off": status.aim_off if status else None,
        "confirmed_by": confirmation.step.by if confirmation else None,
        "confirmed_at": wall_time(confirmation.step.at_wall_ns) if confirmation else None,
        "mask_hash": confirmation.mask_hash.hex() if confirmation else None,
    }
