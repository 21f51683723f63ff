"""Versions of the image: any text, their order, and what an image says of itself."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from bundlestand import IMAGE
from hypothesis import given
from hypothesis import strategies as st

from edgecam import __version__
from edgecam.appliance.release import Release, Version, decode_release, load_release, running_version
from edgecam.core.errors import BadInput, NotAllowed

pytestmark = pytest.mark.row("I2")

ORDER = [
    "0.1.0-rc.1",
    "0.1.0-rc.2",
    "0.1.0-rc.10",
    "0.1.0",
    "0.1.0+20261122063000",
    "0.1.0+20261123000000",
    "0.1.1-1",
    "0.1.1-dev",
    "0.1.1-dev.1",
    "0.1.1",
    "0.2.0",
    "0.10.0",
    "1.0.0",
]
NUMBER = st.integers(0, 10**8)
VERSIONS = st.builds(
    Version,
    st.tuples(NUMBER, NUMBER, NUMBER),
    st.lists(st.from_regex(r"\A[0-9a-z]{1,20}\Z"), max_size=4).map(tuple),
    st.one_of(st.just(""), st.from_regex(r"\A[0-9]{14}\Z")),
)


def test_the_order_of_versions() -> None:
    versions = [Version.parse(text) for text in ORDER]
    assert sorted(reversed(versions)) == versions
    assert [str(version) for version in versions] == ORDER


@given(VERSIONS, VERSIONS, VERSIONS)
def test_it_is_an_order(a: Version, b: Version, c: Version) -> None:
    assert (a < b) + (b < a) + (a == b) == 1
    assert not (a < b and b < c) or a < c


@given(VERSIONS)
def test_a_version_is_read_as_it_was_written(version: Version) -> None:
    assert Version.parse(str(version)) == version


@given(st.text(max_size=60))
def test_any_text_is_a_version_or_refused(text: str) -> None:
    with suppress(BadInput):
        assert str(Version.parse(text)) == text


@pytest.mark.parametrize("text", ["", "1", "0.1", "01.0.0", "0.1.0rc1", "0.1.0+2026", "0.1.0\n", "0.1.0-", "0.1.٣"])
def test_no_version(text: str) -> None:
    with pytest.raises(BadInput):
        Version.parse(text)


@given(st.text(max_size=200))
def test_any_text_is_a_release_or_refused(text: str) -> None:
    with pytest.raises(BadInput):
        decode_release(f'built = "never"\n{text}')


def test_a_machine_that_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="does not run the edgecam image"):
        load_release(tmp_path / "release.toml")


def test_what_the_recipe_writes(tmp_path: Path) -> None:
    """One script fills in release and RAUC's configuration, so that both say the same."""
    subprocess.run([IMAGE / "keys", tmp_path / "keys"], check=True)
    root = tmp_path / "root"
    (root / "etc/rauc").mkdir(parents=True)
    words: list[str | Path] = [IMAGE / "release", root, "raspberrypi", "0.2.0-rc.1", "2026-11-22T06:30:00Z"]
    keyring = {"EDGECAM_UPDATE_KEYRING": str(tmp_path / "keys/keyring.pem"), "PATH": "/usr/sbin:/usr/bin:/bin"}
    told = subprocess.run(words, env=keyring, check=True, capture_output=True, text=True).stdout.strip()
    release = load_release(root / "usr/lib/edgecam/release.toml")
    assert release == Release(Version.parse("0.2.0-rc.1+20261122063000"), "raspberrypi", release.key)
    assert (told, len(release.key)) == (str(release.version), 95)
    config = (root / "etc/rauc/system.conf").read_text()
    assert f"compatible={release.compatible}\nmin-bundle-version=0.2.0-rc.1\n" in config
    assert "@" not in config
    assert "BEGIN CERTIFICATE" in (root / "etc/rauc/keyring.pem").read_text()


def test_without_an_image_the_running_version_is_edgecams_own(tmp_path: Path) -> None:
    assert running_version(tmp_path / "release.toml") == __version__
    (tmp_path / "release.toml").write_text("not toml")
    assert running_version(tmp_path / "release.toml") == __version__
