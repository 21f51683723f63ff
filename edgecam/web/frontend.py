"""The page's own files, as the front end's build left them in ``static``; without a build, how to make one."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
NOT_BUILT = (
    "The page of this camera has not been built. Recording is not touched.\n"
    "In the folder that edgecam was installed from: run `make page`, which needs Node 20 or newer and npm "
    "(Debian: apt install nodejs npm), then open this address again.\n"
)

mimetypes.add_type("application/manifest+json", ".webmanifest")


def front_end(app: FastAPI, static: Path = STATIC) -> None:
    """Answer ``/``, ``/sw.js`` and ``/static/…`` of ``app`` out of the folder ``static``; open to everybody."""
    index, worker = static / "index.html", static / "sw.js"

    @app.get("/", response_class=FileResponse, include_in_schema=False)
    async def page() -> Response:
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(index)

    # At the root, because a service worker watches over no more than the folder that it comes from.
    @app.get("/sw.js", response_class=FileResponse, include_in_schema=False)
    async def service_worker() -> Response:
        return FileResponse(worker) if worker.is_file() else PlainTextResponse(NOT_BUILT, 503)

    app.mount("/static", _Built(directory=static, check_dir=False), name="static")


class _Built(StaticFiles):
    """Gives the file that the build compressed, to whoever takes it so: the camera need not do it each time."""

    async def check_config(self) -> None:
        """A folder that is not there is one without files."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            _, found = self.lookup_path(f"{path}.gz")
            if found is not None:
                packed = await super().get_response(f"{path}.gz", scope)
                packed.headers["Content-Type"] = mimetypes.guess_type(path)[0] or "application/octet-stream"
                packed.headers["Content-Encoding"] = "gzip"
                packed.headers["Vary"] = "Accept-Encoding"
                return packed
        return await super().get_response(path, scope)
