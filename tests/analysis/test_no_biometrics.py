"""No face recognition and no biometric template exists: kept so by what the package names and ships."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from edgecam.analysis.detector import MODEL_PATH

ROOT = Path(__file__).resolve().parents[2]
# Names of models and programming interfaces that turn a body or a face into something to recognise it by.
FORBIDDEN = re.compile(
    r"face[_ -]?(?:recogni|detect|embed|match|landmark|mesh|id\b|net)|facial|arcface|insightface|deepface"
    r"|sface\b|yunet|FaceRecognizer|FaceDetector|dlib|biometric|re[_-]?id(?:entif|\b)|gait[_ -]?recogni|embedding",
    re.IGNORECASE,
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
    sources = sorted((ROOT / "edgecam").rglob("*.py"))
    assert len(sources) > 10
    named = {str(path): FORBIDDEN.findall(path.read_text()) for path in sources}
    assert {path: words for path, words in named.items() if words} == {}


@pytest.mark.row("A8")
def test_the_only_model_shipped_is_the_object_detector() -> None:
    models = [path for path in (ROOT / "edgecam").rglob("*") if path.suffix.lower() in MODEL_ENDINGS]
    assert models == [MODEL_PATH]
    assert hashlib.sha256(MODEL_PATH.read_bytes()).hexdigest() == SHIPPED


@pytest.mark.row("A8")
def test_no_dependency_can_recognise_a_face() -> None:
    wanted = (ROOT / "pyproject.toml").read_text()
    assert "ai-edge-litert" in wanted
    assert not re.search(r"face|insight|dlib|mediapipe|deepstack", wanted, re.IGNORECASE)


@pytest.mark.row("A8")
def test_the_design_page_says_so() -> None:
    page = (ROOT / "docs" / "design" / "analysis.md").read_text()
    assert "no face recognition" in page.lower()
    assert "biometric template" in page.lower()
