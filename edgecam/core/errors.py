"""The few kinds of failure, each the answer to one question a caller asks.

=============  =====================================================  =====================
kind           the caller's question                                  what a caller does
=============  =====================================================  =====================
BadInput       Did somebody give us something we cannot use?          tell them; do not retry
NotAllowed     Is this refused by a rule, key or permission?          tell them; do not retry
Unavailable    Is something we need away for now?                     wait, then try again
DataLoss       Are bytes not what was written?                        skip them, report a fault
MediaFailing   Does the storage medium refuse to work?                fault; go on elsewhere
Bug            Is our own code wrong?                                 stop this part, report
=============  =====================================================  =====================
"""

from __future__ import annotations


class EdgecamError(Exception):
    """One sentence for the user: what happened, what to do, what is safe.

    The base class is never raised itself; raise one of the six kinds.
    """

    def __init__(self, what: str, *, do: str = "", safe: str = "") -> None:
        if type(self) is EdgecamError:
            raise TypeError("raise one of the kinds, not EdgecamError")
        self.what, self.do, self.safe = what, do, safe
        super().__init__(": ".join(part for part in (what, "; ".join(p for p in (do, safe) if p)) if part))


class BadInput(EdgecamError):
    """Settings, a file, an argument or a message that cannot be used as it is.

    ``field`` names the part of a form that is to blame (``masks.0.name``), where one is.
    """

    def __init__(self, what: str, *, do: str = "", safe: str = "", field: str = "") -> None:
        super().__init__(what, do=do, safe=safe)
        self.field = field


class NotAllowed(EdgecamError):
    """A wrong passphrase, a missing permission, a rule that forbids the act."""


class Unavailable(EdgecamError):
    """A camera, broker, port or process that is away for now; worth another try."""


class DataLoss(EdgecamError):
    """Bytes that do not authenticate or do not parse; nothing made of them is trusted."""


class MediaFailing(EdgecamError):
    """The medium refuses reads or writes: I/O error, full, read-only, too small."""


class Bug(EdgecamError):
    """A broken promise inside edgecam itself."""
