"""A drawing says which cells are destroyed, or is refused with the place and the reason."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import BadInput
from edgecam.masking.drawing import Drawing, DrawnPicture, Mask, OwnArea, decode_drawing, encode_drawing
from edgecam.masking.geometry import CELL, covered_cells

PICTURE = DrawnPicture(width=1280, height=720)
SQUARE = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
ROAD = Mask(name="the road", reason="public_road", polygon=((0.0, 0.9), (1.0, 0.9), (1.0, 1.0), (0.0, 1.0)))
GARDEN = OwnArea(name="garden", polygon=SQUARE)


def drawn(**changes: object) -> bytes:
    fields = json.loads(encode_drawing(Drawing(picture=PICTURE, masks=(ROAD,))))
    return json.dumps({**fields, **changes}).encode()


def mask(polygon: object, name: str = "m", reason: str = "other") -> dict[str, object]:
    return {"name": name, "reason": reason, "polygon": polygon}


@pytest.mark.row("M1")
def test_a_drawing_survives_its_text() -> None:
    drawing = Drawing(picture=PICTURE, margin=0.02, masks=(ROAD,), own=(GARDEN,))
    assert decode_drawing(encode_drawing(drawing)) == drawing


@pytest.mark.row("M1")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "JSON"),
        (drawn(extra=1), "extra"),
        (drawn(margin=0.5), "margin"),
        (drawn(picture={"width": 1280, "height": 720, "rotation": 45}), "rotation"),
        (drawn(masks=[mask([[0, 0], [1, 1]])]), "at least 3"),
        (drawn(masks=[mask([[0, 0], [1.2, 0], [0, 1]])]), "less than or equal to 1"),
        (drawn(masks=[mask([[0.1, 0.1], [0.104, 0.1], [0.1, 0.104]])]), "next to no area"),
        (drawn(masks=[mask([[0, 0], [1, 1], [1, 0], [0, 1]], "bow")]), "'bow' crosses itself"),
        (drawn(masks=[mask(SQUARE)] * 40, own=[{"name": "o", "polygon": SQUARE}] * 25), "65 polygons"),
        (drawn(masks=[mask([[i / 999, i / 999 * 0.5] for i in range(400)] + [[0, 1]])] * 3), "1203 points"),
        (drawn(masks=[mask(SQUARE, reason="pretty")]), "reason"),
        (
            b'{"picture":{"width":64,"height":64},"masks":[{"name":"n","reason":"other","polygon":[[NaN,0],[1,0],[1,1]]}]}',
            "finite",
        ),
    ],
)
def test_what_cannot_be_masked_with_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match="cannot be masked with") as refused:
        decode_drawing(data)
    assert said in str(refused.value)


KEYS = st.sampled_from(["picture", "masks", "own", "margin", "polygon", "name", "reason", "width"])
values = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_drawing_or_bad_input(data: bytes) -> None:
    with contextlib.suppress(BadInput):
        assert isinstance(decode_drawing(data), Drawing)


@pytest.mark.row("M3")
def test_with_own_property_everything_else_is_destroyed() -> None:
    covered = Drawing(picture=PICTURE, own=(GARDEN,), margin=0).covered(1280, 720)
    inside = ~covered
    rows, columns = np.nonzero(inside)
    assert rows.min() * CELL >= 0.4 * 720
    assert (rows.max() + 1) * CELL <= 0.6 * 720
    assert columns.min() * CELL >= 0.4 * 1280
    assert (columns.max() + 1) * CELL <= 0.6 * 1280
    assert inside.sum() > 0.8 * 0.04 * covered.size


@pytest.mark.row("M3")
def test_own_property_that_reaches_the_edge_of_the_picture_is_shown_up_to_it() -> None:
    left = OwnArea(name="left", polygon=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    covered = Drawing(picture=PICTURE, own=(left,)).covered(1280, 720)
    assert not covered[:, 0].any()
    assert not covered[[0, -1], :70].any()
    assert covered[:, 80:].all()


@pytest.mark.row("M3")
def test_a_mask_on_the_own_property_stays_destroyed() -> None:
    own = OwnArea(name="all", polygon=((0, 0), (1, 0), (1, 1), (0, 1)))
    drawing = Drawing(picture=PICTURE, own=(own,), masks=(ROAD,), margin=0)
    assert drawing.covered(1280, 720)[int(0.95 * 90)].all()


@pytest.mark.row("M1")
@given(st.floats(0, 0.05), st.sampled_from([(1280, 720), (640, 360), (642, 362), (320, 180)]))
def test_the_margin_reaches_as_far_as_it_says(margin: float, size: tuple[int, int]) -> None:
    width, height = size
    mask_ = Mask(name="m", reason="other", polygon=SQUARE)
    covered = Drawing(picture=PICTURE, masks=(mask_,), margin=margin).covered(width, height)
    row = int(0.5 * height // CELL)
    reached = np.nonzero(covered[row])[0]
    assert reached.min() * CELL <= (0.4 - margin) * width
    assert (reached.max() + 1) * CELL >= (0.6 + margin) * width
    # Whole cells and the closing of slivers add at most this much.
    assert reached.min() * CELL >= (0.4 - margin) * width - 2 * CELL


def test_nothing_drawn_hides_nothing() -> None:
    assert not Drawing(picture=PICTURE).covered(1280, 720).any()


def test_a_drawing_only_grows_what_its_polygons_touch() -> None:
    drawing = Drawing(picture=PICTURE, masks=(ROAD,))
    assert np.all(drawing.covered(1280, 720)[covered_cells([ROAD.polygon], 1280, 720)])


@pytest.mark.row("M6")
@pytest.mark.parametrize(
    ("size", "rotation", "same"),
    [
        ((1280, 720), 0, True),
        ((1920, 1080), 0, True),
        ((640, 360), 0, True),
        ((640, 480), 0, False),
        ((720, 1280), 90, False),
        ((1280, 720), 180, False),
    ],
)
def test_a_drawing_is_of_one_shape_and_rotation(size: tuple[int, int], rotation: int, same: bool) -> None:
    assert PICTURE.is_of(*size, rotation) is same
