"""Power that fails just before something becomes durable."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest


class PowerFails(BaseException):
    """Nothing of ours catches it."""


class Supply:
    """Counts the ``acts`` of `os` that make something durable, and fails before one; nothing works after it."""

    def __init__(self, patch: pytest.MonkeyPatch, acts: Iterable[str]) -> None:
        self.fails_at, self.count = 0, 0
        for name in acts:
            patch.setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if 0 < self.fails_at <= self.count:
                raise PowerFails
            return act(*arguments, **named)

        return counted
