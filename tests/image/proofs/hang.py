"""Stop the process that feeds the board's watchdog, as a hang would."""

from __future__ import annotations

from pathlib import Path

from proving import proved

if __name__ == "__main__":
    proved("hangs")
    Path("/sys/fs/cgroup/init.scope/cgroup.freeze").write_text("1")
