"""What is given away out of a granted case: the copy, what proves it, and a duplicate that the owner keeps.

Order, which every power cut respects: the register line, the copy (with lines of its own), the register's page, the
duplicate, the step of the case, the line that names every file, and only then the package gets its name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path

from edgecam.core.clock import Clock, Instant
from edgecam.core.durable import flush_directory, flush_file, write_new_durably
from edgecam.core.errors import BadInput, EdgecamError, MediaFailing, NotAllowed, Unavailable
from edgecam.custody.cases.case import AskerKind, Case, CaseKind, CaseState, HandOver, Step, Want
from edgecam.custody.cases.casepage import FILE_NAME, page_of_case, register_lines
from edgecam.custody.cases.duedays import kept_until
from edgecam.custody.disclosure.derived import Derived
from edgecam.custody.disclosure.disclosure_words import read_me
from edgecam.custody.disclosure.duplicates import Duplicate, Duplicates, erase_folder, in_use, seal_files, sha256_of
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.evidence.copyfile import refuse_taken
from edgecam.custody.evidence.export import CopyLife, Export, Purpose, export_footage, refuse_nothing
from edgecam.custody.register.formfields import FormFields
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import Recipients
from edgecam.keys.sealing import Unseals
from edgecam.ringbuffer.footage import Footage
from edgecam.ringbuffer.format import SegmentHeader

# What a package holds beside its copies, at most, for the question whether its duplicate will fit.
_BESIDE_BYTES = 1 << 20
_NOTHING = "nothing was given away"
# Does a step of the case, with other fields; `CaseStore.step` is one.
DoStep = Callable[..., Case]
# Makes covered or written-on files out of copies, in the folder given last; their names, and what vouches for them.
Derive = Callable[[Sequence[Path], Path], Sequence[tuple[Path, Derived]]]


@dataclass(frozen=True, slots=True)
class Giving:
    """What is given: ``sealed_to`` is an age recipient or empty, ``by`` who gives it, ``watermark`` what is on it.

    ``derive`` covers or writes on the copies, ``None`` gives them as they were recorded; ``obscured`` says that
    third parties were covered and that a person reviewed every frame. ``papers`` are further files, written by
    whoever is given the folder and the case.
    """

    by: str
    sealed_to: str = ""
    obscured: bool = False
    watermark: str = ""
    derive: Derive | None = None
    papers: Callable[[Path, Case], Sequence[Path]] = lambda folder, case: ()


@dataclass(frozen=True, slots=True)
class Given:
    """What was given away: ``path`` is a folder, or one age file; ``files`` by name and SHA-256 (hex)."""

    path: Path
    files: tuple[tuple[str, str], ...]
    duplicate: Duplicate
    export: Export
    case: Case


def refuse_to_give(case: Case, now: Instant) -> None:
    """Raises: NotAllowed, BadInput, in a sentence, when nothing of ``case`` may be given away at ``now``."""
    if case.kind is not CaseKind.DISCLOSURE:
        raise NotAllowed(
            f"case {case.case_id} is no disclosure", do="write down who asks for a copy", safe=_NOTHING
        )
    if case.state is not CaseState.GRANTED:
        raise NotAllowed(
            f"case {case.case_id} is {case.state.value}, not granted", do="decide about it first", safe=_NOTHING
        )
    if case.want is not Want.COPY:
        raise NotAllowed(f"case {case.case_id} does not ask for a copy, but: {case.want.value}", safe=_NOTHING)
    if case.permit is not None and case.permit.is_over(now) is not False:
        raise NotAllowed(
            f"the permit of case {case.case_id} has expired, or no clock can tell",
            do="let the owner decide about it once more",
            safe=_NOTHING,
        )
    if case.asker_kind is AskerKind.PERSON and not case.identity_check.strip():
        raise NotAllowed(
            f"nobody made sure who asks in case {case.case_id}",
            do="check who they are and write down how",
            safe=_NOTHING,
        )
    if case.from_wall_ns is None or case.to_wall_ns is None:
        raise BadInput(f"case {case.case_id} is about no footage", do="write down from when to when", safe=_NOTHING)


@dataclass(frozen=True, slots=True)
class DisclosureParts:
    """What giving away takes: ``books`` are the files of the register, oldest first, ``do_step`` does a step of a
    case, ``kept_years`` and ``zone`` are the owner's rule for duplicates.
    """

    register: Register
    key: CameraKey
    duplicates: Duplicates
    owners: Recipients
    clock: Clock
    books: Callable[[], Sequence[Path]]
    do_step: DoStep
    kept_years: int
    zone: str


def give(
    parts: DisclosureParts,
    case: Case,
    giving: Giving,
    out: Path,
    footage: Footage,
    identity: Unseals,
    *,
    life: CopyLife | None = None,
    on_segment: Callable[[SegmentHeader], None] | None = None,
) -> Given:
    """Make the package of ``case`` at ``out``: a folder, or one age file where it is sealed to somebody.

    A failure leaves no package and no duplicate, and the register says that it failed. Raises: as `refuse_to_give`;
    BadInput when nothing lies in the range, ``out`` cannot be used, or the duplicate would not fit; NotAllowed for
    another camera's footage, or footage sealed to somebody else; DataLoss; MediaFailing.
    """
    refuse_to_give(case, parts.clock.now())
    if footage.superblock.camera_public != parts.key.public:
        raise NotAllowed("this footage is another camera's", do="disclose it on that camera", safe=_NOTHING)
    to = Recipients([giving.sealed_to]) if giving.sealed_to else None
    if out.is_dir():
        raise BadInput(f"{out} exists already", do="choose another name", safe="it is untouched")
    refuse_taken(out, overwrite=False)
    assert case.from_wall_ns is not None
    assert case.to_wall_ns is not None
    refuse_nothing(footage, case.from_wall_ns, case.to_wall_ns)
    sizes = [one.header.payload_size for one in footage.segments(case.from_wall_ns, case.to_wall_ns)]
    with ExitStack() as ours:
        ours.enter_context(parts.duplicates.alone())
        parts.duplicates.refuse_too_much([sum(sizes) + _BESIDE_BYTES])
        work = parts.duplicates.work_folder(case.case_id) if to else _beside(out)
        ours.callback(_tidy, work)
        ours.enter_context(_in_use(work))
        return _Packing(parts, case, giving, out, work).run(footage, identity, to, life, on_segment)


class _Packing:
    """One package while it is made; owned by one call of `give`."""

    def __init__(self, parts: DisclosureParts, case: Case, giving: Giving, out: Path, work: Path) -> None:
        self._parts, self._case, self._giving, self._out = parts, case, giving, out
        self._package, self._originals = work / "package", work / "original"

    def run(
        self,
        footage: Footage,
        identity: Unseals,
        to: Recipients | None,
        life: CopyLife | None,
        on_segment: Callable[[SegmentHeader], None] | None,
    ) -> Given:
        begun = self._begin(life)
        try:
            for folder in (self._package, self._originals):
                folder.mkdir(mode=0o700)
            export = self._copied(footage, identity, life, on_segment)
            films = self._covered(export.paths) if self._giving.derive else list(export.paths)
            files = [*films, *self._papers()]
            given = self._given(export, files, to)
            self._parts.register.complete(begun, _done(given))
            os.replace(self._unnamed(to), self._out)
            flush_directory(self._out.parent)
        except OSError as refused:
            self._failed(begun, str(refused.strerror))
            raise _refusal(self._out, refused) from refused
        except EdgecamError as failed:
            self._failed(begun, failed.what)
            raise
        return given

    def _begin(self, life: CopyLife | None) -> RegisterLine:
        giving = self._giving
        told = self._form().detail() | {
            "step": "package",
            "file": self._out.name,
            "sealed_to": giving.sealed_to,
            "obscured": "yes" if giving.obscured else "no",
            "watermark": giving.watermark,
            "erase_by": str(life) if life else "",
        }
        return self._parts.register.write(
            Act.DISCLOSURE,
            who=giving.by,
            purpose=self._case.purpose,
            footage=self._range,
            detail={name: text for name, text in told.items() if text},
        )

    def _copied(
        self,
        footage: Footage,
        identity: Unseals,
        life: CopyLife | None,
        on_segment: Callable[[SegmentHeader], None] | None,
    ) -> Export:
        folder = self._originals if self._giving.derive else self._package
        return export_footage(
            footage,
            identity,
            *self._range,
            folder / "copy.mp4",
            self._parts.register,
            Purpose(self._giving.by, self._case.purpose, self._form()),
            on_segment=on_segment,
            life=life,
        )

    def _covered(self, originals: Sequence[Path]) -> list[Path]:
        assert self._giving.derive is not None
        films = self._giving.derive(originals, self._package)
        for path, derived in films:
            told = self._form().detail() | {
                "step": "covered" if derived.reviewed_by else "watermark",
                "files": path.name,
                "sha256": sha256_of(path),
                "original_sha256": derived.original_sha256,
                "reviewed_by": derived.reviewed_by,
                "frames_reviewed": f"{derived.frames_reviewed} of {derived.frames}" if derived.reviewed_by else "",
                "watermark": derived.watermark,
                "from_wall_ns": str(derived.pieces[0].from_wall_ns),
                "to_wall_ns": str(derived.pieces[-1].to_wall_ns),
            }
            self._parts.register.write(
                Act.DISCLOSURE,
                who=self._giving.by,
                purpose=self._case.purpose,
                footage=self._range,
                detail={name: text for name, text in told.items() if text},
            )
        return [path for path, _ in films]

    def _papers(self) -> list[Path]:
        """What goes along: the register page, the script that proves the copy, and what there is to read."""
        parts, case = self._parts, self._case
        page = page_of_case(
            register_lines(parts.books()), case.case_id, parts.key.public, parts.key.sign, parts.clock.now()
        )
        texts = {
            FILE_NAME: page.encode(),
            "verify.sh": package_files("edgecam.custody.evidence").joinpath("verify.sh").read_bytes(),
            "README.txt": read_me(
                case, parts.key.camera_id, parts.key.public, derived=self._giving.derive is not None
            ),
        }
        for name, data in texts.items():
            write_new_durably(self._package / name, data)
        return [*(self._package / name for name in texts), *self._giving.papers(self._package, case)]

    def _given(self, export: Export, files: Sequence[Path], to: Recipients | None) -> Given:
        """The duplicate, the package under a hidden name, and the case's step, which is registered first."""
        parts, case, giving = self._parts, self._case, self._giving
        now = parts.clock.now()
        for path in files:
            flush_file(path)
        flush_directory(self._package)
        digests = [(path.name, sha256_of(path)) for path in files]
        duplicate = parts.duplicates.keep(
            parts.duplicates.free_id(case.case_id),
            case.case_id,
            case.asker.name,
            files,
            parts.owners,
            kept_until(now, parts.kept_years, parts.zone),
        )
        if to is not None:
            sealed = self._unnamed(to)
            seal_files(files, case.case_id, to, sealed, now)
            digests.append((self._out.name, sha256_of(sealed)))
        handed = HandOver(
            now,
            giving.by,
            Want.COPY,
            tuple((name, bytes.fromhex(digest)) for name, digest in digests),
            giving.sealed_to,
            giving.obscured,
            giving.watermark,
            duplicate.duplicate_id,
        )
        after = parts.do_step(
            case.case_id, Step.HAND_OVER, giving.by, handed_over=(*case.handed_over, handed), found=True
        )
        return Given(self._out, tuple(digests), duplicate, export, after)

    def _failed(self, begun: RegisterLine, reason: str) -> None:
        # The open line already tells that it was asked for; what must reach the caller is the failure itself.
        with suppress(EdgecamError):
            self._parts.register.complete(begun, {"outcome": "failed", "reason": reason})

    def _unnamed(self, to: Recipients | None) -> Path:
        return self._package if to is None else self._out.with_name(f".{self._out.name}.sealed")

    def _form(self) -> FormFields:
        case = self._case
        return FormFields(
            case=case.case_id,
            use=case.use.value,
            legal_basis=case.legal_basis,
            recipient=case.asker.name,
            recipient_affiliation=case.asker.affiliation,
            recipient_contact=case.asker.contact,
            form=Want.COPY.value,
        )

    @property
    def _range(self) -> tuple[int, int]:
        assert self._case.from_wall_ns is not None
        assert self._case.to_wall_ns is not None
        return self._case.from_wall_ns, self._case.to_wall_ns


def _done(given: Given) -> dict[str, str]:
    kept = given.duplicate.kept_until_wall_ns
    return {
        "outcome": "done",
        "files": " ".join(name for name, _ in given.files),
        "sha256": " ".join(digest for _, digest in given.files),
        "duplicate": given.duplicate.duplicate_id,
        "kept_until": wall_time(kept) if kept is not None else "unknown: the clock was never set",
    }


def _beside(out: Path) -> Path:
    path = out.with_name(f".{out.name}.part")
    try:
        erase_folder(path)
        path.mkdir(mode=0o700)
    except OSError as refused:
        raise _refusal(path, refused) from refused
    return path


@contextmanager
def _in_use(work: Path) -> Iterator[None]:
    try:
        with in_use(work):
            yield
    except BlockingIOError as taken:
        raise Unavailable("a package of that name is being made now", do="wait for it to end") from taken


def _tidy(work: Path) -> None:
    # What cannot be taken away now is taken away by whoever makes that package again, or at the next start.
    with suppress(OSError, EdgecamError):
        erase_folder(work)


def _refusal(path: Path, refused: OSError) -> MediaFailing:
    return MediaFailing(
        f"the package {path} could not be written ({refused.strerror})",
        do="make room or choose another place",
        safe="nothing half was left behind",
    )
