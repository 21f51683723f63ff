"""Who holds a certificate: names, states, revocation, and the file of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput, DataLoss
from edgecam.telemetry.accesslist import access_list
from edgecam.telemetry.enrolment import (
    Enrolment,
    Issued,
    Role,
    camera_name,
    decode_enrolment,
    encode_enrolment,
    watcher_name,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def issued(serial: int, name: str, role: Role = Role.CAMERA, days: int = 90) -> Issued:
    return Issued(serial=f"{serial:x}", role=role, name=name, made=NOW, ends=NOW + timedelta(days=days))


def enrolment(*those: Issued) -> Enrolment:
    return Enrolment(
        hosts=("broker.example",), port=8883, account="mosquitto", canary="c0", listed=NOW, issued=those
    )


def test_a_certificate_is_due_when_less_than_a_third_of_its_life_is_left() -> None:
    one = issued(1, "home/one")
    assert one.state(NOW) == "valid"
    assert one.state(NOW + timedelta(days=60)) == "valid"
    assert one.state(NOW + timedelta(days=61)) == "due"
    assert one.state(NOW + timedelta(days=90)) == "expired"


def test_revoking_takes_back_every_certificate_of_a_name_and_bars_it() -> None:
    before = enrolment(issued(1, "home/one"), issued(2, "home/two"), issued(3, "home/one"))
    after = before.without("home/one", NOW)
    assert set(after.revoked_serials(NOW)) == {1, 3, 0xC0}
    assert after.barred() == ("home/one",)
    assert after.holder("home/one") is None
    # Who gets a new certificate is not barred; the old ones stay on the list.
    again = after.with_issued(issued(4, "home/one"))
    assert again.barred() == ()
    assert set(again.revoked_serials(NOW)) == {1, 3, 0xC0}


def test_the_revocation_list_forgets_what_has_ended() -> None:
    after = enrolment(issued(1, "home/one")).without("home/one", NOW)
    assert 1 in after.revoked_serials(NOW + timedelta(days=90))
    assert after.revoked_serials(NOW + timedelta(days=92)) == (0xC0,)


def test_nobody_unknown_is_revoked() -> None:
    with pytest.raises(BadInput, match="home/nobody"):
        enrolment(issued(1, "home/one")).without("home/nobody", NOW)


@pytest.mark.parametrize(("site", "camera"), [("+", "a"), ("a", "#"), ("a/b", "c"), ("", "c"), ("watch", "c")])
def test_names_that_reach_elsewhere_are_refused(site: str, camera: str) -> None:
    with pytest.raises(BadInput):
        camera_name(site, camera)


def test_nobody_may_be_called_as_the_check_is() -> None:
    with pytest.raises(BadInput):
        camera_name("edgecam-check", "one")
    with pytest.raises(BadInput):
        watcher_name("edgecam-check")
    assert watcher_name("centre") == "watch/centre"


@pytest.mark.row("F1")
def test_the_access_list_names_each_camera_and_each_revoked() -> None:
    those = enrolment(
        issued(1, "home/one"), issued(2, "watch/centre", Role.WATCHER), issued(3, "watch/tv", Role.READER)
    )
    text = access_list(those)
    # Mosquitto 2.1 does not let %u stand for a name of two levels.
    assert (
        "user home/one\ntopic write edgecam/home/one/#\ntopic read edgecam/home/one/cmd/#\n"
        "topic write homeassistant/device/home/one/config\n"
    ) in text
    assert text.count("topic write edgecam/+/+/cmd/#") == 1
    without = access_list(those.without("home/one", NOW))
    assert "user home/one\ntopic deny #" in without
    assert without.count("home/one") == 1


def test_the_file_gives_back_what_was_written() -> None:
    those = enrolment(issued(1, "home/one"), issued(2, "watch/centre", Role.WATCHER)).without("home/one", NOW)
    assert decode_enrolment(encode_enrolment(those)) == those


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_an_enrolment_or_a_loss(data: bytes) -> None:
    with pytest.raises(DataLoss):
        decode_enrolment(data)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_a_changed_file_is_an_enrolment_or_a_loss(at: int, change: bytes) -> None:
    good = encode_enrolment(enrolment(issued(1, "home/one")))
    at %= len(good)
    try:
        read = decode_enrolment(good[:at] + change + good[at + len(change) :])
    except DataLoss:
        return
    assert isinstance(read, Enrolment)
