"""Where pytest looks for `camerafixtures`. Nothing else stands here: mypy passes over files of one name."""

from __future__ import annotations

from camerafixtures import camera, recorded, street

__all__ = ["camera", "recorded", "street"]
