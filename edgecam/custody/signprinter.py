"""The sign as a PDF to print, in three sizes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Literal

import segno
import typst

from edgecam.core.errors import BadInput, Bug
from edgecam.custody.sign import Sign, SignSize, words_of


class SignPrinter:
    """Sets signs in one language."""

    def __init__(self, language: str, font_folders: Sequence[Path] | None = None) -> None:
        """``font_folders`` replace the system's. Raises: BadInput for an unknown language or a missing font."""
        self._language, self._words = language, words_of(language)
        self._fonts = typst.Fonts(
            include_system_fonts=font_folders is None, font_paths=[str(path) for path in font_folders or ()]
        )
        if self._words.font not in self._fonts.families():
            raise BadInput(
                f"no font here can write the sign in {language!r} ({self._words.font} is missing)",
                do="install fonts-noto-cjk, or choose English",
                field="language",
            )

    def pdf(self, sign: Sign, size: SignSize) -> bytes:
        """One page. Raises: BadInput when something is missing, or is too long for one page."""
        return self.compiled(sign, size, "pdf")

    def compiled(self, sign: Sign, size: SignSize, form: Literal["pdf", "png"]) -> bytes:
        """The page as ``form``; as `pdf`."""
        rows = sign.rows(self._language)
        told = {
            "language": self._language,
            "words": {name: value for name, value in asdict(self._words).items() if isinstance(value, str)},
            "rows": rows,
            "size": size.value,
            "qr": _qr("\n".join([self._words.title, *(f"{label}: {text}" for label, text in rows)])),
            "pictogram": files("edgecam.custody").joinpath("sign.svg").read_text("utf-8"),
        }
        # A PDF does not say how many pages it has; pictures come one by one.
        if not isinstance(self._set(told, "svg"), bytes):
            raise BadInput("this is too much for one sign", do="shorten what it says", safe="nothing was written")
        page = self._set(told, form)
        if not isinstance(page, bytes):
            raise Bug("a sign of one page is not one")
        return page

    def _set(self, told: Mapping[str, object], form: Literal["pdf", "png", "svg"]) -> bytes | list[bytes]:
        template = files("edgecam.custody").joinpath("sign.typ").read_bytes()
        compiler = typst.Compiler(template, font_paths=self._fonts, sys_inputs={"told": json.dumps(told)})
        return compiler.compile(format=form) or []


def _qr(text: str) -> str:
    """``text`` as a QR code, an SVG picture: what the sign says, to take along."""
    picture = io.BytesIO()
    segno.make_qr(text, error="l").save(picture, kind="svg", border=2)
    return picture.getvalue().decode()
