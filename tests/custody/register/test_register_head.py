"""A head that somebody kept: read back as it was signed, and refused when it was not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from bookstand import BookStand, Calendar
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput, DataLoss, NotAllowed, Unavailable
from edgecam.custody.register.register_head import SignedHead, decode_head, head_of, read_heads
from edgecam.keys.camera import create_camera_key

pytestmark = pytest.mark.row("G3")
PAGE = Path(__file__).parents[3] / "docs" / "design" / "evidence.md"


def message(signed: SignedHead) -> dict[str, Any]:
    return {
        "lines": signed.head.sequence,
        "sha256": signed.head.hash.hex(),
        "at": {"utc": signed.utc, "trust": signed.trust},
        "signature": signed.signature.hex(),
    }


@pytest.fixture
def stand(tmp_path: Path) -> BookStand:
    books = BookStand(tmp_path, create_camera_key(tmp_path / "camera.pem"), Calendar())
    books.look()
    return books


def signed(stand: BookStand) -> SignedHead:
    last = stand.register().head()
    assert last is not None
    return head_of(last, stand.calendar.now(), stand.key.sign)


def test_a_head_comes_back_as_it_was_signed(stand: BookStand) -> None:
    head = signed(stand)
    assert (head.head.sequence, head.utc, head.trust) == (1, "2026-05-01T03:00:00.000Z", "synced")
    assert head.head.hash == stand.lines()[0].hash
    assert decode_head(json.dumps(message(head) | {"camera": "x"}).encode()) == head


def test_an_empty_register_has_none_and_one_that_is_written_is_not_waited_for(tmp_path: Path) -> None:
    books = BookStand(tmp_path, create_camera_key(tmp_path / "camera.pem"), Calendar())
    register = books.register()
    assert register.head() is None
    with register._alone(), pytest.raises(Unavailable, match="now"):
        books.register().head()


def test_of_several_days_all_are_read_and_one_that_is_not_the_cameras_is_refused(
    stand: BookStand, tmp_path: Path
) -> None:
    first = signed(stand)
    stand.look()
    second = signed(stand)
    kept = tmp_path / "kept"
    kept.write_text("\n".join(json.dumps(message(head)) for head in (first, second)) + "\n\n")
    assert [head.sequence for head in read_heads(kept, stand.key.public)] == [1, 2]
    kept.write_text(json.dumps(message(first) | {"lines": 2}))
    with pytest.raises(NotAllowed, match="not signed by this camera"):
        read_heads(kept, stand.key.public)
    kept.write_text("\n")
    with pytest.raises(BadInput, match="no head"):
        read_heads(kept, stand.key.public)
    kept.write_text("{}")
    with pytest.raises(BadInput, match="something else"):
        read_heads(kept, stand.key.public)
    with pytest.raises(BadInput, match="cannot be read"):
        read_heads(tmp_path / "nowhere", stand.key.public)


def test_the_commands_of_the_page_prove_a_head(stand: BookStand, tmp_path: Path) -> None:
    for tool in ("bash", "jq", "xxd", "openssl"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    (commands,) = re.findall(r"```sh\n(jq -j .*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "camera.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + stand.key.public)
    told = message(signed(stand))
    pem = "openssl pkey -pubin -inform DER -in camera.der > camera.pub\n"
    for lines, answer in ((told["lines"], "Verified Successfully"), (told["lines"] + 1, "Verification Failure")):
        (tmp_path / "head.json").write_text(json.dumps(told | {"lines": lines}))
        script = ["bash", "-uo", "pipefail", "-c", pem + commands]
        said = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert answer in said.stdout + said.stderr


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("ab" * 32) | st.just("ab" * 64),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["lines", "sha256", "at", "utc", "trust", "signature"]), inner)
    ),
)


@given(st.binary(max_size=300) | _JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_head_or_data_loss(data: bytes) -> None:
    try:
        assert len(decode_head(data).head.hash) == 32
    except DataLoss:
        return
