"""A walk through all routes of an application."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.routing import APIRoute


def api_routes(found: object) -> Iterator[APIRoute]:
    """Every route below ``found``, however deep routers stand in each other."""
    for route in getattr(found, "routes", ()):
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from api_routes(getattr(route, "original_router", None))
