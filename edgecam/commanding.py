"""Commands on their way from the link to their deed: remembered, registered, done, registered again, answered."""

from __future__ import annotations

import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from edgecam.commandacts import Acts, Camera
from edgecam.core.clock import NS_PER_S, TimeTrust
from edgecam.core.errors import BadInput, Bug, DataLoss, EdgecamError, MediaFailing, NotAllowed, Unavailable
from edgecam.core.status import Fault
from edgecam.custody.register.command_line import complete_command, register_command, register_refusal
from edgecam.custody.register.register_line import RegisterLine
from edgecam.telemetry.budget import Budget
from edgecam.telemetry.commandjudgement import Code, Order, Refusal
from edgecam.telemetry.commandkinds import CommandName, needs_clock
from edgecam.telemetry.commandmemory import CommandMemory
from edgecam.telemetry.commandresult import Answer, Outcome
from edgecam.telemetry.commandspeaker import Heard

_MOST_WAITING: Final = 16
_MOST_HOLDS_WAITING: Final = 2
_TEND_EVERY_S: Final = 5.0
# What is obeyed writes two lines, what is refused one: neither may fill the register.
_OBEYED_AT_ONCE, _OBEYED_EVERY_S = 60, 60.0
_REFUSED_AT_ONCE, _REFUSED_EVERY_S = 20, 600.0
_CODES: Final = (
    (BadInput, Code.BAD_INPUT),
    (NotAllowed, Code.NOT_ALLOWED),
    (Unavailable, Code.UNAVAILABLE),
    (DataLoss, Code.DATA_LOSS),
    (MediaFailing, Code.MEDIA_FAILING),
    (Bug, Code.BUG),
)
_log = logging.getLogger(__name__)

Say = Callable[[Heard, Answer], None]


@dataclass(frozen=True, slots=True)
class _Begun:
    """A command of which the register tells that it is being carried out."""

    heard: Heard
    order: Order
    line: RegisterLine


class Commanding:
    """Two threads: one for all that is quick, one for holds, which may copy for minutes.

    `obey` is for the link's thread and never waits. ``say`` gets each answer, in one of the two threads.
    """

    def __init__(self, camera: Camera) -> None:
        self._camera, self._clock = camera, camera.clock
        self._acts = Acts(camera)
        self._memory = CommandMemory(camera.places.commands_seen)
        self._waiting: queue.Queue[Heard | None] = queue.Queue(_MOST_WAITING)
        self._holds: queue.Queue[_Begun | None] = queue.Queue(_MOST_HOLDS_WAITING)
        # By key, so that nobody is kept from commanding by another who commands too much; keys are bounded.
        self._obeyed: defaultdict[bytes, Budget] = defaultdict(lambda: Budget(_OBEYED_AT_ONCE, _OBEYED_EVERY_S))
        # Of their own: whatever a key was used for, it can still order privacy.
        self._private: defaultdict[bytes, Budget] = defaultdict(lambda: Budget(_OBEYED_AT_ONCE, _OBEYED_EVERY_S))
        self._refused = Budget(_REFUSED_AT_ONCE, _REFUSED_EVERY_S)
        self._untold = 0
        self._say: Say = lambda _heard, _answer: None
        self._trouble: Fault | None = None
        self._threads = [
            threading.Thread(target=self._serve, name="edgecam.commands", daemon=True),
            threading.Thread(target=self._hold, name="edgecam.commands.hold", daemon=True),
        ]

    @property
    def faults(self) -> list[Fault]:
        """What keeps it from clearing away what has ended."""
        trouble = self._trouble
        return [trouble] if trouble is not None else []

    def start(self, say: Say) -> None:
        """Begin to obey; ``say`` may be called from now on."""
        self._say = say
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End after what is under way; a hold that takes longer is cut off, and erased at the next start."""
        for waiting in (self._waiting, self._holds):
            with suppress(queue.Full):
                waiting.put_nowait(None)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout_s)

    def obey(self, heard: Heard) -> bool:
        """Take a command that an enrolled key signed; whether there was room for it."""
        try:
            self._waiting.put_nowait(heard)
        except queue.Full:
            return False
        return True

    def _serve(self) -> None:
        tended_ns = 0
        while True:
            if self._clock.mono_ns() - tended_ns > _TEND_EVERY_S * NS_PER_S:
                tended_ns = self._clock.mono_ns()
                self._tend()
            try:
                heard = self._waiting.get(timeout=_TEND_EVERY_S)
            except queue.Empty:
                continue
            if heard is None:
                return
            begun = self._begin(heard)
            if isinstance(begun, Answer):
                self._say(heard, begun)
            elif begun.order.name is CommandName.HOLD:
                self._holds.put(begun)
            else:
                self._carry_out(begun)

    def _hold(self) -> None:
        while (begun := self._holds.get()) is not None:
            self._carry_out(begun)

    def _begin(self, heard: Heard) -> _Begun | Answer:
        """Remember it, then register it; or the answer that says why not."""
        try:
            admitted = self._admitted(heard)
            if isinstance(admitted, Refusal):
                return self._refuse(heard, admitted)
            now, command = self._clock.now(), heard.command
            # First, so that a death right after it makes a command that was not obeyed, never one obeyed twice.
            self._memory.remember(command, now.wall_ns, may_forget=now.trust is not TimeTrust.UNSET)
            line = register_command(
                self._camera.register, heard.key.name, command.name, command.id, command.arguments
            )
        except Exception as failed:  # noqa: BLE001 - the thread's outermost boundary: the next one must still be heard
            return self._failed(_ours(failed, heard.name))
        return _Begun(heard, admitted, line)

    def _admitted(self, heard: Heard) -> Order | Refusal:
        judged, now = heard.judged, self._clock.now()
        if isinstance(judged, Refusal):
            return judged
        if self._memory.knows(heard.command, now.wall_ns):
            return Refusal(Code.REPLAYED, "This command came before, or may have: give it anew.")
        if judged.name is CommandName.HOLD and self._holds.full():
            return Refusal(Code.BUSY, "Other footage is being held; try again in a minute.")
        private = judged.name is CommandName.PRIVATE and not needs_clock(judged.name, judged.arguments)
        if not (self._private if private else self._obeyed)[heard.key.public].take(now.mono_ns):
            return Refusal(
                Code.TOO_MANY, "More came with this key than is carried out: one a minute after the first sixty."
            )
        return judged

    def _refuse(self, heard: Heard, why: Refusal) -> Answer:
        now, command = self._clock.now(), heard.command
        if self._refused.take(now.mono_ns):
            untold, self._untold = self._untold, 0
            register_refusal(
                self._camera.register,
                heard.key.name,
                heard.name,
                command.id,
                command.arguments,
                (why.code.value, why.sentence),
                untold,
            )
        else:
            self._untold += 1
        return Answer.refused(why, now)

    def _carry_out(self, begun: _Begun) -> None:
        try:
            answer = self._acts.act(begun.order, begun.line.sequence)
        except Exception as failed:  # noqa: BLE001 - the thread's outermost boundary: the next must be obeyed
            answer = self._failed(_ours(failed, begun.order.name.value))
        try:
            complete_command(
                self._camera.register, begun.line, answer.outcome.value, answer.code.value, answer.sentence
            )
        except Exception as failed:  # noqa: BLE001 - the open line already tells it, and whoever waits must hear
            _ours(failed, begun.order.name.value)
        self._say(begun.heard, answer)

    def _tend(self) -> None:
        try:
            self._acts.tend()
            self._trouble = None
        except Exception as failed:  # noqa: BLE001 - the thread's outermost boundary: commands come before tidiness
            self._trouble = Fault("commands", str(_ours(failed, "tidying up")))

    def _failed(self, why: EdgecamError) -> Answer:
        code = next((code for kind, code in _CODES if isinstance(why, kind)), Code.BUG)
        return Answer(Outcome.FAILED, code, f"{why}.", self._clock.now())


def _ours(failed: Exception, what: str) -> EdgecamError:
    """``failed`` as it may be told; a mistake of ours goes to the log whole."""
    if isinstance(failed, EdgecamError):
        return failed
    _log.error("the command %s failed", what, exc_info=failed)
    return Bug("the command failed inside edgecam", do="report what the log says")
