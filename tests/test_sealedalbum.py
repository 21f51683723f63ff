"""The album on a real file: sealed to the owner, in the clear nowhere, erased on time, in nobody's way."""

from __future__ import annotations

import io
import os

import av
import numpy as np
import pyrage
import pytest
import simplejpeg  # type: ignore[import-untyped]
from albumstand import MASKS, album_camera, kept, movement_job, opened, register_acts, shot_job
from ringstand import OTHER_CAMERA, TWO_WEEKS, at

from edgecam.analysis.digest import FRAMES_PER_S
from edgecam.core.albumrecord import Piece, Thumbnail
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import EventKind
from edgecam.core.status import Fault
from edgecam.keys.owner import OwnerIdentity
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.creation import create_ring
from edgecam.ringbuffer.medium import FileMedium
from edgecam.sealedalbum import SealedAlbum


def fault_of(album: SealedAlbum) -> Fault | None:
    return album.fault


@pytest.mark.row("A6")
def test_pictures_and_pieces_come_back_for_the_owner_and_for_nobody_else() -> None:
    with album_camera() as (settings, places, clock):
        album = SealedAlbum(settings, places, clock)
        kept(album, shot_job(1, clock), movement_job(2, clock))
        assert album.fault is None
        (of_shot, _, thumbnail), (of_piece, init, piece) = opened(places)
        assert isinstance(thumbnail, Thumbnail)
        assert isinstance(piece, Piece)
        assert (thumbnail.event_id, thumbnail.kind, thumbnail.trust) == (f"{1:032x}", EventKind.PERSON, 2)
        assert simplejpeg.decode_jpeg(thumbnail.jpeg).shape == (180, 320, 3)
        with av.open(io.BytesIO(init + piece.fragment), "r") as film:
            frames = list(film.decode(video=0))
        assert len(frames) == piece.frames == 8
        assert (piece.zones, piece.duration_ms) == (("lawn",), 1000 * 8 // FRAMES_PER_S)
        assert piece.to_ms - piece.from_ms == 6000
        # What a browser sorts them by, without a key.
        assert (of_shot.frame_count, of_piece.frame_count) == (1, 8)
        assert of_shot.mask_hash == of_piece.mask_hash == MASKS
        assert check_ring(FileMedium.open(places.album, writable=False)) == []


@pytest.mark.row("K1")
def test_nothing_lies_on_the_medium_in_the_clear() -> None:
    with album_camera() as (settings, places, clock):
        album = SealedAlbum(settings, places, clock)
        kept(album, *(shot_job(n, clock) for n in range(5)), movement_job(9, clock))
        album.close()
        assert len(opened(places)) == 6
        for path in places.state_dir.rglob("*"):
            data = path.read_bytes() if path.is_file() else b""
            for magic in (b"\xff\xd8\xff\xe0", b"moof", b"mdat", b"avcC", b"edgecamA", b"JFIF"):
                assert magic not in data, (path, magic)


@pytest.mark.row("R1")
def test_nothing_in_it_outlives_its_time_whatever_it_was_dated_by() -> None:
    with album_camera(days=0.02) as (settings, places, clock):  # half an hour
        album = SealedAlbum(settings, places, clock)
        for number in range(240):
            clock.seconds += 30
            if number % 7 == 3:
                kept(album, movement_job(number, clock, lasted_s=29))
            elif number % 3 == 1:
                kept(album, shot_job(number, clock))
            album.tend()
            oldest_ms = (clock.now().wall_ns - round(0.02 * 86_400 * NS_PER_S)) // 1_000_000
            for _, _, record in opened(places):
                assert (record.at_ms if isinstance(record, Thumbnail) else record.from_ms) >= oldest_ms
        assert album.fault is None
        assert set(register_acts(places)) == {("erasure", "retention of the album")}
        assert len(register_acts(places)) >= 8


@pytest.mark.row("R1")
def test_an_album_that_is_not_wanted_any_more_is_erased_on_time_all_the_same() -> None:
    with album_camera(days=0.02) as (settings, places, clock):
        album = SealedAlbum(settings, places, clock)
        kept(album, shot_job(1, clock))
        album.close()
        after = SealedAlbum(settings, places, clock, makes=False)
        clock.seconds += 0.03 * 86_400
        after.tend()
        assert opened(places) == []
        after.close()
        places.album.unlink()
        SealedAlbum(settings, places, clock, makes=False).tend()
        assert not places.album.exists()


@pytest.mark.row("A6")
def test_a_full_day_is_thinned_and_what_a_rule_asked_for_is_kept() -> None:
    with album_camera(days=30, size_mib=2) as (settings, places, clock):
        album = SealedAlbum(settings, places, clock)
        for number in range(120):
            clock.seconds += 1
            kept(album, shot_job(number, clock))
        assert album.passed_over > 60
        before = len(opened(places))
        kept(album, shot_job(500, clock, kind=EventKind.INTRUSION))
        assert len(opened(places)) in (before, before + 1)
        assert album.fault is None


@pytest.mark.row("C5")
@pytest.mark.parametrize("broken", ["another camera's", "garbage", "a folder"])
def test_a_broken_album_is_a_fault_and_nothing_is_written_to_it(broken: str) -> None:
    with album_camera() as (settings, places, clock):
        if broken == "a folder":
            places.album.mkdir()
        else:
            SealedAlbum(settings, places, clock).tend()
            data = bytearray(places.album.read_bytes())
            data[:8192] = os.urandom(8192)
            if broken == "another camera's":
                places.album.unlink()
                medium = FileMedium.create(places.album, 1 << 20)
                create_ring(
                    medium,
                    camera_public=OTHER_CAMERA.public,
                    sign=OTHER_CAMERA.sign,
                    retention=TWO_WEEKS,
                    now=at(0),
                )
                medium.close()
                data = bytearray(places.album.read_bytes())
            else:
                places.album.write_bytes(data)
        before = None if broken == "a folder" else places.album.read_bytes()
        album = SealedAlbum(settings, places, clock)
        album.tend()
        kept(album, shot_job(1, clock))
        assert album.fault is not None
        assert album.fault.code == "album"
        assert "recording go on" in album.fault.sentence
        if before is not None:
            assert places.album.read_bytes() == before
            places.album.unlink()
        else:
            places.album.rmdir()
        clock.seconds += 11
        album.tend()
        kept(album, shot_job(2, clock))
        assert fault_of(album) is None
        assert len(opened(places)) == 1


@pytest.mark.row("C5")
def test_a_disk_without_room_is_a_fault() -> None:
    with album_camera(size_mib=65_536) as (settings, places, clock):
        free = os.statvfs(places.state_dir)
        if free.f_bavail * free.f_frsize > 60 << 30:
            pytest.skip("this disk has room for an album of 64 GiB")
        album = SealedAlbum(settings, places, clock)
        kept(album, shot_job(1, clock))
        assert album.fault is not None
        assert "no room" in album.fault.sentence
        assert not places.album.exists()


@pytest.mark.row("K4")
def test_new_owners_are_followed_from_then_on() -> None:
    stranger = OwnerIdentity(pyrage.x25519.Identity.generate())
    with album_camera() as (settings, places, clock):
        album = SealedAlbum(settings, places, clock)
        kept(album, shot_job(1, clock))
        album.tend()
        places.recipients.write_text(places.recipients.read_text() + f"{stranger.recipient()}\n")
        album.tend()
        clock.seconds += 5
        kept(album, shot_job(2, clock))
        (first, _, _), (second, _, _) = opened(places)
        assert second.epoch == first.epoch + 1


@pytest.mark.row("C5")
def test_another_writer_is_a_fault_until_it_is_gone() -> None:
    with album_camera() as (settings, places, clock):
        first = SealedAlbum(settings, places, clock)
        first.tend()
        first.close()
        held = FileMedium.open(places.album, writable=True)
        album = SealedAlbum(settings, places, clock)
        kept(album, shot_job(1, clock))
        assert album.fault is not None
        held.close()
        clock.seconds += 11
        kept(album, shot_job(2, clock))
        assert fault_of(album) is None


@pytest.mark.row("M2")
def test_a_piece_shows_what_its_pictures_show() -> None:
    with album_camera() as (settings, places, clock):
        album = SealedAlbum(settings, places, clock)
        job = movement_job(1, clock)
        for shown in job.found.pictures:  # type: ignore[union-attr]
            shown.y[40:120, 80:240], shown.u[20:60, 40:120], shown.v[20:60, 40:120] = 32, 128, 128
        kept(album, job)
        ((_, init, piece),) = opened(places)
        assert isinstance(piece, Piece)
        with av.open(io.BytesIO(init + piece.fragment), "r") as film:
            for frame in film.decode(video=0):
                luma = frame.to_ndarray(format="yuv420p")[:180]
                assert np.abs(luma[56:104, 96:224].astype(int) - 32).max() <= 6
