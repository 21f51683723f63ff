"""Known vulnerabilities: read from what the sources answer, and never told as none when one did not answer.

The samples are in the form that each source documents; none of the three could be asked when they were written.
"""

from __future__ import annotations

import json
import subprocess

import pytest
from account.component import Component
from account.debianversion import DebianVersion
from account.vulnerabilities import Answer, Vulnerability, answer, in_debian, in_page, in_python, report
from hypothesis import given
from hypothesis import strategies as st

pytestmark = [pytest.mark.row("I4"), pytest.mark.provision("CRA-II-1")]

LIBRARY = Component("debian", "libtiny1", "1:2.0-1+b1", "pkg:deb/debian/libtiny1@1", source=("tiny", "1:2.0-1"))
WHEEL = Component("python", "wheel", "1.2", "pkg:pypi/wheel@1.2")
PAGE = Component("page", "shown", "1.0.0", "pkg:npm/shown@1.0.0")
BROUGHT = Component("bundled", "crate", "0.1", "pkg:cargo/crate@0.1")
TRACKER_SAMPLE = json.loads("""
{"tiny": {
  "CVE-2026-0001": {"description": "Fixed later.", "scope": "remote", "releases": {
    "trixie": {"status": "resolved", "fixed_version": "1:2.0-1+deb13u1", "urgency": "high",
               "repositories": {"trixie": "1:2.0-1", "trixie-security": "1:2.0-1+deb13u1"}},
    "sid": {"status": "open", "urgency": "low", "repositories": {"sid": "3"}}}},
  "CVE-2026-0002": {"description": "Fixed before.", "releases": {
    "trixie": {"status": "resolved", "fixed_version": "1:1.9-1", "urgency": "high", "repositories": {}}}},
  "CVE-2026-0003": {"description": "Never there.", "releases": {
    "trixie": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant", "repositories": {}}}},
  "CVE-2026-0004": {"description": "Open.", "releases": {
    "trixie": {"status": "open", "urgency": "not yet assigned", "nodsa": "Minor issue", "repositories": {}}}},
  "TEMP-0000005-ABCDEF": {"releases": {"trixie": {"status": "undetermined", "urgency": "", "repositories": {}}}},
  "CVE-2026-0006": {"releases": {"bookworm": {"status": "open", "urgency": "high", "repositories": {}}}}
}, "other": {"CVE-2026-0007": {"releases": {"trixie": {"status": "open", "urgency": "high"}}}}}
""")
PYPI_SAMPLE = {
    "info": {"name": "wheel"},
    "vulnerabilities": [
        {"id": "PYSEC-2026-1", "aliases": ["GHSA-x", "CVE-2026-1"], "fixed_in": ["1.3"], "summary": None,
         "details": "Bad.", "withdrawn": None},
        {"id": "PYSEC-2026-2", "aliases": [], "fixed_in": [], "withdrawn": "2026-01-01T00:00:00Z"},
    ],
}  # fmt: skip
NPM_SAMPLE = {
    "shown": [
        {"id": 1, "url": "https://github.com/advisories/GHSA-aaaa", "title": "Bad", "severity": "high",
         "vulnerable_versions": "<1.0.1", "cwe": [], "cvss": {"score": 7.5}}
    ]
}  # fmt: skip


def test_debians_tracker_is_read_for_the_release_and_the_source_package() -> None:
    found = {one.name: one for one in in_debian(TRACKER_SAMPLE, "trixie", [LIBRARY])}
    assert set(found) == {"CVE-2026-0001", "CVE-2026-0004", "TEMP-0000005-ABCDEF"}
    assert (found["CVE-2026-0001"].fixed_in, found["CVE-2026-0001"].urgency) == ("1:2.0-1+deb13u1", "high")
    assert found["CVE-2026-0004"].state == "open"
    assert found["TEMP-0000005-ABCDEF"].state == "undetermined"


def test_pypi_and_npm_are_read() -> None:
    assert in_python(PYPI_SAMPLE, WHEEL) == [Vulnerability("CVE-2026-1", WHEEL.purl, "open", "", "1.3", "Bad.")]
    assert in_page(NPM_SAMPLE, [PAGE]) == [
        Vulnerability("GHSA-aaaa", PAGE.purl, "open", "high", "not <1.0.1", "Bad")
    ]


def test_a_source_that_does_not_answer_is_told_and_is_not_none_found() -> None:
    def unreachable(_: list[Component]) -> list[Vulnerability]:
        raise OSError("no route")

    told = report([LIBRARY, WHEEL], [answer("tracker", "debian", [LIBRARY], unreachable)], "2026-11-22")
    assert told["known"] == []
    assert told["sources"][0]["answered"] is False
    assert "tracker could not be asked on 2026-11-22 (OSError: no route)" in told["says"]
    assert "not a statement that the image has no known vulnerabilities" in told["says"]
    assert "None of these" not in told["says"]
    assert told["not_looked_at"] == {"debian": 1, "python": 1}


@pytest.mark.parametrize("nonsense", [[], "text", {"tiny": []}, {"tiny": {"CVE-1": {"releases": {"trixie": 3}}}}])
def test_an_answer_of_another_form_is_a_failure(nonsense: object) -> None:
    told = answer("tracker", "debian", [LIBRARY], lambda ours: in_debian(nonsense, "trixie", ours))  # type: ignore[arg-type]
    assert told.failure


def test_none_is_told_only_when_every_kind_was_looked_at() -> None:
    whole = report([LIBRARY], [Answer("tracker", "debian", 1)], "2026-11-22")
    assert whole["says"].endswith("None of these sources knows of a vulnerability in this image.")
    brought = report([LIBRARY, BROUGHT], [Answer("tracker", "debian", 1)], "2026-11-22")
    assert "No source is asked about the 1 components of kind bundled." in brought["says"]
    assert "None of these" not in brought["says"]


def test_versions_are_in_order() -> None:
    ordered = ["1.0~rc1", "1.0", "1.0-0+b1", "1.0-1", "1.0-1+deb13u1", "1.0a", "1.0+x", "1.2", "1.10", "1:0.1"]
    assert sorted(reversed(ordered), key=DebianVersion) == ordered
    assert DebianVersion("1.0") == DebianVersion("0:1.0-0")


_PART = st.text("019az.+~", min_size=1, max_size=6)


@pytest.mark.long
@given(st.tuples(_PART, _PART), st.tuples(_PART, _PART))
def test_versions_are_compared_as_dpkg_compares_them(left: tuple[str, str], right: tuple[str, str]) -> None:
    one, other = (f"1{upstream}-{revision}" for upstream, revision in (left, right))
    earlier = subprocess.run(["dpkg", "--compare-versions", one, "lt", other], check=False).returncode == 0
    assert (DebianVersion(one) < DebianVersion(other)) is earlier
