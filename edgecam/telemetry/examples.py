"""One true-to-life example of each kind of message, for the published contract."""

from __future__ import annotations

from typing import Final

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.events import Event, EventKind
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus
from edgecam.telemetry.board import BoardReading
from edgecam.telemetry.command import CommandMessage
from edgecam.telemetry.commandjudgement import Code
from edgecam.telemetry.commandresult import CommandResult, Outcome
from edgecam.telemetry.health import tell_health
from edgecam.telemetry.healthmessage import HealthMessage
from edgecam.telemetry.messages import EventMessage, Frozen, Header, Moment, StatusMessage
from edgecam.telemetry.onvif import OnvifEvent
from edgecam.telemetry.registerheads import RegisterHeadMessage
from edgecam.telemetry.snapshots import SnapshotProperties
from edgecam.telemetry.states import StateMessage
from edgecam.telemetry.throttling import decode_throttling

SITE: Final = "home"
CAMERA: Final = "edgecam_1f2e3d4c"
_SESSION = "9f86d081884c7d65"
_VERSION = "0.1.0"
_MASKS = "c6ebed81721536612559f0a95848c775e9fdfccb5acbb3d025ce3e187b703626"
_UP_NS = 12_600 * NS_PER_S
_NOW = Instant(1_795_256_140_004_000_000, _UP_NS, bytes(16), TimeTrust.SYNCED)
_AT = Moment.at(_NOW)
_MONDAY = Moment.told(1_794_816_000_000_000_000, TimeTrust.SYNCED)

_EVENT = Event(
    event_id="01937c2e",
    revision=0,
    kind=EventKind.PERSON,
    start_wall_ns=1_795_256_145_486_000_000,
    end_wall_ns=None,
    trust=TimeTrust.SYNCED,
    confidence=0.81,
    reason="A person came into the picture.",
    track=3,
    box=(0.1, 0.2, 0.3, 0.4),
)
_RECORDER = RecorderStatus(
    pid=101,
    beat_mono_ns=_UP_NS - NS_PER_S // 2,
    recording=True,
    private=False,
    source="picamera:0",
    width=1280,
    height=720,
    fps=15.0,
    encoder="board",
    bit_rate_kbps=1874.2,
    bit_rate_limit_kbps=2000,
    last_commit_mono_ns=_UP_NS - NS_PER_S,
    days_kept=12.4,
    days_owed=12.4,
    days_policy=14.0,
    days_forecast=15.1,
    ring_size_bytes=429_496_729_600,
    mask_hash=_MASKS,
    aim="drifted",
    aim_off=0.0042,
    last_gap_s=3.2,
    last_gap_cause="restart",
    gaps_24h=1,
    gaps_24h_s=3.2,
    wear_percent=30.0,
    medium_life="eMMC, 30-40 % of its life used",
    holds=2,
    hold_bytes=734_003_200,
    holds_review_due=1,
    restarts=1,
)
_OBSERVER = ObserverStatus(
    pid=102, beat_mono_ns=_UP_NS - NS_PER_S, frames=60_000, detector="ssd_mobilenetv2_oidv4_int8", look_ms=41.3
)
_BOARD = BoardReading(
    cpu_temperature_c=61.2,
    cpu_frequency_mhz=1500.0,
    throttling=decode_throttling("50000"),
    memory_available_bytes=1_536_000_000,
    memory_total_bytes=4_096_000_000,
    disk_free_bytes=83_912_253_440,
    disk_read_only=False,
    load_1min=0.52,
    uptime_s=12_600.25,
    wifi_signal_dbm=-56.0,
)
_HEALTH = tell_health(
    now=_NOW,
    version=_VERSION,
    version_since=_MONDAY,
    update_waiting="",
    recorder=_RECORDER,
    observer=_OBSERVER,
    hub=HubStatus(pid=103, beat_mono_ns=_UP_NS, outbox_lost=3, outbox_losses={"full": 3}),
    board=_BOARD,
    mask_state="locked",
    memory_of={101: 121_000_000, 102: 107_000_000, 103: 81_000_000}.get,
    faults=[Fault("medium", "eMMC, 30-40 % of its life used: check or replace it soon. Recording goes on.")],
)

# Signed with a key that was made for this page.
_COMMAND = CommandMessage(
    schema_version=1,
    id="5d41402abc4b2a76b9719d911017c592",
    site=SITE,
    camera=CAMERA,
    name="hold",
    arguments={"minutes": 10, "reason": "a fall at the crossing"},
    issued="2026-11-21T10:16:00.000Z",
    expires="2026-11-21T10:17:00.000Z",
    key="0070fcebe80f5002f5d975f7f34916d5f08ae226671ad5d19199abc693990a6e",
    signature="bbf452a0f524f7827ecde08f4b7e249706f0e58a3895c99a3e9607e57816aa37"
    "6554592d3b31000563e132908e7ffc76aaedf56f5a422ac3d082e26fbc263c05",
)


def _header(sequence: int) -> Header:
    return Header(camera=CAMERA, site=SITE, session=_SESSION, sequence=sequence)


EXAMPLES: Final[dict[str, Frozen]] = {
    "status": StatusMessage(**_header(0).model_dump(), state="online", connection=1, version=_VERSION, at=_AT),
    "health": HealthMessage(**_header(1).model_dump(), **_HEALTH.model_dump()),
    "event": EventMessage.told(_EVENT, _header(2)),
    "state": StateMessage(
        **_header(3).model_dump(),
        kind=EventKind.PERSON,
        state="ON",
        at=_AT,
        since=Moment.told(_EVENT.start_wall_ns, _EVENT.trust),
        count=1,
    ),
    "snapshot": SnapshotProperties(
        **_header(4).model_dump(),
        event_id=_EVENT.event_id,
        kind=EventKind.PERSON,
        picture="sealed",
        captured_utc=_AT.utc,
        captured_trust=_AT.trust,
        mask_hash=_MASKS,
        width=640,
        height=360,
    ),
    # Signed with a key that was made for this page.
    "register_head": RegisterHeadMessage(
        **_header(6).model_dump(),
        lines=1204,
        sha256="9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab",
        at=_AT,
        signature="0ede2a972047227c5d6761bc4e0933c081a7e14f12b0b52b04db8d4422738e6b"
        "0e60180de3fcb9c2648557948097cf673b0c9b8598692742bf24b06571096a0c",
    ),
    "onvif": OnvifEvent(
        UtcTime=_AT.utc,
        Source={"VideoSource": "1", "Rule": "lawn"},
        Data={"IsInside": True, "ClassTypes": "Human"},
    ),
    "cmd": _COMMAND,
    "cmd_result": CommandResult(
        **_header(5).model_dump(),
        id=_COMMAND.id,
        name=_COMMAND.name,
        outcome=Outcome.DONE,
        code=Code.DONE,
        sentence="10 minutes are held for 30 days.",
        at=Moment.told(1_795_256_160_250_000_000, TimeTrust.SYNCED),
        details={"hold": "4f1c"},
        health=None,
    ),
}
"""By the name of their kind."""
