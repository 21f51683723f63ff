"""The firmware's word on power and heat: every bit has its word, any text is one or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.telemetry.throttling import ThrottlingReading, decode_throttling, read_throttling

WORDS = ("undervoltage", "frequency_capped", "throttled", "soft_temperature_limit")


@pytest.mark.row("T4")
@given(st.sets(st.sampled_from(range(4))), st.sets(st.sampled_from(range(4))), st.booleans())
def test_each_bit_has_its_word(now: set[int], since: set[int], by_vcgencmd: bool) -> None:
    bits = sum(1 << number for number in now) + sum(1 << 16 + number for number in since)
    told = decode_throttling(f"throttled={bits:#x}\n" if by_vcgencmd else f"{bits:x}\n")
    assert told is not None
    assert (set(told.now), set(told.since_boot)) == ({WORDS[n] for n in now}, {WORDS[n] for n in since})


@given(st.text() | st.from_regex(r"throttled=0x[0-9a-fg]{1,12}"))
def test_any_text_is_a_reading_or_none(text: str) -> None:
    assert decode_throttling(text) is None or isinstance(decode_throttling(text), ThrottlingReading)


@pytest.mark.parametrize("text", ["", "throttled=", "throttled=0x", "0xg", "error=1 error_msg=x", "f" * 11, "1_0"])
def test_what_is_no_number_is_no_reading(text: str) -> None:
    assert decode_throttling(text) is None


@pytest.mark.parametrize(("alarm", "words"), [("0\n", ()), ("1\n", ("undervoltage",))])
def test_where_the_firmware_cannot_be_asked_the_supply_is(
    tmp_path: Path, alarm: str, words: tuple[str, ...]
) -> None:
    assert read_throttling(tmp_path, "") is None
    other, supply = tmp_path / "class/hwmon/hwmon0", tmp_path / "class/hwmon/hwmon1"
    for folder, name in ((other, "cpu_thermal"), (supply, "rpi_volt")):
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
    (supply / "in0_lcrit_alarm").write_text(alarm)
    reading = read_throttling(tmp_path, "")
    assert reading is not None
    assert reading.now == reading.since_boot == words
