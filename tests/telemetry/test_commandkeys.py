"""Enrolled keys: only what this camera signed is believed."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest
from commandstand import CAMERA, CENTRE, STRANGER, enrolled, instant
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edgecam.core.durable import changing_alone
from edgecam.core.errors import BadInput, DataLoss, MediaFailing
from edgecam.keys.camera import CameraKey
from edgecam.telemetry.commandkeys import (
    MOST_KEYS,
    EnrolledKeys,
    FollowedKeys,
    decode_keys,
    parse_public,
    read_keys,
    write_keys,
)
from edgecam.telemetry.commandkinds import USUAL_RIGHTS, Right

pytestmark = [pytest.mark.row("T5"), pytest.mark.row("K3")]
ANOTHER = CameraKey(Ed25519PrivateKey.generate())


def test_keys_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "command-keys.json"
    assert read_keys(path, CAMERA.public) == EnrolledKeys(CAMERA.camera_id)
    keys = enrolled((Right.STATUS, Right.HOLD))
    write_keys(path, keys, CAMERA.sign)
    assert read_keys(path, CAMERA.public) == keys
    assert path.stat().st_mode & 0o777 == 0o600
    found = keys.of(CENTRE.public)
    assert found is not None
    assert (found.name, found.may) == ("centre", (Right.STATUS, Right.HOLD))
    assert keys.of(STRANGER.public) is None


def test_one_process_at_a_time_changes_them(tmp_path: Path) -> None:
    with (
        changing_alone(tmp_path / "command-keys.json"),
        open(tmp_path / ".command-keys.json.lock", "rb") as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with pytest.raises(MediaFailing, match="cannot be changed"), changing_alone(tmp_path / "nowhere" / "keys.json"):
        raise AssertionError("it was let in")


@pytest.mark.parametrize("trouble", ["another right", "another key", "another camera", "another signer", "cut off"])
def test_a_list_that_this_camera_did_not_sign_is_not_believed(trouble: str) -> None:
    keys = enrolled((Right.STATUS,))
    told = json.loads(keys.encode(CAMERA.sign))
    if trouble == "another right":
        told["keys"][0]["may"] = ["private_off"]
    elif trouble == "another key":
        told["keys"][0]["public"] = STRANGER.public.hex()
    elif trouble == "another camera":
        told = json.loads(EnrolledKeys(ANOTHER.camera_id, keys.keys).encode(ANOTHER.sign))
    elif trouble == "another signer":
        told = json.loads(keys.encode(ANOTHER.sign))
    data = json.dumps(told).encode()
    with pytest.raises(DataLoss, match="no command is obeyed"):
        decode_keys(data[:-9] if trouble == "cut off" else data, CAMERA.public)


def _fault_of(followed: FollowedKeys) -> str:
    return followed.fault.code if followed.fault else ""


def test_the_keys_are_followed_while_they_change(tmp_path: Path) -> None:
    path = tmp_path / "command-keys.json"
    followed = FollowedKeys(path, CAMERA.public)
    assert followed.of(CENTRE.public) is None
    write_keys(path, enrolled(), CAMERA.sign)
    assert followed.of(CENTRE.public) is not None
    path.write_bytes(enrolled().encode(ANOTHER.sign))
    assert followed.of(CENTRE.public) is None
    assert _fault_of(followed) == "command_keys"
    write_keys(path, enrolled(), CAMERA.sign)
    assert followed.of(CENTRE.public) is not None
    assert _fault_of(followed) == ""
    write_keys(path, enrolled().without("centre"), CAMERA.sign)
    assert followed.of(CENTRE.public) is None


def test_what_cannot_be_enrolled_is_refused() -> None:
    keys = enrolled()
    for name, public, may in (
        ("centre", STRANGER.public, USUAL_RIGHTS),
        ("another", CENTRE.public, USUAL_RIGHTS),
        ("", STRANGER.public, USUAL_RIGHTS),
        ("two words", STRANGER.public, USUAL_RIGHTS),
        ("nobody", STRANGER.public, ()),
    ):
        with pytest.raises(BadInput):
            keys.with_key(name, public, may, instant())
    with pytest.raises(BadInput):
        keys.without("somebody else")
    full = EnrolledKeys(CAMERA.camera_id)
    for number in range(MOST_KEYS):
        full = full.with_key(f"key-{number}", bytes([number]) * 32, USUAL_RIGHTS, instant())
    assert decode_keys(full.encode(CAMERA.sign), CAMERA.public) == full
    with pytest.raises(BadInput):
        full.with_key("one more", STRANGER.public, USUAL_RIGHTS, instant())


def test_ending_privacy_is_not_among_the_usual_rights() -> None:
    assert set(Right) - set(USUAL_RIGHTS) == {Right.PRIVATE_OFF}


@pytest.mark.parametrize("text", ["", "00", "g" * 64, "0" * 63, "0" * 65, "age1" + "0" * 60])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_public(text)


def test_a_public_key_may_be_typed_in_capitals() -> None:
    assert parse_public(f" {CENTRE.public.hex().upper()}\n") == CENTRE.public
