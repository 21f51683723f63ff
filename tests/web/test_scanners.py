"""The page graded by scanners that others keep: Mozilla's Observatory for its headers, testssl.sh for its TLS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from page_camera import PageCamera
from secured import OWN, PageSecurity

from edgecam.web.app import create_app
from edgecam.web.server import PageServer, Secure

pytestmark = [pytest.mark.long, pytest.mark.row("K3")]
OBSERVATORY = Path(__file__).parent / "observatory"
# A private authority publishes no lists: what is to be trusted no more is taken off the phone. 397 days bound it.
KNOWN = {"cert_revocation"}


@pytest.fixture(scope="module")
def observatory() -> Path:
    """The grader's folder, as its lock file has it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("Node is not installed")
    if not (OBSERVATORY / "node_modules").is_dir():
        words = [npm, "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
        fetched = subprocess.run(words, cwd=OBSERVATORY, capture_output=True, text=True, timeout=600, check=False)
        if fetched.returncode:
            pytest.skip(f"the Observatory cannot be fetched: {fetched.stderr[-300:]}")
    return OBSERVATORY


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The whole page by HTTPS: its name with the port, and the authority to trust."""
    folder = tmp_path_factory.mktemp("certificates")
    security = PageSecurity(folder)
    app = create_app(replace(PageCamera().parts(), certificates=security))
    server = PageServer(app, "127.0.0.1", 0, Secure("127.0.0.1", 0, OWN, security.context))
    server.start()
    authority = folder / "ca.pem"
    authority.write_bytes(security.files.keep()[0].pem)
    yield server.secure_address.removeprefix("https://"), authority
    server.close()


def graded(observatory: Path, where: str, authority: Path | None = None) -> dict[str, Any]:
    environment = dict(os.environ)
    if authority is not None:
        environment["NODE_EXTRA_CA_CERTS"] = str(authority)
    words = ["node", "grade.mjs", where]
    told = subprocess.run(
        words, cwd=observatory, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_mozilla_s_observatory_gives_the_best_grade(observatory: Path, secured: tuple[str, Path]) -> None:
    told = graded(observatory, *secured)
    failed = [name for name, test in told["tests"].items() if not test["pass"]]
    assert (told["scan"]["grade"], failed) == ("A+", [])
    assert told["scan"]["testsPassed"] == told["scan"]["testsQuantity"] >= 10
    assert told["tests"]["redirection"]["route"][0].startswith("http://")


def test_a_page_without_our_guard_is_graded_low(observatory: Path) -> None:
    bare = FastAPI()
    bare.state.end_streams = lambda: None
    server = PageServer(bare, "127.0.0.1", 0)
    bare.get("/")(lambda: "here")
    server.start()
    try:
        told = graded(observatory, server.address.removeprefix("http://"))
    finally:
        server.close()
    assert told["scan"]["grade"] == "F"


def test_testssl_finds_nothing_to_mend(secured: tuple[str, Path], tmp_path: Path) -> None:
    testssl = shutil.which("testssl") or shutil.which("testssl.sh")
    if testssl is None:
        pytest.skip("Debian's package testssl.sh is not installed")
    where, authority = secured
    said = tmp_path / "said.json"
    words = [testssl, "--quiet", "--warnings", "batch", "--nodns", "none", "--ip", "127.0.0.1"]
    words += ["--add-ca", str(authority), "--jsonfile", str(said), where]
    subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=900, check=True)
    told = {each["id"]: each for each in json.loads(said.read_text("utf-8"))}
    bad = {
        name for name, each in told.items() if each["severity"] in ("LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL")
    }
    assert bad <= KNOWN, [told[name]["finding"] for name in bad - KNOWN]
    # Else it did not get as far as that.
    for name in ("TLS1_3", "cert_chain_of_trust", "cert_trust", "HSTS_time", "heartbleed", "LUCKY13"):
        assert told[name]["severity"] == "OK", told[name]
