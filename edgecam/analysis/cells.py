"""The picture as a coarse grid of cells, by the point where something stands on the ground."""

from __future__ import annotations

from typing import Final

from edgecam.analysis.box import Box

COLUMNS: Final = 16
ROWS: Final = 9
CELLS: Final = COLUMNS * ROWS
_PLACES: Final = (
    ("at the upper left", "at the top", "at the upper right"),
    ("on the left", "in the middle", "on the right"),
    ("at the lower left", "at the bottom", "at the lower right"),
)


def foot_of(box: Box, width: int, height: int) -> tuple[float, float]:
    """Where a box stands: the middle of its lower edge, in shares of a ``width`` by ``height`` picture, 0-1."""
    x, y = box.foot
    return min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)


def cell_of(x: float, y: float) -> int:
    """The cell, row by row from the top left, of a point in shares of the picture."""
    return min(int(y * ROWS), ROWS - 1) * COLUMNS + min(int(x * COLUMNS), COLUMNS - 1)


def around_cell(cell: int, reach: int) -> tuple[slice, slice]:
    """The rows and columns that lie within ``reach`` cells of ``cell``."""
    row, column = divmod(cell, COLUMNS)
    return (
        slice(max(row - reach, 0), min(row + reach, ROWS - 1) + 1),
        slice(max(column - reach, 0), min(column + reach, COLUMNS - 1) + 1),
    )


def cells_apart(one: int, other: int) -> int:
    """How many cells lie from one to the other, the larger of across and down."""
    (row, column), (other_row, other_column) = divmod(one, COLUMNS), divmod(other, COLUMNS)
    return max(abs(row - other_row), abs(column - other_column))


def place_in_words(cell: int) -> str:
    """``at the lower left`` and the like; a ninth of the picture each."""
    row, column = divmod(cell, COLUMNS)
    return _PLACES[row * 3 // ROWS][column * 3 // COLUMNS]
