"""What axe finds on a page, in light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def require_axe() -> None:
    """Skips where axe is not there."""
    if not _AXE.is_file():
        pytest.skip("axe-core is not there (make page)")


def troubles(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe calls serious or critical: rule, help, and where. Scripts of tests pass by the page's own policy."""
    found: dict[str, Any] = page.evaluate(_AXE.read_text() + "\n;axe.run({ resultTypes: ['violations'] })")
    assert len(found["passes"]) > 10, "axe looked"
    return [
        (one["id"], one["help"], [node["html"][:160] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def troubles_in_light_and_dark(page: Page) -> dict[str, list[tuple[str, str, list[str]]]]:
    """The same for either of the two that has any."""
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark", reduced_motion="reduce")
        # Colours fade from one scheme to the other.
        page.wait_for_timeout(300)
        found[scheme] = troubles(page)
    page.emulate_media(color_scheme=None, reduced_motion=None)
    return {scheme: wrong for scheme, wrong in found.items() if wrong}
