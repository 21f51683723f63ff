"""Speakers on real connections: what they hear, what they say, and that events never wait for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from paho.mqtt.reasoncodes import ReasonCode
from scripted import (
    CONNECT,
    PINGREQ,
    PUBACK,
    PUBLISH,
    SUBSCRIBE,
    WELCOME,
    Answer,
    ScriptedBroker,
    acknowledged,
    publication,
    scripted,
    subscribed,
    topic_of,
    welcome,
)
from setclock import SetClock
from stand import ROOT, Listener, event, link, listener, mosquitto, outbox, wait_until, wire
from talker import ANSWER, Echo, Talker, centre

from edgecam.telemetry.address import Address
from edgecam.telemetry.chorus import Chorus, Stage
from edgecam.telemetry.link import Link
from edgecam.telemetry.outbox import Outbox
from edgecam.telemetry.publication import Answered, Incoming, Outgoing
from edgecam.telemetry.speaker import Speaker
from edgecam.telemetry.standing import StandingFaults

STATUS_COMMAND = f"{ROOT}/cmd/status"
BIRTH = "homeassistant/status"
_NO_WILDCARDS = b"\x28\x00"


def _codes(line: Link) -> list[str]:
    return [fault.code for fault in line.state.faults]


def _sentence(line: Link, code: str) -> str:
    return next(fault.sentence for fault in line.state.faults if fault.code == code)


def _answer_of(ear: Listener) -> str:
    return str(ear.next("cmd_result/status").body)


def _answers(greeting: bytes = WELCOME, suback: int = 1, puback: Callable[[str], int] = lambda _topic: 0) -> Answer:
    """A broker that lets everybody in, and answers a subscription and what is published with these codes."""

    def answer(kind: int, body: bytes) -> bytes:
        if kind == PUBLISH:
            return acknowledged(body, puback(topic_of(body)))
        if kind == SUBSCRIBE:
            return subscribed(body, suback)
        return {CONNECT: greeting, PINGREQ: b"\xd0\x00"}.get(kind, b"")

    return answer


@contextmanager
def _at_script(folder: Path, answer: Answer, *speakers: Speaker) -> Iterator[tuple[ScriptedBroker, Outbox, Link]]:
    """A running link with ``speakers`` at a broker that does what a test wrote."""
    with (
        scripted(answer) as broker,
        outbox(folder) as box,
        link(broker.address, box, speakers=speakers) as line,
    ):
        yield broker, box, line


@contextmanager
def _at_mosquitto(folder: Path, *speakers: Speaker) -> Iterator[tuple[Listener, Outbox, Link]]:
    """A running link with ``speakers`` at a real broker, and somebody who hears all that is said there."""
    with (
        mosquitto(folder) as broker,
        outbox(folder) as box,
        listener(broker.address) as ear,
        link(broker.address, box, speakers=speakers) as line,
    ):
        yield ear, box, line


@pytest.mark.row("T5")
def test_a_speaker_hears_its_commands_and_its_answer_carries_their_correlation(tmp_path: Path) -> None:
    echo = Echo(subscriptions=(f"{ROOT}/cmd/+", BIRTH))
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as box,
        listener(broker.address) as ear,
        centre(broker.address) as speaking,
        link(broker.address, box, speakers=(echo,)),
    ):
        ear.next("health")
        speaking.tell(STATUS_COMMAND, b'{"n":1}', correlation=b"\x00\xff")
        answer = ear.next("cmd_result/status")
        assert (answer.body, answer.properties["CorrelationData"], answer.retained) == ({"n": 1}, "00ff", False)
        speaking.tell(f"{ROOT}/cmd/a/b", b"{}")
        speaking.tell(BIRTH, b"2", retain=True)
        assert _answer_of(ear) == "2"
    assert [message.topic for message in echo.messages] == [STATUS_COMMAND, BIRTH]
    assert [message.response_topic for message in echo.messages] == ["elsewhere"] * 2
    assert [message.retained for message in echo.messages] == [False, True]


@pytest.mark.row("T5")
def test_a_retained_command_reaches_nobody_and_is_reported(tmp_path: Path) -> None:
    echo = Echo()
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as box,
        listener(broker.address) as ear,
        centre(broker.address) as speaking,
    ):
        speaking.tell(STATUS_COMMAND, b'"kept from before"', retain=True)
        with link(broker.address, box, speakers=(echo,)) as line:
            ear.next("health")
            speaking.tell(STATUS_COMMAND, b'"retained"', retain=True)
            speaking.tell(STATUS_COMMAND, b'"said once"')
            assert _answer_of(ear) == "said once"
            wait_until(lambda: "command_retained" in _codes(line), "it is reported")
            assert line.state.broker == "connected"
    assert [message.payload for message in echo.messages] == [b'"said once"']


def test_taking_a_retained_command_away_is_no_command_and_no_fault(tmp_path: Path) -> None:
    talker = Talker()
    with _at_script(tmp_path, _answers(), talker) as (broker, _box, line):
        wait_until(lambda: len(broker.kinds(SUBSCRIBE)) == 1, "it subscribes")
        broker.say(publication(STATUS_COMMAND, b"", first=0x33) + publication(STATUS_COMMAND, b"1"))
        wait_until(lambda: len(talker.messages) == 1, "the command is heard")
        assert talker.messages[0].payload == b"1"
        assert _codes(line) == []


@pytest.mark.row("T5")
def test_a_command_given_while_the_camera_was_away_for_a_moment_is_heard_once(tmp_path: Path) -> None:
    echo = Echo()
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as box,
        listener(broker.address) as ear,
        centre(broker.address) as speaking,
        wire(broker.port) as between,
        link(between.address, box, speakers=(echo,)) as line,
    ):
        ear.next("health")
        speaking.tell(STATUS_COMMAND, b"1")
        # The answer follows the acknowledgement on the same wire: the broker has both, and sends nothing again.
        assert _answer_of(ear) == "1"
        between.cut()
        wait_until(lambda: line.state.broker == "connecting", "the loss is noticed")
        speaking.tell(STATUS_COMMAND, b"2")
        between.mend()
        assert _answer_of(ear) == "2"
        assert [message.payload for message in echo.messages] == [b"1", b"2"]
        assert echo.connections > 1


@pytest.mark.row("T2")
@pytest.mark.parametrize("where", ["connected", "heard", "say", "subscriptions"])
def test_a_speaker_that_fails_is_reported_and_holds_up_nobody(tmp_path: Path, where: str) -> None:
    class Nobody(Talker):
        @property
        def subscriptions(self) -> list[str]:
            raise KeyError("what a speaker's own mistake may raise")

        @subscriptions.setter
        def subscriptions(self, _value: object) -> None:
            return

    failing = Nobody() if where == "subscriptions" else Talker(fails_at=frozenset({where}))
    echo = Echo()
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as box,
        listener(broker.address) as ear,
        centre(broker.address) as speaking,
        link(broker.address, box, speakers=(failing, echo)) as line,
    ):
        ear.next("health")
        speaking.tell(STATUS_COMMAND, b"7")
        assert _answer_of(ear) == "7"
        box.put(event("e1"))
        assert ear.next("event").body["event_id"] == "e1"
        assert "speaker_failed" in _codes(line)
        assert line.state.broker == "connected"


def test_a_topic_that_cannot_be_published_to_is_the_speakers_own_failure(tmp_path: Path) -> None:
    wild = Talker(to_say=[Outgoing("a/+/b", b"{}"), Outgoing(ANSWER, b"1")])
    with _at_mosquitto(tmp_path, wild) as (ear, _box, line):
        assert _answer_of(ear) == "1"
        wait_until(lambda: _codes(line) == ["speaker_failed"], "it is reported")


@dataclass
class _Line:
    """As much of a `Connection` as speakers see: takes all and says nothing."""

    room: int = 100
    ended: None = None
    published: list[str] = field(default_factory=list)
    fitting: bool = True

    def fits(self, _message: Outgoing) -> bool:
        return self.fitting

    def publish(self, message: Outgoing, _answered: Answered) -> None:
        self.published.append(message.topic)

    def can_subscribe(self, _topic_filter: str) -> bool:
        return True

    def subscribe(self, _filters: Sequence[str], _answered: Callable[[Sequence[ReasonCode]], None]) -> None:
        return


def test_speakers_are_asked_at_first_once_a_second_after_a_word_and_when_woken() -> None:
    clock, line, talker = SetClock(), _Line(), Talker()
    chorus = Chorus(Stage((talker,), StandingFaults(clock), Address("h", 1, False), ROOT, clock), line)

    def said() -> int:
        talker.to_say = [Outgoing(ANSWER, b"{}")]
        before = len(line.published)
        chorus.turn(4)
        return len(line.published) - before

    chorus.connected()
    assert [said(), said()] == [1, 0]
    clock.sleep(0.9)
    assert said() == 0
    assert chorus.wait_limit_s() == pytest.approx(0.1)
    clock.sleep(0.1)
    assert [said(), said()] == [1, 0]
    chorus.wake()
    assert chorus.wait_limit_s() == 0
    assert [said(), said()] == [1, 0]
    chorus.heard(Incoming(STATUS_COMMAND, b"{}"))
    assert [said(), said()] == [1, 0]


def test_no_more_is_said_in_a_turn_than_allowed_and_than_there_is_room() -> None:
    clock, line, talker = SetClock(), _Line(), Talker(to_say=[Outgoing(ANSWER, b"{}")] * 10)
    chorus = Chorus(Stage((talker,), StandingFaults(clock), Address("h", 1, False), ROOT, clock), line)
    chorus.turn(4)
    assert (len(line.published), chorus.waits) == (4, True)
    line.room = 0
    chorus.turn(4)
    assert len(line.published) == 4
    line.room = 1
    talker.to_say = [Outgoing(f"{ROOT}/snapshot", b"{}")]
    chorus.turn(100)
    assert (line.published, chorus.waits) == ([ANSWER] * 10, False)


def test_another_thread_wakes_the_link(tmp_path: Path) -> None:
    talker = Talker()
    with _at_mosquitto(tmp_path, talker) as (ear, _box, line):
        ear.next("health")
        for number in range(5):
            talker.to_say = [Outgoing(ANSWER, str(number).encode())]
            line.wake()
            assert _answer_of(ear) == str(number)


def test_a_wake_up_before_the_start_and_after_the_stop_does_nothing(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, outbox(tmp_path) as box:
        with link(broker.address, box) as line:
            line.wake()
        line.wake()
        assert line.state.broker == "off"


@pytest.mark.row("T2")
def test_a_talkative_speaker_holds_up_no_event(tmp_path: Path) -> None:
    count = 400
    talker = Talker(to_say=[Outgoing(ANSWER, str(number).encode()) for number in range(count)])
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as box,
        listener(broker.address) as ear,
    ):
        names = [f"e{number}" for number in range(20)]
        box.put(*(event(name) for name in names))
        with link(broker.address, box, speakers=(talker,)):
            wait_until(lambda: len(ear.heard) >= count + len(names) + 2, "all is said")
        topics = [heard.topic for heard in ear.heard]
        last_event = len(topics) - 1 - topics[::-1].index(f"{ROOT}/event")
        assert ear.events() == names
        assert topics[:last_event].count(ANSWER) < count / 4


@pytest.mark.row("T2")
def test_with_one_message_at_a_time_events_and_speakers_both_get_through(tmp_path: Path) -> None:
    count = 60
    talker = Talker(to_say=[Outgoing(ANSWER, b"{}") for _ in range(10)])
    with scripted(_answers(welcome(b"\x21\x00\x01"))) as broker, outbox(tmp_path) as box:
        box.put(*(event(f"e{number}") for number in range(count)))
        with link(broker.address, box, speakers=(talker,)):
            wait_until(lambda: len(box) == 0, "the outbox runs empty")
            topics = [topic_of(body) for body in broker.kinds(PUBLISH)]
        last = {topic: len(topics) - 1 - topics[::-1].index(topic) for topic in (ANSWER, f"{ROOT}/event")}
        assert topics.count(ANSWER) == 10
        # Neither waited for the end of the other.
        assert last[ANSWER] < last[f"{ROOT}/event"]
        assert topics[: last[ANSWER]].count(f"{ROOT}/event") >= 9


def test_a_refused_subscription_is_told_by_name_and_events_pass(tmp_path: Path) -> None:
    with _at_script(tmp_path, _answers(suback=0x87), Talker()) as (_broker, box, line):
        box.put(event("e1"))
        wait_until(lambda: "subscription_refused" in _codes(line), "it is told")
        wait_until(lambda: len(box) == 0, "the event is taken")
        assert f"{ROOT}/cmd/+" in _sentence(line, "subscription_refused")
        assert line.state.broker == "connected"


def test_one_subscribe_with_all_filters_asks_for_nothing_kept(tmp_path: Path) -> None:
    speakers: tuple[Speaker, ...] = (Talker(), Talker(subscriptions=(BIRTH, f"{ROOT}/cmd/+")), Talker(()))

    def answer(kind: int, body: bytes) -> bytes | None:
        return subscribed(body, 1, 1) if kind == SUBSCRIBE else _answers()(kind, body)

    with scripted(answer) as broker, outbox(tmp_path) as box, link(broker.address, box, speakers=speakers) as line:
        wait_until(lambda: len(broker.kinds(SUBSCRIBE)) == 1, "it subscribes")
        box.put(event("e1"))
        wait_until(lambda: len(box) == 0, "the event is taken")
        asked = b"".join(
            len(wanted).to_bytes(2, "big") + wanted.encode() + b"\x2d" for wanted in (f"{ROOT}/cmd/+", BIRTH)
        )
        # 0x2d: QoS 1, no local, retain as published, retain handling 2 (MQTT 5.0, 3.8.3.1)
        assert broker.kinds(SUBSCRIBE)[0][3:] == asked
        assert line.state.faults == ()


def test_filters_with_wildcards_are_not_asked_of_a_broker_that_knows_none(tmp_path: Path) -> None:
    talker = Talker(subscriptions=(f"{ROOT}/cmd/+", BIRTH))
    with _at_script(tmp_path, _answers(welcome(_NO_WILDCARDS)), talker) as (broker, _box, line):
        wait_until(lambda: _codes(line) == ["subscription_refused"], "it is told")
        wait_until(lambda: len(broker.kinds(SUBSCRIBE)) == 1, "the other is asked for")
        assert f"{ROOT}/cmd/+".encode() not in broker.kinds(SUBSCRIBE)[0]


@pytest.mark.parametrize(("code", "goes_on"), [(0x87, True), (0x97, False)])
def test_a_refused_message_of_a_speaker_is_told_and_a_quota_honoured(
    tmp_path: Path, code: int, goes_on: bool
) -> None:
    talker = Talker(to_say=[Outgoing(ANSWER, b"{}"), *[Outgoing(f"{ROOT}/snapshot", b"{}")] * 10])
    answer = _answers(welcome(b"\x21\x00\x03"), puback=lambda topic: code if topic == ANSWER else 0)
    with _at_script(tmp_path, answer, talker) as (broker, box, line):
        wait_until(lambda: "publication_refused" in _codes(line), "it is told")
        for number in range(2):
            box.put(event(f"e{number}"))
            wait_until(lambda: len(box) == 0, "events go on")
        assert ANSWER in _sentence(line, "publication_refused")
        assert line.state.broker == "connected"
        told = [topic_of(body) for body in broker.kinds(PUBLISH)].count(f"{ROOT}/snapshot")
        assert told == 10 if goes_on else told < 10


def test_a_message_too_large_for_the_broker_is_told_and_the_next_goes_on(tmp_path: Path) -> None:
    talker = Talker(to_say=[Outgoing(f"{ROOT}/snapshot", bytes(5000)), Outgoing(ANSWER, b"{}")])
    with _at_script(tmp_path, _answers(welcome(b"\x27\x00\x00\x10\x00")), talker) as (broker, _box, line):
        wait_until(lambda: _codes(line) == ["publication_refused"], "it is told")
        wait_until(lambda: ANSWER in map(topic_of, broker.kinds(PUBLISH)), "the other is said")
        assert "too large" in _sentence(line, "publication_refused")


def test_what_was_never_asked_for_is_acknowledged_and_reaches_nobody(tmp_path: Path) -> None:
    talker = Talker()
    with _at_script(tmp_path, _answers(), talker) as (broker, _box, line):
        wait_until(lambda: len(broker.kinds(SUBSCRIBE)) == 1, "it subscribes")
        broker.say(publication("some/where/else", b"1", mid=7) + publication(STATUS_COMMAND, b"2", mid=8))
        wait_until(lambda: len(broker.kinds(PUBACK)) == 2, "both are acknowledged")
        assert [body[:2] for body in broker.kinds(PUBACK)] == [b"\x00\x07", b"\x00\x08"]
        assert [message.payload for message in talker.messages] == [b"2"]
        assert line.state.broker == "connected"


def test_who_chooses_where_he_is_answered_does_not_make_the_faults_grow() -> None:
    topics = [f"{ROOT}/cmd_result/stranger-{number}" for number in range(500)]
    clock, line, talker = (
        SetClock(),
        _Line(fitting=False),
        Talker(to_say=[Outgoing(topic, b"{}") for topic in topics]),
    )
    chorus = Chorus(Stage((talker,), StandingFaults(clock), Address("h", 1, False), ROOT, clock), line)
    chorus.turn(1000)
    assert len(chorus.faults) == 16
    assert topics[-1] in chorus.faults[-1].sentence
