"""The account that a broker runs as: it may read what it is served, and write its own data alone."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.errors import BadInput, MediaFailing, NotAllowed


@dataclass(frozen=True, slots=True)
class Account:
    """An account by ``name``; ``group`` is ``None`` when it is ours, and permissions are for us alone."""

    name: str
    group: str | None

    @classmethod
    def named(cls, name: str) -> Account:
        """Raises: BadInput when there is no such account, NotAllowed when we may give it nothing."""
        try:
            entry = pwd.getpwnam(name)
        except KeyError as missing:
            raise BadInput(
                f"there is no account {name!r}", do="install mosquitto, or name another: --user"
            ) from missing
        if entry.pw_uid == os.geteuid():
            return cls(name, None)
        if os.geteuid() != 0:
            raise NotAllowed(
                f"only root can give files to {name}", do="run it with sudo", safe="nothing was changed"
            )
        return cls(name, grp.getgrgid(entry.pw_gid).gr_name)

    @classmethod
    def usual(cls) -> Account:
        """Debian's ``mosquitto`` when root asks and there is one, else our own."""
        own = pwd.getpwuid(os.geteuid()).pw_name
        try:
            return cls.named("mosquitto" if os.geteuid() == 0 else own)
        except BadInput:
            return cls(own, None)

    @property
    def file_mode(self) -> int:
        """The mode of a file that it may read and not change."""
        return 0o640 if self.group else 0o600

    def let_pass(self, folder: Path) -> None:
        """It may go through ``folder``, not list it."""
        self._give(folder, 0o710 if self.group else 0o700)

    def let_read(self, path: Path) -> None:
        """It may read ``path``, a file or a folder, and not change it."""
        # What is made in the folder later belongs to its group from the first moment on.
        folder_mode = 0o2750 if self.group else 0o700
        self._give(path, folder_mode if path.is_dir() else self.file_mode)

    def own(self, folder: Path) -> None:
        """``folder`` is its own, and nobody else's."""
        self._give(folder, 0o700, user=self.name)

    def _give(self, path: Path, mode: int, user: str | None = None) -> None:
        try:
            if self.group is not None:
                shutil.chown(path, user, self.group)
            path.chmod(mode)
        except OSError as refused:
            raise MediaFailing(
                f"the permissions of {path} could not be set ({refused.strerror})",
                do="choose a file system that keeps permissions",
            ) from refused
