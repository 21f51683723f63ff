"""The recovery kit: one page of paper that opens the footage when the passphrase is lost."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Literal

import segno
import typst

from edgecam.core.errors import BadInput
from edgecam.keys.kit_words import WORDS

_GROUP_SIZE, _GROUPS_PER_ROW = 5, 6
_PREFIX = "AGE-SECRET-KEY-1"


@dataclass(frozen=True, slots=True)
class RecoveryKit:
    """What the page says. ``secret`` is the age identity as text, ``ring`` where the camera keeps the footage."""

    camera_id: str
    recipient: str
    secret: str
    ring: str
    made_on: str

    @property
    def rows(self) -> list[list[str]]:
        """The secret in groups that a person can type, row by row; joined they are the secret."""
        rest = self.secret.removeprefix(_PREFIX)
        groups = [rest[i : i + _GROUP_SIZE] for i in range(0, len(rest), _GROUP_SIZE)]
        rows = [groups[i : i + _GROUPS_PER_ROW] for i in range(0, len(groups), _GROUPS_PER_ROW)]
        return [[_PREFIX], *rows]

    @property
    def commands(self) -> list[str]:
        """One for each step of the words, empty where there is nothing to type."""
        name = PurePath(self.ring).name
        return [
            "sudo apt install age python3-cryptography",
            "age-keygen -y key.txt",
            "",
            f"python3 read_ring.py {name} key.txt -o footage.mp4",
            "",
        ]


class KitPrinter:
    """Sets kits in one language. Made first, so that whatever is missing is found before a secret is unlocked."""

    def __init__(self, language: str, font_folders: Sequence[Path] | None = None) -> None:
        """``font_folders`` replace the system's. Raises: BadInput for an unknown language or a missing font."""
        if language not in WORDS:
            raise BadInput(f"there is no recovery kit in {language!r}", do=f"use one of {', '.join(WORDS)}")
        self._language, self._words = language, WORDS[language]
        self._fonts = typst.Fonts(
            include_system_fonts=font_folders is None, font_paths=[str(path) for path in font_folders or ()]
        )
        if self._words.font not in self._fonts.families():
            raise BadInput(
                f"no font here can write the kit in {language!r} ({self._words.font} is missing)",
                do="install fonts-noto-cjk, or take --language en",
            )

    def pdf(self, kit: RecoveryKit) -> bytes:
        """The page, A4. The secret passes through RAM alone. Raises: BadInput when it would be two pages."""
        told = {
            "words": asdict(self._words),
            "language": self._language,
            "kit": asdict(kit),
            "rows": kit.rows,
            "commands": kit.commands,
            "qr": _qr(kit.secret),
        }
        # A PDF does not say how many pages it has; pictures come one by one.
        if len(self._set(told, "svg")) > 1:
            raise BadInput(
                "the ring's path is too long for a recovery kit of one page",
                do="keep the ring at a shorter path",
                safe="nothing was printed",
            )
        return self._set(told, "pdf")[0]

    def _set(self, told: Mapping[str, object], form: Literal["pdf", "svg"]) -> list[bytes]:
        template = files("edgecam.keys").joinpath("kit.typ").read_bytes()
        compiler = typst.Compiler(template, font_paths=self._fonts, sys_inputs={"told": json.dumps(told)})
        pages = compiler.compile(format=form)
        return [pages] if isinstance(pages, bytes) else list(pages or ())


def _qr(secret: str) -> str:
    """``secret`` as a QR code, an SVG picture; a quarter of it may be unreadable."""
    picture = io.BytesIO()
    segno.make_qr(secret, error="q").save(picture, kind="svg", border=4)
    return picture.getvalue().decode()
