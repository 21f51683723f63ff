"""The pins that filter, lamp and button hang on; the one file that names libgpiod."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Protocol

from edgecam.core.errors import BadInput, Unavailable

_CONSUMER = "edgecam-care"


class Lines(Protocol):
    """Lines of one GPIO chip by number. ``True`` is active: high, or low where a line is inverted.

    Raises: Unavailable from every call when the chip is gone, BadInput for a line that was not asked for.
    """

    def set(self, line: int, active: bool) -> None:
        """Drive an output."""
        ...

    def is_active(self, line: int) -> bool:
        """How an input stands, or how an output is driven."""
        ...

    def close(self) -> None:
        """Let the lines go."""
        ...


class OpensLines(Protocol):
    """Opens the lines of a chip, as `GpioLines` does."""

    def __call__(
        self,
        chip: Path,
        /,
        *,
        outputs: Collection[int],
        inputs: Collection[int] = (),
        inverted: Collection[int] = (),
    ) -> Lines: ...


class GpioLines:
    """The `Lines` of a chip of the kernel's. Outputs begin inactive; inputs are pulled to inactive."""

    def __init__(
        self, chip: Path, *, outputs: Collection[int], inputs: Collection[int] = (), inverted: Collection[int] = ()
    ) -> None:
        """Raises: BadInput without libgpiod or for a line that the chip has not, Unavailable without the chip."""
        try:
            import gpiod
            from gpiod.line import Bias, Direction, Value
        except ImportError as missing:
            raise BadInput("this machine has no libgpiod for Python", do="install python3-libgpiod") from missing
        self._active, self._inactive = Value.ACTIVE, Value.INACTIVE
        self._lines = frozenset(outputs) | frozenset(inputs)
        wanted: dict[Any, Any] = {}
        for line in outputs:
            wanted[line] = gpiod.LineSettings(
                direction=Direction.OUTPUT, output_value=Value.INACTIVE, active_low=line in inverted
            )
        for line in inputs:
            bias = Bias.PULL_UP if line in inverted else Bias.PULL_DOWN
            wanted[line] = gpiod.LineSettings(direction=Direction.INPUT, bias=bias, active_low=line in inverted)
        try:
            self._request = gpiod.request_lines(str(chip), consumer=_CONSUMER, config=wanted)
        except ValueError as refused:
            raise BadInput(
                f"{chip} has no such line ({refused})", do="see `edgecam doctor --hardware`"
            ) from refused
        except OSError as refused:
            raise Unavailable(
                f"the lines {sorted(self._lines)} of {chip} cannot be had ({refused.strerror})",
                do="see that nothing else uses them",
            ) from refused

    def set(self, line: int, active: bool) -> None:
        self._known(line)
        try:
            self._request.set_value(line, self._active if active else self._inactive)
        except OSError as gone:
            raise Unavailable(f"line {line} cannot be set ({gone.strerror})") from gone

    def is_active(self, line: int) -> bool:
        self._known(line)
        try:
            return bool(self._request.get_value(line) == self._active)
        except OSError as gone:
            raise Unavailable(f"line {line} cannot be read ({gone.strerror})") from gone

    def close(self) -> None:
        self._request.release()

    def _known(self, line: int) -> None:
        if line not in self._lines:
            raise BadInput(f"line {line} was not asked for")


def line_names(chip: Path) -> list[tuple[str, str]]:
    """Name and user of each line of ``chip``, empty where it has none. Raises: Unavailable, BadInput."""
    try:
        import gpiod
    except ImportError as missing:
        raise BadInput("this machine has no libgpiod for Python", do="install python3-libgpiod") from missing
    try:
        with gpiod.Chip(str(chip)) as opened:
            told = [opened.get_line_info(line) for line in range(opened.get_info().num_lines)]
    except OSError as gone:
        raise Unavailable(f"{chip} does not open ({gone.strerror})") from gone
    return [(str(info.name or ""), str(info.consumer or "")) for info in told]
