"""The table of the first run: which step waits for which, and what a broken note comes to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import DataLoss, NotAllowed
from edgecam.web.firststeps import RULES, Progress, SetupStep, StepState, check_step, decode_progress, step_states

pytestmark = pytest.mark.row("W1")
_NOTED = [step for step, rule in RULES.items() if rule.noted]
_FOUND = [step for step, rule in RULES.items() if not rule.noted]


def test_a_new_camera_can_begin_with_language_and_owner_alone() -> None:
    states = step_states(Progress(), ())
    begins = {step for step, state in states.items() if state is StepState.OPEN}
    assert begins == {SetupStep.LANGUAGE, SetupStep.OWNER}


@pytest.mark.row("M6")
def test_nothing_looks_through_the_camera_before_there_is_a_ring() -> None:
    states = step_states(Progress(), {SetupStep.OWNER})
    for step in (SetupStep.AIM, SetupStep.MASKS, SetupStep.BROKER, SetupStep.SUMMARY):
        with pytest.raises(NotAllowed, match="comes after retention"):
            check_step(step, states)
    check_step(SetupStep.RETENTION, states)


def test_a_step_that_the_camera_shows_needs_no_note_and_takes_none() -> None:
    assert step_states(Progress(), {SetupStep.OWNER})[SetupStep.OWNER] is StepState.DONE
    data = Progress(frozenset({SetupStep.OWNER})).encode()
    with pytest.raises(DataLoss):
        decode_progress(data)


def test_every_step_comes_after_steps_before_it_so_that_all_can_be_taken() -> None:
    order = list(SetupStep)
    assert list(RULES) == order
    assert all(order.index(need) < order.index(step) for step, rule in RULES.items() for need in rule.needs)


@given(st.sets(st.sampled_from(_NOTED)))
def test_progress_comes_back_as_it_was_kept(noted: set[SetupStep]) -> None:
    kept = Progress(frozenset(noted))
    assert decode_progress(kept.encode()) == kept


@given(st.sets(st.sampled_from(_NOTED)), st.sets(st.sampled_from(_FOUND)), st.sampled_from(list(SetupStep)))
def test_what_is_done_stays_done_whatever_comes_after(
    noted: set[SetupStep], found: set[SetupStep], more: SetupStep
) -> None:
    before = step_states(Progress(frozenset(noted)), found)
    if RULES[more].noted:
        after = step_states(Progress(frozenset(noted)).noting(more), found)
    else:
        after = step_states(Progress(frozenset(noted)), found | {more})
    assert after[more] is StepState.DONE
    assert all(after[step] is StepState.DONE for step in SetupStep if before[step] is StepState.DONE)
    assert not any(after[step] is StepState.LATER for step in SetupStep if before[step] is StepState.OPEN)


@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    try:
        found = decode_progress(data)
    except DataLoss:
        return
    assert found.noted <= set(_NOTED)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"format": 2, "noted": []}', b'{"format": 1, "noted": "kit"}', b"\xff", b"[" * 9000],
)
def test_a_broken_note_is_a_loss_and_no_crash(data: bytes) -> None:
    with pytest.raises(DataLoss):
        decode_progress(data)
