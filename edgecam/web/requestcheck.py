"""What a request must look like before any route sees it: its name, origin, size, path and range. Pure."""

from __future__ import annotations

import re
from collections.abc import Container

from starlette.datastructures import Headers

from edgecam.core.errors import BadInput, NotAllowed

# What most forms need, and the few that need more.
MAX_BODY_BYTES = 4096
_LARGER_BODIES = {
    "/api/masks/": 262_144,
    "/api/rules": 262_144,
    "/api/setup/": 65_536,
    "/api/passkeys": 65_536,
    "/api/owner-key": 65_536,
    "/api/cases/": 524_288,
}
_MOST_HEADERS = 64
_MOST_TARGET_BYTES = 2048
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z.-]+)(?::\d{1,5})?", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{1,15})?-(\d{1,15})?", re.ASCII)
# No dot segment, no second spelling of a slash, no backslash, nothing that is not printable.
_PATH = re.compile(rb"/(?:(?!%2[ef]|%5c|%[01][0-9a-f]|%7f|%(?![0-9a-f]{2}))[!-\[\]-~])*", re.IGNORECASE)
_READING = ("GET", "HEAD")


def host_name(host: str) -> str:
    """The name in a ``Host`` header, without its port, in lower case; empty when it is none."""
    match = _HOST.fullmatch(host.lower())
    return match[1] if match else ""


def check_request(method: str, target: bytes, headers: Headers, names: Container[str]) -> None:
    """Raises: NotAllowed for a request that no page of the camera sends, BadInput for one that cannot be used.

    ``target`` is path and query as they were sent; ``names`` are those under which the camera is reached.
    """
    host = headers.get("host", "").lower()
    if host_name(host) not in names:
        raise NotAllowed("this name does not belong to the camera", do="open the page by its own address")
    path = target.partition(b"?")[0]
    _check_target(target, path)
    if len(headers.raw) > _MOST_HEADERS:
        raise BadInput(f"a request has {_MOST_HEADERS} header lines at most")
    _check_site(method, path, headers)
    if method not in _READING:
        _check_body(host, path.decode("ascii"), headers)
    asked = headers.get("range")
    if asked is not None and not _is_one_range(asked):
        raise BadInput("this is not one range of bytes", do="ask for one range, or for the whole")


def largest_body(path: str) -> int:
    """The bytes that a request to ``path`` may bring."""
    return next((size for begin, size in _LARGER_BODIES.items() if path.startswith(begin)), MAX_BODY_BYTES)


def _check_target(target: bytes, path: bytes) -> None:
    if len(target) > _MOST_TARGET_BYTES:
        raise BadInput(f"an address has {_MOST_TARGET_BYTES} characters at most")
    dotted = any(segment in (b".", b"..") for segment in path.split(b"/"))
    if _PATH.fullmatch(path) is None or dotted or b"//" in path:
        raise BadInput("the page has nothing at such an address")


def _check_site(method: str, path: bytes, headers: Headers) -> None:
    """Browsers say where a request comes from (Fetch Metadata); a link from elsewhere may open the page itself."""
    site = headers.get("sec-fetch-site")
    if site is None or site in ("same-origin", "none"):
        return
    follows_link = (
        method in _READING
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
        and not path.startswith(b"/api/")
    )
    if not follows_link:
        raise NotAllowed("this request comes from another site", do="use the camera's own page")


def _check_body(host: str, path: str, headers: Headers) -> None:
    if headers.get("origin", "").lower() not in (f"http://{host}", f"https://{host}"):
        raise NotAllowed("this request does not come from the camera's own page", do="use the page itself")
    # Without either header there is no body (RFC 9112, 6.3).
    length, largest = headers.get("content-length", "0"), largest_body(path)
    stated = length.isascii() and length.isdecimal() and len(length) <= 9 and "transfer-encoding" not in headers
    if not stated or int(length) > largest:
        raise BadInput(f"a request needs a stated length of at most {largest} bytes")


def _is_one_range(asked: str) -> bool:
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match[0] == "bytes=-":
        return False
    return match[1] is None or match[2] is None or int(match[1]) <= int(match[2])
