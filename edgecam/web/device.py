"""What a browser says it is, no finer than a person needs to know a session again."""

from __future__ import annotations

from dataclasses import dataclass

# In this order, because most browsers claim to be others too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """Names of makers' products, empty when it is none of those that are known here."""

    browser: str
    system: str


def device_of(user_agent: str) -> Device:
    """The device that sends ``user_agent``; whatever else that says is forgotten."""

    def first(names: tuple[tuple[str, str], ...]) -> str:
        return next((name for sign, name in names if sign in user_agent), "")

    return Device(first(_BROWSERS), first(_SYSTEMS))
