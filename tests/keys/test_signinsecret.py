"""The sign-in secret: the vectors that the browser's own derivation is held against too."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from edgecam.core.errors import BadInput
from edgecam.keys.signinsecret import SECRET_LENGTH, sign_in_secret

pytestmark = pytest.mark.row("K2")
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "sign_in_secret.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vectors(vector: dict[str, str]) -> None:
    secret = sign_in_secret(vector["passphrase"], vector["camera_id"], vector["name"])
    assert secret == vector["secret"]
    assert len(secret) == SECRET_LENGTH


def test_every_keyboard_types_the_same_passphrase() -> None:
    spelt = {unicodedata.normalize(form, "パスフレーズ é") for form in ("NFC", "NFD")} | {"ﾊﾟｽﾌﾚｰｽﾞ é"}
    assert len(spelt) == 3
    assert len({sign_in_secret(one, "edgecam_0a1b2c3d", "owner", rounds=10) for one in spelt}) == 1


def test_another_camera_or_name_is_another_secret() -> None:
    told = [("a", "owner"), ("b", "owner"), ("a", "sato")]
    assert len({sign_in_secret("five quiet herons", camera, name, rounds=10) for camera, name in told}) == 3


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(BadInput):
        sign_in_secret("\udcff", "edgecam_0a1b2c3d", "owner", rounds=10)
