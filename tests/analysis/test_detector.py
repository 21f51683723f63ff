from __future__ import annotations

import base64
import hashlib
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from analysisstand import footage, footage_frames, scene

from edgecam.analysis.box import Box, overlap
from edgecam.analysis.detector import RUNTIMES, LiteRtDetector, _levels, _opened, _real
from edgecam.analysis.modelfile import INT8_PATH
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
_OTHER = zlib.decompress(base64.b85decode(_NEGATION))


@pytest.fixture(scope="module")
def detector() -> LiteRtDetector:
    return LiteRtDetector()


@pytest.mark.parametrize("side", [172, 192, 224, 300])
def test_one_file_serves_every_input_size(side: int) -> None:
    assert LiteRtDetector(side=side).side == side


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


def test_a_model_that_nobody_vouches_for_is_never_opened(tmp_path: Path) -> None:
    other = tmp_path / "other.tflite"
    other.write_bytes(_OTHER + bytes(8192))
    with pytest.raises(BadInput, match="another model"):
        LiteRtDetector(other)


def test_a_trusted_file_of_another_shape_is_another_network(tmp_path: Path) -> None:
    other = tmp_path / "other.tflite"
    other.write_bytes(_OTHER)
    with pytest.raises(BadInput, match="another network"):
        LiteRtDetector(other, trusted_sha256=hashlib.sha256(_OTHER).hexdigest())


def test_a_trusted_file_that_is_no_model_is_data_loss(tmp_path: Path) -> None:
    picture = cv2.imencode(".png", scene().y)[1].tobytes()
    (tmp_path / "picture.tflite").write_bytes(picture)
    with pytest.raises(DataLoss, match="damaged"):
        LiteRtDetector(tmp_path / "picture.tflite", trusted_sha256=hashlib.sha256(picture).hexdigest())


def test_a_runtime_that_is_not_installed_is_bad_input() -> None:
    with pytest.raises(BadInput, match="runtime"):
        LiteRtDetector(runtime="no_such_runtime")


def test_a_runtime_that_does_not_fit_numpy_is_bad_input() -> None:
    def unfit(**_: object) -> object:
        raise SystemError("built for numpy 1")

    with pytest.raises(BadInput, match="does not fit the installed numpy"):
        _opened(unfit, b"", INT8_PATH, 192, 1)


def test_runtimes_are_named_in_one_module() -> None:
    sources = (INT8_PATH.parents[1]).rglob("*.py")
    naming = {path.name for path in sources if any(name in path.read_text() for name in RUNTIMES)}
    assert naming == {"detector.py"}


def test_colours_go_in_as_the_input_says_it_keeps_them() -> None:
    shipped = {"dtype": np.uint8, "quantization": (1 / 127.5, 127)}
    assert _levels(shipped).tolist() == list(range(256))
    signed = {"dtype": np.int8, "quantization": (1 / 127.5, -1)}
    assert _levels(signed).tolist() == list(range(-128, 128))
    floats = {"dtype": np.float32, "quantization": (0.0, 0)}
    assert _levels(floats)[[0, 255]].tolist() == [-1.0, 1.0]


def test_answers_come_out_as_the_output_says_it_keeps_them() -> None:
    kept = {"dtype": np.int8, "quantization": (0.5, 10)}
    assert _real(kept, np.array([10, 14, -6], np.int8)).tolist() == [0.0, 2.0, -8.0]
    plain = {"dtype": np.float32, "quantization": (0.0, 0)}
    assert _real(plain, np.array([0.25], np.float32)).tolist() == [0.25]
