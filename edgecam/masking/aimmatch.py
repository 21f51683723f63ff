"""How a field lies on a reference field: whether it is where it was, and if not, by which similarity it is off.

The field is divided into cells of 12 pixels. Each cell of the reference is looked for within 8 pixels (5 % of the
width) around its place, by correlation in the frequency domain with its spectrum levelled (a tempered phase
correlation: long straight edges, which match all along themselves, count little, corners count much). What comes
out is a *surface* for each cell: likeness over shift. Surfaces of cells that saw the scene agree, those of lorries,
leaves and people do not: sums of surfaces have a peak where the view lies now, over a floor of chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.masking.aimfield import C64, F32

_CORE: Final = 12
REACH: Final = 8
_SPAN: Final = _CORE + 2 * REACH
_SIDE: Final = 2 * REACH + 1
# Of a cell's area in full-strength edges: less is no structure, and what keeps two empty cells from being alike.
_LEAST_EDGES: Final = 0.02 * _CORE**2
_LEVELLED: Final = 0.3
_HERE, _AWAY = 1.5, 3.0
_NEARLY_NOWHERE: Final = 0.03
_REGIONS: Final = (4, 3)
_LEAST_PEAK: Final = 1.0
_SAME: Final = 1.0
_LEAST_ERROR: Final = 0.3
_CERTAIN_SIGMAS: Final = 1.5
# How much better moved cells must lie where a similarity takes them than at home, in standard errors: when three
# regions agree on it, or four of which one alone moved, and otherwise. Chance, or the side of a lorry, has 2.4 and
# 1.2 at the most.
_GAIN_OF_FEW: Final = 3.0
_GAIN_OF_MORE: Final = 1.5
_MOVED_PIXELS: Final = 1.0
# Pixels: how firmly a similarity holds on to "not turned, not enlarged", against regions that far from each other.
_UNTURNED: Final = 25.0

_DOWN, _RIGHT = np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1]
_DISTANCE = np.hypot(_DOWN, _RIGHT).ravel()
_AT = np.column_stack([_RIGHT.ravel(), _DOWN.ravel()])
_FAR_FROM = np.hypot(*np.moveaxis(_AT[:, None] - _AT[None], 2, 0)) > _AWAY
_HOME, _FAR_FROM_HOME = np.flatnonzero(_DISTANCE <= _HERE), _DISTANCE > _AWAY


@dataclass(frozen=True, slots=True)
class Similarity:
    """Where the scene went in the picture: shift of the picture's centre as shares of its *width*, then turned
    clockwise by ``roll_deg`` degrees and enlarged ``zoom`` times around that centre."""

    dx: float
    dy: float
    roll_deg: float
    zoom: float


@dataclass(frozen=True, slots=True)
class Match:
    """``home``: how far the peak at home stands above everything else, in standard deviations of the floor;
    ``stayed``: the share of cells that lie better there than nearly anywhere away from it, each for itself.
    ``structure``: edges where the reference has some, 1 is as many as in the reference. ``off``: the similarity
    that regions of the picture agree on, if enough do; ``off_most`` the farthest it moves any point of the picture,
    as a share of the width, and ``off_least`` how far at the least it is certain to be there; ``agreeing`` how many
    regions follow it, ``at_home`` how many are where they were."""

    home: float
    stayed: float
    structure: float
    off: Similarity | None
    off_most: float
    off_least: float
    agreeing: int
    at_home: int


class AimMatch:
    """Compares fields with one reference field. Memory is fixed; used by one thread."""

    def __init__(self, reference: C64) -> None:
        height, width = reference.shape
        self._rows, self._columns = (height - 2) // _CORE, (width - 2) // _CORE
        self._top, self._left = (height - self._rows * _CORE) // 2, (width - self._columns * _CORE) // 2
        cores = self._windows(reference, _CORE).reshape(-1, _CORE, _CORE)
        edges = (np.abs(cores) ** 2).sum((1, 2))
        self._used = np.flatnonzero(edges > _LEAST_EDGES)
        self._edges: F32 = edges[self._used].astype(np.float32)
        self._spectra = self._levelled(np.asarray(cores[self._used], np.complex64))
        self._weights: F32 = np.sqrt(self._edges)
        self._padded = np.zeros((height + 2 * REACH, width + 2 * REACH), np.complex64)
        self._power = np.zeros((height + 2 * REACH, width + 2 * REACH), np.float32)
        self._cells = np.empty((len(self._used), _SPAN, _SPAN), np.complex64)
        self._size = (width, height)
        self._places = self._cell_places()
        self._centres, self._region_weights = self._divide()

    @property
    def used(self) -> int:
        """How many cells have structure."""
        return len(self._used)

    def compare(self, field: C64) -> Match:
        """How ``field`` lies on the reference."""
        surfaces, energy = self._surfaces(field)
        structure = float(energy.sum() / max(float(self._edges.sum()), 1e-6))
        whole = self._weights @ surfaces
        far = whole[_FAR_FROM_HOME]
        here = _HOME[int(whole[_HOME].argmax())]
        home = float((whole[here] - far.max()) / max(float(far.std()), 1e-9))
        better = (surfaces[:, _FAR_FROM_HOME] >= surfaces[:, here, None]).mean(1) < _NEARLY_NOWHERE
        votes, certain = self._votes(surfaces)
        at_home = int((certain & (np.hypot(*votes.T) < _HERE)).sum())
        off, most, least, agreeing = self._agree(votes, certain, at_home, surfaces)
        return Match(home, float(better.mean()), structure, off, most, least, agreeing, at_home)

    def _windows(self, field: NDArray[np.generic], span: int) -> NDArray[np.generic]:
        """Views of ``field`` (padded by the reach when the span is longer than the core), one for each cell."""
        all_windows = np.lib.stride_tricks.sliding_window_view(field, (span, span))
        rows = slice(self._top, self._top + self._rows * _CORE, _CORE)
        return all_windows[rows, self._left : self._left + self._columns * _CORE : _CORE]

    def _levelled(self, cores: NDArray[np.complex64]) -> NDArray[np.complex64]:
        cells = np.zeros((len(cores), _SPAN, _SPAN), np.complex64)
        cells[:, REACH:-REACH, REACH:-REACH] = cores
        spectra = np.conj(np.fft.fft2(cells))
        strength = np.abs(spectra)
        usual = strength.mean((1, 2), keepdims=True)
        return np.asarray(spectra / (strength + _LEVELLED * usual + 1e-3) * usual, np.complex64)

    def _surfaces(self, field: C64) -> tuple[F32, F32]:
        """Likeness over shift, ``(cells, 17 * 17)``, and each cell's edges now."""
        inner = self._padded[REACH:-REACH, REACH:-REACH]
        np.copyto(inner, field)
        np.take(self._windows(self._padded, _SPAN).reshape(-1, _SPAN, _SPAN), self._used, axis=0, out=self._cells)
        spectra = np.fft.fft2(self._cells, out=cast(Any, self._cells))
        spectra *= self._spectra
        shifted = np.fft.ifft2(spectra, out=cast(Any, self._cells)).real
        half = np.fft.fftshift(shifted, axes=(1, 2))[:, _SPAN // 2 - REACH :, _SPAN // 2 - REACH :]
        likeness = half[:, :_SIDE, :_SIDE].reshape(-1, _SIDE * _SIDE)
        square = field.real**2 + field.imag**2
        self._power[REACH:-REACH, REACH:-REACH] = cv2.boxFilter(
            square, -1, (_CORE, _CORE), normalize=False, borderType=cv2.BORDER_CONSTANT
        )
        energy = self._energies()
        home_energy = energy[:, _SIDE * _SIDE // 2]
        level = np.sqrt((self._edges[:, None] + np.float32(_LEAST_EDGES)) * (energy + np.float32(_LEAST_EDGES)))
        return np.asarray(likeness / level, np.float32), home_energy

    def _energies(self) -> F32:
        """The edges under each cell at each shift, ``(cells, 17 * 17)``."""
        middle = _CORE // 2
        all_windows = np.lib.stride_tricks.sliding_window_view(self._power, (_SIDE, _SIDE))
        rows = slice(self._top + middle, self._top + middle + self._rows * _CORE, _CORE)
        columns = slice(self._left + middle, self._left + middle + self._columns * _CORE, _CORE)
        return np.asarray(all_windows[rows, columns].reshape(-1, _SIDE * _SIDE)[self._used], np.float32)

    def _cell_places(self) -> NDArray[np.float64]:
        """Each used cell's centre from the picture's centre, pixels, ``(cells, 2)`` as x, y."""
        rows, columns = np.divmod(self._used, self._columns)
        x = self._left + (columns + 0.5) * _CORE - self._size[0] / 2
        y = self._top + (rows + 0.5) * _CORE - self._size[1] / 2
        return np.column_stack([x, y])

    def _divide(self) -> tuple[NDArray[np.float64], F32]:
        """Overlapping regions: the centre of each one's structure, and each cell's weight in it."""
        across, down = _REGIONS
        x, y = (self._places / np.array(self._size) + 0.5).T
        weights = []
        for row in range(down):
            for column in range(across):
                inside = (np.abs(x - (column + 0.5) / across) < 0.7 / across) & (
                    np.abs(y - (row + 0.5) / down) < 0.7 / down
                )
                weights.append(inside * self._weights)
        table = np.asarray(weights, np.float32)
        table = table[(table > 0).sum(1) >= 3]
        centres = (table @ self._places) / np.maximum(table.sum(1, keepdims=True), 1e-9)
        return centres, table

    def _votes(self, surfaces: F32) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Where each region lies, pixels ``(regions, 2)`` as x, y to a fraction, and whether it is certain."""
        sums = self._region_weights @ surfaces
        best = sums.argmax(1)
        y, x = np.divmod(best, _SIDE)
        floor = _FAR_FROM[best]
        count = floor.sum(1)
        mean = (sums * floor).sum(1) / count
        spread = np.sqrt(np.maximum((sums * sums * floor).sum(1) / count - mean**2, 1e-12))
        next_best = np.where(floor, sums, -np.inf).max(1, initial=-np.inf)
        inside = (x > 0) & (x < _SIDE - 1) & (y > 0) & (y < _SIDE - 1)
        votes = np.column_stack([x - REACH, y - REACH]).astype(np.float64)
        for axis, step in ((0, 1), (1, _SIDE)):
            votes[inside, axis] += _peak(sums, np.flatnonzero(inside), best[inside], step)
        return votes, ((sums.max(1, initial=-np.inf) - next_best) / spread > _LEAST_PEAK) & inside

    def _agree(
        self, votes: NDArray[np.float64], certain: NDArray[np.bool_], at_home: int, surfaces: F32
    ) -> tuple[Similarity | None, float, float, int]:
        """The similarity that most certain regions follow, its farthest and least shift, and their number."""
        places, moves = self._centres[certain], votes[certain]
        if len(places) < 3:
            return None, 0.0, 0.0, 0
        x, y = places.T
        ones, zeros = np.ones_like(x), np.zeros_like(x)
        # u = dx + a x - b y, v = dy + b x + a y
        design = np.concatenate([np.column_stack([ones, zeros, x, -y]), np.column_stack([zeros, ones, y, x])])
        steady = np.diag([0.0, 0.0, _UNTURNED, _UNTURNED])
        weights = np.ones(len(x))
        error = np.zeros(len(x))
        answer, information = np.zeros(4), np.eye(4)
        targets = np.concatenate([moves[:, 0], moves[:, 1]])
        for _ in range(6):
            both = np.concatenate([weights, weights])
            information = (design.T * both) @ design + steady @ steady + 1e-6 * np.eye(4)
            answer = np.linalg.solve(information, (design.T * both) @ targets)
            error = np.hypot(*(design @ answer - targets).reshape(2, -1))
            weights = 1 / (1 + (error / _SAME) ** 4)
        agreeing = int((error < _SAME).sum())
        few = agreeing == 3 or (agreeing == 4 and at_home >= 3)
        if agreeing < 3 or self._gain(surfaces, answer) < (_GAIN_OF_FEW if few else _GAIN_OF_MORE):
            return None, 0.0, 0.0, agreeing
        # How far the regions' errors let the corners be off: little where regions lie all around, much where they
        # lie on one side only.
        sigma = max(_LEAST_ERROR, float(np.sqrt((weights * error**2).sum() / max(2 * agreeing - 4, 1))))
        return *self._similarity(answer, np.asarray(sigma**2 * np.linalg.inv(information), np.float64)), agreeing

    def _gain(self, surfaces: F32, answer: NDArray[np.float64]) -> float:
        """How much better the cells that ``answer`` moves lie there than at home, in standard errors of the sum.

        Regions overlap and are few: where something hides part of the view, chance lets some agree. The cells
        between them, which still show the scene at home, then speak against it.
        """
        dx, dy, grow, turn = answer
        x, y = self._places.T
        right, down = dx + grow * x - turn * y, dy + turn * x + grow * y
        moved = np.flatnonzero(np.hypot(right, down) > _MOVED_PIXELS)
        if not len(moved):
            return float("inf")  # nothing moved, so nothing speaks against it
        to_right, to_down = (np.rint(way[moved]).astype(int).clip(-REACH, REACH) for way in (right, down))
        there = surfaces[moved, (to_down + REACH) * _SIDE + to_right + REACH]
        gains = (there - surfaces[moved, _SIDE * _SIDE // 2]) * self._weights[moved]
        return float(gains.sum() / max(float(np.sqrt((gains * gains).sum())), 1e-9))

    def _similarity(
        self, answer: NDArray[np.float64], spread: NDArray[np.float64]
    ) -> tuple[Similarity, float, float]:
        """The similarity, how far it moves the corner it moves most, and at the least; shares of the width."""
        dx, dy, grow, turn = (float(value) for value in answer)
        width, height = self._size
        most = least = 0.0
        for x, y in np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]]) * (width / 2, height / 2):
            rows = np.array([[1.0, 0.0, x, -y], [0.0, 1.0, y, x]])
            far = float(np.hypot(*(rows @ answer)))
            error = float(np.sqrt(np.trace(rows @ spread @ rows.T) / 2))
            most, least = max(most, far), max(least, far - _CERTAIN_SIGMAS * error)
        zoom = float(np.hypot(1 + grow, turn))
        roll_deg = float(np.degrees(np.arctan2(turn, 1 + grow)))
        return Similarity(dx / width, dy / width, roll_deg, zoom), most / width, least / width


def _peak(sums: F32, rows: NDArray[np.intp], at: NDArray[np.intp], step: int) -> NDArray[np.float64]:
    """The top of the parabola through three samples, -0.5 to 0.5 from the middle one."""
    before, top, after = sums[rows, at - step], sums[rows, at], sums[rows, at + step]
    bend = before - 2 * top + after
    return np.clip(np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, -1), 0), -0.5, 0.5)
