"""The operation standard as a paper: an announced version, or a draft."""

from __future__ import annotations

from edgecam.custody.paper.letterhead import Letterhead
from edgecam.custody.paper.paper import Paper
from edgecam.custody.paper.paperkind import PaperKind
from edgecam.custody.paper.paperwords import words_of
from edgecam.custody.paper.standard import Standard, told_standard
from edgecam.custody.paper.standardversion import StandardVersion


def announced_paper(head: Letterhead, version: StandardVersion) -> Paper:
    """``version`` in the language of ``head``."""
    said = words_of(head.language)["standard"]["version"].format(
        version=version.number,
        announced=head.moments.day(version.announced_wall_ns),
        in_force=head.moments.day_of(version.in_force),
    )
    return _paper(head, version.standards[head.language], said)


def draft_paper(head: Letterhead, standard: Standard) -> Paper:
    """What would be announced now."""
    return _paper(head, standard, words_of(head.language)["standard"]["draft"])


def _paper(head: Letterhead, standard: Standard, version: str) -> Paper:
    return Paper(PaperKind.STANDARD, head.language, {**told_standard(standard), "version": version})
