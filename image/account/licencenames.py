"""What Debian and Python call licences, as SPDX expressions; what has no name there gets a LicenseRef."""

from __future__ import annotations

import re

# fmt: off
_IDENTIFIERS = (
    "0BSD", "AFL-2.1", "AGPL-3.0-only", "Apache-2.0", "Artistic-1.0-Perl", "Artistic-2.0", "Beerware",
    "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Attribution", "BSD-4-Clause",
    "BSD-4-Clause-UC", "BSL-1.0", "bzip2-1.0.6", "CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0",
    "CC-BY-SA-4.0", "curl", "FSFAP", "FSFUL", "FSFULLR", "FTL", "HPND", "ISC", "Latex2e", "Libpng", "MIT",
    "MIT-0", "MIT-CMU", "MPL-1.1", "MPL-2.0", "NTP", "OFL-1.1", "OLDAP-2.8", "OpenSSL", "PSF-2.0", "Python-2.0",
    "Sleepycat", "SunPro", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "W3C", "X11", "Zlib",
)
# fmt: on
_KNOWN = {name.lower(): name for name in _IDENTIFIERS} | {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "artistic": "Artistic-1.0-Perl",
    "boost-1.0": "BSL-1.0",
    "expat": "MIT",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "libpng": "Libpng",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "openldap-2.8": "OLDAP-2.8",
    "psf-2": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}
_EXCEPTIONS = {
    "bison": "Bison-exception-2.2",
    "libtool": "Libtool-exception",
    "linux-syscall-note": "Linux-syscall-note",
}
_GNU = re.compile(
    r"(?P<family>AGPL|LGPL|GPL)-(?P<major>[1-3])(\.(?P<minor>\d))?(-only)?(?P<later>\+|-or-later)?", re.I
)
_FREE_TEXT = re.compile(r"GFDL-NIV-(?P<version>1\.\d)(?P<later>\+)?")
_ATOM = re.compile(r"[A-Za-z0-9.+-]+")


def reference(name: str) -> str:
    """The LicenseRef of a licence that SPDX does not list."""
    return "LicenseRef-" + (re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-") or "unnamed")


def identifier(name: str) -> str:
    """One licence ``name`` (no "and", no "or") as SPDX has it."""
    name = " ".join(name.split())
    licence, exception = re.match(r"(.*?)(?: with (.*))?$", name, re.I).groups()  # type: ignore[union-attr]
    if exception is not None:
        known = _EXCEPTIONS.get(re.sub(r"[ -]exception.*$", "", exception, flags=re.I).lower())
        return f"{identifier(licence)} WITH {known}" if known else reference(name)
    if told := _GNU.fullmatch(name):
        later = "or-later" if told["later"] else "only"
        return f"{told['family'].upper()}-{told['major']}.{told['minor'] or 0}-{later}"
    if told := _FREE_TEXT.fullmatch(name):
        return f"GFDL-{told['version']}-no-invariants-{'or-later' if told['later'] else 'only'}"
    return _KNOWN.get(name.lower()) or reference(name)


def expression(told: str) -> str:
    """Debian's ``License:`` line as an SPDX expression; what a comma parts is bound less than what "or" parts."""
    parts = re.split(r"\s*,\s*(and|or)\s+", " ".join(told.split()), flags=re.I)
    groups = [_group(part) if index % 2 == 0 else part.upper() for index, part in enumerate(parts)]
    if len(groups) > 1:
        groups = [f"({part})" if index % 2 == 0 and " OR " in part else part for index, part in enumerate(groups)]
    return " ".join(groups)


def _group(told: str) -> str:
    words = re.split(r"\s+(and/or|and|or)\s+", told.replace(",", " "), flags=re.I)
    operators = {"and/or": "OR"}
    named = [
        identifier(word) if index % 2 == 0 else operators.get(word.lower(), word.upper())
        for index, word in enumerate(words)
    ]
    return " ".join(named)


def all_of(expressions: set[str]) -> str:
    """One expression for what is under every one of ``expressions``."""
    return " AND ".join(
        f"({one})" if " OR " in one and len(expressions) > 1 else one for one in sorted(expressions)
    )


def references(told: str) -> list[str]:
    """The LicenseRefs in an expression."""
    return [atom for atom in _ATOM.findall(told) if atom.startswith("LicenseRef-")]
