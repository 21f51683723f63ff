"""The words of all papers in Japanese, Korean and English: package data, one file for each language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from edgecam.core.errors import BadInput

LANGUAGES = ("ja", "ko", "en")


@cache
def words_of(language: str) -> dict[str, Any]:
    """The words of ``language`` by their names, nested as in its file. Raises: BadInput for another language."""
    if language not in LANGUAGES:
        raise BadInput(
            f"there is no paper in {language!r}", do=f"use one of {', '.join(LANGUAGES)}", field="language"
        )
    return tomllib.loads(files("edgecam.custody.paper").joinpath("papers", f"{language}.toml").read_text("utf-8"))
