"""The areas that KISA draws for its clips, read as zones with the rules that they are drawn for.

Points are pixels of the clip, ``<Point>x,y</Point>`` in ``DetectArea``, ``Intrusion`` or ``Loitering``, wherever in
the file these stand. What is drawn for one kind holds for that kind; ``DetectArea`` holds for every other one.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, fromstring

from edgecam.analysis.rule import RuleBook
from edgecam.analysis.rulebook import read_rules
from edgecam.core.errors import BadInput
from edgecam.core.events import EventKind

_OWN_AREA = {"Intrusion": EventKind.INTRUSION, "Loitering": EventKind.LOITERING}
_ANY_AREA = "DetectArea"
_CERTIFIED = (EventKind.INTRUSION, EventKind.LOITERING, EventKind.ABANDONED_OBJECT, EventKind.FALL)


def kisa_area_rules(data: bytes, size: tuple[int, int]) -> RuleBook:
    """The rules for a clip of ``size`` (width, height) in pixels. Raises: BadInput for bytes that draw no area."""
    try:
        root = fromstring(data)
    except (ParseError, ValueError, LookupError) as broken:
        raise BadInput(
            f"the areas are not XML ({broken})", do="name a map file of KISA, or rules in TOML"
        ) from broken
    areas = {
        name: _polygon(found, size)
        for name in (*_OWN_AREA, _ANY_AREA)
        if (found := root.find(f".//{name}")) is not None
    }
    if not areas:
        raise BadInput("the file draws no area", do=f"it should have {', '.join(_OWN_AREA)} or {_ANY_AREA}")
    rules = [{"kind": str(kind), "zone": name} for name, kind in _OWN_AREA.items() if name in areas]
    for kind in _CERTIFIED if _ANY_AREA in areas else ():
        if not any(rule["kind"] == kind for rule in rules):
            rules.append({"kind": str(kind), "zone": _ANY_AREA})
    zones = [{"name": name, "polygon": polygon} for name, polygon in areas.items()]
    book, wrong = read_rules({"zone": zones, "rule": rules})
    if wrong:
        raise wrong[0]
    return book


def _polygon(area: Element, size: tuple[int, int]) -> list[list[float]]:
    """Shares of the picture; what was drawn past its edge ends there."""
    try:
        told = [[float(value) for value in (point.text or "").split(",")] for point in area.findall("Point")]
        pixels: list[tuple[float, float]] = [(x, y) for x, y in told]
    except ValueError as broken:
        raise BadInput(f"a point of {area.tag} is not x,y in pixels ({broken})", do="mend the areas") from broken
    width, height = size
    return [[min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)] for x, y in pixels]
