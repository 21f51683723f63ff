"""Who answers for the camera's software: told to everybody in the form of RFC 9116, when somebody does."""

from __future__ import annotations

from datetime import UTC, date, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.choices import support_of
from edgecam.core.errors import BadInput
from edgecam.core.support import Support
from edgecam.settings import decode_settings
from edgecam.web.support import security_text

pytestmark = [
    pytest.mark.row("I5"),
    pytest.mark.provision("EN303645-5.2-1"),
    pytest.mark.provision("EN303645-5.3-13"),
    pytest.mark.provision("PSTI-2"),
    pytest.mark.provision("PSTI-3"),
    pytest.mark.provision("JCSTAR-S1.1-05"),
    pytest.mark.provision("CRA-II-6"),
]
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
CONTACT = "mailto:security@maker.example"


def test_everybody_may_read_where_to_report(stranger: httpx.Client) -> None:
    answer = stranger.get("/.well-known/security.txt")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"\nContact: {CONTACT}\n" in answer.text
    assert "Security updates are given until 2031-12-31." in answer.text


def test_it_says_nothing_of_this_one_camera(stranger: httpx.Client) -> None:
    told = stranger.get("/.well-known/security.txt").text
    assert "Front door" not in told
    assert "edgecam" not in told.lower()


@pytest.mark.parametrize(
    ("until", "expires"),
    [
        (None, "2027-11-22T06:00:00Z"),
        (date(2031, 12, 31), "2027-11-22T06:00:00Z"),
        (date(2027, 1, 1), "2027-01-01T23:59:59Z"),
    ],
)
def test_it_expires_within_a_year_and_with_the_support(until: date | None, expires: str) -> None:
    told = security_text(Support(CONTACT, until=until), NOW)
    assert f"\nExpires: {expires}\n" in told


def test_the_policy_and_the_days_are_told() -> None:
    told = security_text(Support(CONTACT, "https://maker.example/policy", 3), NOW)
    assert "within 3 days" in told
    assert told.endswith("Policy: https://maker.example/policy\n")


def test_settings_become_what_is_told() -> None:
    text = f'[support]\nsecurity_contact = "{CONTACT}"\nuntil = "2031-12-31"\nacknowledge_days = 2'
    assert support_of(decode_settings(text)) == Support(CONTACT, "", 2, date(2031, 12, 31))
    assert support_of(decode_settings("")) == Support()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('security_contact = "security@maker.example"', "support.security_contact"),
        ('security_contact = "mailto:a@b.example\\nContact: mailto:x@y.example"', "support.security_contact"),
        ('policy = "http://maker.example"', "support.policy"),
        ('until = "31.12.2031"', "must be a day, as 2031-12-31"),
        ('until = "20311231"', "must be a day, as 2031-12-31"),
        ('until = "2031-02-30"', "must be a day, as 2031-12-31"),
        ("acknowledge_days = 0", "support.acknowledge_days"),
    ],
)
def test_what_cannot_be_told_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        decode_settings(f"[support]\n{text}")


_URI = st.from_regex(r"(https://|mailto:|tel:)[!-~]+", fullmatch=True)


@given(_URI, st.none() | st.dates())
def test_whatever_is_set_stays_on_its_own_line(contact: str, until: date | None) -> None:
    lines = security_text(Support(contact, until=until), NOW).splitlines()
    assert sum(line.startswith("Contact: ") for line in lines) == 1
    assert all(line.startswith("#") or ": " in line for line in lines)
