"""In the running image: its units, what it listens on, its camera and pin libraries on real devices."""

from __future__ import annotations

import json
import mmap
import os
import re
import selectors
import subprocess
import sys
from pathlib import Path

import numpy as np
from proving import proved, run, until

from edgecam.appliance.lines import GpioLines, line_names
from edgecam.core.errors import BadInput, Unavailable

AGENT = ("recorder", "observer", "hub", "care")
_LISTENS = "0A"
_PIPELINES = Path("/usr/share/libcamera/pipeline")


def units() -> None:
    for name in AGENT:
        told = run("systemd-analyze", "security", "--no-pager", f"edgecam-{name}.service")
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
        assert found, told
        proved(f"exposure-{name}", found[1])
    proved("names", run("systemctl", "is-active", "systemd-resolved.service").strip())
    proved("failed-units", run("systemctl", "--failed", "--no-legend", "--plain").split() or "none")
    proved("restarts", {name: _shown(name, "NRestarts") for name in AGENT})
    proved("users", {name: _shown(name, "User") for name in AGENT})
    proved("journal", sorted(path.name for path in Path("/var/log/journal").glob("*")) or "in RAM")
    proved("swap", len(Path("/proc/swaps").read_text().splitlines()) - 1)
    proved("root", "read-only" if _is_read_only("/") else "writable")


def _shown(unit: str, name: str) -> str:
    return run("systemctl", "show", "--value", f"--property={name}", f"edgecam-{unit}.service").strip()


def _is_read_only(path: str) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def ports() -> None:
    """TCP ports that anybody but this machine can reach."""
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path("/proc/net", name).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, port = local.split(":")
            is_loopback = address.endswith("7F") or address == "0" * 24 + "01000000"
            if state == _LISTENS and not is_loopback:
                found.add(int(port, 16))
    proved("tcp-ports", sorted(found))


def camera() -> None:
    """libcamera's own virtual camera, through its bindings as the image has them."""
    run("mount", "-t", "tmpfs", "tmpfs", str(_PIPELINES))
    (_PIPELINES / "virtual").mkdir()
    (_PIPELINES / "virtual/virtual.yaml").write_bytes(Path(__file__).with_name("virtual.yaml").read_bytes())
    import libcamera

    cameras = libcamera.CameraManager.singleton()
    found = next(one for one in cameras.cameras if "Virtual" in one.id)
    found.acquire()
    wanted = found.generate_configuration([libcamera.StreamRole.VideoRecording])
    stream = wanted.at(0)
    stream.size = libcamera.Size(640, 360)
    stream.pixel_format = libcamera.PixelFormat("NV12")
    wanted.validate()
    found.configure(wanted)
    allocator = libcamera.FrameBufferAllocator(found)
    allocator.allocate(stream.stream)
    requests = []
    for buffer in allocator.buffers(stream.stream):
        request = found.create_request()
        request.add_buffer(stream.stream, buffer)
        requests.append(request)
    found.start()
    for request in requests:
        found.queue_request(request)
    pictures: list[float] = []
    ready = selectors.DefaultSelector()
    ready.register(cameras.event_fd, selectors.EVENT_READ)
    while len(pictures) < 20:
        assert ready.select(30), "the camera sends nothing"
        for request in cameras.get_ready_requests():
            buffer = next(iter(request.buffers.values()))
            plane = buffer.planes[0]
            with mmap.mmap(plane.fd, plane.length, mmap.MAP_SHARED, mmap.PROT_READ) as seen:
                pictures.append(float(np.frombuffer(seen, np.uint8).std()))
            request.reuse()
            found.queue_request(request)
    found.stop()
    assert min(pictures) > 0, "a picture without anything in it"
    proved("libcamera", f"{len(pictures)} frames of {stream.size} {stream.pixel_format}")


def pins() -> None:
    """A real chip: the board's own, whose line 3 is its power button's."""
    (chip,) = sorted(Path("/dev").glob("gpiochip*"))
    lines = GpioLines(chip, outputs=[0, 1], inverted=[1])
    assert not lines.is_active(0)
    for active in (True, False, True):
        lines.set(0, active)
        lines.set(1, active)
        assert (lines.is_active(0), lines.is_active(1)) == (active, active)
    assert line_names(chip)[0][1] == "edgecam-care"
    _refused(Unavailable, chip, 0)
    lines.close()
    GpioLines(chip, outputs=[0]).close()
    _refused(Unavailable, chip, 3)
    _refused(BadInput, chip, 99)
    proved("pins", f"{chip} with {len(line_names(chip))} lines")


def _refused(kind: type[Exception], chip: Path, line: int) -> None:
    try:
        GpioLines(chip, outputs=[line]).close()
    except kind as refused:
        proved(f"pin-{line}-refused", refused)
    else:
        raise AssertionError(f"line {line} was had")


def doctor() -> None:
    """What somebody with a keyboard would be told."""
    done = subprocess.run(["edgecam", "doctor", "--json"], capture_output=True, text=True)
    proved("doctor", json.dumps(json.loads(done.stdout)) if done.stdout else done.stderr)


if __name__ == "__main__":
    until(lambda: _shown("hub", "ActiveState") == "active", 600, "the hub")
    wrong = []
    for proof in (units, ports, pins, camera, doctor):
        try:
            proof()
        except Exception as failed:  # noqa: BLE001 - each is told; the end says that one failed
            wrong.append(proof.__name__)
            print(f"FAILED {proof.__name__}: {type(failed).__name__}: {failed}", flush=True)
    sys.exit(1 if wrong else 0)
