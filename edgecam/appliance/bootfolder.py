"""The folder that its owner sees when the card is in a computer: files are read from it, taken over, and answered.

Any editor may have written them: a byte-order mark, Windows' line ends, UTF-16 and `.txt` at the end are read.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from edgecam.core.durable import erase_durably, replace_durably
from edgecam.core.errors import BadInput

PROBLEMS, LABEL = "edgecam-problems.txt", "edgecam-label.txt"
RESET, CAMERA_KEY, SETUP_CODE, SETTINGS = "factory-reset", "camera.key", "setup-code.txt", "edgecam.toml"
WIFI, BROKER_PASSWORD, BROKER_AUTHORITY = "wifi.toml", "broker.password", "broker.ca.pem"
OWNER_ACCOUNT, LOCKED_OWNER, RECIPIENT = "owner.account", "owner.age", "owner.age-recipient"
# Whatever is taken over; `factory-reset` is an order.
BOOT_FILES = (
    CAMERA_KEY,
    SETUP_CODE,
    SETTINGS,
    WIFI,
    BROKER_PASSWORD,
    BROKER_AUTHORITY,
    OWNER_ACCOUNT,
    LOCKED_OWNER,
    RECIPIENT,
)
_MOST_SIZE_BYTES = 65_536
_BEGINNINGS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class BootFolder:
    """The folder at ``path``; one that is not there is empty, and cannot be answered in."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def text(self, name: str) -> str | None:
        """What ``name`` says, with ``\\n`` at its line ends; ``None`` without such a file.

        Raises: as `data`, and BadInput for what is no text.
        """
        data = self.data(name)
        return None if data is None else decode_text(data, name)

    def data(self, name: str) -> bytes | None:
        """The bytes of ``name``; ``None`` without such a file. Raises: BadInput when too long or unreadable."""
        found = self._find(name)
        if found is None:
            return None
        try:
            with found.open("rb") as file:
                data = file.read(_MOST_SIZE_BYTES + 1)
        except OSError as refused:
            raise BadInput(f"{name} cannot be read ({refused.strerror})", do="write it anew") from refused
        if len(data) > _MOST_SIZE_BYTES:
            raise BadInput(f"{name} has more than {_MOST_SIZE_BYTES >> 10} KiB", do="write it anew")
        return data

    def holds(self, name: str) -> bool:
        """Whether there is such a file."""
        return self._find(name) is not None

    def take(self, name: str, said: str) -> None:
        """Overwrite ``name`` where it lies and take it away, and leave a note that it was taken: ``said``.

        Raises: MediaFailing.
        """
        found = self._find(name)
        if found is None:
            return
        erase_durably(found)
        self._say(f"{name}.taken", f"{said}\nWrite a new {name} beside this note to change it.\n")

    def finish_taking(self, names: Iterable[str]) -> None:
        """Take away what of ``names`` begins with zeros: power failed while it was wiped. Raises: MediaFailing."""
        for name in names:
            found = self._find(name)
            if found is not None and _begins_wiped(found):
                erase_durably(found)

    def answer(self, problems: Iterable[str]) -> None:
        """Say what is wrong, in a file of its own; without ``problems`` there is none. Raises: MediaFailing."""
        told = list(problems)
        if told:
            self._say(PROBLEMS, "\n".join(("What the camera found at its last start:", *told)) + "\n")
        else:
            self.forget(PROBLEMS)

    def label(self, lines: Iterable[str]) -> None:
        """Leave what belongs on the camera's label. Raises: MediaFailing."""
        self._say(LABEL, "\n".join(lines) + "\n")

    def forget(self, name: str) -> None:
        """Take one of our own files away again. Raises: MediaFailing."""
        erase_durably(self.path / name)

    def _say(self, name: str, text: str) -> None:
        path, data = self.path / name, text.replace("\n", "\r\n").encode()
        with suppress(OSError):
            if path.read_bytes() == data:  # the same at each start: nothing to write
                return
        replace_durably(path, data)

    def _find(self, name: str) -> Path | None:
        """The file called ``name`` in any case, or that with the ``.txt`` that editors add."""
        wanted = (name, f"{name}.txt")
        try:
            there = {path.name.lower(): path for path in sorted(self.path.iterdir()) if path.is_file()}
        except OSError:
            return None
        return next((there[one] for one in wanted if one in there), None)


def _begins_wiped(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(1) == b"\0"
    except OSError:
        return False


def decode_text(data: bytes, name: str) -> str:
    """``data`` as text, as editors of all systems write it. Raises: BadInput for what is no text."""
    encoding, begins = next(((known, mark) for mark, known in _BEGINNINGS if data.startswith(mark)), ("utf-8", b""))
    try:
        text = data[len(begins) :].decode(encoding)
    except UnicodeDecodeError as broken:
        raise BadInput(f"{name} is not text", do="save it as UTF-8") from broken
    if "\0" in text:
        raise BadInput(f"{name} is not text", do="save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def word(text: str) -> str:
    """The first line of ``text`` that says something, without the spaces around it; may be empty."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")
