"""How long something stands, whatever the clocks and the power do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.term import Term

_HOUR_NS = 3600 * NS_PER_S
BOOT_A, BOOT_B = bytes(range(16)), bytes(range(16, 32))
BEGUN = Instant(1_795_262_400 * NS_PER_S, 500 * NS_PER_S, BOOT_A, TimeTrust.SYNCED)


def later(
    wall_s: float, mono_s: float | None = None, boot: bytes = BOOT_A, trust: TimeTrust = TimeTrust.SYNCED
) -> Instant:
    mono_ns = round((wall_s if mono_s is None else mono_s) * NS_PER_S) + (BEGUN.mono_ns if boot == BOOT_A else 0)
    return Instant(BEGUN.wall_ns + round(wall_s * NS_PER_S), mono_ns, boot, trust)


@pytest.mark.parametrize(
    ("now", "over"),
    [
        (later(0), False),
        (later(3599), False),
        (later(3600), True),
        # In one boot a clock that leaps changes nothing.
        (later(10 * 365 * 86_400, 60), False),
        (later(-10 * 365 * 86_400, 3600), True),
        # After a restart two synchronised clocks tell …
        (later(3599, 60, BOOT_B), False),
        (later(3600, 60, BOOT_B), True),
        # … others do not, until this boot alone has lasted long enough.
        (later(60, 60, BOOT_B, TimeTrust.RESTORED), None),
        (later(7200, 60, BOOT_B, TimeTrust.UNSET), None),
        (later(-5, 60, BOOT_B), None),
        (later(60, 3600, BOOT_B, TimeTrust.UNSET), True),
    ],
)
def test_when_an_hour_is_over(now: Instant, over: bool | None) -> None:
    assert Term(BEGUN, _HOUR_NS).is_over(now) is over
    assert Term(BEGUN, None).is_over(now) is False
    assert Term(BEGUN, None).left_ns(now) is None


def test_a_term_that_began_by_an_unsure_clock_is_not_ended_by_it() -> None:
    begun = Instant(BEGUN.wall_ns, BEGUN.mono_ns, BOOT_A, TimeTrust.RESTORED)
    assert Term(begun, _HOUR_NS).is_over(later(99_999, 60, BOOT_B)) is None


instants = st.builds(
    Instant,
    st.integers(0, 1 << 62),
    st.integers(0, 1 << 62),
    st.sampled_from([BOOT_A, BOOT_B]),
    st.sampled_from(TimeTrust),
)
terms = st.builds(Term, instants, st.none() | st.integers(0, 1 << 62))


@given(terms)
def test_a_term_survives_json(term: Term) -> None:
    assert Term.of(json.loads(json.dumps(term.told()))) == term


@given(terms, instants)
def test_what_is_left_and_what_is_over_agree(term: Term, now: Instant) -> None:
    left_ns = term.left_ns(now)
    if term.is_over(now) is True:
        assert left_ns == 0
    elif term.for_ns is not None and term.is_over(now) is None:
        assert left_ns is not None
        assert 0 < left_ns <= term.for_ns


nearly = st.dictionaries(st.sampled_from(sorted(Term(BEGUN, 1).told())), st.text())


@given(st.none() | st.integers() | st.text() | nearly)
def test_anything_else_is_no_term(told: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        Term.of(told)
