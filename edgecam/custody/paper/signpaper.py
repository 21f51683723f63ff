"""The sign as a paper, in three sizes, with a QR code of what it says to take along."""

from __future__ import annotations

import io
from importlib.resources import files

import segno

from edgecam.custody.paper.paper import Paper
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.sign import Sign, SignSize, words_of

_KINDS = {
    SignSize.A4: PaperKind.SIGN_A4,
    SignSize.A5: PaperKind.SIGN_A5,
    SignSize.STICKER: PaperKind.SIGN_STICKER,
}
SIZES = {kind: size for size, kind in _KINDS.items()}


def sign_paper(sign: Sign, size: SignSize, language: str) -> Paper:
    """Raises: BadInput for an unknown language, or for what a sign has to say and nobody told."""
    words, rows = words_of(language), sign.rows(language)
    facts = {
        "size": size.value,
        "title": words.title,
        "says": words.says,
        "more": words.more,
        "rows": rows,
        "qr": _qr("\n".join([words.title, *(f"{label}: {text}" for label, text in rows)])),
        "pictogram": files("edgecam.custody.paper").joinpath("sign.svg").read_text("utf-8"),
    }
    return Paper(_KINDS[size], language, facts)


def _qr(text: str) -> str:
    """``text`` as a QR code, an SVG picture."""
    picture = io.BytesIO()
    segno.make_qr(text, error="l").save(picture, kind="svg", border=2)
    return picture.getvalue().decode()
