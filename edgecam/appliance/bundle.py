"""What a bundle says of itself, and whether this camera may take it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edgecam.appliance.rauc import Rauc
from edgecam.appliance.release import Release, Version
from edgecam.core.errors import BadInput, DataLoss, EdgecamError, NotAllowed
from edgecam.core.told import name

SUFFIX = ".raucb"
# Looked at on a stick; each costs a signature check.
_MOST_BUNDLES = 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose signature was verified: where it is, for which board, which version."""

    source: str
    compatible: str
    version: Version


def decode_info(data: bytes, source: str) -> Bundle:
    """What RAUC tells of the bundle at ``source``. Raises: DataLoss, BadInput for a version that is none."""
    try:
        told = json.loads(data)
        compatible, version = name(told["compatible"]), name(told["version"])
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise DataLoss(f"what {source} says of itself cannot be read", do="fetch or copy it again") from broken
    return Bundle(source, compatible, Version.parse(version))


def read_bundle(rauc: Rauc, source: str) -> Bundle:
    """The bundle at ``source``, its signature verified. Raises: as `refusal`, `decode_info`."""
    return decode_info(rauc.info(source), source)


def require_wanted(bundle: Bundle, release: Release) -> None:
    """Raises: NotAllowed for another board's bundle, and for one that is not newer than what runs."""
    if bundle.compatible != release.compatible:
        raise NotAllowed(
            f"the bundle is for another board ({bundle.compatible[:60]}, this is {release.compatible})",
            do="get the one for this board",
        )
    if bundle.version <= release.version:
        older = "what runs already" if bundle.version == release.version else "older than what runs"
        raise NotAllowed(
            f"the bundle is {older} ({bundle.version}, running {release.version})",
            do="only a newer one can be installed; `edgecam update rollback` goes back by one",
        )


def newest_bundle(rauc: Rauc, release: Release, files: Iterable[Path]) -> Bundle:
    """The newest of ``files`` that this camera may take.

    Raises: BadInput without any, else why the last one may not be.
    """
    found: list[Bundle] = []
    refused: EdgecamError = BadInput(f"there is no bundle ({SUFFIX})", do="copy one to the top folder of the stick")
    for file in sorted(files)[:_MOST_BUNDLES]:
        try:
            bundle = read_bundle(rauc, str(file))
            require_wanted(bundle, release)
            found.append(bundle)
        except EdgecamError as why:
            refused = why
    if not found:
        raise refused
    return max(found, key=lambda bundle: bundle.version)


def bundles_in(folder: Path) -> list[Path]:
    """The bundles that lie in ``folder`` itself, links left out. Raises: BadInput."""
    try:
        return [
            file for file in folder.iterdir() if file.suffix == SUFFIX and file.is_file() and not file.is_symlink()
        ]
    except OSError as refused:
        raise BadInput(f"{folder} cannot be looked into ({refused.strerror})") from refused
