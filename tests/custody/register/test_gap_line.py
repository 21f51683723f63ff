"""Every gap has one line in the register, with its footage, cause and length, however often it is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from custodystand import Camera

from edgecam.core.clock import NS_PER_S
from edgecam.custody.register.gap_line import register_gap
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.gaps import Gap

GAP = Gap(1_000 * NS_PER_S, 1_004 * NS_PER_S, 4 * NS_PER_S, GapCause.SOURCE_LOST, 77)


def lines(camera: Camera) -> list[RegisterLine]:
    return [decode_line(line) for line in camera.register().path.read_bytes().splitlines(keepends=True)]


@pytest.mark.row("C4")
def test_a_gap_is_told_once_with_everything_known_of_it(camera: Camera) -> None:
    register_gap(camera.register(), GAP)
    camera.register().write(Act.ERASURE, who="recorder", purpose="retention")
    register_gap(camera.register(), GAP)
    told, _ = lines(camera)
    assert (told.act, told.from_wall_ns, told.to_wall_ns) == (Act.GAP, GAP.from_wall_ns, GAP.to_wall_ns)
    assert told.detail == {"cause": "source_lost", "length_s": "4.000", "segment": "77"}
    assert verify_register(camera.register().path, camera.key.public).genuine


@pytest.mark.row("C4")
def test_other_gaps_are_other_lines_and_an_unknown_length_is_no_number(camera: Camera) -> None:
    register_gap(camera.register(), GAP)
    register_gap(camera.register(), replace(GAP, sequence=78, length_ns=None))
    # Another ring counts its segments anew.
    register_gap(camera.register(), replace(GAP, to_wall_ns=2_000 * NS_PER_S))
    assert [line.detail["length_s"] for line in lines(camera)] == ["4.000", "unknown", "4.000"]


def test_a_torn_line_is_nobodys(camera: Camera) -> None:
    register_gap(camera.register(), GAP)
    whole = camera.register().path.read_bytes()
    camera.register().path.write_bytes(whole[:-40])
    register_gap(camera.register(), GAP)
    assert [line.act for line in lines(camera)] == [Act.REPAIR, Act.GAP]
