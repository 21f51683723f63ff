"""The shapes that the page's TypeScript knows are those that the routes take and answer now."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from page_camera import PageCamera

from edgecam.web.app import create_app

ROOT = Path(__file__).parents[2]
_loader = SourceFileLoader("api_types_script", str(ROOT / "scripts" / "api-types"))
_spec = spec_from_loader(_loader.name, _loader)
assert _spec is not None
script = module_from_spec(_spec)
_loader.exec_module(script)


@pytest.mark.row("W5")
def test_the_shapes_of_the_routes_are_written_down() -> None:
    now = script.api_types(create_app(PageCamera().parts()).openapi())
    assert (ROOT / "web" / "src" / "camera" / "api.d.ts").read_text() == now, "run scripts/api-types"


def test_who_asks_may_leave_out_what_has_a_default_and_who_answers_names_all() -> None:
    fields = {"a": {"type": "integer"}, "b": {"anyOf": [{"type": "string"}, {"type": "null"}]}}
    asked = {"type": "object", "properties": fields, "required": ["a"]}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Asked"}}}}
    document = {
        "paths": {"/x": {"post": {"requestBody": body}}},
        "components": {"schemas": {"Asked": asked, "Told": asked, "Kind": {"enum": ["x", 1]}}},
    }
    written = script.api_types(document)
    assert "Asked: {\n      a: number;\n      b?: string | null;\n    };" in written
    assert "Told: {\n      a: number;\n      b: string | null;\n    };" in written
    assert 'Kind: "x" | 1;' in written


def test_a_shape_without_a_type_is_not_passed_over() -> None:
    document = {"paths": {}, "components": {"schemas": {"Odd": {"type": "file"}}}}
    with pytest.raises(ValueError, match="no type"):
        script.api_types(document)
