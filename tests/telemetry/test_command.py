"""Commands as bytes: one form, signed; whatever else comes is refused in a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from commandstand import CENTRE, STRANGER, command

from edgecam.core.errors import BadInput
from edgecam.core.events import SCENE_KINDS, EventKind
from edgecam.telemetry.command import MAX_COMMAND_BYTES, Command, decode_command
from edgecam.telemetry.commandkinds import (
    LONGEST_HOLD_MINUTES,
    CommandName,
    Right,
    arguments_of,
    arguments_typed,
    needs_clock,
    right_for,
)

pytestmark = pytest.mark.row("T5")


def test_a_command_is_what_was_sent() -> None:
    sent = command("hold", {"minutes": 5, "reason": '강도 사건 \u2028 \x7f "quoted" \\'})
    heard = decode_command(sent.encode())
    assert heard == sent
    assert heard.is_signed


def test_spaces_and_order_do_not_matter_for_the_signature() -> None:
    sent = command("silence", {"kind": "motion", "minutes": 5})
    told = json.loads(sent.encode())
    heard = decode_command(json.dumps(dict(reversed(told.items())), indent=3).encode())
    assert heard.is_signed


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0" * 32},
        {"site": "elsewhere"},
        {"camera": "edgecam_00000000"},
        {"name": "private"},
        {"arguments": {"minutes": 1}},
        {"issued_wall_ns": 0},
        {"expires_wall_ns": 1 << 60},
        {"key": STRANGER.public},
    ],
)
def test_whatever_is_changed_breaks_the_signature(change: dict[str, Any]) -> None:
    assert not replace(command(), **change).is_signed


def test_a_signature_of_another_key_is_none() -> None:
    assert not replace(command(key=STRANGER), key=CENTRE.public).is_signed


def _with(**changes: Any) -> bytes:
    return json.dumps({**json.loads(command().encode()), **changes}).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"null", "dictionary"),
        (b"[" * 4000, "nested"),
        (b'{"a":' * 600, "not JSON"),
        (b"x" * (MAX_COMMAND_BYTES + 1), "more than"),
        (b'{"id":"a","id":"b"}', "twice"),
        (b'{"arguments":{"minutes":1,"minutes":2}}', "twice"),
        (b'{"arguments":{"minutes":NaN}}', "not whole"),
        (b'{"arguments":{"minutes":-Infinity}}', "not whole"),
        (b'{"arguments":{"minutes":1.0}}', "not whole"),
        (b'{"arguments":{"minutes":1e2}}', "not whole"),
        (b'{"arguments":{"minutes":-0}}', "another way"),
        (b'{"arguments":{"minutes":' + b"9" * 3000 + b"}}", "too large"),
        (_with(arguments={"minutes": 1 << 53}), "too large"),
        (_with(schema_version=2), "schema version"),
        (_with(schema_version=True), "schema version"),
        (_with(schema_version="1"), "schema version"),
        (_with(extra=1), "extra"),
        (_with(arguments={"a": {"b": 1}}), "arguments"),
        (_with(arguments={"a": None}), "arguments"),
        (_with(arguments={"A": 1}), "arguments"),
        (_with(arguments={f"a{'_' * i}": i for i in range(20)}), "arguments"),
        (_with(arguments=[]), "arguments"),
        (_with(name="cmd/private"), "name"),
        (_with(name="STATUS"), "name"),
        (_with(site="a/b"), "site"),
        (_with(id="x"), "id"),
        (_with(key="00"), "key"),
        (_with(signature=""), "signature"),
        (_with(issued="2026-02-30T00:00:00.000Z"), "day"),
        (_with(issued="2026-11-21T12:00:00.000+00:00"), "issued"),
        (_with(issued="2026-11-21T12:00:00.000Z\n"), "issued"),
        (_with(issued=1), "issued"),
        (_with(name="\ud800"), "name"),
        (_with(arguments={"kind": "\ud800"}), "arguments"),
        (_with(arguments={"\udfff": 1}), "arguments"),
    ],
)
def test_what_is_no_command_is_refused_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_command(data)
    assert said in refused.value.what
    refused.value.what.encode()


def test_every_command_has_arguments_and_a_right() -> None:
    good: dict[CommandName, dict[str, Any]] = {
        CommandName.STATUS: {},
        CommandName.RESTART: {"part": "observer"},
        CommandName.SILENCE: {"kind": "motion", "minutes": 60},
        CommandName.PRIVATE: {"state": "on"},
        CommandName.HOLD: {"minutes": 10, "reason": "asked by the police"},
        CommandName.UPDATE_CHECK: {},
    }
    assert good.keys() == set(CommandName)
    for name, told in good.items():
        arguments = arguments_of(name, told)
        assert right_for(name, arguments).value == name.value
        assert arguments_typed(name, {key: str(value) for key, value in told.items()}) == told


def test_ending_privacy_is_harder_than_beginning_it() -> None:
    on = arguments_of(CommandName.PRIVATE, {"state": "on", "minutes": 5})
    off = arguments_of(CommandName.PRIVATE, {"state": "off"})
    assert right_for(CommandName.PRIVATE, on) is Right.PRIVATE
    assert right_for(CommandName.PRIVATE, off) is Right.PRIVATE_OFF
    assert not needs_clock(CommandName.PRIVATE, on)
    assert needs_clock(CommandName.PRIVATE, off)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("status", {"now": True}),
        ("restart", {}),
        ("restart", {"part": "supervisor"}),
        ("restart", {"part": "hub", "when": 1}),
        ("silence", {"minutes": 5}),
        ("silence", {"kind": "motion"}),
        ("silence", {"kind": "motion", "minutes": 1441}),
        ("silence", {"kind": "motion", "minutes": -1}),
        ("silence", {"kind": "motion", "minutes": True}),
        ("silence", {"kind": "motion", "minutes": "5"}),
        ("silence", {"kind": "burglary", "minutes": 5}),
        ("silence", {"kind": "motion", "place": "a\nb", "minutes": 5}),
        ("private", {"state": "maybe"}),
        ("private", {"state": "on", "minutes": 0}),
        ("hold", {"minutes": LONGEST_HOLD_MINUTES + 1, "reason": "x"}),
        ("hold", {"minutes": 1}),
        ("hold", {"minutes": 1, "reason": "  "}),
        ("hold", {"minutes": 1, "reason": "x" * 201}),
        ("hold", {"minutes": 1, "reason": "\x1b[2J"}),
    ],
)
def test_what_a_command_cannot_be_told_is_refused(name: str, told: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=name):
        arguments_of(CommandName(name), told)


@pytest.mark.parametrize(
    "when", ["0001-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]
)
def test_a_time_that_no_clock_shows_is_refused(when: str) -> None:
    told = json.loads(command().encode())
    with pytest.raises(BadInput, match="no clock shows"):
        decode_command(json.dumps({**told, "expires": when}).encode())


@pytest.mark.parametrize("kind", [*sorted(SCENE_KINDS), EventKind.CLONED])
def test_tampering_is_never_silenced(kind: EventKind) -> None:
    with pytest.raises(BadInput, match="silence"):
        arguments_of(CommandName.SILENCE, {"kind": kind.value, "minutes": 5})


def test_the_largest_command_fits() -> None:
    long = "아" * 200
    told: dict[str, Any] = {"minutes": 240, "days": 366, "reason": long, "asked_by": long, "case": long}
    assert arguments_of(CommandName.HOLD, told)
    sent = command("hold", told)
    assert isinstance(decode_command(sent.encode()), Command)
