"""The entry of ``edgecam``: the commands, and the one place that turns an error into an exit code."""

from __future__ import annotations

import sys

import typer

from edgecam import __version__
from edgecam.cli import (
    accounts,
    aim,
    analyse,
    bench,
    broker,
    certificate,
    check,
    command,
    dispose,
    export,
    hold,
    holds,
    kit,
    masks,
    passphrase,
    plan,
    recipients,
    recordings,
    release,
    run,
    setup,
    sign,
    statistics,
    status,
    verify,
)
from edgecam.core.errors import EdgecamError

app = typer.Typer(
    name="edgecam",
    help="A smart camera that masks before encoding, encrypts for its owner, and forgets on time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for plain in (
    run.run,
    setup.setup,
    plan.plan,
    status.status,
    statistics.statistics,
    recordings.recordings,
    export.export,
    verify.verify,
    hold.hold,
    holds.holds,
    release.release,
    check.check,
    dispose.dispose,
    kit.kit,
    sign.sign,
    passphrase.passphrase,
    analyse.analyse,
    bench.bench,
):
    app.command()(plain)
app.add_typer(masks.app, name="masks")
app.add_typer(accounts.app, name="accounts")
app.add_typer(aim.app, name="aim")
app.add_typer(recipients.app, name="recipients")
app.add_typer(broker.app, name="broker")
app.add_typer(certificate.app, name="certificate")
app.add_typer(command.app, name="command")


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
    if version:
        typer.echo(f"edgecam {__version__}")
        raise typer.Exit


def main() -> None:
    """Run one command. Exit code 0: done; 1: refused, one sentence on stderr; 2: wrong usage."""
    try:
        app()
    except EdgecamError as refused:
        sys.stderr.write(f"edgecam: {refused}\n")
        raise SystemExit(1) from refused
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        sys.stderr.close()
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
