"""Time zones by name."""

from __future__ import annotations

import pytest

from edgecam.core.errors import BadInput
from edgecam.core.zone import zone_named


def test_a_zone_is_found_by_its_name() -> None:
    assert zone_named("Asia/Seoul").key == "Asia/Seoul"


@pytest.mark.parametrize("name", ["", "Asia/Nowhere", "../etc/passwd", "/etc/passwd", "a\0b"])
def test_what_names_no_zone_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="there is no time zone"):
        zone_named(name)
