"""Commands from afar, and the keys that may give them, as lines of the register."""

from __future__ import annotations

from collections.abc import Mapping

from edgecam.core.oneform import sorted_json
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine

PURPOSE = "command from afar"
KEYS_PURPOSE = "who may command this camera"


def register_command(
    register: Register, who: str, name: str, command_id: str, arguments: Mapping[str, object]
) -> RegisterLine:
    """Write that ``who`` (the name of an enrolled key) commands ``name``, before it is obeyed.

    Raises: as `Register.write`; then it is not obeyed.
    """
    return register.write(Act.COMMAND, who=who, purpose=PURPOSE, detail=_detail(name, command_id, arguments))


def complete_command(
    register: Register, line: RegisterLine, outcome: str, code: str, sentence: str
) -> RegisterLine:
    """Write how the command of ``line`` ended. Raises: as `Register.write`."""
    return register.complete(line, {"outcome": outcome, "code": code, "sentence": sentence})


def register_refusal(
    register: Register,
    who: str,
    name: str,
    command_id: str,
    arguments: Mapping[str, object],
    why: tuple[str, str],
    untold: int,
) -> RegisterLine:
    """Write that a command which ``who`` signed was refused; ``why`` is code and sentence.

    ``untold`` refusals before it had no line of their own. Raises: as `Register.write`.
    """
    detail = _detail(name, command_id, arguments)
    detail |= {"outcome": "refused", "code": why[0], "sentence": why[1]}
    if untold:
        detail["untold"] = str(untold)
    return register.write(Act.COMMAND, who=who, purpose=PURPOSE, detail=detail)


def register_end(register: Register, who: str, what: str, how: str, completes: int | None) -> RegisterLine:
    """Write that something which a command began is over: ``what`` (private, silence …), ``how`` it ended.

    Raises: as `Register.write`.
    """
    return register.write(
        Act.COMMAND, who=who, purpose=PURPOSE, detail={"ended": what, "how": how}, completes=completes
    )


def register_key_change(register: Register, who: str, detail: Mapping[str, str]) -> RegisterLine:
    """Write which key is about to be enrolled or revoked; `Register.complete` tells that it is.

    Raises: as `Register.write`.
    """
    return register.write(Act.KEY_CHANGE, who=who, purpose=KEYS_PURPOSE, detail=detail)


def _detail(name: str, command_id: str, arguments: Mapping[str, object]) -> dict[str, str]:
    return {"command": name, "id": command_id, "arguments": sorted_json(dict(arguments)).decode()}
