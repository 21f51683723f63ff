"""The masks of one camera as files: what is in force, what is drawn, what waits for the owner, what ever was.

Beside the file in force, ``masks.json``, lie ``masks.draft.json`` (a drawing), ``masks.proposed.json`` (a proposal)
and ``masks.<version>.json`` (every version that was in force, as it was signed). The table in ``lifecycle.py``
decides what may be done; files are written in an order in which a power cut leaves a step not done, or done.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from edgecam.core.clock import Instant
from edgecam.core.durable import flush_directory, replace_durably
from edgecam.core.errors import BadInput, MediaFailing, NotAllowed
from edgecam.keys.camera import CameraKey
from edgecam.masking.drawing import Drawing, decode_drawing, encode_drawing
from edgecam.masking.lifecycle import MaskAct, MaskState, Role, after, check_two_people
from edgecam.masking.maskset import NO_MASK_SET, MaskSet, Step, load_mask_set
from edgecam.masking.proposal import Proposal, decode_proposal

Value = TypeVar("Value")


class MaskStore:
    """The file in force at ``path`` and those beside it; ``key`` signs what is confirmed.

    Whoever changes something holds `alone` from the first look to the last write. Every act raises NotAllowed when
    the table has it otherwise, BadInput when nobody is named or a file cannot be read, and MediaFailing.
    """

    def __init__(self, path: Path, key: CameraKey) -> None:
        self._path, self._key = path, key
        self._draft, self._proposed = self._beside("draft"), self._beside("proposed")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from changing masks meanwhile. Raises: MediaFailing."""
        try:
            descriptor = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as refused:
            raise _unwritable(self._path, refused) from refused
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def check_in_force(self) -> MaskSet:
        """What is burnt. Raises: BadInput, with the reason, when there is nothing that can be."""
        return load_mask_set(self._path, self._key.public)

    def in_force(self) -> MaskSet | None:
        """What is burnt; ``None`` when there is nothing that can be, and the whole picture is masked."""
        return self._readable(self._path)

    def history(self) -> tuple[MaskSet, ...]:
        """Every version that was ever in force and can still be read, oldest first."""
        return tuple(masks for masks in self._versions().values() if masks is not None)

    def draft(self) -> Drawing | None:
        """What is drawn and not proposed yet. Raises: BadInput when the file is no drawing."""
        return _read(self._draft, decode_drawing)

    def proposal(self) -> Proposal | None:
        """What waits for the owner. Raises: BadInput when the file is no proposal."""
        found = _read(self._proposed, decode_proposal)
        # A power cut may have left it after its confirmation.
        return found if found is not None and found.version >= self._next_version() else None

    def begun(self) -> Drawing:
        """What is drawn on: the draft, or else a copy of what is in force. Raises: BadInput, as `draft`."""
        in_force = self.in_force()
        return self.draft() or (in_force.drawing if in_force else Drawing())

    def tag(self) -> str:
        """32 hex digits that change whenever draft, proposal or the set in force do. Raises: MediaFailing."""
        told = hashlib.sha256()
        for path in (self._draft, self._proposed, self._path):
            data = _read(path, lambda data: data)
            told.update(b"-" if data is None else hashlib.sha256(data).digest())
        return told.hexdigest()[:32]

    @property
    def was_locked(self) -> bool:
        """Whether any version was, so that two people change masks; one that cannot be read may have been."""
        return any(masks is None or masks.locked is not None for masks in self._versions().values())

    def state(self) -> MaskState:
        """Where the newest masks stand."""
        if self._is_proposed():
            return MaskState.PROPOSED
        if self._draft.exists():
            return MaskState.DRAFT
        in_force = self.in_force()
        if in_force is None:
            return MaskState.NONE
        return MaskState.LOCKED if in_force.locked else MaskState.CONFIRMED

    def check(self, act: MaskAct, role: Role) -> None:
        """Raises: NotAllowed when ``act`` cannot be done now, or not by ``role``."""
        after(self.state(), act, role)

    def begin(self, drawing: Drawing, by: str, now: Instant) -> MaskSet:
        """The first version of all, drawn and confirmed by whoever sets the camera up."""
        if self._versions():
            raise NotAllowed("this camera has masks", do="draw, propose and confirm others: `edgecam masks`")
        step = Step.of(by, now)
        first = MaskSet(self._key.camera_id, 1, drawing, drawn=step, confirmed=step).signed(self._key.sign)
        self._put(first)
        return first

    def draw(self, drawing: Drawing, role: Role) -> None:
        """Make ``drawing`` the draft."""
        self.check(MaskAct.DRAW, role)
        replace_durably(self._draft, encode_drawing(drawing))

    def propose(self, by: str, now: Instant, role: Role) -> Proposal:
        """Hand the draft to the owner, in the name of who answers for it."""
        self.check(MaskAct.PROPOSE, role)
        drawing = self.draft()
        assert drawing is not None
        proposal = Proposal(version=self._next_version(), drawing=drawing, drawn=Step.of(by, now))
        replace_durably(self._proposed, proposal.encode())
        _remove(self._draft)
        return proposal

    def withdraw(self, role: Role) -> None:
        """Make the proposal a draft again; one that cannot be read is thrown away."""
        self.check(MaskAct.WITHDRAW, role)
        with suppress(BadInput):
            if (proposal := self.proposal()) is not None:
                replace_durably(self._draft, encode_drawing(proposal.drawing))
        _remove(self._proposed)

    def to_confirm(self, by: str, now: Instant) -> MaskSet:
        """What `confirm` would put in force; changes nothing."""
        self.check(MaskAct.CONFIRM, Role.OWNER)
        proposal = self.proposal()
        assert proposal is not None
        step, was_locked = Step.of(by, now), self.was_locked
        check_two_people(proposal.drawn.by, step.by, was_locked)
        last = self.in_force() or next(iter(reversed(self.history())), None)
        return MaskSet(
            self._key.camera_id,
            self._next_version(),
            proposal.drawing,
            drawn=proposal.drawn,
            confirmed=step,
            locked=step if was_locked else None,
            previous=last.mask_hash if last else NO_MASK_SET,
        ).signed(self._key.sign)

    def confirm(self, by: str, now: Instant) -> MaskSet:
        """Put the proposal in force; once any version was locked, only by another person, and locked at once."""
        confirmed = self.to_confirm(by, now)
        self._keep_in_force()
        self._put(confirmed)
        # The draft first: once the proposal is gone it would count.
        _remove(self._draft)
        _remove(self._proposed)
        return confirmed

    def to_lock(self, by: str, now: Instant) -> MaskSet:
        """What `lock` would put in force; changes nothing."""
        self.check(MaskAct.LOCK, Role.OWNER)
        return replace(self.check_in_force(), locked=Step.of(by, now)).signed(self._key.sign)

    def lock(self, by: str, now: Instant) -> MaskSet:
        """From now on two people change the masks. What is burnt stays, and so does its hash."""
        locked = self.to_lock(by, now)
        self._put(locked)
        return locked

    def _put(self, masks: MaskSet) -> None:
        replace_durably(self._path, masks.encode(), shared=True)
        replace_durably(self._beside(str(masks.version)), masks.encode())

    def _keep_in_force(self) -> None:
        """Complete what a power cut kept `_put` from: the copy of the version in force."""
        in_force = self.in_force()
        if in_force is not None and (newest := self._versions()[in_force.version]) is not None:
            replace_durably(self._beside(str(newest.version)), newest.encode())

    def _is_proposed(self) -> bool:
        try:
            return self.proposal() is not None
        except BadInput:
            # Somebody has to take it back before anything else is drawn.
            return True

    def _next_version(self) -> int:
        """No number comes twice, also when an older version was put back by hand."""
        return max(self._versions(), default=0) + 1

    def _versions(self) -> dict[int, MaskSet | None]:
        """Every version that was in force, by number; ``None`` for one that cannot be read any more."""
        found: dict[int, MaskSet | None] = {}
        name = re.compile(rf"{re.escape(self._path.stem)}\.([1-9]\d{{0,8}}){re.escape(self._path.suffix)}")
        for path in self._path.parent.glob("*"):
            if number := name.fullmatch(path.name):
                masks = self._readable(path)
                found[int(number[1])] = masks if masks and masks.version == int(number[1]) else None
        in_force = self.in_force()
        if in_force is not None and (found.get(in_force.version) is None or in_force.locked):
            found[in_force.version] = in_force
        return dict(sorted(found.items()))

    def _readable(self, path: Path) -> MaskSet | None:
        try:
            return load_mask_set(path, self._key.public)
        except BadInput:
            return None

    def _beside(self, name: str) -> Path:
        return self._path.with_name(f"{self._path.stem}.{name}{self._path.suffix}")


def _read(path: Path, decode: Callable[[bytes], Value]) -> Value | None:
    """What ``path`` holds; ``None`` when there is no such file. Raises: BadInput, MediaFailing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as refused:
        raise MediaFailing(f"{path} cannot be read ({refused.strerror})", do="check its permissions") from refused
    return decode(data)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        flush_directory(path.parent)
    except OSError as refused:
        raise _unwritable(path, refused) from refused


def _unwritable(path: Path, refused: OSError) -> MediaFailing:
    return MediaFailing(
        f"{path} could not be changed ({refused.strerror})",
        do="make room or check the permissions of its folder",
        safe="what is burnt is what was confirmed last",
    )
