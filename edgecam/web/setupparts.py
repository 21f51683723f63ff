"""What the first run needs from the camera: one protocol, and the values that pass through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.sign import SignSize
from edgecam.web.firststeps import SetupStep, StepState

Language = Literal["ja", "ko", "en"]
Policy = Literal["kumagaya", "inzai", "gwangju", "daejeon", "own"]
Updating = Literal["", "unasked", "on", "off"]


@dataclass(frozen=True, slots=True)
class SetupShown:
    """How far this camera is.

    ``owned`` and ``recording``: whether it has an owner, and a ring; ``finished``: whether the first run is over.
    ``source`` is where its light comes from, ``drawn`` whether that is a scene because there is no camera.
    ``clock`` is 0 while the clock was never set, 1 for one that was set once, 2 for one that is kept right.
    ``ring`` is where footage lies, for the recovery kit. ``problems`` are what an image found wrong at its last
    start. ``updating``: whether updates are installed by themselves; empty where no address is set from which they
    come, so that there is nothing to ask.
    """

    camera_id: str
    language: Language
    owned: bool
    recording: bool
    finished: bool
    source: str
    drawn: bool
    clock: int
    ring: str
    steps: Mapping[SetupStep, StepState]
    problems: tuple[str, ...] = ()
    updating: Updating = ""


@dataclass(frozen=True, slots=True)
class RetentionChoice:
    """How long footage is to live, in how large a ring; ``days`` and ``floor_days`` (0: as many) are of ``own``.

    ``size_gib`` 0 is what the camera thinks best.
    """

    policy: Policy
    days: float = 14.0
    floor_days: float = 0.0
    size_gib: float = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One way to film: frames a second, quality, and for how many days the ring has room at it."""

    fps: float
    quality: str
    days: float
    verdict: str


@dataclass(frozen=True, slots=True)
class PlanShown:
    """What a choice comes to.

    ``floor_days`` and ``ceiling_days``: what the policy wants; ``civil``: whether whole days are counted from the
    day after. ``size_gib`` is the ring that is meant, ``most_gib`` the largest that this disk has room for.
    ``present`` is how it films now, ``picked`` how it would to keep the floor; ``None`` when nothing does, and
    then ``what`` and
    ``do`` say so, ``least_gib`` is the smallest ring that would, and ``most_days`` the longest floor that this one
    keeps. ``fixed``: the ring is there, and has its size; ``partition``: there is a partition for it, whole.
    """

    policy: Policy
    floor_days: float
    ceiling_days: float
    civil: bool
    size_gib: float
    most_gib: float
    least_gib: float
    most_days: float
    width: int
    height: int
    present: Kept
    picked: Kept | None
    what: str
    do: str
    fixed: bool
    partition: bool = False


@dataclass(frozen=True, slots=True)
class BrokerChoice:
    """Where the camera tells: ``off``, ``embedded`` (to itself alone) or ``mqtt`` at ``host``.

    ``ca_pem`` is the authority of the broker's certificate, empty for the system's; ``cert_pem`` and ``key_pem``
    are what the camera shows of itself, empty for nothing. Of ``password`` and the three, ``None`` keeps what is
    there; none of them is ever told, only, by `broker`, whether there is a certificate (``has_certificate``).
    """

    kind: Literal["off", "embedded", "mqtt"]
    host: str = ""
    port: int = 0
    tls: bool = False
    username: str = ""
    password: str | None = None
    ca_pem: str | None = None
    home_assistant: bool = False
    cert_pem: str | None = None
    key_pem: str | None = None
    has_certificate: bool = False


@dataclass(frozen=True, slots=True)
class BrokerTried:
    """What a try of the connection came to; ``fault`` is a code, and empty when it worked."""

    reached: bool
    fault: str
    sentence: str


@dataclass(frozen=True, slots=True)
class UpdatesChoice:
    """Whether updates are installed by themselves, and whether one that waits is told; ``None``: as it is."""

    automatic: bool | None = None
    notices: bool | None = None


class SetsUp(Protocol):
    """The camera's side. Callables may block and raise any `EdgecamError`; threads call them, one at a time.

    ``who`` goes into the register. What cannot be used raises BadInput with the ``field`` to blame.
    """

    def owned(self) -> bool:
        """Whether this camera has an owner, so that nobody can set it up by a code; quick."""
        ...

    def shown(self) -> SetupShown: ...

    def check_code(self, code: str) -> None:
        """Raises: NotAllowed for another code than the camera's, and when it has an owner."""
        ...

    def speak(self, language: Language) -> None: ...

    def make_owner(self, recipient: str, locked: bytes, secret: str) -> None:
        """Make whoever knows the passphrase of ``locked`` the owner; ``secret`` is what they will sign in with."""
        ...

    def locked_owner(self) -> bytes:
        """The owner's secret under the passphrase, an age file."""
        ...

    def note(self, step: SetupStep, who: str) -> None:
        """Keep that a step was taken of which nothing else tells."""
        ...

    def notice(self) -> Notice: ...

    def set_notice(self, notice: Notice, who: str) -> None: ...

    def plan(self, choice: RetentionChoice | None) -> PlanShown:
        """What ``choice`` comes to; ``None``: what is set."""
        ...

    def keep(self, choice: RetentionChoice, who: str) -> PlanShown:
        """Set it, and make the ring if there is none. Raises: BadInput when the ring cannot keep it."""
        ...

    def hide_nothing(self, reason: str, who: str) -> None:
        """Put an empty set of masks in force, because ``who`` decided that nothing is to be hidden."""
        ...

    def sign(self, language: Language, size: SignSize) -> bytes:
        """The sign, a PDF."""
        ...

    def broker(self) -> BrokerChoice: ...

    def try_broker(self, choice: BrokerChoice) -> BrokerTried: ...

    def set_broker(self, choice: BrokerChoice, who: str) -> None: ...

    def set_updates(self, choice: UpdatesChoice, who: str) -> None: ...
