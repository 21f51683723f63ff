"""`edgecam masks verify`: whether every frame of an export shows nothing but fill where it was to be masked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from edgecam.cli.options import SettingsOption
from edgecam.cli.verify import expected_key
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.picture import U8
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.evidence.exported import exported_headers
from edgecam.custody.evidence.verify import verify_export
from edgecam.keys.camera import load_camera_key
from edgecam.masking.maskset import MaskSet, load_mask_set
from edgecam.masking.maskstore import MaskStore
from edgecam.masking.proof import TOLERANCE_UV, TOLERANCE_Y, Deviation, FillProof
from edgecam.places import find_places
from edgecam.ringbuffer.format import SegmentHeader
from edgecam.settings import find_settings

Planes = tuple[U8, U8, U8]


def verify(
    context: typer.Context,
    clip: Annotated[Path, typer.Argument(help="An MP4 made by `edgecam export`.")],
    masks: Annotated[
        list[Path] | None, typer.Option(help="A mask set file, when it is not one of this camera's.")
    ] = None,
    camera: Annotated[
        str, typer.Option(help="The camera's public key in hex, when it is not this camera.", show_default=False)
    ] = "",
    settings: SettingsOption = None,
) -> None:
    """Prove that CLIP is genuine, and that on every frame of it nothing can be seen where it was masked.

    Exit 1, with the first moment, where that does not hold.
    """
    settings = settings or context.obj
    verdict = verify_export(clip, expected_key(camera, settings))
    typer.echo(f"{clip}: {verdict.sentence}")
    if not verdict.genuine or verdict.camera_public is None:
        raise typer.Exit(1)
    headers = exported_headers(clip)
    known = _known(masks or [], verdict.camera_public, settings)
    check = _Check({header.mask_hash: _found(header, known) for header in headers if not header.private})
    try:
        check.run(headers, _frames(clip))
    except DataLoss as broken:
        check.fail(str(broken))
    check.tell()
    raise typer.Exit(1 if check.wrong else 0)


def _frames(clip: Path) -> Iterator[Planes]:
    # Only here: libraries of 40 MB that no other command of the command line needs.
    from edgecam.cli.decoded import decoded

    return decoded(clip)


def _known(files: list[Path], camera_public: bytes, settings: Path | None) -> dict[bytes, MaskSet]:
    """The mask sets that may have been burnt, by hash: those in ``files``, and all versions of this camera."""
    found = [load_mask_set(file, camera_public) for file in files]
    path = find_settings(settings)
    if settings is not None or path.exists():
        places = find_places(path)[1]
        found += MaskStore(places.masks, load_camera_key(places.camera_key)).history()
    return {masks.mask_hash: masks for masks in found}


def _found(header: SegmentHeader, known: dict[bytes, MaskSet]) -> MaskSet:
    if (masks := known.get(header.mask_hash)) is not None:
        return masks
    raise BadInput(
        f"the footage from {wall_time(header.start_wall_ns)} was masked with set {header.mask_hash.hex()[:16]}…, "
        "which is not known here",
        do="give its file with --masks",
    )


@dataclass(slots=True)
class _Tally:
    """What was found under one mask set so far."""

    proof: FillProof
    frames: int = 0
    worst: Deviation = field(default_factory=Deviation)


class _Check:
    """One pass over the frames of a clip; ``wrong`` is the first sentence that says what does not hold."""

    def __init__(self, burnt: dict[bytes, MaskSet]) -> None:
        self._burnt = burnt
        self._tallies: dict[bytes | None, _Tally] = {}
        self.wrong = ""

    def run(self, headers: list[SegmentHeader], frames: Iterator[Planes]) -> None:
        """Raises: DataLoss when the clip does not decode."""
        for header in headers:
            for number in range(header.frame_count):
                planes = next(frames, None)
                if planes is None:
                    self.fail(
                        f"from {wall_time(header.start_wall_ns)} on there are fewer frames than were recorded"
                    )
                    return
                self._look(header, number, planes)
        if next(frames, None) is not None:
            self.fail("there are more frames than were recorded")

    def fail(self, sentence: str) -> None:
        """Keep the first."""
        self.wrong = self.wrong or sentence

    def tell(self) -> None:
        """Print what was found, one line for each mask set."""
        for mask_hash, tally in self._tallies.items():
            proof, worst = tally.proof, tally.worst
            if mask_hash is None:
                what = "wholly masked"
            else:
                version = self._burnt[mask_hash].version
                what = f"set {mask_hash.hex()[:16]}… (version {version}), {100 * proof.covered_part:.1f} % masked"
            typer.echo(
                f"{what}: {tally.frames} frames, {100 * proof.checked_part:.1f} % of the picture looked at, "
                f"at most Y {worst.y}, U {worst.u}, V {worst.v} off the fill"
            )
        allowed = f"the codec explains Y {TOLERANCE_Y}, U and V {TOLERANCE_UV}"
        typer.echo(f"NOT masked: {self.wrong}; {allowed}" if self.wrong else f"masked on every frame; {allowed}")

    def _look(self, header: SegmentHeader, number: int, planes: Planes) -> None:
        tally = self._tally(header, planes[0])
        found = tally.proof.look(*planes)
        tally.frames += 1
        tally.worst = tally.worst.worst(found)
        at = wall_time(header.start_wall_ns + header.duration_ns * number // header.frame_count)
        if tally.proof.covered_part and not tally.proof.checked_part:
            self.fail(f"at {at} what is masked is too narrow for a proof")
        if not found.holds:
            self.fail(f"at {at} what is masked is off the fill by Y {found.y}, U {found.u}, V {found.v}")

    def _tally(self, header: SegmentHeader, luma: U8) -> _Tally:
        key = None if header.private else header.mask_hash
        if key not in self._tallies:
            height, width = luma.shape
            self._tallies[key] = _Tally(FillProof(self._burnt[key] if key else None, width, height))
        return self._tallies[key]
