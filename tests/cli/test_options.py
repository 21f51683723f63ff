"""Times as people write them, and a passphrase that is never asked of nobody."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.cli.options import PASSPHRASE, ask_passphrase, parse_moment
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput

TOKYO = ZoneInfo("Asia/Tokyo")


def test_a_time_without_an_offset_is_local() -> None:
    wanted = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    assert parse_moment("2026-11-21T14:00:00", TOKYO) == int(wanted.timestamp()) * NS_PER_S
    assert parse_moment("2026-11-21T05:00:00+00:00", TOKYO) == int(wanted.timestamp()) * NS_PER_S


def test_a_bare_time_is_of_today() -> None:
    today = datetime.now(TOKYO).date()
    parsed = datetime.fromtimestamp(parse_moment("14:30", TOKYO) / NS_PER_S, TOKYO)
    assert (parsed.date(), parsed.hour, parsed.minute) == (today, 14, 30)


@pytest.mark.parametrize(
    ("text", "ago_s"), [("now", 0), ("-30s", 30), ("-15m", 900), ("-2h", 7200), ("-1.5d", 129_600)]
)
def test_a_while_ago(text: str, ago_s: int) -> None:
    now_ns = SystemClock().now().wall_ns
    assert abs(now_ns - parse_moment(text, TOKYO) - ago_s * NS_PER_S) < 60 * NS_PER_S


@given(st.text())
def test_any_text_is_a_time_or_bad_input(text: str) -> None:
    try:
        assert isinstance(parse_moment(text, TOKYO), int)
    except BadInput:
        return


def test_a_passphrase_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "seven blue herons")
    assert ask_passphrase("Owner passphrase") == "seven blue herons"


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSPHRASE, raising=False)
    with pytest.raises(BadInput, match=PASSPHRASE):
        ask_passphrase("Owner passphrase")
