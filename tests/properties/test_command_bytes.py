"""Any bytes are a command or a refusal; any command survives its bytes."""

from __future__ import annotations

import json

import pytest
from commandbytes import try_command, try_files
from commandstand import command
from hypothesis import given
from hypothesis import strategies as st

from edgecam.telemetry.command import Command, decode_command

pytestmark = pytest.mark.row("T5")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = json.loads(command("silence", {"kind": "motion", "minutes": 5}).encode())


@st.composite
def nearly(draw: st.DrawFn) -> bytes:
    """A command of which something was changed, left out, or written anew."""
    fields = dict(FIELDS)
    for name in draw(st.lists(st.sampled_from(sorted(fields)), max_size=3)):
        if draw(st.booleans()):
            fields.pop(name, None)
        else:
            fields[name] = draw(values)
    return json.dumps(fields).encode()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The bytes of a command with some of them replaced."""
    data = bytearray(command().encode())
    for place in draw(st.lists(st.integers(0, len(data) - 1), max_size=4)):
        data[place] = draw(st.integers(0, 255))
    return bytes(data)


@given(st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()) | nearly() | damaged())
def test_any_bytes_are_a_command_or_a_refusal(data: bytes) -> None:
    try_command(data)


texts = st.text(st.characters(codec="utf-8"), max_size=40)
whole = st.integers(-(1 << 53) + 1, (1 << 53) - 1)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,32}", fullmatch=True), texts | whole | st.booleans(), max_size=8))
def test_arguments_survive_the_wire(arguments: dict[str, str | int | bool]) -> None:
    sent: Command = command("hold", arguments)
    heard = decode_command(sent.encode())
    assert heard == sent
    assert heard.is_signed


@given(st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_file_of_ours_or_a_loss(data: bytes) -> None:
    try_files(data)
