"""Where cases are kept: each step a register line first, then the file, then the line that says it was done.

The register's line names the SHA-256 of the case as it will be. So a file that was changed behind the register's
back, put back to an earlier state or taken away is found and named; and a power cut leaves a line that is settled
by whoever comes next.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.durable import (
    changing_alone,
    erase_durably,
    flush_directory,
    identity_of,
    make_shared_folder,
    replace_durably,
)
from edgecam.core.errors import BadInput, DataLoss, EdgecamError, MediaFailing, Unavailable
from edgecam.custody.cases.case import Case, Step
from edgecam.custody.cases.casefields import act_of, asked_step, fields_of
from edgecam.custody.cases.casefile import MOST_SIZE_BYTES, case_sha256, decode_case, encode_case
from edgecam.custody.cases.caselines import ERASE, OUTCOME_DONE, OUTCOME_FAILED, CaseLines, Lines
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.keys.camera import CameraKey

MOST_OPEN = 500
_SUFFIX = ".json"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}[a-z]?")
_LETTERS = ("", *"abcdefghijklmnopqrstuvwxyz")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotCarriedOut:
    """A step of a case that a power cut or a full disk kept from being done: the line ``sequence`` tells of it."""

    case_id: str
    step: str
    sequence: int

    def __str__(self) -> str:
        return (
            f"the step {self.step!r} of case {self.case_id} was registered (line {self.sequence}) and not carried "
            "out: do it again if it is still wanted"
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """One state of a file: the case, or why there is none."""

    identity: tuple[int, ...]
    sha256: str
    case: Case | None
    trouble: str = ""


class CaseStore:
    """The cases in ``folder``, which is made when the first one is. Threads and processes may share it.

    Every change raises what `Register.write` raises, and MediaFailing; then nothing was changed.
    """

    def __init__(self, folder: Path, register: Register, key: CameraKey, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self._register, self._key = register, key
        self._looking = threading.Lock()
        self._lines = CaseLines(register.path, key.public)
        self._seen: dict[str, _Read] = {}

    def ask(self, case: Case) -> Case:
        """Write down a new ``case``, whose id is made here. Raises: Unavailable when too many are open."""
        with self._alone():
            self._settle()
            if len(self.open_cases()) >= MOST_OPEN:
                raise Unavailable(f"{MOST_OPEN} cases are open already", do="answer or close some of them first")
            case = replace(case, case_id=self._free_id(case.asked.wall_ns))
            return self._write(asked_step(case), case.asked_by, case)

    def step(self, case_id: str, step: Step, by: str, **fields: Any) -> Case:
        """Do ``step`` with the case, whose ``fields`` become others; ``by`` is who does it.

        Raises: BadInput when there is none, NotAllowed when it cannot be done with it now, DataLoss as `find`.
        """
        with self._alone():
            self._settle()
            return self._write(step.value, by, self.find(case_id).after(step, **fields))

    def find(self, case_id: str) -> Case:
        """Raises: BadInput when there is none, DataLoss when its file is not what the register says."""
        with self._looking:
            self._lines.follow()
            # What another process does just now is seen whole on the second look.
            case, trouble = self._believed(case_id)
            if trouble:
                self._lines.follow()
                case, trouble = self._believed(case_id)
        if trouble:
            raise _not_believed(trouble)
        if case is None:
            raise BadInput(f"there is no case {case_id[:40]!r}", do="see `edgecam request list`")
        return case

    def all(self) -> list[Case]:
        """Every case that is what the register says, oldest first; `troubles` names the others.

        Raises: MediaFailing.
        """
        return [case for case, _ in self._looked() if case is not None]

    def open_cases(self) -> list[Case]:
        """Those that somebody still has to do something about, or may use."""
        return [case for case in self.all() if case.is_open]

    def troubles(self) -> list[str]:
        """What is wrong with cases, each a sentence that names one. Raises: MediaFailing."""
        return [trouble for _, trouble in self._looked() if trouble]

    def stands(self, case: Case) -> bool:
        """Whether ``case`` is what its file holds now; cheap while nothing changed."""
        with self._looking:
            seen = self._seen.get(case.case_id)
            if seen is not None and seen.identity == identity_of(self._path(case.case_id)):
                return seen.case == case
        with suppress(EdgecamError):
            return self.find(case.case_id) == case
        return False

    def settle(self) -> list[NotCarriedOut]:
        """Register how it ended what an earlier process began; those that were not carried out.

        Raises: as `Register.write`.
        """
        with self._looking:
            self._lines.follow()
            if not self._lines.pending():
                return []
        with self._alone():
            return self._settle()

    def forget(self, case_id: str, by: str) -> None:
        """Erase a case whose time is over, registered first. Raises: BadInput, DataLoss as `find`."""
        with self._alone():
            self._settle()
            case = self.find(case_id)
            if case.is_open:
                raise BadInput(f"case {case_id} is still open", safe="nothing was erased")
            read = self._read(case_id)
            line = self._register.write(
                Act.ERASURE,
                who=by,
                purpose="the time for which a case is kept is over",
                detail={"case": case_id, "step": ERASE, "case_sha256": read.sha256 if read else ""},
            )
            erase_durably(self._path(case_id))
            self._complete(line, OUTCOME_DONE)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            if not self.folder.is_dir():
                make_shared_folder(self.folder)
                flush_directory(self.folder.parent)
        except OSError as refused:
            raise MediaFailing(
                f"{self.folder} cannot be made ({refused.strerror})",
                do="make room or check the permissions of its folder",
                safe="nothing was changed",
            ) from refused
        with changing_alone(self.folder):
            yield

    def _write(self, step: str, by: str, case: Case) -> Case:
        data = encode_case(case, self._key.camera_id, self._key.sign)
        if len(data) > MOST_SIZE_BYTES:
            raise BadInput(
                f"case {case.case_id} would be too long", do="begin another one", safe="nothing was changed"
            )
        digest = case_sha256(data)
        line = self._register.write(
            act_of(case.kind, step),
            who=by,
            purpose=case.purpose,
            footage=_footage(case),
            detail={"case": case.case_id, "step": step, "case_sha256": digest} | fields_of(case, step),
        )
        try:
            replace_durably(self._path(case.case_id), data)
        except MediaFailing as failed:
            with suppress(EdgecamError):
                self._complete(line, OUTCOME_FAILED, failed.what)
            raise
        # The case is as it is to be: a line that cannot be written now is written by whoever comes next.
        with suppress(MediaFailing):
            self._complete(line, OUTCOME_DONE)
        return case

    def _complete(self, line: RegisterLine, outcome: str, reason: str = "") -> None:
        kept = {key: line.detail[key] for key in ("case", "step", "case_sha256")}
        self._register.complete(line, kept | {"outcome": outcome} | ({"reason": reason} if reason else {}))

    def _settle(self) -> list[NotCarriedOut]:
        with self._looking:
            self._lines.follow()
            pending = self._lines.pending()
        undone = []
        for case_id, line in pending:
            read = self._read(case_id)
            if _is_done(line, read):
                self._complete(line, OUTCOME_DONE)
                continue
            self._complete(line, OUTCOME_FAILED, "it was cut off before it was done")
            cut = NotCarriedOut(case_id, line.detail.get("step", ""), line.sequence)
            _log.warning("%s", cut)
            undone.append(cut)
        return undone

    def _looked(self) -> list[tuple[Case | None, str]]:
        with self._looking:
            self._lines.follow()
            ids = sorted({*self._lines.ids(), *self._stored_ids()})
            looked = [self._believed(case_id) for case_id in ids]
            if any(trouble for _, trouble in looked):
                self._lines.follow()
                looked = [self._believed(case_id) for case_id in ids]
        return looked

    def _believed(self, case_id: str) -> tuple[Case | None, str]:
        """The case if its file is what the register says, else what is wrong; neither where there is none."""
        lines, read = self._lines.of(case_id), self._read(case_id)
        said = set() if lines is None else {lines.done.sha256} if lines.done else set()
        if lines is not None and lines.pending is not None:
            said.add(lines.pending.detail["case_sha256"])
        if read is None:
            return None, f"case {case_id} was taken away behind the register's back" if _is_missed(lines) else ""
        if read.sha256 in said or not read.sha256:
            return read.case, read.trouble
        return None, f"case {case_id} was changed behind the register's back"

    def _read(self, case_id: str) -> _Read | None:
        path = self._path(case_id)
        identity, seen = identity_of(path), self._seen.get(case_id)
        if identity is None:
            self._seen.pop(case_id, None)
            return None
        if seen is None or seen.identity != identity:
            seen = self._seen[case_id] = self._decoded(case_id, path, identity)
        return seen

    def _decoded(self, case_id: str, path: Path, identity: tuple[int, ...]) -> _Read:
        try:
            with open(path, "rb") as file:
                data = file.read(MOST_SIZE_BYTES + 1)
            case = decode_case(data, self._key.public)
            if case.case_id != case_id:
                raise DataLoss(f"it is case {case.case_id}")
        except OSError as refused:
            return _Read(identity, "", None, f"case {case_id} cannot be read ({refused.strerror})")
        except DataLoss as broken:
            return _Read(identity, case_sha256(data), None, f"case {case_id} is not believed: {broken.what}")
        return _Read(identity, case_sha256(data), case)

    def _stored_ids(self) -> list[str]:
        try:
            return [name.removesuffix(_SUFFIX) for name in os.listdir(self.folder) if _is_case_file(name)]
        except FileNotFoundError:
            return []
        except OSError as refused:
            raise MediaFailing(
                f"{self.folder} cannot be read ({refused.strerror})", do="check the card"
            ) from refused

    def _path(self, case_id: str) -> Path:
        if not _ID.fullmatch(case_id):
            raise BadInput(f"there is no case {case_id[:40]!r}", do="see `edgecam request list`")
        return self.folder / f"{case_id}{_SUFFIX}"

    def _free_id(self, wall_ns: int) -> str:
        stem = f"{datetime.fromtimestamp(wall_ns // NS_PER_S, UTC):%Y%m%d-%H%M%S}"
        with self._looking:
            taken = {*self._lines.ids(), *self._stored_ids()}
        found: str | None = next((stem + letter for letter in _LETTERS if stem + letter not in taken), None)
        if found is None:
            raise Unavailable("too many cases were written down within one second", do="try again")
        return found


def _is_done(line: RegisterLine, read: _Read | None) -> bool:
    if line.detail.get("step") == ERASE:
        return read is None
    return read is not None and read.sha256 == line.detail["case_sha256"]


def _is_missed(lines: Lines | None) -> bool:
    """Whether a case that has no file should have one."""
    if lines is None or lines.done is None or lines.erased:
        return False
    return lines.pending is None or lines.pending.detail.get("step") != ERASE


def _footage(case: Case) -> tuple[int, int] | None:
    if case.from_wall_ns is None or case.to_wall_ns is None:
        return None
    return case.from_wall_ns, case.to_wall_ns


def _is_case_file(name: str) -> bool:
    return name.endswith(_SUFFIX) and bool(_ID.fullmatch(name.removesuffix(_SUFFIX)))


def _not_believed(trouble: str) -> DataLoss:
    return DataLoss(
        trouble,
        do="look at the register for what was decided, and begin another case",
        safe="nothing is permitted by it",
    )
