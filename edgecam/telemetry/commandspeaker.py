"""Hears commands, proves who signed them, hands them to whoever obeys, and says the answers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput
from edgecam.core.status import Fault
from edgecam.telemetry.budget import Budget
from edgecam.telemetry.command import LONGEST_LIFE_NS, Command, decode_command
from edgecam.telemetry.commandjudgement import Code, Order, Refusal, judge
from edgecam.telemetry.commandkeys import EnrolledKey, FollowedKeys
from edgecam.telemetry.commandresult import Answer
from edgecam.telemetry.publication import Incoming, Outgoing
from edgecam.telemetry.topics import Identity, Topics
from edgecam.telemetry.voice import Voice

# Answers wait here while the broker takes none.
_MOST_WAITING: Final = 64
_MOST_SAID: Final = 16
_MOST_LATELY: Final = 256
_MOST_COPIES: Final = 2
_MOST_CORRELATION_BYTES: Final = 256
_STRANGERS_AT_ONCE, _STRANGERS_EVERY_S = 20, 10.0
_TOLD_FOR_NS: Final = 3600 * NS_PER_S
_ANSWER_EXPIRY_S: Final = 600


@dataclass(frozen=True, slots=True)
class Heard:
    """A command that an enrolled ``key`` signed, how it was judged, and by what its answer is known."""

    command: Command
    key: EnrolledKey
    judged: Order | Refusal
    name: str
    correlation: bytes


@dataclass(frozen=True, slots=True)
class _Waiting:
    answer: Answer
    command_id: str | None
    name: str
    correlation: bytes


class CommandSpeaker:
    """See `Speaker`. ``obey`` gets each command that an enrolled key signed, also one to be refused.

    It never waits, and says whether it takes it. `answer` may be called by any thread; a wake-up is to follow.
    """

    def __init__(
        self, voice: Voice, identity: Identity, keys: FollowedKeys, obey: Callable[[Heard], bool], clock: Clock
    ) -> None:
        self._voice, self._identity, self._keys, self._obey, self._clock = voice, identity, keys, obey, clock
        self._topics = Topics.of(identity)
        self._waiting: deque[_Waiting] = deque(maxlen=_MOST_WAITING)
        # What was said lately, and is said again on another connection: nobody knows whether it arrived.
        self._said: deque[tuple[int, Outgoing]] = deque(maxlen=_MOST_SAID)
        self._again: list[Outgoing] = []
        self._lock = threading.Lock()
        # What came lately, a copy twice: whoever may write here could catch one signed command and keep the camera
        # busy with it. The first copy is handed on, for the register.
        self._lately: deque[tuple[bytes, str]] = deque(maxlen=_MOST_LATELY)
        self._strangers = Budget(_STRANGERS_AT_ONCE, _STRANGERS_EVERY_S)
        self._unproven = 0
        self._unproven_ns: int | None = None

    @property
    def subscriptions(self) -> Sequence[str]:
        return (self._topics.commands,)

    @property
    def faults(self) -> list[Fault]:
        """What a person should know: keys that are not believed, and who knocks without one, for an hour."""
        found = [fault for fault in (self._keys.fault,) if fault is not None]
        since_ns = self._unproven_ns
        if since_ns is not None and self._clock.mono_ns() - since_ns < _TOLD_FOR_NS:
            found.append(
                Fault(
                    "commands_unproven",
                    f"{self._unproven} commands were not signed by an enrolled key and nothing was done: look who "
                    "may write to this camera's topics.",
                )
            )
        return found

    def connected(self) -> None:
        """What was said on the connection before may have been lost with it: it is said again while it matters."""
        oldest_ns = self._clock.mono_ns() - LONGEST_LIFE_NS
        self._again = [message for said_ns, message in self._said if said_ns > oldest_ns]

    def heard(self, message: Incoming) -> None:
        name = self._topics.command_in(message.topic)
        if name is None:
            self._count_unproven()
            return
        correlation = message.correlation[:_MOST_CORRELATION_BYTES]
        if message.retained:
            refusal = Refusal(Code.RETAINED, "A retained command is not obeyed: it would come again and again.")
            self._turn_away(refusal, None, name, correlation)
            return
        try:
            command = decode_command(message.payload)
        except BadInput as refused:
            self._turn_away(Refusal(Code.MALFORMED, f"{refused}."), None, name, correlation)
            return
        key = self._keys.of(command.key)
        if key is None:
            strange = Refusal(Code.UNKNOWN_KEY, "It was signed with a key that is not enrolled on this camera.")
            self._turn_away(strange, command.id, name, correlation)
        elif not command.is_signed:
            forged = Refusal(Code.SIGNATURE, "Its signature is not that of the key that it names.")
            self._turn_away(forged, command.id, name, correlation)
        elif self._lately.count((command.key, command.id)) >= _MOST_COPIES:
            again = Refusal(Code.REPLAYED, "This command came before: give it anew.")
            self._answer_sparingly(again, command.id, name, correlation)
        else:
            self._lately.append((command.key, command.id))
            judged = judge(command, key, name, self._identity, self._clock.now())
            heard = Heard(command, key, judged, name, correlation)
            if not self._obey(heard):
                # Who is told that it was refused must not see it obeyed later.
                self._lately.append((command.key, command.id))
                busy = Refusal(Code.BUSY, "Other commands are being carried out; try again in a minute.")
                self.answer(heard, Answer.refused(busy, self._clock.now()))

    def answer(self, heard: Heard, answer: Answer) -> None:
        """Say ``answer`` to the command that was ``heard``, at the next occasion."""
        with self._lock:
            self._waiting.append(_Waiting(answer, heard.command.id, heard.name, heard.correlation))

    def say(self) -> Sequence[Outgoing]:
        self._keys.look()  # a list that is not believed is a fault before somebody commands
        with self._lock:
            waiting, self._waiting = list(self._waiting), deque(maxlen=_MOST_WAITING)
        again, self._again = self._again, []
        now_ns = self._clock.mono_ns()
        new = [self._told(one) for one in waiting]
        self._said.extend((now_ns, message) for message in new)
        return [*again, *new]

    def _told(self, one: _Waiting) -> Outgoing:
        message = one.answer.told(self._voice.header(), one.command_id, one.name)
        return Outgoing(
            self._topics.command_result(one.name),
            message.model_dump_json().encode(),
            expiry_s=_ANSWER_EXPIRY_S,
            correlation=one.correlation,
        )

    def _turn_away(self, refusal: Refusal, command_id: str | None, name: str, correlation: bytes) -> None:
        """Count one who proved nothing."""
        self._count_unproven()
        self._answer_sparingly(refusal, command_id, name, correlation)

    def _answer_sparingly(self, refusal: Refusal, command_id: str | None, name: str, correlation: bytes) -> None:
        """Answer while such are few: nobody is to make the camera talk at will."""
        if self._strangers.take(self._clock.mono_ns()):
            answer = Answer.refused(refusal, self._clock.now())
            with self._lock:
                self._waiting.append(_Waiting(answer, command_id, name, correlation))

    def _count_unproven(self) -> None:
        self._unproven += 1
        self._unproven_ns = self._clock.mono_ns()
