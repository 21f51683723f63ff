"""The head of the register leaves the camera, retained and signed, at each connection and once a day."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bookstand import ZONE, BookStand, Calendar
from stand import CLOCK, IDENTITY, ROOT, link, listener, mosquitto, outbox, wait_until

from edgecam.core.errors import MediaFailing, Unavailable
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_head import head_of, read_heads
from edgecam.keys.camera import create_camera_key
from edgecam.telemetry.contract import KINDS, schema_of
from edgecam.telemetry.publication import Incoming
from edgecam.telemetry.registerheads import RegisterHeadMessage, RegisterHeads, ToldHead
from edgecam.telemetry.topics import Topics
from edgecam.telemetry.voice import Voice

pytestmark = pytest.mark.row("G3")

HEAD = ToldHead(7, "ab" * 32, "2026-05-01T03:00:00.000Z", "synced", "cd" * 64)


def heads(found: Callable[[], ToldHead | None], calendar: Calendar) -> RegisterHeads:
    return RegisterHeads(Voice(IDENTITY, calendar), Topics.of(IDENTITY), found, ZoneInfo(ZONE), calendar)


def test_it_is_told_at_each_connection_and_once_each_civil_day() -> None:
    calendar = Calendar("2026-05-01T23:59:58")
    speaker = heads(lambda: HEAD, calendar)
    speaker.connected()
    (told,) = speaker.say()
    assert (told.topic, told.retain, told.expiry_s) == (f"{ROOT}/register/head", True, 0)
    message = RegisterHeadMessage.model_validate_json(told.payload)
    assert (message.lines, message.sha256, message.at.utc) == (HEAD.lines, HEAD.sha256, HEAD.utc)
    assert speaker.say() == []
    calendar.put("2026-05-02T00:00:00")
    assert len(speaker.say()) == 1
    assert speaker.say() == []
    speaker.connected()
    assert len(speaker.say()) == 1


def test_an_empty_register_has_no_head_until_its_first_line() -> None:
    answers = [None, None, HEAD]
    speaker = heads(lambda: answers.pop(0), Calendar())
    assert [len(speaker.say()) for _ in range(4)] == [0, 0, 1, 0]


def test_a_register_that_is_being_written_is_asked_again_and_one_that_fails_the_next_day() -> None:
    calendar = Calendar()
    answers: list[ToldHead | Exception] = [Unavailable("busy"), HEAD, MediaFailing("broken"), HEAD]

    def found() -> ToldHead:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    speaker = heads(found, calendar)
    assert speaker.say() == []
    assert len(speaker.say()) == 1
    calendar.put("2026-05-02T12:00:00")
    with pytest.raises(MediaFailing):
        speaker.say()
    assert speaker.say() == []
    calendar.put("2026-05-03T12:00:00")
    assert len(speaker.say()) == 1


def test_nobody_can_tell_it_anything() -> None:
    speaker = heads(lambda: HEAD, Calendar())
    assert list(speaker.subscriptions) == []
    speaker.heard(Incoming(f"{ROOT}/register/head", b"{}"))
    assert len(speaker.say()) == 1


def test_the_contract_has_it() -> None:
    (kind,) = (kind for kind in KINDS if kind.model is RegisterHeadMessage)
    assert (kind.topic, kind.retained) == ("register/head", True)
    assert {"lines", "sha256", "at", "signature"} <= set(schema_of(kind)["required"])


def test_who_comes_later_gets_it_from_a_real_broker_and_proves_the_register_by_it(tmp_path: Path) -> None:
    key = create_camera_key(tmp_path / "camera.pem")
    books = BookStand(tmp_path, key, Calendar())
    for _ in range(3):
        books.look()

    def found() -> ToldHead | None:
        last = books.register().head()
        assert last is not None
        signed = head_of(last, CLOCK.now(), key.sign)
        return ToldHead(
            signed.head.sequence, signed.head.hash.hex(), signed.utc, signed.trust, signed.signature.hex()
        )

    speaker = RegisterHeads(Voice(IDENTITY, CLOCK), Topics.of(IDENTITY), found, ZoneInfo(ZONE), CLOCK)
    with mosquitto(tmp_path) as broker, outbox(tmp_path) as box:
        with link(broker.address, box, speakers=(speaker,)) as line:
            wait_until(lambda: line.state.broker == "connected", "the camera is connected")
            with listener(broker.address, "first") as ear:
                ear.next("register/head")
        # The camera is gone; the broker still has it.
        with listener(broker.address) as late:
            kept = late.next("register/head")
    assert kept.retained
    file = tmp_path / "kept.jsonl"
    file.write_text(json.dumps(kept.body) + "\n")
    (known,) = read_heads(file, key.public)
    assert known.sequence == 3
    assert verify_register(books.path, key.public, [known]).genuine
    lines = books.path.read_bytes().splitlines(keepends=True)
    books.path.write_bytes(b"".join(lines[:2]))
    assert verify_register(books.path, key.public).genuine
    assert not verify_register(books.path, key.public, [known]).genuine
