"""Recipients come and go: beside a running recorder without a gap, and for recorded footage when it is stopped."""

from __future__ import annotations

import pyrage
import pytest
from agentstand import Agent, NewCamera, owner, wait_until

from edgecam.core.errors import NotAllowed
from edgecam.custody.register.register_line import Act
from edgecam.keys.owner import OwnerIdentity
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader

pytestmark = pytest.mark.row("K1")

NEW = "eleven grey geese over the weir 7"
DEPUTY = OwnerIdentity(pyrage.x25519.Identity.generate())


def opened_by(agent: Agent, who: OwnerIdentity) -> list[bool]:
    """For each epoch, oldest first, whether ``who`` opens it."""
    medium = FileMedium.open(agent.places.ring, writable=False)
    try:
        reader = RingReader(medium)
        return [_opens(reader, number, who) for number in range(len(reader.epochs()))]
    finally:
        medium.close()


def _opens(reader: RingReader, number: int, who: OwnerIdentity) -> bool:
    try:
        reader.open_epoch(reader.epochs()[number], who.unseal)
    except NotAllowed:
        return False
    return True


def test_a_running_recorder_follows_without_a_gap(new_camera: NewCamera) -> None:
    agent = new_camera()
    with agent.started():
        said = agent.done("recipients", "add", DEPUTY.recipient(), "--name", "副 管理者")
        assert "within ten seconds" in said
        wait_until(lambda: opened_by(agent, DEPUTY) == [False, True], "a new epoch opens for the deputy")
        good = agent.places.recipients.read_bytes()
        agent.places.recipients.write_bytes(b"# nobody\n")
        assert "still sealed to the recipients before" in agent.wait_fault("recipients")
        agent.wait_recording(2)
        agent.places.recipients.write_bytes(good)
        agent.done("recipients", "remove", DEPUTY.recipient())
        wait_until(lambda: opened_by(agent, DEPUTY) == [False, True, False], "the next one does not")
        wait_until(lambda: "recipients" not in agent.faults(), "the fault is over")
    assert opened_by(agent, owner()[2]) == [True] * 3
    (stretch,) = agent.recordings()
    assert stretch["gap_cause"] == "first_start"
    lines = [line for line in agent.register_lines() if line.act is Act.KEY_CHANGE]
    assert [line.detail["what"] for line in lines[::2]] == ["recipient added", "recipient removed"]
    assert lines[0].detail["name"] == "副 管理者"
    assert [line.completes for line in lines[1::2]] == [line.sequence for line in lines[::2]]
    assert "every invariant holds" in agent.done("check")


def test_recorded_footage_goes_over_when_nothing_is_recorded(new_camera: NewCamera) -> None:
    agent = new_camera()
    with agent.started():
        agent.wait_recording(2)
        refused = agent.command("recipients", "add", DEPUTY.recipient(), "--past")
        assert "stop edgecam first" in refused.refusal
    before = agent.copy("before.mp4")[0].stat().st_size
    said = agent.done("recipients", "add", DEPUTY.recipient(), "--past")
    assert "1 epochs, and 0 that are held, are sealed to the same 2 now" in said
    assert (opened_by(agent, DEPUTY), opened_by(agent, owner()[2])) == ([True], [True])
    assert "every invariant holds" in agent.done("check")
    assert agent.copy("after.mp4")[0].stat().st_size == pytest.approx(before, rel=0.01)
    # What was cut off is completed by doing it again.
    agent.done("recipients", "add", DEPUTY.recipient(), "--past")
    wrong = agent.command("recipients", "remove", DEPUTY.recipient(), "--past", EDGECAM_PASSPHRASE="wrong")
    assert "passphrase does not open" in wrong.refusal
    # The camera changes hands with its footage.
    away = ("recipients", "remove", owner()[0], "--past")
    assert "would open nothing" in agent.command(*away).refusal
    taken = agent.command("passphrase", "--kit", EDGECAM_KIT=DEPUTY.secret(), EDGECAM_NEW_PASSPHRASE=NEW)
    assert taken.code == 0, taken.err
    gone = agent.command(*away, EDGECAM_PASSPHRASE=NEW)
    assert gone.code == 0, gone.err
    assert (opened_by(agent, DEPUTY), opened_by(agent, owner()[2])) == ([True], [False])
    with agent.started():
        agent.wait_recording(2)
    assert (opened_by(agent, DEPUTY), opened_by(agent, owner()[2])) == ([True, True], [False, False])
    assert "every invariant holds" in agent.done("check")


def test_the_list_and_what_is_refused(new_camera: NewCamera) -> None:
    agent = new_camera()
    first = owner()[0]
    assert agent.command("recipients", "--json").json() == [{"recipient": first, "name": ""}]
    assert first in agent.done("recipients")
    text = agent.places.recipients.read_text()
    for arguments, sentence in (
        (("add", first), "already"),
        (("add", "age1nonsense"), "not an age recipient"),
        (("add", DEPUTY.recipient(), "--name", "two\nlines"), "one line"),
        (("remove", DEPUTY.recipient()), "not a recipient here"),
        (("remove", first), "last recipient"),
    ):
        assert sentence in agent.command("recipients", *arguments).refusal
    assert agent.places.recipients.read_text() == text
    for _ in range(24):
        stranger = OwnerIdentity(pyrage.x25519.Identity.generate()).recipient()
        agent.places.recipients.write_text(agent.places.recipients.read_text() + f"{stranger}\n")
    assert "26 recipients are more than the 25" in agent.command("recipients", "add", DEPUTY.recipient()).refusal
