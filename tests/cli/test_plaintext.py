"""What a broker or a camera says does not move the cursor of who reads it."""

from __future__ import annotations

import pytest

from edgecam.cli.command import _tell
from edgecam.cli.plaintext import plain
from edgecam.core.clock import SystemClock
from edgecam.core.errors import EdgecamError
from edgecam.telemetry.commandjudgement import Code
from edgecam.telemetry.commandresult import Answer, Outcome
from edgecam.telemetry.messages import Header

pytestmark = pytest.mark.row("T5")
WILD = "\x1b[2J\x1b]0;owned\x07 done \x9b1A\u202e"


def test_letters_of_any_language_stay_and_orders_to_the_terminal_go() -> None:
    assert plain("완료 – 済み 🎥\nnext line") == "완료 – 済み 🎥\nnext line"
    assert plain(WILD) == "?[2J?]0;owned? done ?1A?"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_answer_is_shown_without_what_a_terminal_would_obey(
    outcome: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = Answer(outcome, Code.DONE, WILD, SystemClock().now(), {WILD: WILD})
    header = Header(camera="edgecam_1", site="home", session="0" * 16, sequence=0)
    refusal = ""
    try:
        _tell(answer.told(header, None, "status"), as_json=False)
    except EdgecamError as refused:
        refusal = str(refused)
    said = capsys.readouterr().out + refusal
    assert "done" in said
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said)
