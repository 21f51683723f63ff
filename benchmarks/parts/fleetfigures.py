"""What was seen of a fleet, as the measures that `edgecam bench fleet` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parts.fleetburst import Burst
from parts.fleetcity import City
from parts.fleetoutage import Outage, Wills
from parts.fleetsteady import Connecting, Steady
from parts.fleetstorm import Storm

Measure = dict[str, object]


@dataclass(frozen=True, slots=True)
class Course:
    """All phases over one kind of connection; there may be no ``outage``."""

    connecting: Connecting
    steady: Steady
    storm: Storm
    storm_no_jitter: Storm
    outage: Outage | None
    burst: Burst


def figures(city: City, tls: Course, plain: Course) -> Iterator[Measure]:
    """Every measure, those with TLS first."""
    yield from _of_course("", city, tls, most_rss_mb=1024)
    if tls.outage is not None:
        yield _wills(tls.outage)
    yield from _of_course("_plain", city, plain, most_rss_mb=256)


def _of_course(listener: str, city: City, course: Course, most_rss_mb: int) -> Iterator[Measure]:
    yield _cpu(f"fleet_broker_cpu_share{listener}", city, course)
    yield _memory(f"fleet_broker_rss{listener}_mb", course, most_rss_mb)
    yield _recovery(f"storm_recovery{listener}_s", course.storm, 60)
    yield _failed(f"storm_failed_tries{listener}", course.storm, 0)
    yield _recovery(f"storm_recovery_no_jitter{listener}_s", course.storm_no_jitter, None)
    yield _failed(f"storm_failed_tries_no_jitter{listener}", course.storm_no_jitter, None)
    yield from _alarms(f"alarms{listener}", course.burst)


def _cpu(name: str, city: City, course: Course) -> Measure:
    seen, came = course.steady, course.connecting
    beside = (
        f"{city.cameras} cameras for {seen.window_s:.0f} s: {seen.health} health messages, {len(seen.events)} "
        f"events and {seen.pings} pings; acknowledged in {seen.p50_ms:.2f} ms, 99 % in {seen.p99_ms:.1f}; "
        f"connections lost: {_counts(seen.ended)}; {seen.around}. Before, all connected in {came.took_s:.0f} s for "
        f"{came.cpu_ms:.2f} ms of broker CPU each, failed tries: {_counts(came.failed)}, {came.around}"
    )
    return _measure(name, round(seen.cpu_share, 4), "ratio", 0.05, beside)


def _memory(name: str, course: Course, aim: float) -> Measure:
    lives = {
        "connecting and steady": course.steady.rss_mb,
        "after the storm": course.storm.rss_mb,
        "after the one without jitter": course.storm_no_jitter.rss_mb,
    }
    beside = "; ".join(f"{when} {value:.0f}" for when, value in lives.items())
    return _measure(name, round(max(lives.values()), 1), "MB", aim, f"peak: {beside}")


def _recovery(name: str, storm: Storm, aim: float | None) -> Measure:
    beside = (
        f"{storm.back} back after {storm.tries} tries; the broker was away for {storm.down_s:.2f} s and took "
        f"{storm.cpu_s:.1f} s of CPU; {storm.around}"
    )
    value = None if storm.recovery_s is None else round(storm.recovery_s, 1)
    return _measure(name, value, "s", aim, beside)


def _failed(name: str, storm: Storm, aim: float | None) -> Measure:
    beside = (
        f"by cause: {_counts(storm.failed)}; besides, {storm.too_early} that began while nobody listened; "
        f"connected and lost again: {storm.lost_again}"
    )
    return _measure(name, sum(storm.failed.values()), "tries", aim, beside)


def _alarms(name: str, burst: Burst) -> Iterator[Measure]:
    sent, fast, slow = len(burst.sent), burst.delivered, burst.delivered_slowly
    quick = (
        f"events of the steady state included; the last acknowledged after {burst.acknowledged_s:.1f} s, 99 % "
        f"within {burst.p99_ms:.0f} ms of sending; {burst.around}"
    )
    yield _measure(f"{name}_sent", sent, "alarms", sent, quick, better="higher")
    late = (
        f"to the slower of two watchers; the fast one got {len(fast & burst.sent)}, its last after "
        f"{burst.delivered_s:.1f} s, the slow one {len(slow & burst.sent)}, after {burst.slowly_s:.1f} s; "
        f"twice {burst.twice}"
    )
    delivered = min(len(fast & burst.sent), len(slow & burst.sent))
    yield _measure(f"{name}_delivered", delivered, "alarms", sent, late, better="higher")
    lost = len(burst.sent - fast) + len(burst.sent - slow)
    strange = len((fast | slow) - burst.sent)
    yield _measure(f"{name}_lost", lost, "alarms", 0, f"missing at either watcher; never sent but heard: {strange}")


def _wills(outage: Outage) -> Measure:
    beside = (
        f"a site back within the will delay: {_site(outage.brief)}; connections broken for longer: "
        f"{_site(outage.closed)}; fallen silent: {_site(outage.silent)}; elsewhere {outage.elsewhere}; at the end "
        f"{outage.back} cameras were there"
    )
    return _measure("wills_wrong", outage.wrong, "wills", 0, beside)


def _site(wills: Wills) -> str:
    when = f", {wills.first_s:.0f} to {wills.last_s:.0f} s after" if wills.heard else ""
    return f"{wills.heard} wills of {wills.cameras} cameras{when}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {cause}" for cause, count in sorted(counts.items())) or "none"


def _measure(
    name: str, value: float | None, unit: str, aim: float | None, beside: str, better: str = "lower"
) -> Measure:
    return {"name": name, "value": value, "unit": unit, "better": better, "aim": aim, "beside": beside}
