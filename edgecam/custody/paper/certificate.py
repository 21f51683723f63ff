"""The certificate of disposal: what was made unreadable, when, how that was verified, and what is left to do.

A value with two forms: canonical JSON, signed by the camera while it still has its key, and plain text to print in
Japanese, Korean or English.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from edgecam.core.clock import TimeTrust
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.oneform import ordered_json
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.paper.certificate_words import WORDS, Words
from edgecam.keys.camera import camera_id, signed_by

FORMAT = "edgecam-disposal-1"
_BYTES = ("camera_public", "ring_id", "signature")
_KINDS = {"medium": str, "medium_serial": str, "who": str, "reason": str, "verified": bool}
_OPTIONAL = ("from_wall_ns", "to_wall_ns")


@dataclass(frozen=True, slots=True)
class DisposalCertificate:
    """One ring made unreadable.

    ``medium`` names the file or device, ``medium_serial`` the card where that is known (else empty). ``epochs``
    lived in it, begun between ``from_wall_ns`` and ``to_wall_ns`` (``None`` where there were none); ``verified``
    says that every place of a key was read back past all caches without it. ``album_epochs`` of pictures of events
    and the day's digest, and ``holds``, were destroyed with it. ``register_sequence`` is the register line of the
    act. ``signature`` is the camera's over `body`, 64 bytes.
    """

    camera_public: bytes
    ring_id: bytes
    medium: str
    medium_serial: str
    size_bytes: int
    epochs: int
    album_epochs: int
    holds: int
    from_wall_ns: int | None
    to_wall_ns: int | None
    verified: bool
    at_wall_ns: int
    trust: TimeTrust
    who: str
    reason: str
    register_sequence: int
    signature: bytes = b""

    def body(self) -> bytes:
        """What is signed: the JSON object without its ``signature``."""
        return ordered_json(self._fields())

    def signed(self, sign: Callable[[bytes], bytes]) -> DisposalCertificate:
        return replace(self, signature=sign(self.body()))

    def genuine(self) -> bool:
        """Whether the camera that it names signed it."""
        return signed_by(self.camera_public, self.signature, self.body())

    def to_json(self) -> bytes:
        return ordered_json({**self._fields(), "signature": self.signature.hex()}) + b"\n"

    def to_text(self, language: str) -> str:
        """The certificate to print, in ``ja``, ``ko`` or ``en``. Raises: BadInput for another language."""
        words = WORDS.get(language)
        if words is None:
            raise BadInput(f"no certificate in the language {language!r}", do=f"choose one of {', '.join(WORDS)}")
        rows = [f"{name}: {value}" for name, value in self.rows(words)]
        verified = words.verified if self.verified else words.not_verified
        parts = [words.title, "\n".join(rows), verified, words.remainder, words.destroy, words.signed_here]
        return "\n\n".join(parts) + "\n"

    def rows(self, words: Words) -> list[tuple[str, str]]:
        """What it says, line by line: what it is, and the value."""
        moment = wall_time(self.at_wall_ns)
        if self.trust < TimeTrust.SYNCED:
            moment = f"{moment} ({words.untrusted})"
        return [
            (words.camera, camera_id(self.camera_public)),
            (words.ring, self.ring_id.hex()),
            (words.medium, self.medium),
            (words.serial, self.medium_serial or words.unknown),
            (words.size, f"{self.size_bytes} B"),
            (words.footage, self._footage()),
            (words.album, str(self.album_epochs)),
            (words.holds, str(self.holds)),
            (words.moment, moment),
            (words.who, self.who),
            (words.reason, self.reason),
            (words.register_line, str(self.register_sequence)),
            (words.signature, self.signature.hex()),
        ]

    def _footage(self) -> str:
        if self.from_wall_ns is None or self.to_wall_ns is None:
            return "0"
        return f"{self.epochs} ({wall_time(self.from_wall_ns)} – {wall_time(self.to_wall_ns)})"

    def _fields(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "camera_public": self.camera_public.hex(),
            "ring_id": self.ring_id.hex(),
            "medium": self.medium,
            "medium_serial": self.medium_serial,
            "size_bytes": self.size_bytes,
            "epochs": self.epochs,
            "album_epochs": self.album_epochs,
            "holds": self.holds,
            "from_wall_ns": self.from_wall_ns,
            "to_wall_ns": self.to_wall_ns,
            "verified": self.verified,
            "at_wall_ns": self.at_wall_ns,
            "trust": int(self.trust),
            "who": self.who,
            "reason": self.reason,
            "register_sequence": self.register_sequence,
        }


def decode_certificate(data: bytes) -> DisposalCertificate:
    """The certificate that `DisposalCertificate.to_json` wrote; its signature is not checked here.

    Raises: DataLoss for anything that it would not have written byte for byte.
    """
    try:
        fields = json.loads(data)
        if fields.pop("format") != FORMAT:
            raise ValueError("another format")
        certificate = DisposalCertificate(**{name: _value(name, told) for name, told in fields.items()})
        same = certificate.to_json() == data
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as broken:
        raise DataLoss("a certificate of disposal does not parse") from broken
    if not same:
        raise DataLoss("a certificate of disposal was changed")
    return certificate


def _value(name: str, told: Any) -> Any:
    if name in _BYTES:
        return bytes.fromhex(told)
    if name == "trust":
        return TimeTrust(told)
    kind = _KINDS.get(name, int)
    if type(told) is not kind and not (told is None and name in _OPTIONAL):
        raise TypeError(f"{name} is not of its kind")
    return told
