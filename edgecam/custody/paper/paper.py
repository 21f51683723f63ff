"""A paper: a form, letter, certificate, standard or sign with all that it says, ready to be set.

What it says is data. Typst gets it as JSON, so that nothing anybody wrote is taken for markup. Setting takes some
70 MB that its process keeps: a process that goes on has it done by a child that ends (`printed_apart`).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edgecam.core.errors import BadInput, Bug, Unavailable
from edgecam.custody.paper.paperkind import OWN_LANGUAGE, PaperKind
from edgecam.custody.paper.paperwords import words_of

# What one paper may say, as JSON; some 2,000 rows of a register.
MAX_SIZE_BYTES = 4 << 20
_LONGEST_S = 120


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper to print. ``facts`` are JSON values, as the template of ``kind`` wants them.

    They are made by `formpapers`, `letters`, `certificatepapers`, `standardpaper` and `signpaper`.
    """

    kind: PaperKind
    language: str
    facts: Mapping[str, Any]
    foot: str = ""

    @property
    def told(self) -> dict[str, Any]:
        """All that the template gets. Raises: BadInput for an unknown language."""
        words = words_of(self.language)
        own = OWN_LANGUAGE.get(self.kind, self.language)
        origin = words["origins"].get(self.kind.value, "")
        return {
            "kind": self.kind.value,
            "language": self.language,
            "font": words["font"],
            # What the first cannot write, another may.
            "fonts": list(dict.fromkeys([words["font"], "Noto Serif CJK JP"])),
            "title_font": words["title_font"],
            "title": words["titles"][self.kind.value],
            "words": {name: text for name, text in words.items() if isinstance(text, str)}
            | words.get(_WORDS.get(self.kind, self.kind.value), {}),
            "origin": origin if own == self.language else f"{words['translated']}{origin}",
            "foot": self.foot,
            "facts": _breakable(dict(self.facts), _NARROW if self.kind in _LEDGERS else _WIDE),
        }

    def encode(self) -> bytes:
        """Raises: BadInput when it says too much for one paper."""
        data = json.dumps(
            {"kind": self.kind.value, "language": self.language, "facts": dict(self.facts), "foot": self.foot}
        ).encode()
        if len(data) > MAX_SIZE_BYTES:
            raise BadInput("this is too much for one paper", do="choose a shorter time", safe="nothing was printed")
        return data

    @classmethod
    def decode(cls, data: bytes) -> Paper:
        """The paper that `encode` wrote. Raises: BadInput for anything else."""
        try:
            told = json.loads(data)
            paper = cls(PaperKind(told.pop("kind")), **told)
            usable = (
                isinstance(paper.language, str) and isinstance(paper.facts, dict) and isinstance(paper.foot, str)
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
            raise BadInput("this is no paper to print") from broken
        if not usable:
            raise BadInput("this is no paper to print")
        return paper


# Both letters share their words.
_WORDS = {PaperKind.REFUSAL: "letter", PaperKind.ANSWER: "letter"}

# Letters in a row that fit where the paper is narrow; what is longer (a file's name) may be broken anywhere.
_WIDE, _NARROW, _WORD = 12, 8, 16
_LEDGERS = frozenset({PaperKind.GWANGJU_1, PaperKind.GWANGJU_2, PaperKind.COMPLAINTS})
_UNTOUCHED = frozenset({"qr", "pictogram"})
_BREAK_HERE = "\u200b"


def _breakable(value: Any, room: int) -> Any:
    if isinstance(value, str):
        return re.sub("[!-~]+", lambda run: _broken(run[0], room), value)
    if isinstance(value, Mapping):
        return {name: each if name in _UNTOUCHED else _breakable(each, room) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_breakable(each, room) for each in value]
    return value


def _broken(run: str, room: int) -> str:
    # Words are hyphenated and dates are short; only what is neither has to be broken.
    bare = run.strip("(),.;:")
    is_short = (bare.isalpha() and bare.islower()) or bare.replace("-", "").isdecimal()
    return run if len(run) <= (_WORD if is_short else room) else _BREAK_HERE.join(run)


def printed_apart(paper: Paper) -> bytes:
    """``paper`` as a PDF, set by a child process that is gone afterwards.

    Raises: BadInput (a font is missing, too much for one paper), Unavailable when it takes too long.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "edgecam.custody.paper.typesetting"],
            input=paper.encode(),
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Unavailable(f"the paper was not set within {_LONGEST_S} s", do="choose a shorter time") from late
    except OSError as refused:
        raise Unavailable("no other process could be started to set the paper", do="try again") from refused
    if done.returncode == 0 and done.stdout.startswith(b"%PDF-"):
        return done.stdout
    raise _refusal(done.stderr)


def _refusal(said: bytes) -> BadInput | Bug:
    try:
        told = json.loads(said.splitlines()[-1])
        return BadInput(str(told["what"]), do=str(told["do"]), safe=str(told["safe"]), field=str(told["field"]))
    except (ValueError, TypeError, KeyError, IndexError):
        return Bug(f"a paper could not be set: {said[-300:].decode(errors='replace')}")
