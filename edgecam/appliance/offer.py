"""What the folder at [update] url offers: ``edgecam-TARGET.json`` there tells a version and a bundle's name.

It is not signed and need not be: it can only name a bundle, and that is. Who forges it can keep an update away, as
who cuts the line can.
"""

from __future__ import annotations

import json
import re
import ssl
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from edgecam.appliance.release import Release, Version
from edgecam.core.errors import BadInput, Unavailable
from edgecam.core.told import text

_MOST_BYTES = 4096
_AT_MOST_S = 20
_BUNDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,120}\.raucb", re.ASCII)


@dataclass(frozen=True, slots=True)
class Offer:
    """A version and the name of its bundle, beside where this was told."""

    version: Version
    bundle: str

    def address(self, url: str) -> str:
        """Where the bundle is, told at ``url``."""
        return f"{url.rstrip('/')}/{quote(self.bundle)}"


def decode_offer(data: bytes) -> Offer:
    """Raises: BadInput for any bytes that are no offer."""
    try:
        told = json.loads(data)
        version, bundle = text(told["version"]), text(told["bundle"])
        if _BUNDLE.fullmatch(bundle) is None:
            raise ValueError(bundle)
    except (ValueError, TypeError, KeyError, RecursionError) as broken:
        raise BadInput("what [update] url leads to is no offer of a version", do="check [update] url") from broken
    return Offer(Version.parse(version), bundle)


class _OnlyHttps(HTTPRedirectHandler):
    """Follows to https alone."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme != "https":
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_offer(url: str, release: Release, context: ssl.SSLContext | None = None) -> Offer:
    """What the folder at ``url`` (https) offers for this board; ``context``: whom to trust, as the system does.

    Raises: BadInput, Unavailable.
    """
    if urlsplit(url).scheme != "https":
        raise BadInput("[update] url is no https address", do="set [update] url")
    place = f"{url.rstrip('/')}/edgecam-{release.target}.json"
    trusted = context or ssl.create_default_context()
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=trusted), _OnlyHttps)
    try:
        with opener.open(place, timeout=_AT_MOST_S) as told:
            data = told.read(_MOST_BYTES + 1)
    except (OSError, HTTPException, ValueError) as away:
        raise Unavailable(f"{place} cannot be fetched ({away})", do="check the network and [update] url") from away
    if len(data) > _MOST_BYTES:
        raise BadInput("what [update] url leads to is no offer of a version", do="check [update] url")
    return decode_offer(data)
