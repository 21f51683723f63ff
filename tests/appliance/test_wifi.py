"""The network that a camera joins: what may be written, what wpa_supplicant is told, what is never repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.wifi import WifiNetwork, decode_kept_wifi, decode_wifi, station_conf
from edgecam.core.errors import BadInput, DataLoss

pytestmark = pytest.mark.row("I1")
PLAIN = 'country = "JP"\nssid = "Shop 2F"\n'


def test_a_network_with_a_passphrase_speaks_wpa3_and_wpa2() -> None:
    found = decode_wifi(f'{PLAIN}passphrase = "a \\"b\\" c d"\n')
    conf = station_conf(found)
    assert 'psk="a "b" c d"' in conf
    assert "key_mgmt=SAE WPA-PSK WPA-PSK-SHA256" in conf
    assert f"ssid={b'Shop 2F'.hex()}" in conf
    assert "country=JP" in conf
    assert decode_kept_wifi(found.encode()) == found
    assert decode_wifi(found.to_toml()) == found


def test_a_key_is_no_passphrase() -> None:
    conf = station_conf(decode_wifi(f'{PLAIN}psk = "{"AB" * 32}"\nhidden = true\n'))
    assert f"psk={'ab' * 32}\n" in conf
    assert "SAE" not in conf
    assert "scan_ssid=1" in conf


def test_an_open_network_is_joined_only_when_somebody_says_so() -> None:
    with pytest.raises(BadInput, match="open = true"):
        decode_wifi(PLAIN)
    assert "key_mgmt=NONE" in station_conf(decode_wifi(f"{PLAIN}open = true\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('ssid = "x"\nopen = true', "names no country"),
        ('country = "JP"\nopen = true', "names no ssid"),
        ('country = "jp"\nssid = "x"\nopen = true', "two capital letters"),
        (f'country = "JP"\nssid = "{"あ" * 11}"\nopen = true', "32 bytes"),
        ('country = "JP"\nssid = "a\\nb"\nopen = true', "32 bytes"),
        (f'{PLAIN}passphrase = "short12"', "8 to 63"),
        (f'{PLAIN}passphrase = "wörter wörter"', "8 to 63"),
        (f'{PLAIN}passphrase = "line\\nline line"', "8 to 63"),
        (f'{PLAIN}psk = "secret"', "64 hexadecimal"),
        (f'{PLAIN}passphrase = "secret secret"\npsk = "{"ab" * 32}"', "both"),
        (f"{PLAIN}passphrase = 12345678", "text in quotation marks"),
        (f'{PLAIN}open = "yes"', "true or false"),
        (f'{PLAIN}pass = "secret secret"', "'pass' is not known"),
        ("country = ", "not TOML"),
    ],
)
def test_what_cannot_be_used_is_told_without_the_secret(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        decode_wifi(text)
    assert "secret" not in str(refused.value)


@given(st.text(max_size=100) | st.text(max_size=40).map(lambda extra: PLAIN + extra))
def test_any_text_is_a_network_or_refused(text: str) -> None:
    try:
        network = decode_wifi(text)
    except BadInput:
        return
    assert station_conf(network).count("\n}") == 1


@given(st.binary(max_size=100))
def test_any_kept_bytes_are_a_network_or_lost(data: bytes) -> None:
    with pytest.raises(DataLoss):
        decode_kept_wifi(data)


def test_kept_bytes_cannot_smuggle_a_line() -> None:
    kept = WifiNetwork("JP", "x", "eight letters").encode()
    for name, bad in ((b"eight letters", b"eight\\nletters"), (b'"hidden": false', b'"hidden": "x"')):
        with pytest.raises(DataLoss):
            decode_kept_wifi(kept.replace(name, bad))
