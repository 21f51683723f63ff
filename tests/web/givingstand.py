"""Footage given away, for the page in tests: every job is over at once, a review has three frames and one track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from accountstand import PASSPHRASE

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.cases.case import Case, CaseState, HandOver, Step, Want
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.disclosure.duplicates import Duplicate
from edgecam.custody.disclosure.tracktold import TrackTold
from edgecam.web.disclosureparts import Decided, Job, JobState, Opening

FRAMES = 3
PACKAGE = b"a package" * 100
JPEG = b"\xff\xd8\xff\xd9"
_TRACK = TrackTold(1, "person", True, 1, FRAMES)


class PageDisclosures:
    """Like the hub's, without a process, pictures or footage; the case's step is real."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases
        self._jobs: dict[str, Job] = {}
        self._seen: dict[str, set[int]] = {}
        self._kept: list[Duplicate] = []

    def jobs(self) -> Sequence[Job]:
        return [replace(job, frames_seen=len(self._seen.get(job.case_id, ()))) for job in self._jobs.values()]

    def duplicates(self) -> Sequence[Duplicate]:
        return self._kept

    def start(self, case: Case, by: str, opening: Opening, *, obscure: bool, watermark: str, sealed_to: str) -> Job:
        _require(case, opening)
        if not obscure:
            return self._ready(case, by, sealed_to)
        self._seen[case.case_id] = set()
        return self._put(Job(case.case_id, JobState.REVIEW, 1.0, "", FRAMES, 0, (_TRACK,)))

    def decide(self, case_id: str, decided: Decided) -> Job:
        job = self._reviewed(case_id)
        if unknown := {*decided.keep, *decided.fill} - {1}:
            raise BadInput(f"there is no track {unknown.pop()}", field="keep")
        self._seen[case_id] = set()
        return self._put(replace(job, tracks=(replace(_TRACK, filled=1 not in decided.keep),)))

    def frame(self, case_id: str, number: int) -> bytes:
        self._reviewed(case_id)
        if number > FRAMES:
            raise BadInput(f"there are frames 1 to {FRAMES}")
        self._seen[case_id].add(number)
        return JPEG

    def track(self, case_id: str, number: int) -> bytes:
        self._reviewed(case_id)
        if number != 1:
            raise BadInput(f"there is no track {number}")
        return JPEG

    def release(self, case: Case, by: str, opening: Opening, sealed_to: str) -> Job:
        self._reviewed(case.case_id)
        _require(case, opening)
        if len(self._seen[case.case_id]) != FRAMES:
            raise BadInput("not every frame was looked at")
        return self._ready(case, by, sealed_to)

    def package(self, case_id: str) -> tuple[Job, Iterator[bytes]]:
        job = self._jobs.get(case_id)
        if job is None or job.state is not JobState.READY:
            raise BadInput("nothing is ready")
        return job, iter([PACKAGE[:100], PACKAGE[100:]])

    def drop(self, case_id: str) -> None:
        self._jobs.pop(case_id, None)

    def erase_duplicate(self, duplicate_id: str, who: str, reason: str) -> None:
        if duplicate_id not in {one.duplicate_id for one in self._kept}:
            raise BadInput(f"there is no duplicate {duplicate_id!r}")
        self._kept = [one for one in self._kept if one.duplicate_id != duplicate_id]

    def _ready(self, case: Case, by: str, sealed_to: str) -> Job:
        duplicate_id = f"{case.case_id}-{len(case.handed_over) + 1}"
        handed = HandOver(self._cases.clock.now(), by, Want.COPY, sealed_to=sealed_to, duplicate_id=duplicate_id)
        self._cases.step(case.case_id, Step.HAND_OVER, by, handed_over=(*case.handed_over, handed), found=True)
        made = self._cases.clock.now().wall_ns
        self._kept.append(Duplicate(duplicate_id, case.case_id, made, None, 900, "00" * 32, case.asker.name, ()))
        name = f"{case.case_id}.{'age' if sealed_to else 'tar'}"
        return self._put(Job(case.case_id, JobState.READY, 1.0, size_bytes=len(PACKAGE), file_name=name))

    def _put(self, job: Job) -> Job:
        self._jobs[job.case_id] = job
        return job

    def _reviewed(self, case_id: str) -> Job:
        job = self._jobs.get(case_id)
        if job is None or job.state is not JobState.REVIEW:
            raise BadInput("nothing is under review")
        return job


def _require(case: Case, opening: Opening) -> None:
    if case.state is not CaseState.GRANTED:
        raise NotAllowed(f"case {case.case_id} is {case.state.value}, not granted")
    if opening.passphrase != PASSPHRASE:
        raise NotAllowed("the passphrase does not open the owner's key")
