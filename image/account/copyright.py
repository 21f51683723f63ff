"""Debian's copyright files (DEP-5): which licences, and the words of those that SPDX does not list."""

from __future__ import annotations

import re
from dataclasses import dataclass

from account.component import LicenceText
from account.licencenames import all_of, expression, references


@dataclass(frozen=True, slots=True)
class CopyrightFile:
    """``licence`` is empty for a file that only people can read."""

    licence: str
    named_texts: tuple[LicenceText, ...]


def decode_copyright(text: str, path: str) -> CopyrightFile:
    """What ``text`` says; for words that it does not give, readers are sent to ``path``. Any text is one."""
    if not re.match(r"\s*Format(-Specification)?\s*:", text, re.I):
        return CopyrightFile("", ())
    licences: set[str] = set()
    texts: dict[str, str] = {}
    for paragraph in re.split(r"\n[ \t]*\n(?=\S)", text.replace("\r\n", "\n")):
        told = re.search(r"^License:[ \t]*(?P<name>[^\n]*)(?P<words>(\n[ \t][^\n]*)*)", paragraph, re.M | re.I)
        if told is None or not told["name"].strip():
            continue
        named = expression(told["name"])
        if words := _words(told["words"]):
            texts.setdefault(named, words)
        files = re.search(r"^Files:(?P<files>[^\n]*(\n[ \t][^\n]*)*)", paragraph, re.M | re.I)
        if files is not None and not _packaging(files["files"]):
            licences.add(named)
    licence = all_of(licences)
    return CopyrightFile(
        licence, tuple(LicenceText(ref, texts.get(ref) or f"See {path}.") for ref in sorted({*references(licence)}))
    )


def _words(told: str) -> str:
    lines = [line.strip() for line in told.splitlines()]
    return "\n".join("" if line == "." else line for line in lines).strip()


def _packaging(files: str) -> bool:
    """Whether only Debian's own scripts are meant, which the image does not hold."""
    return all(name.startswith("debian/") for name in files.split())
