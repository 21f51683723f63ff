"""Light goes through the mask into fragments; a lost source is opened again; no failure lets a raw pixel by."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from fakes.masksets import mask_set_of
from fakes.source import INTERVAL_NS, ScriptedSource

from edgecam.capture.pipeline import Collaborators, Pipeline
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput, Bug, EdgecamError, Unavailable
from edgecam.core.frames import Fragment, MaskedFrame, Source, SourceFormat
from edgecam.core.picture import Picture
from edgecam.masking.burn import Burner
from edgecam.masking.drawing import Mask
from edgecam.masking.fill import FILL_Y
from edgecam.masking.shrink import small_size_for

LEFT_HALF = Mask(name="left", reason="other", polygon=((0, 0), (0.5, 0), (0.5, 1), (0, 1)))
MASKS = mask_set_of(LEFT_HALF)
LOST = Unavailable("the camera was unplugged")
CHANGED = BadInput("the picture changed its size")


class KeepingEncoder:
    """The `Encoder` contract: keeps a copy of every masked frame, in one fragment per opening."""

    def __init__(self, deliver: Callable[[Fragment], None], refuse: EdgecamError | None, inline: bool) -> None:
        self._deliver, self._refuse, self._inline = deliver, refuse, inline
        self.threads: set[int] = set()
        self.frames: list[tuple[int, np.ndarray]] = []

    @property
    def inline(self) -> bool:
        return self._inline

    def encode(self, frame: MaskedFrame) -> None:
        self.threads.add(threading.get_ident())
        if self._refuse is not None and len(self.frames) == 2:
            raise self._refuse
        self.frames.append((frame.sequence, frame.full.y.copy()))

    def set_bit_rate_kbps(self, rate: int) -> None:
        pass  # keeps every frame whole

    def close(self) -> None:
        if self.frames:
            data = bytes(number for number, _ in self.frames)
            self._deliver(Fragment(b"", data, 0, 1, len(data), bytes(32), False))


class Stand:
    """A pipeline over scripted sources, one for each opening; it stops when the last one is over."""

    def __init__(
        self,
        scripts: Sequence[Sequence[int | EdgecamError] | EdgecamError],
        small_interval_s: float = 0.2,
        encoder_refuses: EdgecamError | None = None,
        inline: bool = False,
        is_open: Callable[[], bool] = lambda: True,
    ) -> None:
        self._inline = inline
        self.sources = [
            ScriptedSource([], refuse=script) if isinstance(script, EdgecamError) else ScriptedSource(script)
            for script in scripts
        ]
        self._next = iter(self.sources)
        self._refusals = iter([encoder_refuses])
        self.encoders: list[KeepingEncoder] = []
        self.delivered: list[bytes] = []
        self.shown: list[tuple[int, int]] = []
        self.interruptions: list[str] = []
        self.stalls: list[int] = []
        self.pipeline = Pipeline(
            Collaborators(
                source=lambda: next(self._next),
                burner=lambda f: Burner(MASKS, (f.width, f.height), small_size_for(f.width, f.height, 32)),
                encoder=self._encoder,
                show_small=lambda _format: self._show,
                deliver=lambda fragment: self.delivered.append(fragment.data),
                interrupted=self.interruptions.append,
                stalled=self.stalls.append,
                is_open=is_open,
            ),
            SystemClock(),
            small_interval_s,
        )

    def _encoder(
        self, _source: Source, _format: SourceFormat, deliver: Callable[[Fragment], None]
    ) -> KeepingEncoder:
        self.encoders.append(KeepingEncoder(deliver, next(self._refusals, None), self._inline))
        return self.encoders[-1]

    def _show(self, small: Picture, frame: MaskedFrame) -> None:
        assert np.all(small.y[:, : small.width // 2] == FILL_Y)
        self.shown.append((frame.sequence, int(small.y[0, -1])))

    def run(self) -> None:
        self.pipeline.run(threading.Event())


@pytest.mark.row("M2")
def test_every_frame_is_masked_before_the_encoder_sees_it() -> None:
    stand = Stand([range(20)])
    stand.run()
    frames = stand.encoders[0].frames
    assert [number for number, _ in frames] == list(range(20))
    for number, luma in frames:
        assert np.all(luma[:, :32] == FILL_Y)
        assert np.all(luma[:, 40:] == 200 - number)
    assert stand.pipeline.frames == 20
    assert stand.pipeline.frames_dropped == 0


def test_small_frames_come_at_their_own_pace() -> None:
    stand = Stand([range(20)], small_interval_s=5 * INTERVAL_NS / NS_PER_S)
    stand.run()
    assert [number for number, _ in stand.shown] == [0, 5, 10, 15]


@pytest.mark.row("C5")
@pytest.mark.parametrize("trouble", [LOST, CHANGED])
def test_a_source_that_was_lost_is_opened_again(trouble: EdgecamError) -> None:
    stand = Stand([[0, 1, trouble], [2, 3]])
    stand.run()
    assert stand.delivered == [bytes([0, 1]), bytes([2, 3])]
    assert stand.interruptions == ["source_lost"]
    assert [source.closed for source in stand.sources] == [1, 1]
    assert stand.pipeline.fault is None


@pytest.mark.row("C5")
def test_a_camera_that_is_away_at_first_is_waited_for() -> None:
    stand = Stand([LOST, [0, 1]])
    stand.run()
    assert stand.delivered == [bytes([0, 1])]


def test_a_source_that_can_never_work_is_told_at_once() -> None:
    stand = Stand([BadInput("no such file")])
    with pytest.raises(BadInput, match="no such file"):
        stand.run()
    assert stand.sources[0].closed == 1


def test_an_inline_encoder_is_fed_while_the_source_hands_over() -> None:
    inline, own = Stand([range(5)], inline=True), Stand([range(5)])
    inline.run()
    own.run()
    assert inline.encoders[0].threads == {threading.get_ident()}
    assert threading.get_ident() not in own.encoders[0].threads
    assert inline.delivered == own.delivered == [bytes(range(5))]


@pytest.mark.row("C5")
@pytest.mark.parametrize("inline", [False, True])
def test_a_broken_encoder_is_made_anew_and_what_it_had_is_kept(inline: bool) -> None:
    stand = Stand([range(8), [20, 21]], encoder_refuses=Bug("libx264 refused a frame"), inline=inline)
    stand.run()
    assert stand.delivered == [bytes([0, 1]), bytes([20, 21])]
    assert stand.interruptions == ["encoder"]


def test_a_stop_ends_it_and_keeps_what_there_is() -> None:
    stand = Stand([range(100)])
    stop = threading.Event()
    take = stand._show

    def show(small: Picture, frame: MaskedFrame) -> None:
        take(small, frame)
        if frame.sequence >= 4:
            stop.set()

    stand._show = show  # type: ignore[method-assign]
    stand.pipeline.run(stop)
    assert 0 < len(stand.delivered[0]) < 100


class Hours:
    """Recording hours that end after ``frames`` looks, and begin again after ``rest`` more."""

    def __init__(self, frames: int, rest: int) -> None:
        self._frames, self._rest = frames, rest
        self.looks = 0

    def is_open(self) -> bool:
        self.looks += 1
        return self.looks <= self._frames or self.looks > self._frames + self._rest


@pytest.mark.row("C6")
def test_outside_the_hours_the_camera_is_closed_and_opened_again_when_they_begin() -> None:
    hours = Hours(frames=5, rest=4)
    stand = Stand([range(100), range(50, 53)], is_open=hours.is_open)
    stand.run()
    # It looks once before the camera is opened, then before each frame, and when the source has ended.
    assert stand.delivered == [bytes(range(4)), bytes(range(50, 53))]
    assert stand.interruptions == ["timetable"]
    assert [source.closed for source in stand.sources] == [1, 1]
    assert not stand.pipeline.resting
    assert stand.pipeline.fault is None


@pytest.mark.row("C6")
def test_a_start_outside_the_hours_opens_nothing_and_a_stop_ends_the_rest() -> None:
    stop = threading.Event()
    hours = Hours(frames=0, rest=1 << 30)
    stand = Stand([], is_open=hours.is_open)
    thread = threading.Thread(target=stand.pipeline.run, args=(stop,))
    thread.start()
    while not stand.pipeline.resting:
        assert thread.is_alive()
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
    assert (stand.encoders, stand.delivered, stand.interruptions) == ([], [], ["timetable"])


@pytest.mark.row("C4")
def test_a_silence_of_the_source_is_told_with_its_end() -> None:
    stand = Stand([[0, 1, 2, 30, 31]])
    stand.run()
    assert stand.stalls == [30 * INTERVAL_NS]
    assert stand.interruptions == []
