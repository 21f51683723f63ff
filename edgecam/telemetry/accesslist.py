"""Who may write and read what at the broker, as Mosquitto's access control list."""

from __future__ import annotations

from edgecam.telemetry.enrolment import CHECK_CAMERAS, CHECK_WATCHER, CHECKS_SITE, WATCHERS_SITE, Enrolment, Role

# %u is the name in the certificate, <site>/<camera>, to Mosquitto 2.0. To 2.1 it is one level at most and lets no
# camera in: so each stands here by name too.
_CAMERAS = """\
# Written by edgecam: every change goes through `edgecam broker`.
# A camera writes below its own tree, reads its own commands, and tells Home Assistant of itself alone.
pattern write edgecam/%u/#
pattern read edgecam/%u/cmd/#
pattern write homeassistant/device/%u/config
pattern read homeassistant/status
"""
_CAMERA = (
    "topic write edgecam/{0}/#",
    "topic read edgecam/{0}/cmd/#",
    "topic write homeassistant/device/{0}/config",
)
_READS = ("topic read edgecam/#", "topic read homeassistant/#")
_COMMANDS = ("topic write edgecam/+/+/cmd/#", "topic write homeassistant/status")
# The patterns hold for watchers too; nothing may be called a camera that is none.
_NO_CAMERA = (f"topic deny edgecam/{WATCHERS_SITE}/#", f"topic deny homeassistant/device/{WATCHERS_SITE}/#")
# `edgecam broker check` sees what it does itself, and nothing of real cameras.
_CHECKS = (
    f"topic read edgecam/{CHECKS_SITE}/#",
    f"topic read homeassistant/device/{CHECKS_SITE}/#",
    f"topic write edgecam/{CHECKS_SITE}/+/cmd/#",
)


def access_list(enrolment: Enrolment) -> str:
    """The list for everybody in ``enrolment``.

    Who was revoked is denied everything by name: that reaches connections that are still open.
    """
    blocks = [_CAMERAS, _block(CHECK_WATCHER, *_CHECKS)]
    for name in (*CHECK_CAMERAS, *enrolment.in_role(Role.CAMERA)):
        blocks.append(_block(name, *(line.format(name) for line in _CAMERA)))
    for role, lines in ((Role.WATCHER, (*_NO_CAMERA, *_READS, *_COMMANDS)), (Role.READER, (*_NO_CAMERA, *_READS))):
        blocks += [_block(name, *lines) for name in enrolment.in_role(role)]
    blocks += [_block(name, "topic deny #") for name in enrolment.barred() if name]
    return "\n".join(blocks)


def _block(name: str, *lines: str) -> str:
    return "\n".join((f"user {name}", *lines, ""))
