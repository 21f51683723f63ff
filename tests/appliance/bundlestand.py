"""Real bundles: keys by ``image/keys``, two small file systems, ``image/bundle`` and the program rauc."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edgecam.appliance.rauc import RaucCommand
from edgecam.appliance.release import Release, Version

IMAGE = Path(__file__).parents[2] / "image"
ROOTFS = IMAGE / "rootfs"
RELEASE = Release(Version.parse("0.2.0+20261122063000"), "generic")
NEWER = "0.3.0+20261122063000"
TOOLS = ("rauc", "mksquashfs", "mkfs.ext4", "mkfs.vfat", "openssl")


def run(*words: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """What the program printed; fails the test with its words when it fails."""
    done = subprocess.run(
        [*map(str, words)], capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def require_tools() -> None:
    """Skip where Debian's packages rauc, squashfs-tools, e2fsprogs, dosfstools, openssl are not installed."""
    folders = [*os.environ["PATH"].split(":"), "/usr/sbin", "/sbin"]
    if missing := [tool for tool in TOOLS if not any(Path(folder, tool).exists() for folder in folders)]:
        pytest.skip(f"not installed: {', '.join(missing)}")


@dataclass
class Workshop:
    """Makes keys and bundles in ``folder``."""

    folder: Path
    keys: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        content = self.folder / "content"
        content.mkdir()
        (content / "something").write_bytes(os.urandom(100_000))
        run("/usr/sbin/mkfs.ext4", "-q", "-d", content, self.root, "4M")
        run("truncate", "-s", "1M", self.boot)
        run("/usr/sbin/mkfs.vfat", self.boot)

    @property
    def root(self) -> Path:
        return self.folder / "root.ext4"

    @property
    def boot(self) -> Path:
        return self.folder / "boot.vfat"

    def keys_of(self, whose: str) -> Path:
        """The folder with the authority and the signer of that name."""
        if whose not in self.keys:
            self.keys[whose] = self.folder / f"keys of {whose}"
            run(IMAGE / "keys", self.keys[whose])
        return self.keys[whose]

    def signing(self, whose: str) -> dict[str, str]:
        keys = self.keys_of(whose)
        names = {"CERT": "signer.pem", "KEY": "signer.key", "KEYRING": "keyring.pem"}
        return {f"EDGECAM_UPDATE_{what}": str(keys / name) for what, name in names.items()}

    def bundle(self, version: str = NEWER, target: str = "generic", whose: str = "us", folder: str = "") -> Path:
        """A bundle of that version."""
        place = self.folder / (folder or f"{whose} {target} {version}")
        out = place / f"edgecam-{target}.raucb"
        if not out.exists():
            place.mkdir(exist_ok=True)
            words = (IMAGE / "bundle", target, version, self.boot, self.root, out)
            run(*words, environment=self.signing(whose))
        return out

    def config(self, keyring: Path | None = None, **replaced: str) -> Path:
        """The image's own system.conf, led to this folder; without what only the target's newer RAUC knows."""
        text = (ROOTFS / "etc/rauc/system.conf").read_text().replace("@TARGET@", "generic")
        assert "min-bundle-version=@VERSION@\n" in text
        for old, new in {
            "min-bundle-version=@VERSION@\n": "",
            "/etc/rauc/keyring.pem": str(keyring or self.keys_of("us") / "keyring.pem"),
            "/state/system/rauc": str(self.folder / "data"),
            "/run/rauc/mnt": str(self.folder / "mnt"),
            **replaced,
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / "data").mkdir(exist_ok=True)
        path = self.folder / f"system-{abs(hash(text)):x}.conf"
        path.write_text(text)
        return path

    def rauc(self, keyring: Path | None = None) -> RaucCommand:
        return RaucCommand(self.config(keyring))
