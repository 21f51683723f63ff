"""Text from afar, for a terminal that obeys what stands in it."""

from __future__ import annotations


def plain(text: str) -> str:
    """``text`` with a question mark for each character that is none to read; its lines stay lines."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
