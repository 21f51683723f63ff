"""Who a copy was given to stands in its pixels, in three scripts, and the copy says that it is no original."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from custodystand import Camera
from disclosurestand import disclosure_stand

from edgecam.capture.film import Film
from edgecam.core.errors import BadInput
from edgecam.core.picture import Picture
from edgecam.custody.disclosure.coveredfilm import written_on
from edgecam.custody.disclosure.derived import verify_derived
from edgecam.custody.disclosure.disclosure import Giving, give
from edgecam.custody.disclosure.watermark import Watermark

pytestmark = [pytest.mark.row("R5")]
_SIZE = (640, 360)


def _grey() -> Picture:
    picture = Picture(*_SIZE)
    picture.buffer.fill(128)
    return picture


def _stamped(text: str) -> Picture:
    picture = _grey()
    try:
        Watermark(text).for_size(_SIZE).put_on(picture)
    except BadInput as refused:
        pytest.skip(refused.what)
    return picture


@pytest.mark.parametrize(
    "text", ["City Police 2026-11-22", "熊本東警察署 2026-11-22", "구마모토 경찰서 2026-11-22"]
)
def test_every_script_is_written_where_it_is_seen(text: str) -> None:
    picture = _stamped(text)
    touched = np.abs(picture.y.astype(int) - 128) > 20
    for rows in (slice(0, 120), slice(120, 240), slice(240, 360)):
        assert 0.002 < touched[rows].mean() < 0.2
    assert picture.y.max() > 190
    assert picture.y.min() < 90


def test_two_recipients_get_two_pictures() -> None:
    assert not np.array_equal(_stamped("City Police").y, _stamped("Town Police").y)


@pytest.mark.parametrize("text", ["", "  ", "a" * 81, "two\nlines"])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="one line"):
        Watermark(text)


def test_without_a_font_it_says_which(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no font here"):
        Watermark("熊本", (tmp_path,)).for_size(_SIZE)


def test_a_copy_with_a_watermark_is_vouched_for(street: Camera, tmp_path: Path) -> None:
    stand = disclosure_stand(street, tmp_path / "state")
    watermark = Watermark("City Police 2026-11-22")
    giving = Giving("owner", watermark=watermark.text, derive=written_on(watermark, street.key, stand.clock))

    given = give(stand.parts, stand.granted(), giving, tmp_path / "out", street.reader(), street.owner)

    film = given.path / "copy.mp4"
    verdict = verify_derived(film, street.key.public)
    assert verdict is not None
    assert verdict.genuine
    assert "no original" in verdict.sentence
    assert "City Police 2026-11-22" in verdict.sentence
    assert Film(film).size == (128, 96)
    assert given.case.handed_over[-1].watermark == watermark.text
