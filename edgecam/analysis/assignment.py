"""Which row goes with which column, so that all pairs together are worth most.

The Hungarian method with potentials (H. W. Kuhn 1955, J. Munkres 1957), one shortest augmenting path a row.
"""

from __future__ import annotations

from collections.abc import Sequence

_NEVER = float("inf")


def assigned(worth: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs ``(row, column)``, by row, whose ``worth`` adds up to most; each row and column at most once.

    What is worth 0 or less stays unpaired. Deterministic; cost grows as rows squared times rows and columns.
    """
    rows = len(worth)
    columns = len(worth[0]) if rows else 0
    # Every row has a column of its own beyond the real ones, where it may stay unpaired for nothing.
    width = columns + rows
    costs = [[-max(w, 0.0) for w in row] + [0.0] * rows for row in worth]
    above, beside = [0.0] * rows, [0.0] * width
    owner = [-1] * width
    for row in range(rows):
        _augmented(row, costs, above, beside, owner)
    pairs = [(owner[column], column) for column in range(columns) if owner[column] >= 0]
    return sorted(pair for pair in pairs if worth[pair[0]][pair[1]] > 0)


def _augmented(
    row: int, costs: list[list[float]], above: list[float], beside: list[float], owner: list[int]
) -> None:
    """Give ``row`` a column along the cheapest path, moving other rows on; keeps the potentials tight."""
    width = len(owner)
    reach, came, done = [_NEVER] * width, [-1] * width, [False] * width
    at, column, sum_reach = row, -1, 0.0
    while True:
        nearest, best = -1, _NEVER
        for other in range(width):
            if done[other]:
                continue
            step = sum_reach + costs[at][other] - above[at] - beside[other]
            if step < reach[other]:
                reach[other], came[other] = step, column
            if reach[other] < best:
                nearest, best = other, reach[other]
        column, sum_reach = nearest, best
        done[column] = True
        if owner[column] < 0:
            break
        at = owner[column]
    above[row] += sum_reach
    for other in range(width):
        if done[other] and other != column:
            above[owner[other]] += sum_reach - reach[other]
            beside[other] -= sum_reach - reach[other]
    while column >= 0:
        before = came[column]
        owner[column] = owner[before] if before >= 0 else row
        column = before
