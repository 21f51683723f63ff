"""The page's own files: served as they were built, compressed and kept where that helps, and small."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from edgecam.web.frontend import NOT_BUILT, STATIC, front_end

MOST_KB = 200

needs_build = pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the page is not built (make page)")


class Visiting:
    """Asks for files of a page that is built in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._app = FastAPI(openapi_url=None)
        front_end(self._app, folder)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://camera") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(asked())


@pytest.fixture
def built(tmp_path: Path) -> Visiting:
    """A page of four files."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>edgecam</title>")
    (tmp_path / "sw.js").write_text("// the worker")
    (tmp_path / "assets" / "page-1a2b.js").write_text("plain")
    (tmp_path / "assets" / "page-1a2b.js.gz").write_bytes(gzip.compress(b"plain"))
    return Visiting(tmp_path)


def test_files_are_served_as_they_were_built(built: Visiting) -> None:
    assert built.get("/").text.startswith("<!doctype html>")
    assert built.get("/sw.js").text == "// the worker"
    plain = built.get("/static/assets/page-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert (plain.text, plain.headers.get("content-encoding")) == ("plain", None)
    assert "javascript" in plain.headers["content-type"]
    assert built.get("/static/assets/none.js").status_code == 404
    assert built.get("/static/../frontend.py").status_code == 404


def test_who_takes_them_compressed_gets_them_so(built: Visiting) -> None:
    packed = built.get("/static/assets/page-1a2b.js", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.text) == ("gzip", "plain")
    assert "javascript" in packed.headers["content-type"]
    assert packed.headers["vary"] == "Accept-Encoding"
    assert (
        built.get("/static/index.html", headers={"Accept-Encoding": "gzip"}).headers.get("content-encoding") is None
    )


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    page = Visiting(tmp_path / "none")
    answer = page.get("/")
    assert (answer.status_code, answer.text) == (503, NOT_BUILT)
    assert "make page" in answer.text
    assert page.get("/static/assets/page.js").status_code == 404


@needs_build
@pytest.mark.row("W5")
def test_the_page_itself_holds_nothing_inline_and_names_no_other_place(stranger: httpx.Client) -> None:
    page = stranger.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["Cache-Control"] == "no-cache"
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) > 4
    assert [name for name in named if not name.startswith("/static/")] == []
    assert re.findall(r"<style| style=|\son\w+=|<script(?![^>]*\ssrc=)", page.text) == []
    for name in named:
        file = stranger.get(name)
        assert (name, file.status_code) == (name, 200)
        kept = "immutable" if name.startswith("/static/assets/") else "no-cache"
        assert kept in file.headers["Cache-Control"]


@needs_build
@pytest.mark.row("W5")
def test_it_may_be_installed_as_an_app(stranger: httpx.Client) -> None:
    manifest = stranger.get("/static/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    told = json.loads(manifest.text)
    assert (told["display"], told["start_url"], told["scope"]) == ("standalone", "/", "/")
    assert {icon["sizes"] for icon in told["icons"]} >= {"192x192", "512x512"}
    assert [stranger.get(icon["src"]).status_code for icon in told["icons"]] == [200] * len(told["icons"])
    worker = stranger.get("/sw.js")
    assert "javascript" in worker.headers["content-type"]
    assert "/api" not in worker.text


@needs_build
@pytest.mark.row("W5")
def test_the_page_is_light() -> None:
    """Scripts and styles compressed, without what opens and plays footage, which comes when it is asked for."""
    files = [path for kind in ("*.js", "*.css") for path in STATIC.rglob(kind)]
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in files if not _opens_footage(path)}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
    total_kb = sum(sizes.values()) / 1000
    sys.stdout.write(f"\npage: {total_kb:.1f} kB compressed in {len(sizes)} files\n")
    assert 10 < total_kb <= MOST_KB, largest


def _opens_footage(path: Path) -> bool:
    """Chunks with the age format in them; nothing else of the page knows its first line."""
    return "age-encryption.org/v1" in path.read_text()
