"""The aim of one camera as two files beside its masks: who confirmed it, and how the view looked then.

``masks.aim.json`` is the newest confirmation; only people's commands write it. ``masks.aim`` is what the recorder
made of it: the reference, or the note that the camera was moved since. Either holds for one confirmation alone:
what belongs to an elder one says that the reference of the newest is still to be taken. Where the second file is
missing or broken nobody knows what the view was, and it is not taken anew without a person. Where the source is no
camera, ``masks.aim.film`` names the film that was confirmed last.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgecam.core.clock import Clock, Instant
from edgecam.core.durable import identity_of, replace_durably
from edgecam.core.errors import BadInput, DataLoss
from edgecam.keys.camera import CameraKey
from edgecam.masking.aimconfirmation import AimConfirmation, decode_aim_confirmation
from edgecam.masking.aimreference import AimReference, decode_aim_reference
from edgecam.masking.maskset import Step

_NOTHING_YET = b"edgecam: no reference was taken yet"
_MOVED = b"edgecam: moved since the confirmation "
# In whose name a film or a drawn scene is confirmed; nobody can turn it, and no neighbour lives there.
NOBODY = "nobody: it is a film"


@dataclass(frozen=True, slots=True)
class Moved:
    """The camera was moved since its aim was confirmed."""


@dataclass(frozen=True, slots=True)
class Film:
    """A source that is no camera, by its name; its first view counts as confirmed."""

    name: str
    clock: Clock


class AimStore:
    """The files beside the mask file at ``masks``; ``key`` signs what is confirmed."""

    def __init__(self, masks: Path, key: CameraKey) -> None:
        self._key = key
        self._confirmation = masks.with_name(f"{masks.stem}.aim.json")
        self._kept = masks.with_name(f"{masks.stem}.aim")
        self._film = masks.with_name(f"{masks.stem}.aim.film")

    def confirm(self, by: str, now: Instant, mask_hash: bytes) -> AimConfirmation:
        """Say in the name of ``by`` that the view is right; a running recorder takes its reference at once.

        Raises: BadInput when nobody is named, MediaFailing.
        """
        confirmation = AimConfirmation(self._key.camera_id, mask_hash, Step.of(by, now)).signed(self._key.sign)
        if not self._is_kept_readable():
            replace_durably(self._kept, _NOTHING_YET, shared=True)
        replace_durably(self._confirmation, confirmation.encode(), shared=True)
        return confirmation

    def confirm_film(self, film: Film, mask_hash: bytes) -> None:
        """Confirm the view of ``film``, once for each film and set of masks. Raises: BadInput, MediaFailing."""
        confirmation = self.confirmation()
        is_known = _bytes_at(self._film) == film.name.encode()
        if confirmation is None or confirmation.mask_hash != mask_hash or not is_known:
            self.confirm(NOBODY, film.clock.now(), mask_hash)
            replace_durably(self._film, film.name.encode(), shared=True)

    def confirmation(self) -> AimConfirmation | None:
        """The newest one; ``None`` when there never was one. Raises: BadInput when it cannot be believed."""
        data = _bytes_at(self._confirmation)
        return None if data is None else decode_aim_confirmation(data, self._key.public)

    def kept(self, confirmation: AimConfirmation) -> AimReference | Moved | None:
        """How the view looked at ``confirmation``; ``None`` when that is still to be taken.

        Raises: BadInput or DataLoss when it was taken and is lost.
        """
        data = self._kept_bytes()
        if data.startswith(_MOVED):
            return Moved() if data == _MOVED + confirmation.digest else None
        if data == _NOTHING_YET:
            return None
        reference = decode_aim_reference(data)
        return reference if reference.confirmed == confirmation.digest else None

    def keep(self, reference: AimReference) -> None:
        """Raises: MediaFailing."""
        replace_durably(self._kept, reference.encode(), shared=True)

    def note_moved(self, confirmation: AimConfirmation) -> None:
        """From now on only another confirmation makes a view trusted. Raises: MediaFailing."""
        replace_durably(self._kept, _MOVED + confirmation.digest, shared=True)

    def _is_kept_readable(self) -> bool:
        try:
            data = self._kept_bytes()
            return data == _NOTHING_YET or data.startswith(_MOVED) or bool(decode_aim_reference(data))
        except (BadInput, DataLoss):
            return False

    def _kept_bytes(self) -> bytes:
        data = _bytes_at(self._kept)
        if data is None:
            raise DataLoss(
                "how the confirmed view looked is lost",
                do="confirm the aim again: `edgecam aim confirm`",
                safe="until then the whole picture is masked and recording goes on",
            )
        return data

    def identity(self) -> tuple[int, ...] | None:
        """What tells one state of the confirmation's file from another."""
        return identity_of(self._confirmation)


def _bytes_at(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as refused:
        raise BadInput(f"{path} cannot be read ({refused.strerror})", do="check its permissions") from refused
