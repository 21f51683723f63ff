"""One figure of a benchmark, as `edgecam bench` prints it and as it is followed over the years."""

from __future__ import annotations

Measure = dict[str, object]


def measured(name: str, value: float | None, unit: str, aim: float, beside: str, better: str = "lower") -> Measure:
    """``value`` in ``unit``, ``None`` where there is none; ``better`` is "lower" or "higher" than ``aim``.

    ``beside`` says in words what the figure was made of.
    """
    return {"name": name, "value": value, "unit": unit, "better": better, "aim": aim, "beside": beside}
