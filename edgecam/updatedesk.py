"""The hub's side of updates: what it reads of them and tells, and the orders it leaves; it installs nothing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from edgecam.appliance.deferral import standing_until
from edgecam.appliance.release import RELEASE, Release, Version, load_release, running_version
from edgecam.appliance.updatenotes import Attempt, Looked, UpdateNotes
from edgecam.appliance.updateorder import ORDER, UpdateOrder, leave_order, waiting_order
from edgecam.core.clock import NS_PER_S, Clock, Instant
from edgecam.core.durable import identity_of
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.core.status import Fault
from edgecam.core.zone import zone_named
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.settings import Settings, load_settings
from edgecam.web.updateparts import Order, RefusedVersion, UpdatesShown

_LOOK_EVERY_NS: Final = 10 * NS_PER_S
# As long as systemd lets one take.
_LONGEST_INSTALL_NS: Final = 2 * 3600 * NS_PER_S


@dataclass(frozen=True, slots=True)
class UpdatePlaces:
    """Where the image says what it is, what updating remembers, and where orders are left."""

    release: Path = RELEASE
    order: Path = ORDER
    notes: UpdateNotes = field(default_factory=UpdateNotes)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is told between two looks at the notes."""

    at_mono_ns: int
    waiting: str | None
    faults: tuple[Fault, ...]


class UpdateDesk:
    """`UpdateParts` over the notes of one image; any thread may call it. On another machine nothing waits."""

    def __init__(
        self, settings: Settings, path: Path, register: Register, clock: Clock, places: UpdatePlaces | None = None
    ) -> None:
        """``settings`` were read from ``path``; what of them is about updates is followed there."""
        self._settings, self._path, self._read = settings, path, identity_of(path)
        self._register, self._clock, self._places = register, clock, places or UpdatePlaces()
        self._release = _release(self._places.release)
        self._seen: _Seen | None = None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """That an update waits for a person, or was left again; nothing where notices are switched off."""
        return self._look().faults

    @property
    def waiting(self) -> str | None:
        """The newer version that waits, empty for none; ``None`` where nobody looks or nobody wants to be told."""
        return self._look().waiting

    def shown(self) -> UpdatesShown:
        notes, now, chosen = self._places.notes, self._clock.now(), self._followed().update
        looked, refused = notes.looked(), notes.refused()
        waiting = self._found(looked)
        deferral = notes.deferral() if waiting else None
        until_wall_ns = standing_until(deferral, now.wall_ns)
        by_itself = chosen.automatic and waiting and (refused is None or refused.version != waiting)
        attempt = notes.attempt()
        return UpdatesShown(
            version=running_version(self._places.release),
            takes=self._release is not None,
            has_source=bool(chosen.url),
            automatic=chosen.automatic,
            notices=chosen.notices,
            waiting=waiting,
            looked_wall_ns=looked.at_wall_ns if looked else 0,
            problem=looked.problem if looked else "",
            installs_wall_ns=self._next_night(max(until_wall_ns, now.wall_ns)) if by_itself else 0,
            deferred_until_wall_ns=until_wall_ns,
            last_wall_ns=deferral.last_wall_ns if deferral and not deferral.is_forgotten(now.wall_ns) else 0,
            refused=None if refused is None else RefusedVersion(refused.version, refused.why, refused.at_wall_ns),
            failed=self._failed(attempt),
            ordered=waiting_order(self._places.order) or "",
            installing=attempt is not None and _is_under_way(attempt, now),
        )

    def order(self, order: Order, who: str) -> None:
        """Raises: NotAllowed on a machine that takes no updates, or without a source of them; Unavailable,
        MediaFailing.
        """
        if self._release is None:
            raise NotAllowed(
                "this machine does not run the edgecam image", do="update edgecam the way it was installed here"
            )
        if not self._followed().update.url:
            raise NotAllowed("nobody said where updates come from", do="set [update] url, or use a stick")
        told = {"command": "update", "order": order}
        line = self._register.write(Act.COMMAND, who=who, purpose="on the camera's page", detail=told)
        leave_order(UpdateOrder(order), self._places.order)
        self._register.complete(line, told | {"outcome": "ordered"})

    def _look(self) -> _Seen:
        now_ns = self._clock.mono_ns()
        if self._seen is None or now_ns - self._seen.at_mono_ns > _LOOK_EVERY_NS:
            chosen = self._followed().update
            told = self._release is not None and chosen.notices
            looked = self._places.notes.looked() if told and chosen.url else None
            waiting = self._found(looked) if looked else None
            self._seen = _Seen(now_ns, waiting, tuple(self._wrong(waiting or "")) if told else ())
        return self._seen

    def _wrong(self, waiting: str) -> list[Fault]:
        notes, automatic = self._places.notes, self._settings.update.automatic
        refused, failed = notes.refused(), self._failed(notes.attempt())
        found = [] if refused is None else [refused.fault]
        if (
            not waiting
            or standing_until(notes.deferral(), self._clock.now().wall_ns)
            or (refused and refused.version == waiting)
        ):
            return found
        if failed is not None and failed.version in ("", waiting):
            why = f"Version {waiting} waits and could not be installed: {failed.why}"
            return [*found, Fault("update_waits", why if why.endswith(".") else f"{why}.")]
        return found if automatic else [*found, Fault("update_waits", f"Version {waiting} waits to be installed.")]

    def _found(self, looked: Looked | None) -> str:
        """The version that the last look found, while it is newer than what runs."""
        if looked is None or self._release is None or not self._settings.update.url:
            return ""
        try:
            return looked.version if Version.parse(looked.version) > self._release.version else ""
        except BadInput:
            return ""

    def _failed(self, attempt: Attempt | None) -> RefusedVersion | None:
        """The last installing, where it came to nothing and is not about a version that runs by now."""
        if attempt is None or not (attempt.over and attempt.why) or self._release is None:
            return None
        if attempt.version == str(self._release.version):
            return None
        return RefusedVersion(attempt.version, attempt.why, attempt.at_wall_ns)

    def _next_night(self, from_wall_ns: int) -> int:
        """When the hour begins next in which the camera installs by itself; 0 where nobody knows the zone."""
        settings = self._settings
        try:
            local = datetime.fromtimestamp(from_wall_ns // NS_PER_S, zone_named(settings.retention.timezone))
        except (BadInput, ValueError, OverflowError):
            return 0
        night = local.replace(hour=settings.update.hour, minute=0, second=0)
        if night < local:
            night += timedelta(days=1)
        return int(night.timestamp()) * NS_PER_S

    def _followed(self) -> Settings:
        """The settings as they stand; the last ones that could be read."""
        found = identity_of(self._path)
        if found != self._read:
            self._read = found
            with suppress(BadInput):
                self._settings = load_settings(self._path)
        return self._settings


def _release(path: Path) -> Release | None:
    try:
        return load_release(path)
    except (NotAllowed, BadInput):
        return None


def _is_under_way(attempt: Attempt, now: Instant) -> bool:
    if attempt.over or attempt.boot != now.boot_id.hex():
        return False
    return 0 <= now.wall_ns - attempt.at_wall_ns < _LONGEST_INSTALL_NS
