"""What telling costs: an alarm's way to a subscriber, the outbox' pace, a day's bytes, the memory of a backlog.

**Alarms.** A real Mosquitto on loopback, a process that tells events as the observer does, one with the hub's link,
and this one, which subscribes. Time runs from the call in the one process to the callback in this one. Beside it
bare paho, in a process of its own, publishes as many bytes with QoS 1 through the same broker to the same
subscriber; the two take turns, and who is first changes. Ours is also put on the disk meanwhile, flushed; bare paho
keeps nothing.

**Outbox.** Events put one by one, each with a flush, in turn with a plain append and flush of as many bytes to the
same disk, and with a hundred events in one commit. Then 10,000 events within a second, as five looks of 2,000,
while the link stands: how long the longest look waits, and whether all arrive once.

**Bytes.** A relay counts what passes between the camera's connection and the broker, both ways, what TCP and IP add
not included. A day is one connection, 1,440 healths, as many keep-alives at most, and 250 events that begin and
end: 500 messages. One message at a time, so that no two share a TLS record.

**Memory.** Resident MB of a process with the hub's link over an outbox with 100,000 events, the broker away.

``EDGECAM_BENCH_CACHE`` is the folder whose disk is measured. Two and a half minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

# `edgecam bench` runs this file by its path, so nothing has told Python where its parts are.
sys.path.insert(0, str(Path(__file__).parent))

from parts.machine import machine
from parts.ringdisk import work_folder
from parts.telemetryalert import alerts, burst
from parts.telemetrydisk import memory, puts
from parts.telemetrytraffic import Traffic, traffic

Measure = dict[str, object]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    alerts: int = 2000
    pause_s: float = 0.01
    rounds: int = 5
    round_s: float = 1.0
    looks: int = 5
    events_a_look: int = 2000
    healths: int = 300
    events: int = 300
    events_a_day: int = 500
    queued: int = 100_000
    resting_s: float = 3.0


def measure(extent: Extent | None = None) -> dict[str, object]:
    """Run it all. Raises: Unavailable without Mosquitto."""
    with work_folder() as folder:
        return {"bench": "telemetry", "machine": machine(), "measures": list(_measures(extent or Extent(), folder))}


def _measures(extent: Extent, folder: Path) -> Iterator[Measure]:
    yield _alert(extent, _new(folder, "alert"))
    yield _outbox(extent, _new(folder, "puts"), _new(folder, "burst"))
    yield _traffic(extent, _new(folder, "traffic"))
    yield _memory(extent, _new(folder, "memory"))


def _alert(extent: Extent, folder: Path) -> Measure:
    _say(f"telling {extent.alerts} alarms beside as many of bare paho")
    told = alerts(folder, extent.alerts, extent.pause_s)
    ours, bare = _percentile(told.ours_ms, 99), _percentile(told.bare_ms, 99)
    beside = (
        f"{len(told.ours_ms)} of each in turn: p99 {ours:.2f} and {bare:.2f} ms, p50 {median(told.ours_ms):.2f} "
        f"and {median(told.bare_ms):.2f} (ratio {median(told.ours_ms) / median(told.bare_ms):.2f}), p90 "
        f"{_percentile(told.ours_ms, 90):.2f} and {_percentile(told.bare_ms, 90):.2f}; on the disk meanwhile after "
        f"{median(told.on_disk_ms):.2f} ms (p99 {_percentile(told.on_disk_ms, 99):.2f})"
    )
    return _told("alert_p99_vs_paho", round(ours / bare, 2), "ratio", 1.5, beside)


def _outbox(extent: Extent, folder: Path, burst_folder: Path) -> Measure:
    _say("putting events on the disk")
    told = puts(folder, extent.rounds, extent.round_s)
    _say(f"telling {extent.looks * extent.events_a_look} events at once")
    many = burst(burst_folder, extent.looks, extent.events_a_look)
    beside = (
        f"one flush each, rounds {_list(told.single)}; plain append and flush {median(told.plain):.0f}; a hundred "
        f"in one commit {median(told.grouped):.0f}; {many.events} in {extent.looks} looks: longest look "
        f"{many.longest_look_ms:.0f} ms, all told in {many.told_s:.2f} s, {many.arrived} arrived, the last after "
        f"{many.last_s:.2f} s"
    )
    ratio_aim = round(median(told.plain) / 4)
    return _told("outbox_events_per_s", round(median(told.single)), "1/s", ratio_aim, beside, better="higher")


def _traffic(extent: Extent, folder: Path) -> Measure:
    _say("counting bytes")
    plain, tls = traffic(folder, extent.healths, extent.events)
    beside = f"TLS 1.3: {_parts(tls)}; plain {plain.day(extent.events_a_day):.0f} a day: {_parts(plain)}"
    return _told("bytes_per_camera_day", round(tls.day(extent.events_a_day)), "bytes", 5_000_000, beside)


def _memory(extent: Extent, folder: Path) -> Measure:
    _say(f"queueing {extent.queued} events")
    told = memory(folder, extent.queued, extent.resting_s)
    beside = (
        f"{told.events} events queued, the broker away; with none {told.empty_mb:.1f}, peak {told.peak_mb:.1f}, "
        f"peak while the broker takes them {told.draining_mb:.1f}"
    )
    return _told("rss_100k_queued_mb", round(told.queued_mb, 1), "MB", 64, beside)


def _parts(told: Traffic) -> str:
    each = {"connection": told.connect, "health": told.health, "event": told.event, "keep-alive": told.ping}
    return ", ".join(f"{what} {size:.0f}" for what, size in each.items())


def _told(name: str, value: float, unit: str, aim: float, beside: str, better: str = "lower") -> Measure:
    return {"name": name, "value": value, "unit": unit, "better": better, "aim": aim, "beside": beside}


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _list(values: list[float]) -> str:
    return " ".join(f"{value:.0f}" for value in values)


def _say(words: str) -> None:
    print(f"bench telemetry: {words}", file=sys.stderr, flush=True)
