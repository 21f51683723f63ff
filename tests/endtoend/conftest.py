"""Where pytest looks for `agentfixtures`. Nothing else stands here: mypy passes over files of one name."""

from __future__ import annotations

from agentfixtures import new_camera, vtest

__all__ = ["new_camera", "vtest"]
