"""The file of the owners' recipients: who stands in it under which name, changed line by line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.keys.owner import Recipients


@dataclass(frozen=True, slots=True)
class NamedRecipient:
    """A public age key (``age1…``), and whose it is; ``name`` is empty when nobody said."""

    recipient: str
    name: str = ""


def read_recipients(path: Path) -> str:
    """The text of the file at ``path``. Raises: BadInput when there is none that can be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as missing:
        raise BadInput(f"the owner's public key {path} cannot be read", do="run `edgecam setup`") from missing


def named_recipients(text: str) -> tuple[NamedRecipient, ...]:
    """Who stands in ``text``, in order; a name is the comment right above its key."""
    found: list[NamedRecipient] = []
    name = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("#"):
            name = line.lstrip("#").strip()
            continue
        if line:
            found.append(NamedRecipient(line, name))
        name = ""
    return tuple(found)


def with_recipient(text: str, recipient: str, name: str) -> str:
    """``text`` with one more; everything else in it stays.

    Raises: BadInput when it is no recipient, is there already, or the name does not fit into one line.
    """
    Recipients([recipient])
    if not name.isprintable():
        raise BadInput("a name is one line of printable characters", do="type it again")
    if any(one.recipient == recipient for one in named_recipients(text)):
        raise BadInput(f"{recipient} is a recipient already", do="add --past to seal recorded footage to it too")
    begun = text if not text or text.endswith("\n") else f"{text}\n"
    return begun + (f"# {name.strip()}\n" if name.strip() else "") + f"{recipient}\n"


def without_recipient(text: str, recipient: str) -> str:
    """``text`` without one and its name; everything else in it stays.

    Raises: BadInput when it is not there, NotAllowed when it is the last.
    """
    lines = text.splitlines(keepends=True)
    at = next((i for i, line in enumerate(lines) if line.strip() == recipient), None)
    if at is None:
        raise BadInput(f"{recipient} is not a recipient here", do="see `edgecam recipients`")
    first = at - 1 if at and lines[at - 1].lstrip().startswith("#") else at
    left = "".join(lines[:first] + lines[at + 1 :])
    if not named_recipients(left):
        raise NotAllowed(
            "this is the last recipient: nobody could open what is recorded from now on",
            do="add another one first",
            safe="nothing was changed",
        )
    return left
