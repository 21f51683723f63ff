"""A covered or written-on file made out of a copy: decoded, filled, written on, encoded, and vouched for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edgecam.capture.film import Film, FilmWriter
from edgecam.core.clock import Clock, Instant
from edgecam.core.durable import append_durably
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.custody.disclosure.derived import Derived, Original, Piece, derived_box
from edgecam.custody.disclosure.disclosure import Derive
from edgecam.custody.disclosure.duplicates import sha256_of
from edgecam.custody.disclosure.obscuring import Obscuring
from edgecam.custody.disclosure.watermark import Watermark
from edgecam.custody.evidence.boxes import walk
from edgecam.custody.evidence.exported import exported_headers
from edgecam.keys.camera import CameraKey
from edgecam.ringbuffer.format import SegmentHeader


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Who looked at how many frames of a covered film before it was released."""

    by: str = ""
    frames_seen: int = 0


NOT_REVIEWED = Reviewed()


def write_film(
    original: Path,
    out: Path,
    obscuring: Obscuring | None,
    watermark: Watermark | None,
    passed: Callable[[float], None] = lambda share: None,
) -> int:
    """Encode the genuine copy ``original`` to ``out``, covered and written on; how many frames it has.

    ``passed`` hears how far it has come, 0-1. Raises: DataLoss when the copy does not decode to the frames that its
    headers count, BadInput, MediaFailing.
    """
    film = Film(original)
    frames = sum(header.frame_count for header in exported_headers(original))
    if obscuring is not None and (obscuring.frames != frames or obscuring.size != film.size):
        raise DataLoss("what is to be covered was found in another film", do="begin the review anew")
    stamp = watermark.for_size(film.size) if watermark is not None else None
    writer, count = FilmWriter(out, film.size, film.time_base, film.fps), 0
    try:
        for at, picture in film.frames():
            if obscuring is not None:
                obscuring.burn(count, picture)
            if stamp is not None:
                stamp.put_on(picture)
            writer.add(at, picture)
            count += 1
            passed(count / max(frames, 1))
    finally:
        writer.close()
    if count != frames:
        raise DataLoss(f"the copy has {count} frames and not the {frames} that were recorded")
    return count


def vouch_for(
    film: Path,
    original: Path,
    key: CameraKey,
    now: Instant,
    obscuring: Obscuring | None,
    watermark: Watermark | None,
    reviewed: Reviewed = NOT_REVIEWED,
) -> Derived:
    """Append to ``film``, which `write_film` made of ``original``, what the camera signs of it.

    Raises: BadInput, DataLoss, MediaFailing.
    """
    headers = exported_headers(original)
    try:
        pieces, digest = tuple(_pieces(film, headers)), sha256_of(original)
    except OSError as refused:
        raise MediaFailing(f"{film} could not be read ({refused.strerror})", do="check the medium") from refused
    derived = Derived(
        camera_public=key.public.hex(),
        ring_id=headers[0].ring_id.hex(),
        original_sha256=digest,
        made_wall_ns=now.wall_ns,
        frames=sum(header.frame_count for header in headers),
        watermark=watermark.text if watermark is not None else "",
        reviewed_by=reviewed.by,
        frames_reviewed=reviewed.frames_seen,
        kept_tracks=tuple(sorted(obscuring.kept)) if obscuring is not None else (),
        originals=_originals(headers),
        fills=tuple(obscuring.fills()) if obscuring is not None else (),
        pieces=pieces,
    ).signed(key.sign)
    append_durably(film, derived_box(derived))
    return derived


def written_on(watermark: Watermark, key: CameraKey, clock: Clock) -> Derive:
    """Makes copies with ``watermark`` on every picture, and nobody covered."""

    def derive(originals: Sequence[Path], folder: Path) -> list[tuple[Path, Derived]]:
        made = []
        for original in originals:
            film = folder / original.name
            write_film(original, film, None, watermark)
            made.append((film, vouch_for(film, original, key, clock.now(), None, watermark)))
        return made

    return derive


def _originals(headers: Sequence[SegmentHeader]) -> tuple[Original, ...]:
    found, first = [], 1
    for header in headers:
        found.append(Original.of(header, first))
        first += header.frame_count
    return tuple(found)


def _pieces(path: Path, headers: Sequence[SegmentHeader]) -> Iterator[Piece]:
    """The init, then each fragment with the time at which its frames were recorded."""
    moments = [
        header.start_wall_ns + header.duration_ns * number // header.frame_count
        for header in headers
        for number in range(header.frame_count)
    ] + [headers[-1].end_wall_ns]
    first, init = 0, b""
    with open(path, "rb") as file:
        while box := _next_box(file):
            if box[4:8] != b"moof":
                init += box
                continue
            if init:
                yield _piece(init, moments[0], moments[-1], 0, 0)
                init = b""
            count = _samples(box)
            fragment = box + (_next_box(file) or b"")
            yield _piece(fragment, moments[first], moments[first + count], first + 1, first + count)
            first += count


def _piece(data: bytes, from_wall_ns: int, to_wall_ns: int, first_frame: int, last_frame: int) -> Piece:
    return Piece(len(data), hashlib.sha256(data).hexdigest(), from_wall_ns, to_wall_ns, first_frame, last_frame)


def _next_box(file: BinaryIO) -> bytes | None:
    header = file.read(8)
    if len(header) < 8:
        return None
    return header + file.read(int.from_bytes(header[:4], "big") - 8)


def _samples(moof_box: bytes) -> int:
    (moof,) = walk(moof_box)
    (traf,) = (box for box in walk(moof_box, moof.payload, moof.end) if box.kind == b"traf")
    runs = (box for box in walk(moof_box, traf.payload, traf.end) if box.kind == b"trun")
    return sum(int.from_bytes(moof_box[run.payload + 4 : run.payload + 8], "big") for run in runs)
