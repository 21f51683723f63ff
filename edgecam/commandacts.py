"""What each command does on this camera; nothing here asks whether it may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edgecam import __version__
from edgecam.core.clock import NS_PER_S, Clock, Instant
from edgecam.core.durable import flush_directory
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.core.events import EventKind
from edgecam.core.status import RecorderStatus, read_status
from edgecam.core.term import Term
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.holds import HoldEndTime, HoldOrder
from edgecam.custody.register.command_line import register_end
from edgecam.custody.register.register import Register
from edgecam.drawnrules import DrawnRules
from edgecam.holding import holds_of
from edgecam.keys.camera import CameraKey
from edgecam.masking.privacy import Privacy, read_privacy
from edgecam.places import Places
from edgecam.restartorder import order_restart
from edgecam.ringbuffer.holdrecord import HoldWhy
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.retention import NS_PER_DAY
from edgecam.settings import Settings
from edgecam.silences import MOST_SILENCES, Silence, read_silences, write_silences
from edgecam.telemetry.commandjudgement import Code, Order
from edgecam.telemetry.commandkinds import (
    CommandName,
    HoldArguments,
    PrivateArguments,
    RestartArguments,
    SilenceArguments,
)
from edgecam.telemetry.commandresult import Answer, Outcome
from edgecam.telemetry.healthmessage import Health

_NS_PER_MINUTE: Final = 60 * NS_PER_S
# Time enough for the answer to leave before the hub that gives it ends.
_LAST_WORDS_NS: Final = 2 * NS_PER_S
# Within how long the recorder says that it is private; it looks once a second.
_OBEYED_WITHIN_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.1
_WHO: Final = "edgecam"


@dataclass(frozen=True, slots=True)
class Camera:
    """What the commands work on; ``update`` tells the newer version that waits, empty for none."""

    settings: Settings
    places: Places
    key: CameraKey
    register: Register
    health: Callable[[], Health]
    clock: Clock
    update: Callable[[], str | None] = lambda: None


class Acts:
    """The deeds of one camera. Each call stands alone; any thread may make it, one thread for each command."""

    def __init__(self, camera: Camera) -> None:
        self._camera, self._places, self._clock = camera, camera.places, camera.clock
        # Ends that the register tells while the medium refuses to forget what ended: each is told once.
        self._told_over: set[tuple[str, int]] = set()

    def act(self, order: Order, line: int) -> Answer:
        """Do what ``order`` says, as register line ``line`` tells. Raises: any `EdgecamError`; then it failed."""
        arguments = order.arguments
        if isinstance(arguments, RestartArguments):
            return self._restart(arguments)
        if isinstance(arguments, SilenceArguments):
            return self._silence(arguments, order.key.name, line)
        if isinstance(arguments, PrivateArguments):
            return self._private(arguments, order.key.name, line)
        if isinstance(arguments, HoldArguments):
            return self._hold(arguments, order.key.name)
        return self._status() if order.name is CommandName.STATUS else self._update_check()

    def tend(self) -> None:
        """Clear away, and register, what has ended by itself.

        Raises: MediaFailing, DataLoss when the register's end is not this camera's.
        """
        now = self._clock.now()
        privacy = _readable_privacy(self._places)
        if privacy is not None and not privacy.stands(now):
            self._tell_over("private", privacy.line)
            _remove(self._places)
        silences = self._silences()
        left = [one for one in silences if one.term.is_over(now) is not True]
        for one in silences:
            if one not in left:
                self._tell_over(f"silence of {one.what}", one.line)
        if len(left) != len(silences):
            write_silences(self._places.silences, left)
        self._told_over.clear()

    def _tell_over(self, what: str, line: int) -> None:
        if (what, line) not in self._told_over:
            register_end(self._camera.register, _WHO, what, "its time was over", line)
            self._told_over.add((what, line))

    def _status(self) -> Answer:
        now = self._clock.now()
        details = {f"silence of {one.what}": _until(one.term) for one in self._silences() if one.stands(now)}
        privacy = _readable_privacy(self._places)
        if privacy is not None and privacy.stands(now):
            details["private"] = f"by {privacy.by}, {_until(privacy.term)}"
        return self._done("See the health.", details, health=self._camera.health())

    def _update_check(self) -> Answer:
        newer, runs = self._camera.update(), f"Version {__version__} runs here."
        details = {"version": __version__}
        if not self._camera.settings.update.url:
            sentence = f"{runs} No source of updates is set, so nothing newer is known."
            return Answer(Outcome.DONE, Code.NO_SOURCE, sentence, self._clock.now(), details)
        if newer is None:
            return self._done(f"{runs} Nobody knows whether there is a newer one.", details)
        if not newer:
            return self._done(f"{runs} Nothing newer is offered.", details)
        return self._done(f"{runs} Version {newer} is offered.", details | {"newer": newer})

    def _restart(self, arguments: RestartArguments) -> Answer:
        part = arguments.part
        if part == "observer" and not self._camera.settings.analysis.enabled:
            raise BadInput("there is no observer: looking is switched off in the settings")
        wait_ns = _LAST_WORDS_NS if part == "hub" else 0
        order_restart(self._places.restart_of(part), self._clock.mono_ns() + wait_ns)
        sentence = (
            f"The {part} is started anew, once in five minutes at most; its `restarts` or session in health tells."
        )
        return Answer(Outcome.ACCEPTED, Code.STARTED, sentence, self._clock.now(), {"part": part})

    def _silence(self, arguments: SilenceArguments, by: str, line: int) -> Answer:
        rules = DrawnRules(self._places.rules, self._camera.settings.rules).read().tables
        names = {str(table.get("name", "")) for kind in ("zone", "line") for table in rules[kind]}
        if arguments.place and arguments.place not in names:
            raise BadInput(
                f"there is no zone or line called {arguments.place}", do="leave it away, or name another"
            )
        now = self._clock.now()
        what = (EventKind(arguments.kind), arguments.place)
        kept = [one for one in self._silences() if (one.kind, one.place) != what]
        if not arguments.minutes:
            write_silences(self._places.silences, kept)
            return self._done(f"{arguments.kind} is told again.")
        if len(kept) >= MOST_SILENCES:
            raise BadInput("too much is silenced already", do="end a silence first")
        silence = Silence(*what, by, line, Term(now, arguments.minutes * _NS_PER_MINUTE))
        write_silences(self._places.silences, [*kept, silence])
        sentence = f"{silence.what} is counted and not told, {_until(silence.term)}; recording goes on."
        return self._done(sentence, {"kind": silence.kind.value, "place": silence.place})

    def _private(self, arguments: PrivateArguments, by: str, line: int) -> Answer:
        if arguments.state == "off":
            _remove(self._places)
            return self._once_obeyed(private=False)
        now = self._clock.now()
        for_ns = None if arguments.minutes is None else arguments.minutes * _NS_PER_MINUTE
        standing = self._longer(for_ns, now)
        if standing:
            return self._done(f"It is private already, {standing}: this would have ended it earlier.")
        Privacy(by, line, Term(now, for_ns)).write(self._places.privacy)
        return self._once_obeyed(private=True)

    def _longer(self, for_ns: int | None, now: Instant) -> str:
        """Until when a privacy stands that outlasts ``for_ns``: to begin one must not be a way to end another."""
        try:
            privacy = read_privacy(self._places.privacy)
        except DataLoss:
            # Nobody knows for how long it was to be: only who may end it puts another in its place.
            return "until somebody ends it"
        if privacy is None or not privacy.stands(now) or for_ns is None:
            return ""
        left_ns = privacy.term.left_ns(now)
        return _until(privacy.term) if left_ns is None or left_ns > for_ns else ""

    def _once_obeyed(self, *, private: bool) -> Answer:
        """Wait until the recorder says that it does so; where it says nothing, the order stands all the same."""
        asked_ns = self._clock.mono_ns()
        while self._clock.mono_ns() - asked_ns < _OBEYED_WITHIN_S * NS_PER_S:
            said = read_status(self._places.status_of("recorder"), RecorderStatus)
            if said is not None and said.beat_mono_ns > asked_ns and bool(said.private_by) is private:
                if not private:
                    return self._done("Privacy by order is over; masks hide what they hid before.")
                if said.private:
                    return self._done("The whole picture is masked, and recorded so.")
            self._clock.sleep(_LOOK_EVERY_S)
        sentence = "The order stands; the recorder has not said yet that it follows."
        return Answer(Outcome.ACCEPTED, Code.STARTED, sentence, self._clock.now())

    def _hold(self, arguments: HoldArguments, by: str) -> Answer:
        now, camera = self._clock.now(), self._camera
        holds = holds_of(camera.settings, self._places, camera.key, camera.register, self._clock)
        why = HoldWhy(arguments.reason, by, arguments.asked_by, arguments.case, "ordered by command")
        end = HoldEndTime(for_ns=arguments.days * NS_PER_DAY) if arguments.days else None
        order = HoldOrder(now.wall_ns - arguments.minutes * _NS_PER_MINUTE, now.wall_ns, why, end)
        medium = FileMedium.open(self._places.ring, writable=False)
        try:
            placed = holds.place(medium, order)
        finally:
            medium.close()
        record = placed.standing.record
        details = {
            "hold": record.hold_id,
            "from": wall_time(record.from_wall_ns),
            "to": wall_time(record.to_wall_ns),
            "segments": str(record.count.kept),
            "damaged": str(record.count.damaged),
            "size_bytes": str(placed.standing.size_bytes),
            "end": placed.standing.told(record.term.life_ns),
        }
        return self._done(f"The hold {record.hold_id} keeps that footage; only its owner opens it.", details)

    def _silences(self) -> tuple[Silence, ...]:
        try:
            return read_silences(self._places.silences)
        except DataLoss:
            return ()  # the observer tells of it, and tells all events

    def _done(self, sentence: str, details: dict[str, str] | None = None, health: Health | None = None) -> Answer:
        return Answer(Outcome.DONE, Code.DONE, sentence, self._clock.now(), details or {}, health)


def _readable_privacy(places: Places) -> Privacy | None:
    try:
        return read_privacy(places.privacy)
    except DataLoss:
        return None  # the recorder tells of it, and stays private


def _remove(places: Places) -> None:
    try:
        places.privacy.unlink(missing_ok=True)
        flush_directory(places.privacy.parent)
    except OSError as refused:
        raise MediaFailing(
            f"{places.privacy} could not be removed ({refused.strerror})", safe="the whole picture stays masked"
        ) from refused


def _until(term: Term) -> str:
    until_ns = term.until_wall_ns
    return "until somebody ends it" if until_ns is None else f"until {wall_time(until_ns)}"
