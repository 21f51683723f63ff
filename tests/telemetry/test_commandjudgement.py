"""Which commands are obeyed: for this camera, as what they were signed, in time, permitted, understood."""

from __future__ import annotations

from typing import Any

import pytest
from commandstand import IDENTITY, NEXT_BOOT, command, instant, the_key

from edgecam.core.clock import TimeTrust
from edgecam.telemetry.commandjudgement import Code, Order, Refusal, judge
from edgecam.telemetry.commandkinds import USUAL_RIGHTS, CommandName, Right

pytestmark = pytest.mark.row("T5")


def judged(
    name: str = "status",
    arguments: dict[str, Any] | None = None,
    *,
    topic: str = "",
    may: tuple[Right, ...] = tuple(Right),
    trust: TimeTrust = TimeTrust.SYNCED,
    now_s: float = 1.0,
    **more: Any,
) -> Order | Refusal:
    sent = command(name, arguments, **more)
    return judge(sent, the_key(may), topic or name, IDENTITY, instant(now_s, trust=trust))


def code_of(verdict: Order | Refusal) -> Code:
    assert isinstance(verdict, Refusal), verdict
    assert verdict.sentence.endswith(".")
    return verdict.code


def test_a_good_command_becomes_an_order() -> None:
    verdict = judged("restart", {"part": "observer"})
    assert isinstance(verdict, Order)
    assert verdict.name is CommandName.RESTART
    assert verdict.key.name == "centre"


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (Code.WRONG_SITE, {"site": "elsewhere"}),
        (Code.WRONG_CAMERA, {"camera": "edgecam_00000000"}),
        (Code.WRONG_TOPIC, {"topic": "private"}),
        (Code.UNKNOWN_COMMAND, {"name": "open_the_door"}),
        (Code.ARGUMENTS, {"name": "restart"}),
        (Code.NOT_PERMITTED, {"may": (Right.HOLD,)}),
        (Code.NOT_PERMITTED, {"name": "private", "arguments": {"state": "off"}, "may": USUAL_RIGHTS}),
        (Code.EXPIRED, {"now_s": 120.0}),
        (Code.EXPIRED, {"now_s": 1e6}),
        (Code.ISSUED_IN_FUTURE, {"now_s": -61.0}),
        (Code.LIVES_TOO_LONG, {"life_s": 300.001}),
        (Code.LIVES_TOO_LONG, {"life_s": 0.0}),
        (Code.LIVES_TOO_LONG, {"life_s": -1.0}),
        (Code.CLOCK, {"name": "restart", "arguments": {"part": "hub"}, "trust": TimeTrust.UNSET}),
        (Code.CLOCK, {"name": "private", "arguments": {"state": "off"}, "trust": TimeTrust.UNSET}),
    ],
)
def test_what_is_not_obeyed(code: Code, what: dict[str, Any]) -> None:
    assert code_of(judged(**what)) is code


@pytest.mark.parametrize("now_s", [-60.0, 0.0, 119.999])
def test_clocks_may_differ_a_little(now_s: float) -> None:
    assert isinstance(judged(now_s=now_s), Order)


def test_a_clock_that_was_never_set_lets_pass_what_changes_nothing_and_privacy() -> None:
    for name, arguments in (("status", {}), ("update_check", {}), ("private", {"state": "on", "minutes": 5})):
        sent = command(name, arguments)
        long_ago = instant(-50 * 365 * 86_400, NEXT_BOOT, TimeTrust.UNSET)
        assert isinstance(judge(sent, the_key(), name, IDENTITY, long_ago), Order)


def test_a_clock_that_ran_on_and_is_behind_refuses_no_privacy() -> None:
    behind: dict[str, Any] = {"trust": TimeTrust.RESTORED, "now_s": -86_400.0}
    assert isinstance(judged("private", {"state": "on", "minutes": 5}, **behind), Order)
    assert code_of(judged("private", {"state": "off"}, **behind)) is Code.ISSUED_IN_FUTURE
    assert code_of(judged("restart", {"part": "hub"}, **behind)) is Code.ISSUED_IN_FUTURE
    assert code_of(judged("private", {"state": "on", "minutes": 5}, now_s=-86_400.0)) is Code.ISSUED_IN_FUTURE


def test_a_clock_that_ran_on_decides_and_the_refusal_tells_its_time() -> None:
    assert isinstance(judged(trust=TimeTrust.RESTORED), Order)
    verdict = judged(trust=TimeTrust.RESTORED, now_s=600)
    assert code_of(verdict) is Code.EXPIRED
    assert isinstance(verdict, Refusal)
    assert "2026-11-21T12:10:00.000Z, the clock is restored" in verdict.sentence
