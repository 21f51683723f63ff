"""Read footage out of an edgecam ring without edgecam: an owner's second way to their own recordings.

    python read_ring.py RING KEYFILE [KEYFILE…] -o OUT.mp4 [--from ISO] [--to ISO] [--list]

RING is the ring's file or block device, or a copy; it is only read. KEYFILE is the owner's age identity file
(AGE-SECRET-KEY-1…); where footage is sealed to two people, name an operator's as well. Needs Python 3.11 with
`cryptography`, and the program `age`. Where one file cannot hold all, OUT-2.mp4 follows. Damage is told on standard
error and stepped over. Written from ring-format.md alone.
"""

import subprocess
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import chain, zip_longest
from os import pread
from pathlib import Path
from struct import Struct
from types import SimpleNamespace
from typing import Any, BinaryIO
from zlib import crc32

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

UNIT, HEADER, SALT, LOOK_AHEAD, LONGEST_EPOCH_NS = 4096, 512, 16, 1 << 20, 602 * 10**9
# Of each record what is signed: its magic, its layout (x is a reserved byte), the names of its fields.
SUPERBLOCK = b"edgecamR", "<8s2HI4Q16s32s32s", "magic version trust slots size table data area ring camera created"
SLOT_FIELDS = "magic version state trust epoch position sequence wall boot boot_id ring previous init_hash k i"
SLOT = b"edgecamE", "<8s3H2x3QqQ16s16s32s32s2H4x", SLOT_FIELDS
SEGMENT_FIELDS = "magic version flags trust cause epoch index frames sequence wall boot duration gap s boot_id ring"
SEGMENT = b"edgecamS", "<8s4HQ2IQq3QI4x16s16s32s32s32s32s", SEGMENT_FIELDS + " masks previous content sealed"
warn = partial(print, file=sys.stderr)


def record(kind: tuple[bytes, str, str], raw: bytes, key: bytes | None = None) -> Any:
    """The record that these bytes are; None if they are none, are damaged, or are not signed by the camera."""
    magic, shape, names = kind[0], Struct(kind[1]), kind[2].split()
    found = SimpleNamespace(**dict(zip(names, shape.unpack_from(raw), strict=True)), raw=raw)
    size, end = shape.size, shape.size + 64 + (found.k + found.i if kind is SLOT else 0)
    fits = raw[-4:] == crc32(raw[:-4]).to_bytes(4, "little") and (found.magic, found.version) == (magic, 1)
    with suppress(InvalidSignature, ValueError):
        if fits and shape.pack(*shape.unpack_from(raw)) == raw[:size] and raw[end:-4] == bytes(len(raw) - 4 - end):
            Ed25519PublicKey.from_public_bytes(key or found.camera).verify(raw[size : size + 64], raw[:size])
            return found
    return None


class Ring:
    """A ring's live slots, their segments, and the film in those. Raises: SystemExit if this is no ring."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        copies = [record(SUPERBLOCK, self.read(at, UNIT)) for at in (0, UNIT)]
        self.head = copies[0] or copies[1] or sys.exit("no superblock: not a ring, or disposed of")

    def read(self, offset: int, size: int) -> bytes:
        with suppress(OSError):
            return pread(self.file.fileno(), size, offset).ljust(size, b"\0")
        return bytes(size)  # what the medium refuses counts as damaged

    def slots(self) -> Iterator[Any]:
        """The live slots, in the order of the table."""
        for place in range(self.head.slots):
            raw = self.read(self.head.table + UNIT * place, UNIT)
            slot = record(SLOT, raw, self.head.camera)
            if slot and (slot.state, slot.ring, slot.epoch % self.head.slots) == (1, self.head.ring, place):
                yield slot
            elif any(raw) and raw[:12] not in (b"edgecamE\1\0\2\0", b"edgecamE\1\0\3\0"):
                warn(f"slot {place} is damaged: its ten minutes cannot be opened")

    def segments(self, slot: Any, after: Any) -> Iterator[Any]:
        """The headers of an epoch, in order; `after` is the slot of the next epoch, None behind the newest."""
        place, sequence, previous = slot.position, slot.sequence, slot.previous
        while after is None or sequence < after.sequence:
            next_lap = -(-place // self.head.area) * self.head.area
            later = range(place + UNIT, after.position if after else place + LOOK_AHEAD, UNIT)
            for turn, position in enumerate(chain((place, next_lap), later)):
                offset = self.head.data + position % self.head.area
                found = record(SEGMENT, self.read(offset, HEADER), self.head.camera)
                ours = found and (found.ring, found.epoch) == (slot.ring, slot.epoch)
                follows = ours and (found.sequence, found.previous) == (sequence, previous)
                if follows or (ours and turn > 1 and found.sequence > sequence):
                    break
            else:
                return warn(f"epoch {slot.epoch}: its last headers are damaged") if after else None
            if not follows:
                warn(f"epoch {slot.epoch}: what came before segment {found.index} is damaged")
            found.payload = offset + HEADER
            yield found
            place = position + -(-(HEADER + found.s) // UNIT) * UNIT
            sequence, previous = found.sequence + 1, sha256(found.raw).digest()
        if after.previous != previous:
            warn(f"epoch {slot.epoch}: the next epoch does not continue its chain")

    def film(self, slot: Any, segments: list[Any], keyfiles: list[str]) -> Iterator[tuple[bytes, bytes]]:
        """Each segment's fragment beside the init it needs; what cannot be opened is left out."""
        unseal: Any = partial(
            subprocess.run, ["age", "-d", *(f"-i={name}" for name in keyfiles)], capture_output=True
        )
        age = unseal(input=slot.raw[224 : 224 + slot.k])
        if age.stdout.startswith(b"age-encryption.org/v1\n"):  # sealed to two people, one layer in another
            age = unseal(input=age.stdout)
        try:
            key = AESGCM(age.stdout)
            init = key.decrypt(bytes(12), slot.raw[224 + slot.k :][: slot.i], slot.raw[:152])
        except (ValueError, InvalidTag):
            return warn(f"epoch {slot.epoch} cannot be opened: {age.stderr.decode(errors='replace').strip()}")
        for segment in segments:
            sealed = self.read(segment.payload, segment.s)
            with suppress(InvalidTag):
                content = key.decrypt((segment.index + 1).to_bytes(12, "little"), sealed, segment.raw[:208])
                hashes = [sha256(part).digest() for part in (init, sealed, content)]
                if hashes == [slot.init_hash, segment.sealed, segment.content]:
                    yield init, content[SALT:]
                    continue
            warn(f"epoch {slot.epoch}: segment {segment.index} is damaged, or was not written to its end")


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("ring")
    parser.add_argument("keyfile", nargs="+")
    parser.add_argument("-o", dest="out", type=Path, default=Path("out.mp4"))
    parser.add_argument("--from", dest="since", type=datetime.fromisoformat, default=datetime.fromtimestamp(0))
    parser.add_argument("--to", dest="until", type=datetime.fromisoformat, default=datetime.fromtimestamp(1 << 33))
    parser.add_argument("--list", action="store_true")
    asked, films, last = parser.parse_args(), 0, (b"", b"")
    since, until = asked.since.timestamp() * 1e9, asked.until.timestamp() * 1e9
    with open(asked.ring, "rb") as file:
        ring = Ring(file)
        slots = sorted(ring.slots(), key=lambda slot: slot.epoch)
        for slot, after in zip_longest(slots, slots[1:]):
            walk = ring.segments(slot, after) if since - LONGEST_EPOCH_NS < slot.wall < until + 1e9 else ()
            chosen = [one for one in walk if one.wall < until and one.wall + one.duration > since]
            if asked.list and chosen:
                print(f"{datetime.fromtimestamp(chosen[0].wall / 1e9)} epoch {slot.epoch}: {len(chosen)} segments")
            for init, fragment in ring.film(slot, chosen, asked.keyfile) if chosen and not asked.list else ():
                decode_time = fragment[fragment.find(b"tfdt") + 8 :][:8]
                if init != last[0] or decode_time <= last[1]:
                    films += 1
                    name = asked.out.with_stem(asked.out.stem + (f"-{films}" if films > 1 else ""))
                    name.write_bytes(init)
                last = init, decode_time
                with name.open("ab") as out:
                    out.write(fragment)
    sys.exit(None if films or asked.list else "nothing was read")


if __name__ == "__main__":
    main()
