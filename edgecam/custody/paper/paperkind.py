"""Every paper there is: its stable name, whose form it is, and what it is filled from."""

from __future__ import annotations

from enum import StrEnum


class PaperKind(StrEnum):
    """Stable names; they stand in addresses and commands."""

    INZAI_1 = "inzai-1"
    INZAI_2 = "inzai-2"
    GWANGJU_1 = "gwangju-1"
    GWANGJU_2 = "gwangju-2"
    KUMAMOTO_1 = "kumamoto-1"
    KUMAMOTO_2 = "kumamoto-2"
    REFUSAL = "refusal"
    ANSWER = "answer"
    COMPLAINTS = "complaints"
    ERASURE = "erasure"
    DISPOSAL = "disposal"
    STANDARD = "standard"
    SIGN_A4 = "sign-a4"
    SIGN_A5 = "sign-a5"
    SIGN_STICKER = "sign-sticker"


class Source(StrEnum):
    """What a paper is filled from; one of ``SETTINGS`` names nobody but who answers for the camera."""

    SETTINGS = "settings"
    CASE = "case"
    HOLD = "hold"
    SPAN = "span"


SIGNS = frozenset({PaperKind.SIGN_A4, PaperKind.SIGN_A5, PaperKind.SIGN_STICKER})
# The language in which a form is its own; in others it is a translation that says so.
OWN_LANGUAGE = {
    PaperKind.INZAI_1: "ja",
    PaperKind.INZAI_2: "ja",
    PaperKind.GWANGJU_1: "ko",
    PaperKind.GWANGJU_2: "ko",
    PaperKind.KUMAMOTO_1: "ja",
    PaperKind.KUMAMOTO_2: "ja",
}
SOURCES = {
    PaperKind.INZAI_1: Source.CASE,
    PaperKind.INZAI_2: Source.SPAN,
    PaperKind.GWANGJU_1: Source.SPAN,
    PaperKind.GWANGJU_2: Source.SPAN,
    PaperKind.KUMAMOTO_1: Source.HOLD,
    PaperKind.KUMAMOTO_2: Source.SPAN,
    PaperKind.REFUSAL: Source.CASE,
    PaperKind.ANSWER: Source.CASE,
    PaperKind.COMPLAINTS: Source.SPAN,
    PaperKind.ERASURE: Source.SPAN,
} | dict.fromkeys((PaperKind.DISPOSAL, PaperKind.STANDARD, *SIGNS), Source.SETTINGS)
# Without a source these are printed empty, to be filled in by hand; the others say nothing then.
BLANK_KINDS = frozenset(OWN_LANGUAGE) | {PaperKind.COMPLAINTS}
