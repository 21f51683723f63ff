"""Password hashes: one form, no weaker than the floor, calibrated by a clock, one computation at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S
from edgecam.keys import passwordhash
from edgecam.keys.passwordhash import (
    FLOOR,
    FLOOR_MEMORY_KIB,
    PasswordHash,
    Strength,
    calibrated,
    decoy,
    hash_secret,
)

pytestmark = pytest.mark.row("K2")


def test_the_right_secret_and_no_other_matches() -> None:
    kept = hash_secret("right", FLOOR)
    assert kept.matches("right")
    assert not kept.matches("wrong")
    assert not decoy(FLOOR).matches("right")
    assert hash_secret("right", FLOOR).salt != kept.salt


def test_it_is_argon2id_as_others_write_it() -> None:
    kept = hash_secret("right", FLOOR)
    Argon2id.verify_phc_encoded(b"right", kept.encode())
    assert PasswordHash.decode(kept.encode()) == kept
    assert kept.encode().startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@given(st.text(max_size=200))
def test_any_text_is_a_hash_or_refused(text: str) -> None:
    try:
        decoded = PasswordHash.decode(text)
    except ValueError:
        return
    assert decoded.encode() == text


@pytest.mark.parametrize(
    ("find", "put"),
    [
        ("m=19456", "m=19455"),
        ("t=2", "t=1"),
        ("m=19456", "m=9999999"),
        ("t=2", "t=65"),
        ("$v=19", "$v=18"),
        ("p=1", "p=2"),
    ],
)
def test_weaker_and_foreign_ones_are_refused(find: str, put: str) -> None:
    text = decoy(FLOOR).encode()
    assert find in text
    with pytest.raises(ValueError, match=r"strength|not a password hash"):
        PasswordHash.decode(text.replace(find, put, 1))


class Board:
    """Its clock passes as if the try before it was read had cost ``cost_ns``; read before and after each try."""

    def __init__(self, strengths: list[Strength], cost_ns: Callable[[Strength], int]) -> None:
        self._strengths, self._cost_ns, self._now_ns, self._reads = strengths, cost_ns, 0, 0

    def spent_ns(self) -> int:
        self._reads += 1
        if self._reads % 2 == 0:
            self._now_ns += self._cost_ns(self._strengths[-1])
        return self._now_ns


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Strength]:
    """What was computed, without the computing."""
    tried: list[Strength] = []

    def digest(secret: str, salt: bytes, strength: Strength) -> bytes:
        tried.append(strength)
        return bytes(32)

    monkeypatch.setattr(passwordhash, "_digest", digest)
    return tried


@pytest.mark.parametrize("memory_total_kib", [512 << 10, 1 << 20, 8 << 20])
@pytest.mark.parametrize("kib_round_ns", [50, 700, 3_000, 30_000])
def test_each_board_gets_what_it_can_bear(tried: list[Strength], memory_total_kib: int, kib_round_ns: int) -> None:
    def cost_ns(strength: Strength) -> int:
        return strength.memory_kib * strength.rounds * kib_round_ns

    found = calibrated(Board(tried, cost_ns).spent_ns, memory_total_kib)
    assert FLOOR_MEMORY_KIB <= found.memory_kib <= 32 << 10
    took_ns = cost_ns(found)
    if found.memory_kib > FLOOR_MEMORY_KIB and found.rounds < 64:
        assert 0.25 * NS_PER_S <= took_ns <= 0.5 * NS_PER_S


def test_a_first_round_that_costs_more_is_allowed_for(tried: list[Strength]) -> None:
    def cost_ns(strength: Strength) -> int:
        return strength.memory_kib * (900 + 700 * strength.rounds)

    found = calibrated(Board(tried, cost_ns).spent_ns, 4 << 20)
    assert 0.25 * NS_PER_S <= cost_ns(found) <= 0.5 * NS_PER_S


def test_two_are_never_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []
    running = threading.Semaphore(1)
    both_came = threading.Barrier(2)

    class Computing:
        def __init__(self, **_: object) -> None:
            at_once.append(0 if running.acquire(blocking=False) else 1)

        def derive(self, _: bytes) -> bytes:
            running.release()
            return bytes(32)

    monkeypatch.setattr(passwordhash, "Argon2id", Computing)

    def compute() -> None:
        both_came.wait(30)
        for _ in range(200):
            hash_secret("x", FLOOR)

    threads = [threading.Thread(target=compute) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert at_once == [0] * 400
