"""Bills of materials: whole, valid by their official schemas, and the same for the same root."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from account.component import everything, purl
from account.cyclonedx import cyclonedx
from account.debianpackages import debian_packages, decode_status
from account.image import Image
from account.pagepackages import decode_lock
from account.pythonpackages import python_packages
from account.spdx import spdx
from account.treehash import tree_hash
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given
from hypothesis import strategies as st
from smallroot import LOCK, sha256, small_project, small_root, written

ACCOUNT = Path(__file__).parent.parent.parent / "image" / "account"
EPOCH_S = 1_780_000_000
pytestmark = [pytest.mark.row("I4"), pytest.mark.provision("CRA-II-1")]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ACCOUNT), *map(str, arguments)]
    environment = {"SOURCE_DATE_EPOCH": str(EPOCH_S), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    """Both documents of the small root, made as the recipe makes them."""
    out = tmp_path / "out"
    asked = ("--version", "0.1.0", "--project", small_project(tmp_path), "--offline", "--out", out)
    done = run(small_root(tmp_path), *asked)
    assert done.returncode == 0, done.stderr
    return {kind: json.loads((out / f"edgecam-0.1.0-generic.{kind}.json").read_text()) for kind in ("cdx", "spdx")}


def test_cyclonedx_is_valid_by_its_own_schema(told: dict[str, Any]) -> None:
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(told["cdx"]))
    assert wrong is None, wrong


def test_spdx_is_valid_by_its_own_rules(told: dict[str, Any], tmp_path: Path) -> None:
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    path = written(tmp_path / "x.spdx.json", json.dumps(told["spdx"]))
    wrong = validate_full_spdx_document(parse_file(str(path)), "SPDX-2.3")
    assert [message.validation_message for message in wrong] == []


def test_every_kind_of_component_is_named_with_what_is_known_of_it(told: dict[str, Any]) -> None:
    found = {one["name"]: one for one in told["cdx"]["components"]}
    assert set(found) == {
        "@deep/one", "crate", "edgecam", "eye", "libtiny1", "libx264", "other", "shown", "some-wheel", "tool",
    }  # fmt: skip
    assert found["libtiny1"]["purl"] == "pkg:deb/debian/libtiny1@1:2.0-1%2Bb1?arch=arm64&distro=trixie"
    assert found["libtiny1"]["licenses"] == [
        {"expression": "(GPL-2.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-Odd"}
    ]
    assert found["libtiny1"]["hashes"][0]["content"].startswith("11aa")
    assert {"name": "edgecam:debian-source", "value": "tiny 1:2.0-1"} in found["libtiny1"]["properties"]
    assert "licenses" not in found["tool"]
    assert found["some-wheel"]["purl"] == "pkg:pypi/some-wheel@1.2"
    assert found["crate"]["hashes"] == [{"alg": "SHA-256", "content": "22" * 32}]
    assert found["libx264"]["licenses"] == [{"expression": "GPL-2.0-or-later"}]
    assert found["libx264"]["hashes"] == [{"alg": "SHA-256", "content": sha256(b"elf")}]
    assert found["@deep/one"]["purl"] == "pkg:npm/%40deep/one@3.0.0"
    assert found["shown"]["hashes"] == [{"alg": "SHA-512", "content": "00" * 64}]
    assert (found["eye"]["type"], found["eye"]["hashes"][0]["content"]) == (
        "machine-learning-model",
        sha256(b"weights"),
    )


def test_what_needs_what_is_told(told: dict[str, Any]) -> None:
    needs = {one["ref"]: one["dependsOn"] for one in told["cdx"]["dependencies"]}
    named = {one["name"]: one["bom-ref"] for one in told["cdx"]["components"]}
    assert needs[named["tool"]] == [named["libtiny1"]]
    assert needs[named["edgecam"]] == [named["other"]]
    assert needs[named["shown"]] == [named["@deep/one"]]
    assert needs[named["some-wheel"]] == sorted([named["crate"], named["libx264"], named["other"]])
    assert len(needs["edgecam-image"]) == len(named) - 2, "what wheels brought along is theirs"


def test_words_of_a_licence_without_a_name_come_along(told: dict[str, Any]) -> None:
    assert told["spdx"]["hasExtractedLicensingInfos"] == [
        {"extractedText": "You may do odd things.\n\nAnd even ones.", "licenseId": "LicenseRef-Odd", "name": "Odd"}
    ]


def test_the_same_root_gives_the_same_bytes_and_another_one_another_name(tmp_path: Path) -> None:
    root, project = small_root(tmp_path), small_project(tmp_path)
    for name in ("one", "two"):
        asked = ("--version", "0.1.0", "--project", project, "--offline", "--out", tmp_path / name)
        assert run(root, *asked).returncode == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    components = (*debian_packages(root), *python_packages(root))
    before = Image("0.1.0", "generic", tree_hash(root, EPOCH_S), EPOCH_S, components)
    written(root / "etc/new", "")
    after = Image("0.1.0", "generic", tree_hash(root, EPOCH_S), EPOCH_S, components)
    assert cyclonedx(before)["metadata"]["timestamp"] == spdx(before)["creationInfo"]["created"] == before.moment
    assert cyclonedx(before)["serialNumber"] == f"urn:uuid:{before.uuid}" != cyclonedx(after)["serialNumber"]


def test_a_root_whose_packages_nobody_noted_is_refused_with_what_to_do(tmp_path: Path) -> None:
    root = small_root(tmp_path)
    written(root / "var/lib/dpkg/status", "")
    done = run(root, "--version", "0.1.0", "--offline", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "the recipe has to note what it unpacks" in done.stderr


def test_what_debian_installed_for_python_counts_once(tmp_path: Path) -> None:
    root = small_root(tmp_path)
    folder = root / "usr/lib/python3/dist-packages/debians-1.dist-info"
    written(folder / "METADATA", "Name: debians\nVersion: 1\n\n")
    assert "debians" not in {one.name for one in python_packages(root)}


def test_what_only_builds_the_page_is_not_in_it() -> None:
    assert [one.name for one in decode_lock(json.dumps(LOCK))] == ["@deep/one", "shown"]


def test_what_several_wheels_brought_is_listed_once(tmp_path: Path) -> None:
    wheels = python_packages(small_root(tmp_path))
    assert len(list(everything([*wheels, *wheels]))) == len(list(everything(wheels)))


def test_a_package_of_the_raspberry_pi_archive_is_named_so(tmp_path: Path) -> None:
    root = small_root(tmp_path)
    written(root / "var/lib/dpkg/status", "Package: libcamera0\nVersion: 0.5+rpt2025-1\nArchitecture: arm64\n")
    assert debian_packages(root)[0].purl.startswith("pkg:deb/raspberrypi/libcamera0@")


def test_a_purl_escapes_what_would_end_it() -> None:
    assert purl("generic", "a/b", version="1+x", note="c d&e") == "pkg:generic/a%2Fb@1%2Bx?note=c%20d%26e"


@given(st.text())
def test_any_status_file_is_read(text: str) -> None:
    assert all("Package" in fields for fields in decode_status(text))
