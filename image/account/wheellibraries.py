"""Shared libraries inside wheels that no bill of materials names: which they are, and under which licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from account.component import Component

# Told here because the wheels do not: what each project publishes its library under.
_LICENCES = {
    "libSvtAv1Enc": "BSD-3-Clause",
    "libXau": "MIT",
    "libaom": "BSD-2-Clause",
    "libasound": "LGPL-2.1-or-later",
    "libavif": "BSD-2-Clause",
    "libcrypto": "OpenSSL",
    "libdav1d": "BSD-2-Clause",
    "libdrm": "MIT",
    "libgfortran": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgmp": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libgnutls": "LGPL-2.1-or-later",
    "libhogweed": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libmp3lame": "LGPL-2.0-or-later",
    "libnettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libopenblasp": "BSD-3-Clause",
    "libopencore-amrnb": "Apache-2.0",
    "libopencore-amrwb": "Apache-2.0",
    "libopus": "BSD-3-Clause",
    "libpng16": "libpng-2.0",
    "libquadmath": "LGPL-2.1-or-later",
    "libscipy_openblas64_": "BSD-3-Clause",
    "libsharpyuv": "BSD-3-Clause",
    "libssl": "OpenSSL",
    "libunistring": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libvpl": "MIT",
    "libvpx": "BSD-3-Clause",
    "libwebp": "BSD-3-Clause",
    "libwebpmux": "BSD-3-Clause",
    "libx264": "GPL-2.0-or-later",
    "libx265": "GPL-2.0-or-later",
    "libxcb": "MIT",
    "libxcb-shape": "MIT",
    "libxcb-shm": "MIT",
    "libxcb-xfixes": "MIT",
}
# A wheel's builder puts a hash behind the name, once or, where it took another wheel's library, twice.
_NAMED_ANEW = re.compile(r"(-r\d)?(-[0-9a-f]{8})*(\.[\d.]+)?\.so.*$")
_FFMPEG = re.compile(rb"lib(?:av|sw)[a-z]+ license: (L?GPL) version (\d)(?:\.(\d))? or later")


def wheel_library(path: Path, within: str, name: str) -> Component:
    """The library at ``path``, which its wheel's list calls ``name``; ``within`` is the package's purl."""
    stem = _NAMED_ANEW.sub("", path.name)
    held = path.read_bytes()
    version = re.sub(r"^.*?\.so\.?", "", path.name)
    licence = _LICENCES.get(stem, "") or _ffmpegs(held)
    if licence == "OpenSSL" and not version.startswith("1."):  # relicensed with version 3
        licence = "Apache-2.0"
    digest = hashlib.sha256(held).hexdigest()
    return Component("bundled", stem, version, f"{within}#{name}", licence=licence, sha256=digest)


def _ffmpegs(held: bytes) -> str:
    """FFmpeg's libraries carry the licence that they were configured for, whatever they are linked to."""
    told = _FFMPEG.search(held)
    if told is None:
        return ""
    return f"{told[1].decode()}-{told[2].decode()}.{(told[3] or b'0').decode()}-or-later"
