"""`edgecam bench`: what it costs, measured against its peers in the same run."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from edgecam.cli.options import JsonOption
from edgecam.core.errors import BadInput

_BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def bench(
    name: Annotated[str, typer.Argument(help="What to measure: a file of benchmarks/ without its ending.")],
    as_json: JsonOption = False,
) -> None:
    """Measure, and print each figure beside its aim."""
    result = _measure(name)()
    if as_json:
        typer.echo(json.dumps(result, indent=1))
        return
    table = Table("measure", "value", "aim", "beside", title=f"{name} on {result['machine']['cpu']}")
    for measure in result["measures"]:
        value, unit = measure["value"], measure["unit"]
        sign = ">=" if measure["better"] == "higher" else "<="
        aim = "" if measure["aim"] is None else f"{sign} {measure['aim']}"
        table.add_row(
            measure["name"], "not measured" if value is None else f"{value} {unit}", aim, measure["beside"]
        )
    Console(highlight=False).print(table)


def _measure(name: str) -> Callable[[], dict[str, Any]]:
    known = sorted(path.stem for path in _BENCHMARKS.glob("*.py") if not path.stem.startswith("_"))
    if not known:
        raise BadInput("benchmarks are part of the source checkout, not of an installed camera")
    if name not in known:
        raise BadInput(f"there is no benchmark {name!r}", do=f"use one of {', '.join(known)}")
    measure: Callable[[], dict[str, Any]] = runpy.run_path(str(_BENCHMARKS / f"{name}.py"))["measure"]
    return measure
