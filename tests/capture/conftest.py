"""Where pytest looks for `videofixtures`. Nothing else stands here: mypy passes over files of one name."""

from __future__ import annotations

from videofixtures import footage, make_video

__all__ = ["footage", "make_video"]
