"""No face recognition and no biometric template exists: kept so by what the package names and ships."""

from __future__ import annotations

import ast
import hashlib
import re
import tomllib
from pathlib import Path

import cv2
import pytest

from edgecam.analysis.modelfile import INT8_PATH

ROOT = Path(__file__).resolve().parents[2]
# Names of models and programming interfaces that turn a body or a face into something to recognise it by.
FORBIDDEN = re.compile(
    r"face[_ -]?(?:recogni|detect|embed|match|landmark|mesh|id\b|net)|facial|arcface|insightface|deepface"
    r"|sface\b|yunet|FaceRecognizer|FaceDetector|dlib|biometric|re[_-]?id(?:entif|\b)|gait[_ -]?recogni|embedding"
    r"|CascadeClassifier|haarcascade|feature[_ -]?vector|appearance[_ -]?(?:vector|feature|descriptor|model)"
    r"|person[_ -]?(?:id\b|identity|gallery|database)|watch[_ -]?list|(?:licen[cs]e|number)[_ -]?plate",
    re.IGNORECASE,
)
# The modules through which everything passes that is learned or counted, and kept.
LEARNING = (
    "attention",
    "daybook",
    "habits",
    "normality",
    "passage",
    "release",
    "smallgroups",
    "statistics",
    "tally",
    "unusual",
)
SHIPPED = "5a2427a48aa7d6651bc5e5d5169d545438d4d03889d4d01df6777a107c7f3071"
MODEL_ENDINGS = {
    ".tflite",
    ".onnx",
    ".pb",
    ".pt",
    ".pth",
    ".caffemodel",
    ".prototxt",
    ".task",
    ".xml",
    ".dat",
    ".bin",
}


@pytest.mark.row("A8")
def test_no_source_names_a_way_to_recognise_a_person() -> None:
    kinds = {".py", ".js", ".ts", ".html", ".typ", ".sh", ".toml"}
    sources = [
        path
        for folder in ("edgecam", "scripts", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in kinds or (folder == "scripts" and path.is_file() and not path.suffix)
    ]
    assert len(sources) > 100
    named = {str(path): FORBIDDEN.findall(path.read_text()) for path in sources}
    assert {path: words for path, words in named.items() if words} == {}


@pytest.mark.row("A7")
@pytest.mark.row("A8")
@pytest.mark.parametrize("module", LEARNING)
def test_what_learns_and_counts_sees_no_pixel(module: str) -> None:
    """Of the picture it asks width and height, and it names neither the motion nor the regions of a look."""
    tree = ast.parse((ROOT / "edgecam" / "analysis" / f"{module}.py").read_text())
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    of_picture = {
        node.attr for node in attributes if isinstance(node.value, ast.Attribute) and node.value.attr == "picture"
    }
    assert of_picture <= {"width", "height"}
    taken = {node.attr for node in attributes} & {"motion", "regions", "buffer", "luma"}
    assert taken == set()
    # The picture itself is handed to nobody.
    uses = sum(node.attr == "picture" for node in attributes)
    assert uses == sum(
        isinstance(node.value, ast.Attribute) and node.value.attr == "picture" for node in attributes
    )


@pytest.mark.row("A8")
def test_the_only_model_shipped_is_the_object_detector() -> None:
    models = [path for path in (ROOT / "edgecam").rglob("*") if path.suffix.lower() in MODEL_ENDINGS]
    assert models == [INT8_PATH]
    assert hashlib.sha256(INT8_PATH.read_bytes()).hexdigest() == SHIPPED


@pytest.mark.row("A8")
def test_no_dependency_can_recognise_a_face() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(one for some in project["optional-dependencies"].values() for one in some),
    ]
    assert any(one.startswith("ai-edge-litert") for one in wanted)
    able = re.compile(
        r"face|insight|dlib|mediapipe|deepstack|reid|boxmot|torch|tensorflow(?!-lite)|onnx|keras|transformers|clip\b"
        r"|faiss|hnsw|annoy|ocr|alpr|contrib",
        re.IGNORECASE,
    )
    assert [one for one in wanted if able.search(one)] == []


@pytest.mark.row("A8")
def test_the_face_module_of_opencv_is_not_there() -> None:
    """It is in the contrib package; what else OpenCV has for faces needs a model file, and none is shipped."""
    assert not hasattr(cv2, "face")


@pytest.mark.row("A8")
def test_the_design_page_says_so() -> None:
    page = (ROOT / "docs" / "design" / "analysis.md").read_text()
    assert "no face recognition" in page.lower()
    assert "biometric template" in page.lower()
