"""Footage comes out of a ring without edgecam: by a reader written from the document alone, and the tool `age`."""

from __future__ import annotations

import ast
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from agentstand import Agent, camera, owner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ringstand import OWNER, STRANGER, at, make_ring, open_writer
from videos import noise

from edgecam.capture.encoder import X264Encoder
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import DataLoss
from edgecam.core.frames import Fragment, MaskedFrame, SourceFormat
from edgecam.core.picture import Picture
from edgecam.keys.camera import signed_by
from edgecam.ringbuffer.format import (
    SUPERBLOCK_SIZE,
    ErasedSlot,
    GapCause,
    SegmentHeader,
    Superblock,
    decode_slot,
)
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader, StoredSegment

SCRIPT = Path(__file__).parents[2] / "docs" / "design" / "read_ring.py"
VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "ring.json").read_text())
RING_SIZE = 4 << 20
WIDTH, HEIGHT, FPS = 160, 120, 10

pytestmark = pytest.mark.skipif(shutil.which("age") is None, reason="Debian's package age is not installed")


@dataclass(frozen=True)
class Told:
    """How a run of the script ended."""

    code: int
    out: str
    err: str
    films: list[Path]

    @property
    def bytes(self) -> list[bytes]:
        return [film.read_bytes() for film in self.films]


def read_ring(ring: Path, key_file: Path, out: Path, *asked: str) -> Told:
    """Run the script as an owner does; it may find no edgecam."""
    command = [sys.executable, "-I", str(SCRIPT), str(ring), str(key_file), "-o", str(out), *asked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    names = [out, *(out.with_stem(f"{out.stem}-{number}") for number in range(2, 100))]
    return Told(done.returncode, done.stdout, done.stderr, [name for name in names if name.exists()])


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module, for its parsing functions."""
    spec = importlib.util.spec_from_file_location("read_ring", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What it is made of.


@pytest.mark.row("K1")
def test_it_is_short_and_knows_nothing_of_edgecam() -> None:
    source = SCRIPT.read_text()
    assert len(source.splitlines()) <= 160
    tree = ast.parse(source)
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    foreign = {name for name in imported if name and name.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign == {
        "cryptography.exceptions",
        "cryptography.hazmat.primitives.asymmetric.ed25519",
        "cryptography.hazmat.primitives.ciphers.aead",
    }
    runs = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "run"]
    assert len(runs) == 1
    assert '["age", "-d", *' in source


# Its records and the vectors.

_KINDS = {"superblock": "SUPERBLOCK", "live_slot": "SLOT", "segment_header": "SEGMENT"}
_SAME = {
    "superblock": {
        "slots": "slot_count",
        "size": "size_bytes",
        "table": "table_offset",
        "data": "data_offset",
        "area": "data_size",
        "ring": "ring_id",
        "trust": "created_trust",
    },
    "live_slot": {
        "epoch": "epoch",
        "position": "position",
        "sequence": "first_sequence",
        "wall": "start_wall_ns",
        "boot": "start_mono_ns",
        "boot_id": "start_boot_id",
        "trust": "start_trust",
        "previous": "previous_hash",
        "init_hash": "init_hash",
    },
    "segment_header": {
        "epoch": "epoch",
        "index": "index",
        "sequence": "sequence",
        "wall": "start_wall_ns",
        "boot": "start_mono_ns",
        "boot_id": "boot_id",
        "trust": "trust",
        "duration": "duration_ns",
        "frames": "frame_count",
        "s": "payload_size",
        "gap": "gap_ns",
        "cause": "gap_cause",
        "flags": "private",
        "masks": "mask_hash",
        "previous": "previous_hash",
        "content": "content_hash",
        "sealed": "sealed_hash",
    },
}
CAMERA_PUBLIC = bytes.fromhex(VECTORS["camera_public"])


def raw(vector: dict[str, Any]) -> bytes:
    return bytes.fromhex(vector["start"]).ljust(vector["size"] - 4, b"\0") + bytes.fromhex(vector["crc"])


@pytest.mark.parametrize("name", list(_KINDS))
def test_it_reads_the_vectors_as_they_are_told(script: ModuleType, name: str) -> None:
    found = script.record(getattr(script, _KINDS[name]), raw(VECTORS[name]), CAMERA_PUBLIC)
    assert found is not None
    for ours, theirs in _SAME[name].items():
        value = getattr(found, ours)
        told = VECTORS[name]["fields"][theirs]
        assert (value.hex() if isinstance(value, bytes) else value) == told, ours


@pytest.mark.parametrize("name", ["erased_slot", "destroyed_slot"])
def test_a_slot_without_a_key_is_no_live_one(script: ModuleType, name: str) -> None:
    slot = decode_slot(raw(VECTORS[name]))
    assert isinstance(slot, ErasedSlot)
    assert slot.discarded is VECTORS[name]["fields"]["discarded"]
    assert slot.encode() == raw(VECTORS[name])
    assert script.record(script.SLOT, raw(VECTORS[name]), CAMERA_PUBLIC) is None


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: f"{vector['kind']}: {vector['why']}")
def test_what_is_no_record_is_refused_by_both(script: ModuleType, vector: dict[str, Any]) -> None:
    assert not taken_by_edgecam(vector["kind"], raw(vector))
    found = script.record(getattr(script, _KINDS.get(vector["kind"], "SLOT")), raw(vector), CAMERA_PUBLIC)
    taken = found is not None and getattr(found, "state", 1) == 1
    assert taken == vector.get("only_edgecam", False)


def taken_by_edgecam(kind: str, data: bytes) -> bool:
    decode = {"superblock": Superblock.decode, "segment_header": SegmentHeader.decode}.get(kind, decode_slot)
    try:
        value = decode(data)
    except DataLoss:
        return False
    signature, signed = getattr(value, "signature", b""), getattr(value, "signed_part", b"")
    return signed_by(CAMERA_PUBLIC, signature, signed) if signed else value is not None


@given(st.binary(max_size=600), st.integers(0, 4095), st.sampled_from([4096, 512]))
def test_any_bytes_are_a_record_or_none(script: ModuleType, some: bytes, where: int, size: int) -> None:
    for name, kind in _KINDS.items():
        if VECTORS[name]["size"] != size:
            continue
        data = bytearray(raw(VECTORS[name]))
        start = where % size
        some = some[: size - start]
        data[start : start + len(some)] = some
        found = script.record(getattr(script, kind), bytes(data), CAMERA_PUBLIC)
        assert (found is None) == (bytes(data) != raw(VECTORS[name]))


# A ring of real fragments, small enough to wrap often.


@dataclass(frozen=True)
class Filmed:
    """A ring of which all is known: every fragment ever committed by its sequence number, and what still lives."""

    path: Path
    committed: dict[int, Fragment]
    living: list[StoredSegment]

    def expected(self, sequences: Sequence[int] | None = None) -> bytes:
        """The one film of these fragments, all living ones by default."""
        chosen = [stored.header.sequence for stored in self.living] if sequences is None else sequences
        fragments = [self.committed[sequence] for sequence in chosen]
        return fragments[0].init + b"".join(fragment.data for fragment in fragments)

    def offset(self, stored: StoredSegment) -> int:
        """Where a segment's header lies in the file."""
        superblock = Superblock.decode(self.path.read_bytes()[:SUPERBLOCK_SIZE])
        return superblock.byte_offset(stored.position)


def fragments(seconds: int, width: int = WIDTH, height: int = HEIGHT) -> list[Fragment]:
    """Noise through the real encoder: much to store for a small picture."""
    made: list[Fragment] = []
    chance = np.random.default_rng(width)
    encoder = X264Encoder(SourceFormat(width, height, FPS), bit_rate_kbps=2000, on_fragment=made.append)
    picture = Picture(width, height)
    for number in range(seconds * FPS):
        picture.buffer[:] = noise(chance, width, height)
        captured_ns = at(0).mono_ns + number * NS_PER_S // FPS
        encoder.encode(MaskedFrame(picture, None, captured_ns, number, b"m" * 32, False))
    encoder.close()
    return made


@pytest.fixture(scope="module")
def noise_fragments() -> list[Fragment]:
    return fragments(48)


def film(path: Path, some: list[Fragment], size: int = RING_SIZE) -> Filmed:
    """Commit ``some`` to a new ring at ``path``, each when it was captured."""
    committed: dict[int, Fragment] = {}
    medium = FileMedium.create(path, size)
    make_ring(medium)
    writer = open_writer(medium)
    for fragment in some:
        start = at((fragment.start_mono_ns - at(0).mono_ns) / NS_PER_S)
        committed[writer.append(fragment, start, 0, GapCause.NONE).sequence] = fragment
    writer.close()
    medium = FileMedium.open(path, writable=False)
    living = list(RingReader(medium).segments())
    medium.close()
    return Filmed(path, committed, living)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, noise_fragments: list[Fragment]) -> Filmed:
    return film(tmp_path_factory.mktemp("ring") / "ring", noise_fragments)


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("owner") / "identity"
    path.write_text(OWNER.secret() + "\n")
    return path


@pytest.mark.row("K1")
def test_a_ring_that_wrapped_gives_all_that_lives_bit_by_bit(
    filmed: Filmed, key_file: Path, tmp_path: Path
) -> None:
    sequences = [stored.header.sequence for stored in filmed.living]
    assert sequences[0] > 0
    assert filmed.living[-1].position > RING_SIZE
    assert len({stored.slot.epoch for stored in filmed.living}) > 5
    told = read_ring(filmed.path, key_file, tmp_path / "film.mp4")
    assert (told.code, told.err) == (0, "")
    assert told.bytes == [filmed.expected()]


def test_it_lists_without_the_key(filmed: Filmed, tmp_path: Path) -> None:
    told = read_ring(filmed.path, tmp_path / "there-is-none", tmp_path / "film.mp4", "--list")
    assert (told.code, told.err, told.films) == (0, "", [])
    counted = [int(line.rpartition(": ")[2].removesuffix(" segments")) for line in told.out.splitlines()]
    assert sum(counted) == len(filmed.living)
    assert len(counted) == len({stored.slot.epoch for stored in filmed.living})


def test_it_gives_what_touches_the_asked_time(filmed: Filmed, key_file: Path, tmp_path: Path) -> None:
    chosen = filmed.living[4:9]
    first, last = chosen[0].header, chosen[-1].header
    inside = (first.end_wall_ns - NS_PER_S // 10, last.start_wall_ns + NS_PER_S // 10)
    since, until = (datetime.fromtimestamp(ns / NS_PER_S, UTC).isoformat() for ns in inside)
    told = read_ring(filmed.path, key_file, tmp_path / "film.mp4", "--from", since, "--to", until)
    assert told.bytes == [filmed.expected([stored.header.sequence for stored in chosen])]
    nothing = read_ring(filmed.path, key_file, tmp_path / "no.mp4", "--to", "2001-01-01")
    assert (nothing.code, nothing.films) == (1, [])
    assert "nothing was read" in nothing.err


@pytest.mark.row("K1")
def test_another_key_opens_nothing(filmed: Filmed, tmp_path: Path) -> None:
    other = tmp_path / "identity"
    other.write_text(STRANGER.secret() + "\n")
    told = read_ring(filmed.path, other, tmp_path / "film.mp4")
    assert (told.code, told.films) == (1, [])
    epochs = {stored.slot.epoch for stored in filmed.living}
    assert told.err.count("cannot be opened: age: error: no identity matched") == len(epochs)


def test_what_is_no_ring_is_refused(key_file: Path, tmp_path: Path) -> None:
    blank = tmp_path / "blank"
    blank.write_bytes(bytes(RING_SIZE))
    told = read_ring(blank, key_file, tmp_path / "film.mp4")
    assert (told.code, told.films) == (1, [])
    assert "no superblock" in told.err


def flipped(filmed: Filmed, path: Path, *offsets: int) -> Path:
    data = bytearray(filmed.path.read_bytes())
    for offset in offsets:
        data[offset] ^= 0x10
    path.write_bytes(data)
    return path


@pytest.mark.row("R9")
@pytest.mark.parametrize(
    ("where", "said"), [(600, "segment {index} is damaged"), (100, "damaged"), (300, "damaged"), (509, "damaged")]
)
def test_a_flipped_bit_costs_its_segment_and_is_told(
    filmed: Filmed, key_file: Path, tmp_path: Path, where: int, said: str
) -> None:
    for number in (0, len(filmed.living) // 2, len(filmed.living) - 1):
        victim = filmed.living[number]
        ring = flipped(filmed, tmp_path / "ring", filmed.offset(victim) + where)
        told = read_ring(ring, key_file, tmp_path / f"film-{number}x.mp4")
        kept = [one.header.sequence for one in filmed.living if one != victim]
        assert told.bytes == [filmed.expected(kept)]
        # At the head of the newest epoch, a damaged header is no header: nothing says that there was one.
        if where == 600 or victim.slot.epoch != filmed.living[-1].slot.epoch:
            assert said.format(index=victim.header.index) in told.err
        ring.unlink()


def test_a_damaged_slot_costs_its_epoch(filmed: Filmed, key_file: Path, tmp_path: Path) -> None:
    lost = filmed.living[len(filmed.living) // 2].slot
    superblock = Superblock.decode(filmed.path.read_bytes()[:SUPERBLOCK_SIZE])
    for number, offset in enumerate((0, 100, 300, 4095)):
        ring = flipped(filmed, tmp_path / f"ring-{number}", superblock.slot_offset(lost.epoch) + offset)
        told = read_ring(ring, key_file, tmp_path / f"film{number}.mp4")
        kept = [one.header.sequence for one in filmed.living if one.slot != lost]
        assert told.bytes == [filmed.expected(kept)]
        assert f"slot {lost.epoch % superblock.slot_count} is damaged" in told.err


def test_one_superblock_is_enough(filmed: Filmed, key_file: Path, tmp_path: Path) -> None:
    ring = flipped(filmed, tmp_path / "ring", 70)
    assert read_ring(ring, key_file, tmp_path / "film.mp4").bytes == [filmed.expected()]
    ring = flipped(filmed, tmp_path / "both", 70, 4096 + 70)
    assert read_ring(ring, key_file, tmp_path / "no.mp4").films == []


def everything(script: ModuleType, ring: Path, key_file: Path) -> Iterator[bytes]:
    """All fragments that the script's functions open."""
    with ring.open("rb") as file:
        opened = script.Ring(file)
        slots = sorted(opened.slots(), key=lambda slot: slot.epoch)
        for slot, after in zip_longest(slots, slots[1:]):
            for _, fragment in opened.film(slot, list(opened.segments(slot, after)), [str(key_file)]):
                yield fragment


@given(chance=st.randoms(use_true_random=False), flips=st.integers(1, 200))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_makes_it_give_wrong_bytes(
    script: ModuleType, filmed: Filmed, key_file: Path, tmp_path: Path, chance: Any, flips: int
) -> None:
    # Everywhere, but for the superblocks, without which it is no ring.
    offsets = [chance.randrange(2 * SUPERBLOCK_SIZE, RING_SIZE) for _ in range(flips)]
    ring = flipped(filmed, tmp_path / "ring", *offsets)
    order = {fragment.data: sequence for sequence, fragment in filmed.committed.items()}
    given = [order[fragment] for fragment in everything(script, ring, key_file)]
    assert given == sorted(set(given))
    # A flip costs the segment it hits, or an epoch of at most two of these segments.
    assert len(given) >= len(filmed.living) - 2 * flips


def test_a_change_of_size_begins_another_film(
    noise_fragments: list[Fragment], key_file: Path, tmp_path: Path
) -> None:
    small = fragments(3, 128, 96)
    one_film = noise_fragments[:3]
    again = noise_fragments[:2]  # a new run of the encoder counts from 0 again, here inside one epoch
    filmed = film(tmp_path / "ring", [*one_film, *small, *again, *again], 32 << 20)
    assert small[0].init != one_film[0].init
    told = read_ring(filmed.path, key_file, tmp_path / "film.mp4")
    assert told.bytes == [filmed.expected(sequences) for sequences in ([0, 1, 2], [3, 4, 5], [6, 7], [8, 9])]
    assert filmed.living[6].slot == filmed.living[9].slot


# The whole camera on real footage.


@pytest.fixture(scope="module")
def stopped_camera(tmp_path_factory: pytest.TempPathFactory, vtest: str) -> Iterator[Agent]:
    """A camera that filmed twice, so that its footage is of two runs."""
    with camera(tmp_path_factory.mktemp("independent") / "camera", vtest) as agent:
        for _ in range(2):
            with agent.started():
                agent.wait_recording(6)
        yield agent


def ffmpeg(program: str, *asked: str) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    return subprocess.run([program, "-v", "error", *asked], capture_output=True, text=True, check=True).stdout


def frames(films: list[Path]) -> list[str]:
    """A hash of the pixels of every frame."""
    told = [ffmpeg("ffmpeg", "-i", str(film), "-map", "0:v", "-f", "framehash", "-") for film in films]
    return [line.split(",")[-1].strip() for text in told for line in text.splitlines() if line[0] != "#"]


@pytest.mark.row("K1")
def test_the_frames_are_those_of_an_export(stopped_camera: Agent, tmp_path: Path) -> None:
    key_file = tmp_path / "identity"
    key_file.write_text(owner()[2].secret() + "\n")
    told = read_ring(stopped_camera.places.ring, key_file, tmp_path / "film.mp4")
    assert (told.code, told.err) == (0, "")
    assert len(told.films) == 2
    count = ("-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0")
    counted = sum(int(ffmpeg("ffprobe", *count, str(film)).strip().rstrip(",")) for film in told.films)
    assert counted == sum(header.frame_count for header in stopped_camera.headers())
    exported = frames(stopped_camera.export("export.mp4"))
    assert frames(told.films) == exported
    assert len(exported) == counted
