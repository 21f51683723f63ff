"""A certificate of disposal says the same to machines and, in three languages, to people."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import TimeTrust
from edgecam.core.errors import BadInput, DataLoss
from edgecam.custody.paper.certificate import DisposalCertificate, decode_certificate
from edgecam.custody.paper.certificate_words import WORDS, Words
from edgecam.keys.camera import CameraKey, create_camera_key


@pytest.fixture
def key(tmp_path: Path) -> CameraKey:
    return create_camera_key(tmp_path / "camera.pem")


def _certificate(key: CameraKey) -> DisposalCertificate:
    return DisposalCertificate(
        camera_public=key.public,
        ring_id=bytes(range(16)),
        medium="/dev/mmcblk0p3",
        medium_serial="0x1234abcd",
        size_bytes=64_000_000_000,
        epochs=2016,
        album_epochs=1987,
        holds=3,
        from_wall_ns=1_772_352_000_000_000_000,
        to_wall_ns=1_773_561_000_000_000_000,
        verified=True,
        at_wall_ns=1_773_561_600_000_000_000,
        trust=TimeTrust.SYNCED,
        who="佐藤 花子",
        reason="買い替え",
        register_sequence=4711,
    ).signed(key.sign)


@pytest.mark.row("R6")
@pytest.mark.parametrize(
    ("language", "reminder"),
    [("ja", "物理的に破壊"), ("ko", "물리적으로 파괴"), ("en", "Destroy the medium physically")],
)
def test_it_prints_every_fact_and_the_reminder(key: CameraKey, language: str, reminder: str) -> None:
    text = _certificate(key).to_text(language)

    for fact in (
        key.camera_id,
        bytes(range(16)).hex(),
        "/dev/mmcblk0p3",
        "0x1234abcd",
        "64000000000",
        "2016",
        f"{WORDS[language].album}: 1987",
        "2026-03-01 08:00:00.000 UTC",
        "2026-03-15 08:00:00.000 UTC",
        "佐藤 花子",
        "買い替え",
        "4711",
        reminder,
        WORDS[language].verified,
    ):
        assert fact in text
    assert WORDS[language].not_verified not in text
    assert WORDS[language].untrusted not in text


@pytest.mark.row("R6")
@pytest.mark.parametrize("language", sorted(WORDS))
def test_what_was_not_confirmed_or_not_sure_is_said(key: CameraKey, language: str) -> None:
    doubtful = replace(_certificate(key), verified=False, trust=TimeTrust.UNSET, medium_serial="")
    doubtful = replace(doubtful, from_wall_ns=None)

    text = doubtful.to_text(language)

    words = WORDS[language]
    assert words.not_verified in text
    assert words.verified not in text
    assert words.untrusted in text
    assert words.unknown in text


def test_every_language_has_its_own_words() -> None:
    for field in fields(Words):
        said = [getattr(words, field.name) for words in WORDS.values()]
        assert len(set(said)) == len(said) == 3, field.name


@pytest.mark.row("R6")
def test_it_is_signed_and_reads_back(key: CameraKey) -> None:
    certificate = _certificate(key)

    assert decode_certificate(certificate.to_json()) == certificate
    assert certificate.genuine()
    assert not replace(certificate, epochs=1).genuine()
    assert not replace(certificate, album_epochs=0).genuine()
    assert not replace(certificate, camera_public=bytes(32)).genuine()


def test_a_language_that_is_not_there_is_bad_input(key: CameraKey) -> None:
    with pytest.raises(BadInput, match="ja, ko, en"):
        _certificate(key).to_text("fr")


@given(st.one_of(st.binary(max_size=300), st.dictionaries(st.text(), st.integers()).map(lambda d: str(d).encode())))
def test_any_bytes_are_a_certificate_or_data_loss(data: bytes) -> None:
    try:
        assert decode_certificate(data).to_json() == data
    except DataLoss:
        return


def test_a_certificate_with_values_of_another_kind_is_data_loss(key: CameraKey) -> None:
    whole = _certificate(key).to_json()
    for before, after in [
        (b'"epochs":2016', b'"epochs":"many"'),
        (b'"album_epochs":1987,', b""),
        (b'"verified":true', b'"verified":"yes"'),
        (b'"at_wall_ns":1773561600000000000', b'"at_wall_ns":1e300'),
        (b'"trust":2', b'"trust":9'),
        (b'"reason"', b'"because"'),
    ]:
        assert before in whole
        with pytest.raises(DataLoss):
            decode_certificate(whole.replace(before, after))
