"""The entry of ``edgecam``: the commands, and the one place that turns an error into an exit code."""

from __future__ import annotations

import sys

import typer

from edgecam import __version__
from edgecam.cli.commands import Commands
from edgecam.core.errors import EdgecamError

app = typer.Typer(
    name="edgecam",
    cls=Commands,
    help="A smart camera that masks before encoding, encrypts for its owner, and forgets on time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
