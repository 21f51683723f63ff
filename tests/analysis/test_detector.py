from __future__ import annotations

import base64
import math
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from analysisstand import footage, footage_frames, scene

from edgecam.analysis.box import Box, overlap
from edgecam.analysis.detector import MODEL_PATH, LiteRtDetector, anchors, decoded
from edgecam.analysis.sighting import Sighting, strongest
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.events import EventKind
from edgecam.core.picture import Picture

# A whole TFLite file of one operator: it negates a float picture. Deflated, base 85.
_NEGATION = (
    "c-nPQO-lk%6g{Jp2@NJSgbNogT(ua|+=QFN3<N*GBw7d>IEz_0f=!XouW%Q%Y|)}$P|)va;i6yCbl!Vck)k&oxbM7s&%NhP9"
    "zg%Rb?l;mJaTZ6g+ne4n=!~4L`2a7D#RcGBw-FiR0x|`#&K**yie4-oy$h=qS@^X+l_whtk$nl*U{Q(7>!l#BnXGI+b{|y{_"
    "xJ9-2~GRTjXDfXX1%?ko<-884+2TBaO^jS8+wnrZkt5I(3}2M_c=RJRQ&W-rp8U@nY*LpzM`P-qBwTrCst)%#)nY?>Jr(U&J"
    "o&?N+l_s82)si2Sh!u1xO|oN?7%X=a31`@JFt;z{+HTnC}5*sOJRe+N5KE8Y(siAUUvB{i1J_WPdL=<&gP^^}!*^_C-E$g4d"
    "z$3A~ZG>7C{de2z@JK#Y3fjBZ}o2+T=%Iqr-w*Jih{vS<CW^uGn(^>he8qMkt@{~x#"
)


@pytest.fixture(scope="module")
def detector() -> LiteRtDetector:
    return LiteRtDetector()


@pytest.mark.parametrize(("side", "count"), [(192, 738), (224, 1014), (300, 1917)])
def test_there_is_one_anchor_for_every_row_of_the_network(side: int, count: int) -> None:
    priors = anchors(side)
    assert priors.shape == (count, 4)
    assert priors[0, 2] * side == pytest.approx(30)
    assert LiteRtDetector(side=side).side == side


def test_a_logit_becomes_its_score_and_a_zero_offset_the_anchor_itself() -> None:
    priors = np.array([[0.5, 0.5, 0.4, 0.2], [0.2, 0.2, 0.1, 0.1]], np.float32)
    logits = np.full((2, 24), -9.0, np.float32)
    logits[0, 4] = math.log(0.7 / 0.3)
    logits[1, 23] = math.log(0.2 / 0.8)
    ((kind, score, box),) = decoded(logits, np.zeros((2, 4), np.float32), priors)
    assert kind == EventKind.PERSON
    assert score == pytest.approx(0.7)
    assert box == pytest.approx((0.4, 0.3, 0.6, 0.7))


def test_of_overlapping_boxes_of_one_kind_the_best_stays() -> None:
    sightings = [
        Sighting(EventKind.PERSON, 0.5, Box(0, 0, 10, 20)),
        Sighting(EventKind.PERSON, 0.8, Box(1, 0, 11, 20)),
        Sighting(EventKind.VEHICLE, 0.4, Box(0, 0, 10, 20)),
    ]
    assert [one.score for one in strongest(sightings, 0.45)] == [0.8, 0.4]


def test_nothing_is_seen_in_an_empty_picture(detector: LiteRtDetector) -> None:
    empty = Picture(640, 360)
    empty.y[:], empty.u[:], empty.v[:] = 32, 128, 128
    found = detector.detect(empty, [Box(0, 0, 192, 192), Box(0, 0, 640, 360)])
    assert [one for one in found if one.score >= 0.38] == []


def test_the_same_picture_gives_the_same_answer(detector: LiteRtDetector) -> None:
    picture = scene()
    crops = [Box(0, 0, 360, 360), Box(280, 0, 640, 360)]
    assert detector.detect(picture, crops) == detector.detect(picture, crops)


@pytest.mark.parametrize("size", [(641, 361), (161, 121), (2, 2)])
def test_odd_and_tiny_pictures_and_crops_outside_do_not_fail(
    detector: LiteRtDetector, size: tuple[int, int]
) -> None:
    picture = Picture(*size)
    picture.buffer[:] = 90
    crops = [Box(-20, -20, 5, 5), Box(size[0] - 1, size[1] - 1, size[0] + 90, size[1] + 90)]
    assert isinstance(detector.detect(picture, crops), list)


@pytest.mark.row("A2")
def test_a_real_person_is_found_where_they_stand_and_a_cut_box_is_dropped(detector: LiteRtDetector) -> None:
    frames = footage_frames(footage("intel_one-by-one-person.mp4"), looks_per_s=1)
    picture = next(frame.picture for frame in frames if frame.captured_mono_ns >= 12_000_000_000)
    found = detector.detect(picture, [Box(200, 0, 560, 360)])
    assert [one.kind for one in found] == [EventKind.PERSON]
    assert overlap(found[0].box, Box(318, 6, 420, 336)) > 0.4
    cut = detector.detect(picture, [Box(0, 0, 370, 360)])
    assert all(one.box.x1 < 368 for one in cut)


def test_a_missing_model_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="missing"):
        LiteRtDetector(tmp_path / "none.tflite")


@pytest.mark.parametrize("size_bytes", [0, 10, 4096, 2_000_000, 5_519_847])
def test_a_truncated_model_is_data_loss(tmp_path: Path, size_bytes: int) -> None:
    broken = tmp_path / "short.tflite"
    broken.write_bytes(MODEL_PATH.read_bytes()[:size_bytes])
    with pytest.raises(DataLoss, match="damaged"):
        LiteRtDetector(broken)


def test_a_file_of_another_kind_is_data_loss(tmp_path: Path) -> None:
    picture = tmp_path / "picture.tflite"
    picture.write_bytes(cv2.imencode(".png", scene().y)[1].tobytes())
    with pytest.raises(DataLoss, match="damaged"):
        LiteRtDetector(picture)


def test_another_network_is_bad_input(tmp_path: Path) -> None:
    other = tmp_path / "other.tflite"
    other.write_bytes(zlib.decompress(base64.b85decode(_NEGATION)))
    with pytest.raises(BadInput, match="another network"):
        LiteRtDetector(other)
