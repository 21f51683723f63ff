"""Licences: Debian's and Python's names for them in SPDX's words, and the list that goes onto the camera."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import pytest
from account.__main__ import components_of, main
from account.copyright import decode_copyright
from account.cyclonedx import cyclonedx
from account.image import Image
from account.licencelist import licences_text
from account.licencenames import all_of, expression
from account.pythonpackages import FOLDERS, python_packages
from account.spdx import spdx
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing
from smallroot import small_project, small_root

pytestmark = pytest.mark.row("I4")


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("Expat", "MIT"),
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-2.0-only", "GPL-2.0-only"),
        ("lgpl-2.1", "LGPL-2.1-only"),
        ("GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
        ("GPL-3 with Qt-1.0 exception", "LicenseRef-GPL-3-with-Qt-1.0-exception"),
        ("LGPL-3 or GPL-2", "LGPL-3.0-only OR GPL-2.0-only"),
        ("GPL-2+ or AFL-2.1, and Expat", "(GPL-2.0-or-later OR AFL-2.1) AND MIT"),
        ("libjpeg and BSD-3-clause and Zlib", "LicenseRef-libjpeg AND BSD-3-Clause AND Zlib"),
        ("GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
        ("MIT/X11", "LicenseRef-MIT-X11"),
    ],
)
def test_debians_names_mean(told: str, meant: str) -> None:
    assert expression(told) == meant


def test_alternatives_stay_alternatives_where_several_licences_hold_at_once() -> None:
    assert all_of({"MIT", "GPL-2.0-only OR MIT"}) == "(GPL-2.0-only OR MIT) AND MIT"
    assert all_of({"GPL-2.0-only OR MIT"}) == "GPL-2.0-only OR MIT"


@given(st.lists(st.sampled_from(["GPL-2+", "Expat", "Odd one", "BSD-3-clause"]), min_size=1), st.data())
def test_what_comes_out_is_an_expression(names: list[str], data: st.DataObject) -> None:
    joined = names[0]
    for name in names[1:]:
        joined += data.draw(st.sampled_from([" or ", " and ", ", and ", ", or "])) + name
    licensing = get_spdx_licensing()
    assert licensing.parse(expression(joined), validate=False) is not None


def test_a_file_for_people_alone_is_told_as_not_known() -> None:
    assert decode_copyright("This was written by hand.\n", "usr/share/doc/x/copyright").licence == ""


@given(st.text())
def test_any_text_is_a_copyright_file(text: str) -> None:
    for told in (text, f"Format: x\n\n{text}", f"Format: x\n\nFiles: *\nLicense: {text}"):
        assert isinstance(decode_copyright(told, "x").licence, str)


def test_the_list_names_each_part_and_where_its_words_are(tmp_path: Path) -> None:
    root, project = small_root(tmp_path), small_project(tmp_path)
    told = licences_text("0.1.0", components_of(root, project, "0.1.0"), "edgecam's NOTICE")
    assert "edgecam's NOTICE" in told
    assert (
        "tool 0.9~rc1-3: not told in a form that can be read by machine\n    /usr/share/doc/tool/copyright" in told
    )
    assert "libx264 165: GPL-2.0-or-later" in told
    assert (
        "some-wheel 1.2: BSD-3-Clause\n"
        "    with what it brought along: BSD-3-Clause AND GPL-2.0-or-later AND (MIT OR Apache-2.0)\n"
        "    /usr/local/lib/python3.13/dist-packages/some_wheel-1.2.dist-info"
    ) in told
    owed = told.partition("Whose source is owed\n")[2]
    assert "\nlibx264 165 (in some-wheel 1.2): GPL-2.0-or-later\n\n" in owed
    assert "crate 0.1" not in owed
    assert told.endswith("shown 1.0.0\n===========\nPermission is hereby granted.\n")


@pytest.mark.parametrize("name", ["av", "numpy", "opencv-python-headless"])
def test_every_library_that_a_wheel_of_ours_brings_is_known(name: str, tmp_path: Path) -> None:
    """Of the wheels that are installed here, since what they bring changes with their versions."""
    wheel = distribution(name)
    at = Path(str(wheel.locate_file("")))
    folder = next(at.glob(f"{name.replace('-', '_')}-{wheel.version}.dist-info"))
    packages = tmp_path / FOLDERS[0]
    packages.mkdir(parents=True)
    for path in (folder, *at.glob(f"{name.replace('-', '_')}.libs")):
        (packages / path.name).symlink_to(path)
    (package,) = python_packages(tmp_path)
    assert package.inside
    assert [one.name for one in package.inside if "#" in one.purl and not one.licence] == []
    assert ("GPL-2.0-or-later" in package.licence_as_shipped.split(" AND ")) == (name == "av")


def test_the_recipe_gets_the_list_without_asking_for_the_rest(tmp_path: Path) -> None:
    root, project = small_root(tmp_path), small_project(tmp_path)
    target = root / "usr/share/doc/edgecam/licences.txt"
    assert main([str(root), "--version", "0.1.0", "--project", str(project), "--licences", str(target)]) == 0
    assert target.read_text().startswith("What edgecam 0.1.0 is made of")
    assert {*tmp_path.iterdir()} == {root, project}


def test_the_bills_of_materials_tell_a_wheel_with_what_it_brought(tmp_path: Path) -> None:
    root, project = small_root(tmp_path), small_project(tmp_path)
    image = Image("0.1.0", "generic", bytes(32).hex(), 0, components_of(root, project, "0.1.0"))
    whole = "BSD-3-Clause AND GPL-2.0-or-later AND (MIT OR Apache-2.0)"
    (one,) = (one for one in cyclonedx(image)["components"] if one["name"] == "some-wheel")
    assert one["licenses"] == [{"expression": whole, "acknowledgement": "concluded"}]
    (two,) = (two for two in spdx(image)["packages"] if two["name"] == "some-wheel")
    assert (two["licenseDeclared"], two["licenseConcluded"]) == ("BSD-3-Clause", whole)
