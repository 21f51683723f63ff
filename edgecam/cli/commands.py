"""The commands of ``edgecam`` and where each stands; only the one that is asked for is loaded.

`edgecam run` supervises a camera for years: nothing that it does not use is to lie in its memory.
"""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

# A module's function of the command's name, or its ``app`` where a command has commands of its own.
COMMANDS = {
    "run": "run",
    "setup": "setup",
    "prepare": "prepare",
    "plan": "plan",
    "status": "status",
    "statistics": "statistics",
    "recordings": "recordings",
    "export": "export",
    "verify": "verify",
    "hold": "hold",
    "holds": "holds",
    "release": "release",
    "request": "request",
    "approve": "decide",
    "refuse": "decide",
    "revoke": "decide",
    "report": "decide",
    "disclose": "disclose",
    "complaint": "complaint",
    "register": "register",
    "calendar": "calendar",
    "forms": "forms",
    "standard": "standard",
    "sign": "sign",
    "check": "check",
    "dispose": "dispose",
    "kit": "kit",
    "passphrase": "passphrase",
    "recipients": "recipients",
    "accounts": "accounts",
    "certificate": "certificate",
    "masks": "masks",
    "aim": "aim",
    "analyse": "analyse",
    "broker": "broker",
    "command": "command",
    "doctor": "doctor",
    "bench": "bench",
    "update": "update",
}


class Commands(TyperGroup):
    """`COMMANDS`, each loaded when it is asked for; all of them for ``--help``, which tells what each does."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, ``None`` when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"edgecam.cli.{COMMANDS[cmd_name]}")
        around = typer.Typer(add_completion=False, rich_markup_mode=None)
        if hasattr(module, "app"):
            around.add_typer(module.app, name=cmd_name)
        else:
            around.command(cmd_name)(getattr(module, cmd_name))
        return typer.main.get_group(around).commands[cmd_name]
