"""Typst: papers to PDF and pictures. ``python -m edgecam.custody.paper.typesetting`` sets one paper and ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import typst

from edgecam.core.errors import BadInput
from edgecam.custody.paper.paper import MAX_SIZE_BYTES, Paper
from edgecam.custody.paper.paperkind import SIGNS, PaperKind

_BESIDE_RECORDING = 10
_Form = Literal["pdf", "png", "svg"]


class Typesetter:
    """Sets papers with the fonts of this machine."""

    def __init__(self, font_folders: Sequence[Path] | None = None) -> None:
        """``font_folders`` replace the system's fonts."""
        self._fonts = typst.Fonts(
            include_system_fonts=font_folders is None, font_paths=[str(path) for path in font_folders or ()]
        )

    def pdf(self, paper: Paper) -> bytes:
        """Raises: BadInput for a missing font, or when a sign says too much for its page."""
        # A PDF does not say how many pages it has; pictures come one by one.
        if paper.kind in SIGNS and len(self._set(paper, "svg")) != 1:
            raise BadInput("this is too much for one sign", do="shorten what it says", safe="nothing was printed")
        return self._set(paper, "pdf")[0]

    def pictures(self, paper: Paper, dots_per_inch: float) -> list[bytes]:
        """A PNG of each page. Raises: as `pdf`."""
        return self._set(paper, "png", dots_per_inch)

    def _set(self, paper: Paper, form: _Form, dots_per_inch: float | None = None) -> list[bytes]:
        """The PDF alone, or each page as a picture. The templates see nothing but what the paper says."""
        told = paper.told
        self._check_fonts(told)
        template = _template("paper") + _template(_TEMPLATES.get(paper.kind, paper.kind.value))
        compiler = typst.Compiler(template, font_paths=self._fonts, sys_inputs={"told": json.dumps(told)})
        pages = compiler.compile(format=form, ppi=dots_per_inch)
        return [pages] if isinstance(pages, bytes) else list(pages or ())

    def _check_fonts(self, told: Mapping[str, Any]) -> None:
        families = set(self._fonts.families())
        for font in (told["font"], told["title_font"]):
            if font not in families:
                raise BadInput(
                    f"no font here can write {told['language']!r} ({font} is missing)",
                    do="install the Debian package fonts-noto-cjk, or choose English",
                    safe="nothing was printed",
                    field="language",
                )


# Papers that look alike.
_TEMPLATES = {PaperKind.REFUSAL: "letter", PaperKind.ANSWER: "letter"} | dict.fromkeys(SIGNS, "sign")


def _template(name: str) -> bytes:
    return files("edgecam.custody.paper").joinpath("papers", f"{name}.typ").read_bytes()


def main() -> int:
    """One paper (`Paper.encode`) on standard input, its PDF on standard output; a refusal as JSON on stderr."""
    os.nice(_BESIDE_RECORDING)
    try:
        page = Typesetter().pdf(Paper.decode(sys.stdin.buffer.read(MAX_SIZE_BYTES + 1)))
    except BadInput as refused:
        told = {"what": refused.what, "do": refused.do, "safe": refused.safe, "field": refused.field}
        sys.stderr.write(json.dumps(told) + "\n")
        return 1
    sys.stdout.buffer.write(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
