"""The peers that run as programs of their own: the bare encoder, Debian's ``motion``, and ``ffmpeg``."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import Unavailable
from edgecam.masking.geometry import CELL
from parts.agent import CLOCK
from parts.footage import FPS, HEIGHT, WIDTH
from parts.maskset import DRAWING
from parts.processes import tree

_HERE = Path(__file__).parents[1]
_STARTS_WITHIN_S = 30
# glibc gives a small program's frame back to the kernel and takes it again, 15 times a second: page faults as dear
# as a tenth of the encoding. A larger program, such as ours, is spared that, so the bare encoder has to be too.
_KEEP_FREED_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "33000000", "MALLOC_TRIM_THRESHOLD_": "99000000"}


@dataclass(frozen=True, slots=True)
class PeerRun:
    """CPU seconds per second of video, and the bit rate it was coded at."""

    cpu_s_per_s: float
    kbps: float
    peak_rss_mb: float = 0.0


class BareEncoder:
    """libx264 through PyAV alone, on frames that are masked already; or only the reading of them.

    It runs beside the agent, frame by frame at the same moments, so that whatever else the machine does meets both.
    """

    def __init__(
        self, path: Path, origin_ns: int, first: int, frames: int, preset: str, kbps: int, *, encode: bool = True
    ) -> None:
        words = [path, origin_ns, first, frames, preset, kbps, "encode" if encode else "read"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "parts.bareencoder", *map(str, words)],
            cwd=_HERE,
            env=dict(os.environ, **_KEEP_FREED_MEMORY),
            stdout=subprocess.PIPE,
        )

    def result(self) -> PeerRun:
        """Wait for its end."""
        told = json.loads(self._process.communicate()[0])
        return PeerRun(told["cpu_s_per_s"], told["kbps"])


def ffmpeg_segments(path: Path, seconds: float, preset: str, kbps: int, folder: Path) -> PeerRun | None:
    """``ffmpeg``: decode, libx264, segments of 10 s; no mask, no pace, start included. ``None`` without ffmpeg."""
    if shutil.which("ffmpeg") is None:
        return None
    folder.mkdir()
    coder = ["-c:v", "libx264", "-preset", preset, "-tune", "zerolatency", "-crf", "23", "-threads", "1"]
    rate = ["-maxrate", f"{kbps}k", "-bufsize", f"{2 * kbps}k", "-g", str(FPS), "-sc_threshold", "0"]
    output = ["-f", "segment", "-segment_time", "10", str(folder / "%03d.mp4")]
    source = ["-threads", "1", "-i", str(path), "-t", str(seconds), "-an"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["ffmpeg", "-v", "error", *source, *coder, *rate, *output], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = sum(file.stat().st_size for file in folder.iterdir())
    return PeerRun(cpu_s / seconds, size * 8 / 1000 / seconds)


class Motion:
    """Debian's ``motion``, recording ``path`` without pause in real time, its privacy mask on.

    Its own x264 settings are fixed in its source (preset ultrafast, tune zerolatency); the bit rate is asked for.
    Live stream, web control, text and still pictures are off: it does nothing that is not recording or looking.
    Use it as a context; `look` at both ends of the window.
    """

    def __init__(self, path: Path, kbps: int, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._looks: list[_Look] = []
        _write_motion_settings(path, kbps, folder)

    def __enter__(self) -> Motion:
        command = ["motion", "-n", "-c", str(self._folder / "motion.conf"), "-p", str(self._folder / "pid")]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline_ns = CLOCK.mono_ns() + _STARTS_WITHIN_S * NS_PER_S
        while not self._coded_bytes():
            if self._process.poll() is not None or CLOCK.mono_ns() > deadline_ns:
                self.__exit__()
                raise Unavailable(f"motion records nothing: {(self._folder / 'log').read_text(errors='replace')}")
            CLOCK.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def look(self) -> None:
        """Note what it has used and written by now."""
        processes = tree(self._process.pid).values()
        cpu_s, rss_mb = sum(p.cpu_s for p in processes), sum(p.peak_rss_mb for p in processes)
        self._looks.append(_Look(CLOCK.mono_ns(), cpu_s, rss_mb, self._coded_bytes()))

    def result(self) -> PeerRun:
        """What it took between the two looks, per second that it recorded; call it when it has ended."""
        first, last = self._looks
        took_s = (last.mono_ns - first.mono_ns) / NS_PER_S
        # What it left out was not recorded, so it must not count as recorded for little.
        recorded_s = took_s * min(1.0, _movie_fps(self._folder) / FPS)
        kbps = (last.coded_bytes - first.coded_bytes) * 8 / 1000 / recorded_s
        return PeerRun((last.cpu_s - first.cpu_s) / recorded_s, kbps, last.peak_rss_mb)

    def _coded_bytes(self) -> int:
        return sum(file.stat().st_size for file in self._folder.glob("movie*"))


@dataclass(frozen=True, slots=True)
class _Look:
    mono_ns: int
    cpu_s: float
    peak_rss_mb: float
    coded_bytes: int


def _write_motion_settings(path: Path, kbps: int, folder: Path) -> None:
    mask = folder / "mask.pgm"
    cells = DRAWING.covered(WIDTH, HEIGHT)
    pixels = np.kron(cells, np.ones((CELL, CELL), np.bool_))[:HEIGHT, :WIDTH]
    mask.write_bytes(f"P5\n{WIDTH} {HEIGHT}\n255\n".encode() + np.where(pixels, 0, 255).astype(np.uint8).tobytes())
    settings = {
        "daemon": "off",
        "setup_mode": "off",
        "log_file": str(folder / "motion.log"),
        "log_level": "6",
        "target_dir": str(folder),
        "netcam_url": f"file://{path}",
        "width": WIDTH,
        "height": HEIGHT,
        "framerate": FPS,
        "text_left": "",
        "text_right": "",
        "mask_privacy": mask,
        "emulate_motion": "on",
        "event_gap": "-1",
        "picture_output": "off",
        "movie_output": "on",
        "movie_max_time": "0",
        "movie_quality": "0",
        "movie_bps": kbps * 1000,
        "movie_codec": "mkv",
        "movie_filename": "movie",
        "webcontrol_port": "0",
        "stream_port": "0",
    }
    text = "".join(f"{key} {value}\n" for key, value in settings.items() if value != "")
    (folder / "motion.conf").write_text(text)


def _movie_fps(folder: Path) -> float:
    """Frames a second in what Motion wrote, as it is written by now."""
    with av.open(str(next(iter(folder.glob("movie*"))))) as movie:
        times = [float(packet.pts * packet.time_base) for packet in movie.demux(video=0) if packet.pts is not None]
    return (len(times) - 1) / (max(times) - min(times))
