"""Permits that are keys: for each epoch of a case what opens it for the one who asked, left by who allowed it.

Files ``<case id>.keys`` beside the cases, signed by the camera, which opens none of what is in them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from edgecam.core.clock import Clock
from edgecam.core.durable import changing_alone, erase_durably, identity_of, replace_secret_durably
from edgecam.core.errors import BadInput, DataLoss, EdgecamError, MediaFailing, NotAllowed
from edgecam.core.oneform import sorted_json
from edgecam.core.told import text, whole_number
from edgecam.custody.cases.case import Case, CaseKind, CaseState, Want
from edgecam.custody.cases.caserules import Actor
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import CameraKey, signed_by
from edgecam.keys.owner import OwnerIdentity, Recipients, is_sealed

# A fortnight of ring and album, and what no sealed key of a slot reaches.
MOST_KEYS, MOST_KEY_SIZE = 8192, 8192
_MOST_SIZE_BYTES = 1 << 25
_SUFFIX = ".keys"
# Before its decision a case may have keys too: they are used only once it is allowed.
_WAITING = frozenset({CaseState.ASKED, CaseState.GRANTED})


class Left(StrEnum):
    """What somebody left: an owner who asks leaves what is under the owner's layer; who allows leaves keys."""

    OFFERED = "offered"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class PermitKey:
    """``sealed_key`` is an age file that stands for the sealed key of the epoch's slot, for one person."""

    ring_id: bytes
    epoch: int
    sealed_key: bytes


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """All keys of a case; ``account_id`` is the one to whom they are served, each epoch stands there once."""

    case_id: str
    account_id: str
    left: Left
    by: str
    keys: tuple[PermitKey, ...]

    def key(self, ring_id: bytes, epoch: int) -> bytes | None:
        """What stands for the slot's sealed key, if anything does."""
        return next((one.sealed_key for one in self.keys if (one.ring_id, one.epoch) == (ring_id, epoch)), None)


def permit_key(granter: OwnerIdentity, sealed_key: bytes, recipients: Recipients) -> bytes:
    """``sealed_key`` without the layer that ``granter`` opens, sealed to ``recipients``.

    Under two people what is inside is an age file to the other side still. Raises: NotAllowed, DataLoss.
    """
    return recipients.seal(granter.without_layer(sealed_key))


def offered_key(asker: OwnerIdentity, sealed_key: bytes) -> bytes:
    """``sealed_key`` without the layer of the owner who asks, for an operator to open.

    Raises: BadInput where that would be the key itself, NotAllowed, DataLoss.
    """
    inner = asker.without_layer(sealed_key)
    if not is_sealed(inner):
        raise BadInput("this footage is not sealed to two people", do="look at it with your own key")
    return inner


class PermitKeys:
    """The files in ``folder``. Threads and processes may share it."""

    def __init__(self, folder: Path, key: CameraKey) -> None:
        self._folder, self._key = folder, key
        self._looking = threading.Lock()
        self._seen: dict[str, tuple[tuple[int, ...], CaseKeys | None]] = {}

    def leave(self, case_id: str, account_id: str, left: Left, by: str, keys: Iterable[PermitKey]) -> CaseKeys:
        """Keep ``keys`` beside those that were left before for the same; others of the case are overwritten.

        Raises: BadInput for what is no sealed key, or too many; MediaFailing.
        """
        new = {(one.ring_id, one.epoch): one for one in keys}
        if not all(is_sealed(one.sealed_key) and len(one.sealed_key) <= MOST_KEY_SIZE for one in new.values()):
            raise BadInput("a key that is left must be an age file", do="use the page itself", field="keys")
        path = self._path(case_id)
        with self._alone():
            before = self.of(case_id)
            if before is not None and (before.account_id, before.left) == (account_id, left):
                new = {(one.ring_id, one.epoch): one for one in before.keys} | new
            if len(new) > MOST_KEYS:
                raise BadInput(f"a case has keys of {MOST_KEYS} epochs at most", do="ask for a shorter time")
            kept = CaseKeys(case_id, account_id, left, by, tuple(new.values()))
            replace_secret_durably(path, _encode(kept, self._key), shared=True)
        return kept

    def of(self, case_id: str) -> CaseKeys | None:
        """What was left for that case; ``None`` when nothing was, or nothing that this camera signed."""
        path = self._path(case_id)
        identity = identity_of(path)
        with self._looking:
            if identity is None:
                self._seen.pop(case_id, None)
                return None
            seen = self._seen.get(case_id)
            if seen is None or seen[0] != identity:
                seen = self._seen[case_id] = identity, self._read(path, case_id)
            return seen[1]

    def keep_only(self, case_id: str, there: Collection[tuple[bytes, int]]) -> int:
        """Overwrite the keys of all but those epochs (ring id and number), whose footage is gone; how many.

        Raises: MediaFailing.
        """
        with self._alone():
            held = self.of(case_id)
            if held is None:
                return 0
            kept = tuple(one for one in held.keys if (one.ring_id, one.epoch) in there)
            if not kept:
                erase_durably(self._path(case_id))
            elif len(kept) < len(held.keys):
                data = _encode(replace(held, keys=kept), self._key)
                replace_secret_durably(self._path(case_id), data, shared=True)
            return len(held.keys) - len(kept)

    def holds_epoch(self, epoch: int) -> bool:
        """Whether a copy of that epoch's key may lie here, of whichever ring; when in doubt, yes."""
        found = [self.of(case_id) for case_id in self.case_ids()]
        return any(held is None or any(one.epoch == epoch for one in held.keys) for held in found)

    def case_ids(self) -> list[str]:
        """The cases for which something was left."""
        try:
            return sorted(path.stem for path in self._folder.iterdir() if path.suffix == _SUFFIX)
        except OSError:
            return []

    def erase(self, case_id: str) -> None:
        """Overwrite what was left for that case, flush, unlink. Raises: MediaFailing."""
        path = self._path(case_id)
        if path.exists():
            with self._alone():
                erase_durably(path)

    def _alone(self) -> AbstractContextManager[None]:
        return changing_alone(self._folder / "keys")

    def _read(self, path: Path, case_id: str) -> CaseKeys | None:
        try:
            with open(path, "rb") as file:
                found = decode_case_keys(file.read(_MOST_SIZE_BYTES + 1), self._key.public)
        except (OSError, DataLoss):
            return None
        return found if found.case_id == case_id else None

    def _path(self, case_id: str) -> Path:
        if not case_id.replace("-", "").isalnum() or not case_id.isascii() or len(case_id) > 40:
            raise BadInput(f"there is no case {case_id[:40]!r}", do="see `edgecam request list`")
        return self._folder / f"{case_id}{_SUFFIX}"


def leave_registered(register: Register, held: PermitKeys, left: CaseKeys, asked_by: str) -> None:
    """`PermitKeys.leave` of what ``left`` tells, for ``asked_by``; told first: what nobody knows of opens nothing.

    Raises: as `PermitKeys.leave`, `Register.write`.
    """
    what = f"keys {left.left.value}"
    told = {"what": what, "case": left.case_id, "epochs": str(len(left.keys)), "for": asked_by}
    line = register.write(Act.KEY_CHANGE, who=left.by, purpose="keys for a case", detail=told)
    held.leave(left.case_id, left.account_id, left.left, left.by, left.keys)
    register.complete(line, {"what": what, "case": left.case_id, "done": "True"})


class Permits:
    """Which keys are served, and when they end; ``find`` gives a case or raises BadInput, DataLoss.

    ``shared`` says that operators' own keys open footage, so that a permit brings none along.
    """

    def __init__(self, keys: PermitKeys, find: Callable[[str], Case], clock: Clock, *, shared: bool) -> None:
        self.keys, self.find, self._clock, self._shared = keys, find, clock, shared

    def key_for(self, account_id: str, ring_id: bytes, epoch: int) -> bytes | None:
        """What opens that epoch for the account now, in place of the slot's sealed key."""
        for case_id in self.keys.case_ids():
            held = self.keys.of(case_id)
            if held is None or held.left is not Left.GRANTED or held.account_id != account_id:
                continue
            key = held.key(ring_id, epoch)
            if key is not None and self._permits(case_id):
                return key
        return None

    def needs_keys(self, case: Case) -> bool:
        """Whether who asked could open nothing of it without keys that somebody leaves."""
        # Who asked on the camera itself opens there, with every key that it takes.
        look = case.kind is CaseKind.LOOK and case.want is not Want.EXISTENCE
        return look and not self._shared and bool(case.asked_by_id)

    def require(self, case: Case, who: Actor) -> None:
        """Before ``who`` allows ``case``: whether what opens its footage was left, where that is needed.

        Raises: NotAllowed.
        """
        if not self.needs_keys(case):
            return
        left = self.keys.of(case.case_id)
        if left is None or left.left is not Left.GRANTED:
            raise NotAllowed(
                f"{case.asked_by} could open nothing: no key was left for this footage",
                do="unlock footage with your own passphrase, and allow it then",
                safe="nothing was allowed",
            )

    def end(self, case_id: str) -> None:
        """Erase the keys of that case, if there are any. Raises: MediaFailing."""
        self.keys.erase(case_id)

    def tend(self) -> list[str]:
        """Erase the keys of every case that is over; those cases. Raises: MediaFailing."""
        over = [case_id for case_id in self.keys.case_ids() if self._is_over(case_id)]
        for case_id in over:
            self.keys.erase(case_id)
        return over

    def _permits(self, case_id: str) -> bool:
        with suppress(BadInput, DataLoss, MediaFailing):
            permit = self.find(case_id).permit
            # A clock that cannot tell serves nothing, and erases nothing.
            return permit is not None and permit.is_over(self._clock.now()) is False
        return False

    def _is_over(self, case_id: str) -> bool:
        try:
            case = self.find(case_id)
        except MediaFailing:
            return False
        except (BadInput, DataLoss):
            return True
        if case.state not in _WAITING:
            return True
        return case.permit is not None and case.permit.is_over(self._clock.now()) is True


def _encode(kept: CaseKeys, key: CameraKey) -> bytes:
    fields = _fields(kept)
    return json.dumps(fields | {"signature": key.sign(sorted_json(fields, escaped=True)).hex()}).encode() + b"\n"


def decode_case_keys(data: bytes, camera_public: bytes) -> CaseKeys:
    """The keys that ``data`` tells, if this camera signed them. Raises: DataLoss for anything else."""
    try:
        if len(data) > _MOST_SIZE_BYTES:
            raise ValueError("too long")
        told = json.loads(data)
        found = CaseKeys(
            text(told["case"]),
            text(told["account_id"]),
            Left(told["left"]),
            text(told["by"]),
            tuple(_key_of(one) for one in told["keys"]),
        )
        signed = signed_by(
            camera_public, bytes.fromhex(told["signature"]), sorted_json(_fields(found), escaped=True)
        )
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, EdgecamError) as broken:
        raise DataLoss("a file of permit keys is damaged") from broken
    if not signed:
        raise DataLoss("a file of permit keys is not this camera's")
    return found


def _key_of(told: Any) -> PermitKey:
    ring_id = bytes.fromhex(told["ring"])
    if len(ring_id) != 16:
        raise ValueError("not a ring")
    return PermitKey(ring_id, whole_number(told["epoch"]), bytes.fromhex(told["key"]))


def _fields(kept: CaseKeys) -> dict[str, Any]:
    return {
        "format": 1,
        "case": kept.case_id,
        "account_id": kept.account_id,
        "left": kept.left.value,
        "by": kept.by,
        "keys": [{"ring": one.ring_id.hex(), "epoch": one.epoch, "key": one.sealed_key.hex()} for one in kept.keys],
    }
