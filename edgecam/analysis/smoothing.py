"""Running averages over capture time: how much the newest value counts."""

from __future__ import annotations

import math


def newest_share(elapsed_s: float, tau_s: float) -> float:
    """The share, 0-1, of a value ``elapsed_s`` after the one before in an average of time constant ``tau_s``."""
    return 1 - math.exp(-elapsed_s / tau_s)
