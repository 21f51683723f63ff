"""Where pytest looks for `cardstand`. Nothing else stands here: mypy passes over files of one name."""

from __future__ import annotations

from cardstand import card

__all__ = ["card"]
