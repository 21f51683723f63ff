"""Where this camera keeps what: durable things in the state folder, passing things in RAM."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.durable import is_handed_on
from edgecam.core.errors import BadInput
from edgecam.core.ramfolder import require_ram
from edgecam.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths of one camera."""

    settings: Path
    state_dir: Path
    run_dir: Path
    ring: Path
    masks: Path

    @property
    def camera_key(self) -> Path:
        return self.state_dir / "camera.key"

    @property
    def recipients(self) -> Path:
        return self.state_dir / "owner.recipients"

    @property
    def sealed_to(self) -> Path:
        return self.state_dir / "sealed-to.json"

    @property
    def locked_owner(self) -> Path:
        return self.state_dir / "owner.age"

    @property
    def first_run(self) -> Path:
        return self.state_dir / "first-run.json"

    @property
    def first_start(self) -> Path:
        """What an image found wrong at its last start."""
        return self.state_dir / "first-start.json"

    @property
    def setup_code(self) -> Path:
        return self.state_dir / "setup-code.txt"

    @property
    def page_authority(self) -> Path:
        return self.state_dir / "page-authority.pem"

    @property
    def page_certificate(self) -> Path:
        return self.state_dir / "page-certificate.pem"

    @property
    def broker_password(self) -> Path:
        return self.state_dir / "broker.password"

    @property
    def broker_authority(self) -> Path:
        return self.state_dir / "broker.ca.pem"

    @property
    def broker_certificate(self) -> Path:
        return self.state_dir / "broker.own.pem"

    @property
    def trial_password(self) -> Path:
        return self.run_dir / "trial.password"

    @property
    def trial_authority(self) -> Path:
        return self.run_dir / "trial.ca.pem"

    @property
    def trial_certificate(self) -> Path:
        return self.run_dir / "trial.own.pem"

    @property
    def accounts(self) -> Path:
        return self.state_dir / "accounts.json"

    @property
    def outbox(self) -> Path:
        return self.state_dir / "outbox.sqlite"

    @property
    def register(self) -> Path:
        return self.state_dir / "register.jsonl"

    @property
    def cases(self) -> Path:
        return self.state_dir / "cases"

    @property
    def disclosed(self) -> Path:
        return self.state_dir / "disclosed"

    @property
    def identities(self) -> Path:
        return self.state_dir / "identities"

    @property
    def standards(self) -> Path:
        return self.state_dir / "standards"

    @property
    def album(self) -> Path:
        return self.state_dir / "album.edgecam"

    @property
    def events(self) -> Path:
        return self.state_dir / "events"

    @property
    def bad_places(self) -> Path:
        return self.state_dir / "bad-places.json"

    @property
    def holds(self) -> Path:
        return self.state_dir / "holds"

    @property
    def habits(self) -> Path:
        return self.state_dir / "habits.bin"

    @property
    def statistics(self) -> Path:
        return self.state_dir / "statistics"

    @property
    def home_assistant(self) -> Path:
        return self.state_dir / "home-assistant.json"

    @property
    def version_mark(self) -> Path:
        return self.state_dir / "version.json"

    @property
    def snapshots_told(self) -> Path:
        return self.state_dir / "snapshots.json"

    @property
    def stop_note(self) -> Path:
        return self.state_dir / "stopped.json"

    @property
    def command_keys(self) -> Path:
        return self.state_dir / "command-keys.json"

    @property
    def commands_seen(self) -> Path:
        return self.state_dir / "commands-seen.json"

    @property
    def privacy(self) -> Path:
        return self.state_dir / "private.json"

    @property
    def rules(self) -> Path:
        return self.state_dir / "rules.toml"

    @property
    def silences(self) -> Path:
        return self.state_dir / "silences.json"

    @property
    def small_frames(self) -> Path:
        return self.run_dir / "small.frames"

    @property
    def unmasked(self) -> Path:
        """A folder of its own, so that it may be for recorder and hub alone where the parts are several users."""
        return self.run_dir / "unmasked"

    @property
    def unmasked_permit(self) -> Path:
        return self.unmasked / "unmasked.permit"

    @property
    def unmasked_frames(self) -> Path:
        return self.unmasked / "unmasked.frames"

    @property
    def doorbell(self) -> Path:
        return self.run_dir / "hub.sock"

    @property
    def light_switch(self) -> Path:
        """What the camera is about to do to its light."""
        return self.run_dir / "daynight.json"

    @property
    def heat(self) -> Path:
        """That the board is too hot for all that it could do."""
        return self.run_dir / "heat.json"

    @property
    def recent_events(self) -> Path:
        return self.run_dir / "events.jsonl"

    @property
    def agent_lock(self) -> Path:
        return self.run_dir / "agent.lock"

    def restart_of(self, part: str) -> Path:
        """The order to restart a part, by command."""
        return self.run_dir / f"{part}.restart"

    def renewal_of(self, part: str) -> Path:
        """The order to restart a part because its settings were changed on the page."""
        return self.run_dir / f"{part}.renewal"

    def starts_of(self, part: str) -> Path:
        """How often a part was started, where it counts that itself."""
        return self.run_dir / f"{part}.starts"

    def status_of(self, part: str) -> Path:
        return self.run_dir / f"{part}.json"


def find_places(path: Path) -> tuple[Settings, Places]:
    """The settings at ``path`` and the places they name. Raises: BadInput."""
    path = path.absolute()
    settings = load_settings(path)
    state_dir = _inside(path.parent, settings.paths.state_dir)
    run_dir = Path(settings.paths.run_dir) if settings.paths.run_dir else _run_dir_for(state_dir)
    return settings, Places(
        settings=path,
        state_dir=state_dir,
        run_dir=run_dir,
        ring=_inside(state_dir, settings.ring.path),
        masks=_inside(state_dir, settings.masking.file),
    )


def read_locked_owner(places: Places) -> bytes:
    """The owner's key under their passphrase. Raises: BadInput when the file is not there or cannot be read."""
    try:
        return places.locked_owner.read_bytes()
    except OSError as missing:
        raise BadInput("the owner's key file cannot be read", do="restore it from your backup") from missing


def prepare_run_dir(places: Places) -> None:
    """Make the passing folder, for this user only, where nobody has made one for all users that the parts are.

    Raises: BadInput when it is not in RAM or not ours.
    """
    try:
        places.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = places.run_dir.stat()
        if found.st_uid != os.getuid() and not _is_shared_with_us(found):
            raise BadInput(f"{places.run_dir} belongs to another user", do="set paths.run_dir")
        places.unmasked.mkdir(mode=0o700, exist_ok=True)
    except OSError as refused:
        raise BadInput(f"{places.run_dir} cannot be made ({refused.strerror})", do="set paths.run_dir") from refused
    require_ram(places.run_dir)


def _is_shared_with_us(folder: os.stat_result) -> bool:
    """Whether it is closed to the world, and open to a group that this process is in."""
    closed = not folder.st_mode & stat.S_IRWXO
    return closed and is_handed_on(folder.st_mode) and folder.st_gid in (os.getegid(), *os.getgroups())


def _inside(folder: Path, name: str) -> Path:
    return (folder / Path(name).expanduser()).absolute()


def _run_dir_for(state_dir: Path) -> Path:
    # The state folder's inode, so that every copy of the agent has its own and finds it again.
    try:
        number = state_dir.stat().st_ino
    except OSError:
        number = 0
    return Path(f"/dev/shm/edgecam-{os.getuid()}-{number:x}")
