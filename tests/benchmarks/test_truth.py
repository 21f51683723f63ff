"""What annotators and certifiers write, read as events that can be judged; and a folder of clips scored."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from parts.scoring import TrueEvent
from parts.truth import SCENE_KINDS, truth_of

from edgecam.analysis.rulebook import decode_rules
from edgecam.core.errors import BadInput
from edgecam.core.events import EventKind

pytestmark = pytest.mark.row("A5")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FRAMES_S = [number / 10 for number in range(100)]
KISA = """<?xml version="1.0" encoding="UTF-8"?>
<KisaLibraryIndex><Library><Scenario>Loitering</Scenario><Clip>
<Header><Filename>clip.mp4</Filename><Duration>00:05:00</Duration>
<Loitering><Point>12,12</Point><Point>100,12</Point><Point>100,70</Point></Loitering></Header>
<Alarms><Alarm><StartTime>00:03:01</StartTime><AlarmDescription>Loitering</AlarmDescription>
<AlarmDuration>00:00:10</AlarmDuration></Alarm></Alarms></Clip></Library></KisaLibraryIndex>"""
ILIDS = """<IlidsLibraryIndex><Library><scenario>Parked Vehicle</scenario>
<clip><filename>OTHER.mov</filename></clip>
<clip><filename>CLIP.mov</filename><Alarms><Alarm><StartTime>00:00:02</StartTime><AlarmDescription>PV
</AlarmDescription><AlarmDuration>00:01:00</AlarmDuration></Alarm></Alarms></clip></Library></IlidsLibraryIndex>"""


def write(folder: Path, table: object, name: str = "clip.truth.json") -> Path:
    (folder / name).write_text(json.dumps(table))
    return folder / "clip.mp4"


def test_events_negatives_and_what_never_happens(tmp_path: Path) -> None:
    clip = write(
        tmp_path,
        {
            "events": [
                {"type": "tamper_covered", "t0": 8.1, "t1": 9.2},
                {"type": "sitting", "t0": 0, "t1": 1},
                {"type": "fall", "t0": None, "t1": None, "f0": 20, "f1": 45},
                {"type": "intrusion", "t0": 1, "t1": 2, "box": [0, 0, 1, 1]},
            ],
            "negatives": [{"f0": 0, "f1": 10, "why": "leaves"}, {"t0": 5, "t1": 6}],
            "counts": {"vehicles": 0, "distinct_people": 2},
        },
    )
    truth = truth_of(clip, FRAMES_S)
    assert truth is not None
    assert [(one.kind, one.start_s, one.end_s) for one in truth.events] == [
        ("covered", 8.1, 9.2),
        ("fall", 2.0, 4.5),
        ("intrusion", 1.0, 2.0),
    ]
    assert list(truth.events[2].box or ()) == [0, 0, 1, 1]
    assert [(one.start_s, one.end_s) for one in truth.negatives] == [(0.0, 1.0), (5.0, 6.0)]
    assert sorted(truth.absent) == ["vehicle"]
    untouched = truth_of(write(tmp_path, {"tamper": False}), FRAMES_S)
    assert untouched is not None
    assert sorted(untouched.absent) == sorted(SCENE_KINDS)


def test_a_thing_is_left_behind_only_when_its_owner_is_gone(tmp_path: Path) -> None:
    told = [{"type": "object_left", "t0": 3.1, "t1": 9.0}, {"type": "owner_left_view", "t0": 3.5, "t1": 9.0}]
    truth = truth_of(write(tmp_path, {"events": told}), FRAMES_S)
    assert truth is not None
    assert truth.events == (TrueEvent("abandoned_object", 3.5, 9.0),)


def test_others_may_have_come_by_where_nobody_counted(tmp_path: Path) -> None:
    told = {"events": [{"type": "person_present", "t0": 1, "t1": 2}]}
    truth = truth_of(write(tmp_path, told), FRAMES_S)
    assert truth is not None
    assert truth.partial == frozenset({"person"})
    truth = truth_of(write(tmp_path, {**told, "counts": {"distinct_people": 1}}), FRAMES_S)
    assert truth is not None
    assert truth.partial == frozenset()


def test_additions_are_added(tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    write(more, {"events": [{"type": "loitering", "t0": 3, "t1": 4}], "unscored": [{"t0": 0, "t1": 1}]})
    clip = write(tmp_path, {"events": [{"type": "person_present", "t0": 1, "t1": 2}]})
    truth = truth_of(clip, FRAMES_S, more)
    assert truth is not None
    assert [one.kind for one in truth.events] == ["person", "loitering"]
    assert truth.unscored[0].holds("anything", 0.5)


def test_the_libraries_of_certifiers(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    (tmp_path / "index.xml").write_text(ILIDS)
    truth = truth_of(clip, FRAMES_S)
    assert truth is not None
    assert truth.events == (TrueEvent("parked_vehicle", 2.0, 62.0),)
    (tmp_path / "clip.xml").write_text(KISA)
    truth = truth_of(clip, FRAMES_S)
    assert truth is not None
    assert truth.events == (TrueEvent("loitering", 181.0, 191.0),)
    assert truth_of(tmp_path / "unknown.mp4", FRAMES_S) is None
    (tmp_path / "clip.xml").write_text("<Kisa")
    with pytest.raises(BadInput, match="no library"):
        truth_of(clip, FRAMES_S)


def test_what_is_no_truth(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    for text in ("", "[]", "{"):
        (tmp_path / "clip.truth.json").write_text(text)
        with pytest.raises(BadInput, match="no truth file"):
            truth_of(clip, FRAMES_S)


def test_our_own_rules_and_truth_can_be_read() -> None:
    folder = BENCHMARKS / "rules"
    books = {path.name: decode_rules(path.read_text()) for path in folder.glob("*.rules.toml")}
    kinds = {rule.kind for book in books.values() for rule in book.rules}
    assert {EventKind.INTRUSION, EventKind.LINE_CROSSING, EventKind.ABANDONED_OBJECT, EventKind.FALL} <= kinds
    for path in folder.glob("*.truth.json"):
        clip = path.with_name(path.name.replace(".truth.json", ".mp4"))
        truth = truth_of(clip, FRAMES_S)
        assert truth is not None
        assert truth.events or truth.unscored


def test_a_folder_is_scored_and_says_what_it_cannot(tmp_path: Path) -> None:
    empty = _scored(tmp_path)
    assert empty.returncode == 1
    assert "holds no video with a truth file" in empty.stderr
    _still(tmp_path / "clip.mp4")
    write(tmp_path, {"events": [{"type": "intrusion", "t0": 2, "t1": 3}], "negatives": [{"t0": 0, "t1": 1}]})
    told = json.loads(_scored(tmp_path, "--json").stdout)
    intrusion = told["overall"]["intrusion"]
    assert (intrusion["events"], intrusion["missed"], intrusion["f1"]) == (1, 1, 0)
    assert intrusion["delay_p95_s"] is None
    assert told["false_alarms"]["count"] == 0
    assert told["false_alarms"]["hours"] == pytest.approx(1 / 3600, abs=1e-4)
    table = _scored(tmp_path).stdout
    assert "all clips" in table
    assert "intrusion" in table


def _scored(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "score_analysis.py"), str(folder), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _still(path: Path) -> None:
    """Four seconds in which nothing happens."""
    chance = np.random.default_rng(8)
    scene = np.repeat(np.repeat(chance.integers(40, 200, (12, 16, 3), np.uint8), 10, 0), 10, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(40):
            noisy = np.clip(scene + chance.normal(0, 2, scene.shape), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
