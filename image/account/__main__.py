"""Says what is in an image: ``python3 image/account ROOT --version V [--licences FILE] [--out FOLDER]``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

if __package__ in (None, ""):  # run by its folder's name: modules here are found as account.…
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from account.component import Component
from account.cyclonedx import cyclonedx
from account.debianpackages import codename, debian_packages
from account.image import Image
from account.licencelist import licences_text
from account.lookups import look_up
from account.ownparts import own_parts
from account.pagepackages import page_packages
from account.pythonpackages import python_packages
from account.spdx import spdx
from account.treehash import tree_hash
from account.vulnerabilities import Answer, report

_PROJECT = Path(__file__).resolve().parent.parent.parent


def components_of(root: Path, project: Path, version: str) -> tuple[Component, ...]:
    """All that ``root`` is made of; what is in its page is told by the lock file of ``project``."""
    return (
        *debian_packages(root),
        *python_packages(root),
        *page_packages(project / "web"),
        *own_parts(root, version),
    )


def main(arguments: list[str]) -> int:
    """Writes what was asked for; 0, or the process ends with a sentence."""
    asked = _parser().parse_args(arguments)
    components = components_of(asked.root, asked.project, asked.version)
    if asked.licences is not None:
        asked.licences.parent.mkdir(parents=True, exist_ok=True)
        notice = (asked.project / "NOTICE").read_text("utf-8")
        asked.licences.write_text(licences_text(asked.version, components, notice), "utf-8")
    if asked.out is not None:
        epoch_s = int(os.environ.get("SOURCE_DATE_EPOCH") or 0)
        image = Image(asked.version, asked.target, tree_hash(asked.root, epoch_s), epoch_s, components)
        asked.out.mkdir(parents=True, exist_ok=True)
        _write(asked.out / f"edgecam-{asked.version}-{asked.target}.cdx.json", cyclonedx(image))
        _write(asked.out / f"edgecam-{asked.version}-{asked.target}.spdx.json", spdx(image))
        told = report(components, _answers(asked, components), datetime.now(UTC).date().isoformat())
        _write(asked.out / "vulnerabilities.json", told)
        sys.stdout.write(told["says"] + "\n")
    return 0


def _answers(asked: argparse.Namespace, components: tuple[Component, ...]) -> list[Answer]:
    return [] if asked.offline else look_up(components, codename(asked.root))


def _write(path: Path, told: Any) -> None:
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="image/account", description=__doc__)
    parser.add_argument("root", type=Path, help="the unpacked root file system")
    parser.add_argument("--version", required=True, help="of edgecam")
    parser.add_argument("--target", default="generic", help="generic or raspberrypi")
    parser.add_argument("--project", type=Path, default=_PROJECT, help="the checkout that it was built from")
    parser.add_argument("--licences", type=Path, help="write the list of licences there; before the root is closed")
    parser.add_argument(
        "--out", type=Path, help="write bills of materials and vulnerabilities.json into this folder"
    )
    parser.add_argument("--offline", action="store_true", help="ask nobody about vulnerabilities, and say so")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
