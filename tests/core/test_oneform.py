"""JSON in one form: the bytes that signatures and files stand on."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.oneform import ordered_json, sorted_json

pytestmark = pytest.mark.row("G3")
_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_VALUES = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


def test_the_forms_are_these() -> None:
    told = {"b": [1, 2.5, None, True], "a": {"한": "映像", "é": '"\\\n'}}
    assert ordered_json(told).decode() == '{"b":[1,2.5,null,true],"a":{"한":"映像","é":"\\"\\\\\\n"}}'
    assert sorted_json(told).decode() == '{"a":{"é":"\\"\\\\\\n","한":"映像"},"b":[1,2.5,null,true]}'
    assert ordered_json({"b": "é", "a": 1}, escaped=True) == b'{"b":"\\u00e9","a":1}'
    assert sorted_json({"b": "é", "a": 1}, escaped=True) == b'{"a":1,"b":"\\u00e9"}'


@given(_VALUES, st.booleans())
def test_they_are_what_the_standard_library_writes(value: Any, escaped: bool) -> None:
    plain = partial(json.dumps, value, separators=(",", ":"), ensure_ascii=escaped)
    assert ordered_json(value, escaped=escaped) == plain().encode()
    assert sorted_json(value, escaped=escaped) == plain(sort_keys=True).encode()


def test_half_a_character_has_no_bytes_unless_it_is_escaped() -> None:
    with pytest.raises(UnicodeEncodeError):
        ordered_json("\ud800")
    assert ordered_json("\ud800", escaped=True) == b'"\\ud800"'
