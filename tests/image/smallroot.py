"""A root file system small enough to read: two Debian packages, one wheel that brought things along, edgecam."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

SHA512 = base64.b64encode(bytes(64)).decode()
STATUS = """\
Package: libtiny1
Status: install ok installed
Source: tiny (1:2.0-1)
Version: 1:2.0-1+b1
Architecture: arm64
Maintainer: Debian Tiny Team <tiny@example.org>
Provides: tiny-abi (= 2)
Description: tiny
 More of it.
SHA256: 11aa0000000000000000000000000000000000000000000000000000000000ff

Package: tool
Status: install ok installed
Version: 0.9~rc1-3
Architecture: all
Depends: libtiny1 (>= 1:2.0) | libbig1, missing
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: tiny

Files: *
Copyright: 2020 Somebody
License: GPL-2+ or Artistic

Files: odd/*
Copyright: 2021 Somebody else
License: Odd
 You may do odd things.
 .
 And even ones.

Files: debian/*
Copyright: 2022 The packager
License: GPL-3+
"""
METADATA = """\
Metadata-Version: 2.4
Name: Some_Wheel
Version: 1.2
License-Expression: BSD-3-Clause
Requires-Dist: other>=1; python_version > "3"
Requires-Dist: unwanted; extra == "more"

Words.
"""
BROUGHT = {
    "bomFormat": "CycloneDX",
    "components": [
        {"name": "some_wheel", "version": "1.2", "purl": "pkg:pypi/some_wheel@1.2?file_name=x.whl"},
        {
            "name": "crate",
            "version": "0.1",
            "purl": "pkg:cargo/crate@0.1",
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
            "hashes": [{"alg": "SHA-256", "content": "22" * 32}],
        },
    ],
}
LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "page"},
        "node_modules/shown": {
            "version": "1.0.0",
            "license": "MIT",
            "integrity": f"sha512-{SHA512}",
            "dependencies": {"@deep/one": "1"},
        },
        "node_modules/@deep/one": {"version": "3.0.0", "license": "ISC"},
        "node_modules/builder": {"version": "2.0.0", "dev": True},
    },
}


def written(path: Path, content: str | bytes) -> Path:
    """``path`` with ``content``, its folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def small_root(folder: Path) -> Path:
    """The root below ``folder``."""
    root = folder / "root"
    written(root / "etc/os-release", "ID=debian\nVERSION_CODENAME=trixie\n")
    written(root / "var/lib/dpkg/status", STATUS)
    written(root / "usr/share/doc/libtiny1/copyright", COPYRIGHT)
    written(root / "usr/share/doc/tool/copyright", "Written by hand; see the GPL.\n")
    packages = root / "usr/local/lib/python3.13/dist-packages"
    wheel = packages / "some_wheel-1.2.dist-info"
    written(wheel / "METADATA", METADATA)
    written(wheel / "licenses/LICENSE", "Do what you like.\n")
    written(wheel / "sboms/x.cyclonedx.json", json.dumps(BROUGHT))
    written(wheel / "RECORD", "some_wheel.libs/libx264-01234567.so.165,sha256=x,3\nsome_wheel/a.py,,\n")
    written(packages / "some_wheel.libs/libx264-01234567.so.165", b"elf")
    other = packages / "other-2.0.dist-info"
    written(other / "METADATA", "Name: other\nVersion: 2.0\nClassifier: License :: OSI Approved :: MIT License\n\n")
    written(other / "RECORD", "")
    own = packages / "edgecam-0.1.0.dist-info"
    written(
        own / "METADATA", "Name: edgecam\nVersion: 0.1.0\nLicense-Expression: Apache-2.0\nRequires-Dist: other\n\n"
    )
    written(own / "RECORD", "")
    written(own / "licenses/NOTICE", "The detector is somebody's.\n")
    written(packages / "edgecam/analysis/eye.tflite", b"weights")
    return root


def small_project(folder: Path) -> Path:
    """The checkout that the page in the root was built from."""
    project = folder / "project"
    written(project / "web/package-lock.json", json.dumps(LOCK))
    written(project / "web/node_modules/shown/LICENSE", "Permission is hereby granted.\n")
    written(project / "NOTICE", "edgecam, by its authors\n")
    return project


def sha256(content: bytes) -> str:
    """In hex."""
    return hashlib.sha256(content).hexdigest()
