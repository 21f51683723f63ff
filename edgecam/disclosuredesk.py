"""The hub's side of giving footage away: starts the one job, follows it, and takes away what nobody fetched."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from edgecam.core import errors
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, Bug, EdgecamError, MediaFailing, Unavailable
from edgecam.core.status import Fault
from edgecam.custody.cases.case import Case, CaseState
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.disclosure.disclosure import refuse_to_give
from edgecam.custody.disclosure.duplicates import Duplicate, Duplicates, erase_folder, was_given
from edgecam.custody.disclosure.tarstream import TarStream, tar_size_bytes
from edgecam.places import Places
from edgecam.web.disclosureparts import Decided, Job, JobState, Opening

if TYPE_CHECKING:
    from edgecam.custody.disclosure.review import Review

# What `edgecam.disclosurejob` is told to do; the hub never imports it, because decoding takes 60 MB.
_GIVE, _REVIEW, _DECIDE = "give", "review", "decide"
_TEND_EVERY_NS = 600 * NS_PER_S
# What was made ready lies open on the medium until it is fetched.
_FETCHED_WITHIN_NS = 24 * 3600 * NS_PER_S
_PIECE_SIZE_BYTES = 1 << 20


class Disclosures:
    """The jobs of one camera; `tend` is for the hub's loop, the rest for the page's threads."""

    def __init__(self, places: Places, cases: CaseStore, duplicates: Duplicates, clock: Clock) -> None:
        self._places, self._cases, self._duplicates, self._clock = places, cases, duplicates, clock
        self._changing = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._seen: dict[str, set[int]] = {}
        self._ready_ns: dict[str, int] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._tended_ns: int | None = None
        self.faults: list[Fault] = []

    def settle(self) -> None:
        """At the start: packages that nobody fetched go; reviews of cases that are still granted stay."""
        try:
            for path in self._folders("package"):
                erase_folder(path)
            for path in self._folders("review"):
                self._take_up(path)
        except (OSError, EdgecamError) as refused:
            self.faults = [Fault("disclosed", f"what was to be given away could not be tidied up ({refused})")]

    def tend(self) -> None:
        """Every ten minutes: duplicates that are due, packages nobody fetched, reviews of cases that are over."""
        now_ns = self._clock.mono_ns()
        if self._tended_ns is not None and now_ns - self._tended_ns < _TEND_EVERY_NS:
            return
        self._tended_ns = now_ns
        try:
            self._duplicates.tend(was_given(self._cases.find))
            for job in self.jobs():
                late = now_ns - self._ready_ns.get(job.case_id, now_ns) > _FETCHED_WITHIN_NS
                if late or (job.state is JobState.REVIEW and not self._is_granted(job.case_id)):
                    self.drop(job.case_id)
            troubles = self._duplicates.troubles()
        except EdgecamError as refused:
            troubles = [str(refused)]
        self.faults = [Fault("disclosed", f"{'; '.join(troubles[:3])}.")] if troubles else []

    def jobs(self) -> Sequence[Job]:
        with self._changing:
            return [self._told(job) for job in self._jobs.values()]

    def duplicates(self) -> Sequence[Duplicate]:
        return self._duplicates.all()

    def start(self, case: Case, by: str, opening: Opening, *, obscure: bool, watermark: str, sealed_to: str) -> Job:
        refuse_to_give(case, self._clock.now())
        with self._changing:
            if self._jobs.get(case.case_id, _NO_JOB).state not in (JobState.READY, JobState.FAILED):
                raise Unavailable(f"case {case.case_id} is being worked on", do="wait, or erase what was begun")
            self._erase(case.case_id)
            order = _order(_GIVE, case, by, opening) | {"watermark": watermark, "sealed_to": sealed_to}
            if not obscure:
                return self._give(case, order)
            order |= {"what": _REVIEW, "folder": str(self._review(case.case_id))}
            return self._begin(Job(case.case_id, JobState.SEARCHING), order, self._reviewable)

    def decide(self, case_id: str, decided: Decided) -> Job:
        with self._changing:
            job = self._reviewed(case_id)
            order = {
                "what": _DECIDE,
                "folder": str(self._review(case_id)),
                "keep": decided.keep,
                "fill": decided.fill,
                "boxes": decided.boxes,
            }
            self._seen[case_id] = set()
            return self._begin(replace(job, state=JobState.COVERING, share=0.0), order, self._reviewable)

    def frame(self, case_id: str, number: int) -> bytes:
        with self._changing:
            self._reviewed(case_id)
        picture = _loaded(self._review(case_id)).frame(number)
        with self._changing:
            if self._jobs.get(case_id, _NO_JOB).state is JobState.REVIEW:
                self._seen.setdefault(case_id, set()).add(number)
        return picture

    def track(self, case_id: str, number: int) -> bytes:
        with self._changing:
            self._reviewed(case_id)
        try:
            return _loaded(self._review(case_id)).picture_of(number).read_bytes()
        except OSError as missing:
            raise BadInput(f"there is no track {number}") from missing

    def release(self, case: Case, by: str, opening: Opening, sealed_to: str) -> Job:
        with self._changing:
            job = self._told(self._reviewed(case.case_id))
            if job.frames_seen != job.frames:
                raise BadInput(
                    f"{job.frames_seen} of {job.frames} frames were looked at",
                    do="look at every frame, because what was missed shows a person",
                    safe="nothing was given away",
                )
            order = _order(_GIVE, case, by, opening) | {
                "sealed_to": sealed_to,
                "review": str(self._review(case.case_id)),
                "reviewed_by": by,
                "frames_seen": job.frames_seen,
            }
            return self._give(case, order)

    def package(self, case_id: str) -> tuple[Job, Iterator[bytes]]:
        with self._changing:
            job = self._jobs.get(case_id, _NO_JOB)
            if job.state is not JobState.READY:
                raise BadInput(f"nothing is ready of case {case_id!r}", do="look at the list")
        out = self._package(case_id) / job.file_name.removesuffix(".tar")
        if out.is_file():
            return job, _pieces(open(out, "rb"))
        stream = TarStream(case_id, sorted(out.iterdir()), max(0, self._clock.now().wall_ns // NS_PER_S))
        return job, _pieces(stream)

    def drop(self, case_id: str) -> None:
        with self._changing:
            if self._child is not None and self._jobs.get(case_id, _NO_JOB).state in _AT_WORK:
                raise Unavailable("it is being worked on", do="wait for it to end")
            self._erase(case_id)
            self._jobs.pop(case_id, None)

    def erase_duplicate(self, duplicate_id: str, who: str, reason: str) -> None:
        self._duplicates.erase(duplicate_id, who, reason)

    def _give(self, case: Case, order: dict[str, Any]) -> Job:
        name = f"{case.case_id}.age" if order["sealed_to"] else case.case_id
        folder = self._package(case.case_id)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as refused:
            raise MediaFailing(f"{folder} cannot be made ({refused.strerror})", do="make room") from refused
        file_name = name if order["sealed_to"] else f"{name}.tar"
        job = Job(case.case_id, JobState.COPYING, file_name=file_name)
        return self._begin(job, order | {"out": str(folder / name)}, self._ready)

    def _begin(self, job: Job, order: dict[str, Any], over: Callable[[Job], Job]) -> Job:
        if self._child is not None:
            raise Unavailable("another disclosure is being made", do="wait for it to end", safe="nothing was begun")
        child = subprocess.Popen(
            [sys.executable, "-m", "edgecam.disclosurejob"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert child.stdin is not None
        assert child.stdout is not None
        told = order | {"settings": str(self._places.settings)}
        with suppress(BrokenPipeError):
            child.stdin.write(json.dumps(told).encode() + b"\n")
            child.stdin.close()
        first = child.stdout.readline()
        if refused := _refusal(first):
            child.stdout.close()
            child.wait()
            raise refused
        self._child, self._jobs[job.case_id] = child, job
        threading.Thread(target=self._follow, args=(child, job, first, over), daemon=True).start()
        return self._told(job)

    def _follow(self, child: subprocess.Popen[bytes], job: Job, first: bytes, over: Callable[[Job], Job]) -> None:
        assert child.stdout is not None
        last = first
        with child.stdout as lines:
            for line in lines:
                last = line
                share = json.loads(line).get("share")
                if share is not None:
                    with self._changing:
                        self._jobs[job.case_id] = replace(self._jobs[job.case_id], share=min(max(share, 0.0), 1.0))
        child.wait()
        with self._changing:
            self._child = None
            failed = _refusal(last)
            self._jobs[job.case_id] = replace(job, state=JobState.FAILED, what=str(failed)) if failed else over(job)

    def _reviewable(self, job: Job) -> Job:
        return replace(job, state=JobState.REVIEW, share=1.0, what="")

    def _ready(self, job: Job) -> Job:
        self._ready_ns[job.case_id] = self._clock.mono_ns()
        out = self._package(job.case_id) / job.file_name.removesuffix(".tar")
        files = [out] if out.is_file() else sorted(out.iterdir())
        sizes = [path.stat().st_size for path in files]
        return replace(
            job, state=JobState.READY, share=1.0, size_bytes=sizes[0] if out.is_file() else tar_size_bytes(sizes)
        )

    def _told(self, job: Job) -> Job:
        if job.state is not JobState.REVIEW:
            return job
        try:
            review = _loaded(self._review(job.case_id))
        except EdgecamError as broken:
            return replace(job, state=JobState.FAILED, what=str(broken))
        seen = len(self._seen.get(job.case_id, ()))
        return replace(job, frames=review.frames, frames_seen=seen, tracks=tuple(review.tracks()))

    def _reviewed(self, case_id: str) -> Job:
        job = self._jobs.get(case_id, _NO_JOB)
        if job.state is not JobState.REVIEW:
            raise BadInput(f"nothing of case {case_id!r} is under review", do="look at the list")
        return job

    def _take_up(self, folder: Path) -> None:
        case_id = folder.name.removeprefix(".review-")
        if self._is_granted(case_id) and (folder / "review.json").exists():
            self._jobs[case_id] = Job(case_id, JobState.REVIEW, 1.0)
        else:
            erase_folder(folder)

    def _is_granted(self, case_id: str) -> bool:
        try:
            return self._cases.find(case_id).state is CaseState.GRANTED
        except EdgecamError:
            return False

    def _erase(self, case_id: str) -> None:
        self._seen.pop(case_id, None)
        self._ready_ns.pop(case_id, None)
        try:
            erase_folder(self._package(case_id))
            erase_folder(self._review(case_id))
        except OSError as refused:
            raise MediaFailing(f"{self._places.disclosed} cannot be used ({refused.strerror})") from refused

    def _folders(self, what: str) -> list[Path]:
        folder = self._places.disclosed
        return sorted(folder.glob(f".{what}-*")) if folder.is_dir() else []

    def _package(self, case_id: str) -> Path:
        return self._places.disclosed / f".package-{case_id}"

    def _review(self, case_id: str) -> Path:
        return self._places.disclosed / f".review-{case_id}"


_AT_WORK = (JobState.COPYING, JobState.SEARCHING, JobState.COVERING)
_NO_JOB = Job("", JobState.FAILED)


def _loaded(folder: Path) -> Review:
    # Only here: it brings decoders along, which the hub need not carry while nobody reviews.
    from edgecam.custody.disclosure.review import Review

    return Review.load(folder)


def _order(what: str, case: Case, by: str, opening: Opening) -> dict[str, Any]:
    return {
        "what": what,
        "case": case.case_id,
        "by": by,
        "passphrase": opening.passphrase,
        "operator": opening.operator,
        "operator_passphrase": opening.operator_passphrase,
    }


def _refusal(line: bytes) -> EdgecamError | None:
    """Why a job ended, if its last ``line`` tells of no success."""
    try:
        told = json.loads(line)
    except ValueError:
        return Bug("the disclosure ended without a word", do="look at the log")
    if "refused" not in told:
        return None
    kind = getattr(errors, told["refused"], Bug)
    refused: EdgecamError = kind(told["what"], do=told["do"], safe=told["safe"])
    return refused


def _pieces(stream: IO[bytes] | TarStream) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_PIECE_SIZE_BYTES):
            yield piece
