"""One minute is kept longer than the policy: it opens, exports and verifies; of the rest nothing can be found."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from agentstand import CLOCK, Agent, NewCamera, Sections, camera, owner, wait_until
from typer.testing import CliRunner

from edgecam.__main__ import app
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import EdgecamError
from edgecam.core.frames import Fragment
from edgecam.custody.register.register_line import Act
from edgecam.keys.owner import Recipients
from edgecam.ringbuffer.format import HEADER_SIZE, EpochSlot, GapCause
from edgecam.ringbuffer.heldfootage import opened_hold
from edgecam.ringbuffer.holdcheck import check_hold
from edgecam.ringbuffer.holdfile import newest_record
from edgecam.ringbuffer.holdrecord import HoldState
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.sealing import EpochKey
from edgecam.ringbuffer.writer import RingWriter

pytestmark = pytest.mark.row("R4")

RETENTION_S = 20
_STOPPED: Sections = {"web": {"enabled": False}, "telemetry": {"broker": "off"}}
_SHORT: Sections = {**_STOPPED, "retention": {"policy": "own", "days": RETENTION_S / 86_400}}


def iso(wall_ns: int) -> str:
    """A moment for the command line, to the millisecond."""
    return datetime.fromtimestamp(wall_ns / NS_PER_S, UTC).isoformat(timespec="milliseconds")


def ciphertexts(agent: Agent) -> dict[int, tuple[EpochSlot, bytes, bytes]]:
    """Of each segment in the ring, by sequence: its slot, header, and sealed payload."""
    medium = FileMedium.open(agent.places.ring, writable=False)
    try:
        reader = RingReader(medium)
        return {
            stored.header.sequence: (stored.slot, stored.header.encode(), reader.sealed_payload(stored))
            for stored in reader.segments()
        }
    finally:
        medium.close()


def hold_path(agent: Agent, hold_id: str) -> Path:
    return agent.places.holds / f"{hold_id}.hold"


def erased_epochs(agent: Agent) -> set[int]:
    if not agent.places.register.exists():
        return set()
    lines = agent.register_lines()
    return {int(line.detail["epoch"]) for line in lines if line.act is Act.ERASURE and "epoch" in line.detail}


@pytest.mark.long
@pytest.mark.row("R3")
def test_what_is_held_lives_on_and_the_rest_of_its_epoch_cannot_be_opened(new_camera: NewCamera) -> None:
    agent = new_camera(sections=_SHORT)
    with agent.started():
        agent.wait_recording(12)
        recorded = ciphertexts(agent)
        epoch = recorded[0][0].epoch
        assert {slot.epoch for slot, _, _ in recorded.values()} == {epoch}
        third, sixth = (agent.headers()[number] for number in (3, 6))
        held_numbers = set(range(3, 6))
        since = ("--from", iso(third.start_wall_ns + 1_000_000), "--to", iso(sixth.start_wall_ns - 1_000_000))
        agent.done("hold", *since, "--for", "1h", "--reason", "theft", "--by", "Sato")
        (told,) = agent.command("holds", "--json").json()["holds"]
        assert told["segments"] == len(held_numbers)
        wait_until(lambda: epoch in erased_epochs(agent), f"its time is over: {agent.said()}", 3 * RETENTION_S + 60)
        agent.wait_recording(2)
        assert agent.recorder is not None
        assert agent.recorder.holds == 1

    path = hold_path(agent, told["id"])
    assert check_hold(path, agent.key.public) == []
    out = agent.folder / "held.mp4"
    agent.done("export", "--hold", told["id"], "-o", str(out))
    assert "genuine" in agent.done("verify", str(out))

    # Somebody has the owner's secret, the key out of the hold, and every byte of the medium.
    with opened_hold(path, agent.key.public) as held:
        (slot,) = held.epochs()
        key = EpochKey(owner()[2].unseal(slot.sealed_key))
        assert {stored.header.sequence for stored in held.segments()} == held_numbers
    ring = agent.places.ring.read_bytes()
    for sequence, (_, header, payload) in recorded.items():
        opens = key.open_segment(_index(header), payload, header[:208])
        assert len(opens[1]) > 0, "the key in the hold does open the whole epoch"
        assert payload not in ring, f"the ciphertext of segment {sequence} is still in the ring"
        # Not even a piece of it: 64 bytes of ciphertext repeat nowhere by chance.
        for start in range(0, len(payload) - 64, 4096):
            assert payload[start : start + 64] not in ring, (sequence, start)

    agent.done("release", told["id"], "--by", "Sato", "--reason", "case closed")
    assert not path.exists()
    assert "no hold" in agent.command("export", "--hold", told["id"], "-o", str(agent.folder / "x.mp4")).refusal
    remains = b"".join(file.read_bytes() for file in agent.places.state_dir.rglob("*") if file.is_file())
    assert slot.sealed_key not in remains
    assert not [sequence for sequence in held_numbers if recorded[sequence][2] in remains]
    assert "every invariant holds" in agent.command("check").out


def _index(header: bytes) -> int:
    assert len(header) == HEADER_SIZE
    return int.from_bytes(header[24:28], "little")


@pytest.fixture(scope="module")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a camera that has recorded a little and is stopped."""
    folder = tmp_path_factory.mktemp("filmed") / "camera"
    with camera(folder, sections=_STOPPED) as agent, agent.started():
        agent.wait_recording(6)
    return folder


@pytest.fixture
def filmed(recorded_once: Path, tmp_path: Path) -> Iterator[Agent]:
    """A camera of its own for each test, that has recorded a little and is stopped."""
    folder = tmp_path / "camera"
    shutil.copytree(recorded_once, folder)
    with camera(folder, sections=_STOPPED, made=False) as agent:
        yield agent


def test_a_hold_is_made_shown_reviewed_extended_exported_and_released(filmed: Agent) -> None:
    made = filmed.done(
        "hold",
        "--from",
        "-1h",
        "--for",
        "90d",
        "--reason",
        "theft",
        "--by",
        "Sato",
        "--asked-by",
        "Police",
        "--case",
        "7",
    )
    assert "segments" in made
    assert "not in the ring: " in made
    listed = filmed.command("holds", "--json").json()
    (told,) = listed["holds"]
    assert (told["reason"], told["decided_by"], told["asked_by"], told["case"]) == ("theft", "Sato", "Police", "7")
    assert 89.9 < told["days_left"] <= 90
    assert listed["used_bytes"] == told["size_bytes"] <= listed["quota_bytes"] == 1 << 30
    table = filmed.done("holds")
    assert told["id"] in table
    assert "theft" in table

    filmed.done("hold", "--review", told["id"], "--by", "Ito", "--note", "still needed")
    filmed.done("hold", "--extend", told["id"], "--for", "1y", "--by", "Ito", "--reason", "the police asks")
    (changed,) = filmed.command("holds", "--json").json()["holds"]
    assert changed["reviewed_by"] == "Ito"
    assert 364.9 < changed["days_left"] <= 365
    assert changed["original_end"][:16] == told["original_end"][:16]

    out = filmed.folder / "held.mp4"
    said = filmed.done("export", "--hold", told["id"], "-o", str(out))
    assert "this copy is to be erased by" in said
    assert "genuine" in filmed.done("verify", str(out))
    assert "to be erased by" in filmed.done("export", "--from", "-1h", "-o", str(filmed.folder / "ring.mp4"))
    filmed.done("release", told["id"], "--by", "Sato", "--reason", "case closed")
    assert filmed.command("holds", "--json").json()["holds"] == []
    acts = [line.act for line in filmed.register_lines() if line.completes is None]
    assert [act for act in acts if act is not Act.GAP] == [
        Act.HOLD, Act.HOLD, Act.HOLD, Act.COPY, Act.COPY, Act.RELEASE, Act.ERASURE
    ]  # fmt: skip


WHY = ("--reason", "theft", "--by", "Sato")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("hold", "--from", "-1h", "--by", "Sato"), "a reason"),
        (("hold", "--from", "-1h", "--reason", "theft"), "who decides"),
        (("hold", *WHY), "--extend"),
        (("hold", "--from", "-1h", "--review", "x", *WHY), "--review"),
        (("hold", "--from", "yesterday", *WHY), "not a time"),
        (("hold", "--from", "-1h", "--to", "-2h", *WHY), "--to is not after"),
        (("hold", "--from", "-3d", "--to", "-2d", *WHY), "no footage"),
        (("hold", "--from", "-1h", "--until", "2001-01-01", *WHY), "past"),
        (("hold", "--from", "-1h", "--for", "20y", *WHY), "ten years"),
        (("hold", "--from", "-1h", "--for", "soon", *WHY), "90d"),
        (("hold", "--from", "-1h", "--for", "1d", "--until", "2099-01-01", *WHY), "one of them"),
        (("hold", "--extend", "20200101-000000", "--for", "1d", *WHY), "no hold"),
        (("hold", "--extend", "20200101-000000", *WHY), "no hold"),
        (("hold", "--review", "../../camera", "--by", "Sato", "--note", "n"), "no hold"),
        (("release", "x", *WHY), "no hold"),
        (("release", "x", "--by", "Sato"), "a reason"),
        (("export", "-o", "x.mp4"), "--from"),
    ],
)
def test_a_wrong_use_is_one_sentence_and_holds_nothing(
    filmed: Agent, arguments: tuple[str, ...], word: str
) -> None:
    command, *rest = arguments
    ended = CliRunner().invoke(app, [command, "--settings", str(filmed.settings), *rest])
    assert isinstance(ended.exception, EdgecamError)
    assert word in str(ended.exception)
    assert not list(filmed.places.holds.glob("*.hold"))


def test_more_than_the_quota_is_refused(filmed: Agent) -> None:
    filmed.configure({"ring": {"hold_gib": 0.0001}})
    assert "for holds" in filmed.command("hold", "--from", "-1h", *WHY).refusal
    listed = filmed.command("holds", "--json").json()
    assert (listed["holds"], listed["used_bytes"]) == ([], 0)


def test_what_has_ended_while_nothing_ran_is_erased_before_it_is_served(filmed: Agent) -> None:
    filmed.done("hold", "--from", "-1h", "--for", "1s", "--reason", "theft", "--by", "Sato")
    (told,) = filmed.command("holds", "--json").json()["holds"]
    until_ns = CLOCK.mono_ns() + NS_PER_S
    wait_until(lambda: CLOCK.mono_ns() > until_ns, "a second passes")
    out = str(filmed.folder / "held.mp4")
    assert "no hold" in filmed.command("export", "--hold", told["id"], "-o", out).refusal
    assert not hold_path(filmed, told["id"]).exists()
    assert filmed.register_lines()[-1].detail["reason"] == "expired"


def test_the_ring_forgets_before_it_is_served_too(filmed: Agent) -> None:
    filmed.configure({"retention": {"policy": "own", "days": 0.00001}})
    assert "no footage" in filmed.command("export", "--from", "-1h", "-o", str(filmed.folder / "x.mp4")).refusal
    assert erased_epochs(filmed) == {0}
    assert filmed.headers() == []


def test_a_disposal_destroys_the_holds_too(filmed: Agent) -> None:
    filmed.done("hold", "--from", "-1h", "--for", "1y", "--reason", "theft", "--by", "Sato")
    filmed.done("dispose", "--yes")
    assert not list(filmed.places.holds.glob("*.hold"))
    assert filmed.register_lines()[-1].detail["holds"] == "1"


@pytest.mark.long
@pytest.mark.row("R7")
def test_killed_at_any_moment_it_leaves_a_whole_hold_or_none(filmed: Agent) -> None:
    _record_much(filmed)
    before, interrupted = filmed.places.ring.read_bytes(), 0
    for number in range(12):
        command = [sys.executable, "-m", "edgecam", "hold", "--settings", str(filmed.settings)]
        arguments = ["--from", "-1h", "--for", "1y", *WHY]
        with subprocess.Popen(
            [*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as holding:
            _wait_to_kill(filmed, holding, number)
            holding.send_signal(signal.SIGKILL)
        interrupted += any(_record_of(path) is not HoldState.KEPT for path in _hold_files(filmed))
        whole = [path for path in _hold_files(filmed) if _record_of(path) is HoldState.KEPT]
        assert [check_hold(path, filmed.key.public) for path in whole] == [[]] * len(whole)
        # The next command that serves footage clears up what was cut off.
        assert "no footage" in filmed.command("hold", "--from", "-3d", "--to", "-2d", *WHY).refusal
        assert _hold_files(filmed) == whole
        for path in whole:
            filmed.done("release", path.stem, *WHY)
    assert interrupted >= 1
    assert filmed.places.ring.read_bytes() == before, "the ring was touched"
    assert "unbroken and signed" in filmed.command("check").out


def _record_much(agent: Agent) -> None:
    """Forty large fragments, so that copying them takes a while."""
    key, clock = agent.key, SystemClock()
    writer = RingWriter(
        FileMedium.open(agent.places.ring, writable=True),
        sign=key.sign,
        camera_public=key.public,
        seal=Recipients([owner()[0]]).seal,
        retention=Retention(14),
        now=clock.now(),
    )
    for _ in range(40):
        now = clock.now()
        data = os.urandom(1_000_000)
        fragment = Fragment(b"init", data, now.mono_ns, now.mono_ns + NS_PER_S, 10, bytes(32), False)
        writer.append(fragment, now, 0, GapCause.NONE)
    writer.close()


def _wait_to_kill(agent: Agent, holding: subprocess.Popen[bytes], number: int) -> None:
    if number % 3:
        # As soon as there is a file, its content is being written.
        wait_until(lambda: bool(_hold_files(agent)) or holding.poll() is not None, "it begins")
    else:
        until_ns = CLOCK.mono_ns() + NS_PER_S * number // 6
        wait_until(lambda: CLOCK.mono_ns() > until_ns, "a while passes")


def _hold_files(agent: Agent) -> list[Path]:
    return sorted(agent.places.holds.glob("*.hold"))


def _record_of(path: Path) -> HoldState | None:
    medium = FileMedium.open(path, writable=False)
    try:
        record = newest_record(medium)
        return record.state if record else None
    finally:
        medium.close()
