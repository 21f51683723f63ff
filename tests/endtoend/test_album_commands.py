"""The album goes with the ring through every command: made, checked, sealed to others, destroyed."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest
from agentstand import CLOCK, camera
from albumstand import StoryClock, event, shot_job

from edgecam.custody.paper.certificate import decode_certificate
from edgecam.eventlog import EventLog
from edgecam.keys.owner import OwnerIdentity
from edgecam.places import find_places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.sealedalbum import SealedAlbum


@pytest.mark.row("A6")
def test_made_checked_sealed_to_others_and_destroyed(tmp_path: Path) -> None:
    deputy = OwnerIdentity(pyrage.x25519.Identity.generate())
    with camera(tmp_path / "camera") as agent:
        settings, places = find_places(agent.settings)
        # Something in both rings, and in the log.
        with agent.started():
            agent.wait_recording(2)
        album, story = SealedAlbum(settings, places, CLOCK), StoryClock()
        album.keep(shot_job(1, story, oldest_ns=CLOCK.mono_ns()))
        album.close()
        assert album.fault is None
        EventLog(places.events, 24).append([event(1, story)])
        assert "album     every invariant holds in 1 epochs" in agent.done("check")

        agent.done("recipients", "add", deputy.recipient(), "--past")
        reader = RingReader(FileMedium.open(places.album, writable=False))
        (slot,) = reader.epochs()
        assert reader.open_epoch(slot, deputy.unseal).init

        told = agent.done("dispose", "--yes")
        assert "pictures of events and of the day's digest destroyed with them: 1" in told
        certificate = decode_certificate((places.state_dir / "disposal.json").read_bytes())
        assert (certificate.album_epochs, certificate.verified, certificate.genuine()) == (1, True, True)
        assert set(places.album.read_bytes()) == {0}
        assert list(places.events.iterdir()) == []
        assert agent.register_lines()[-1].detail["album"] == "1"
        agent.setup_again()
        assert "album     every invariant holds in 0 epochs" in agent.done("check")


@pytest.mark.row("C5")
def test_a_damaged_album_is_named_by_check(tmp_path: Path) -> None:
    with camera(tmp_path / "camera") as agent:
        places = agent.places
        with open(places.album, "r+b") as file:
            file.seek(100)
            file.write(b"x")
        checked = agent.command("check")
        assert checked.code == 1
        assert "album     invariant 1 is broken" in checked.out
