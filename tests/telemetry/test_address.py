"""A broker's address as it stands in the settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput
from edgecam.telemetry.address import Address


@pytest.mark.parametrize(
    ("text", "host", "port", "tls"),
    [
        ("mqtt://127.0.0.1:1884", "127.0.0.1", 1884, False),
        ("mqtt://broker.example", "broker.example", 1883, False),
        ("mqtts://broker.example/", "broker.example", 8883, True),
        ("mqtts://[::1]:8884", "::1", 8884, True),
    ],
)
def test_an_address_says_host_port_and_tls(text: str, host: str, port: int, tls: bool) -> None:
    address = Address.parse(text)
    assert (address.host, address.port, address.tls) == (host, port, tls)
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", "broker", "http://broker", "mqtt://", "mqtt://:1883", "mqtt://b:0", "mqtt://b:99999", "mqtt://b:x",
     "mqtt://b/topic", "mqtt://b?x=1", "mqtt://a b", "mqtt://[::1"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a broker's address"):
        Address.parse(text)


@pytest.mark.parametrize("text", ["mqtts://camera:secret@broker:8883", "mqtts://camera:secret@[broker"])
def test_a_password_in_the_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        Address.parse(text)
    assert "secret" not in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for candidate in (text, f"mqtt://{text}"):
        try:
            address = Address.parse(candidate)
        except BadInput:
            continue
        assert 0 < address.port < 65_536
