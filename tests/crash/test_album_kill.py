"""The observer is killed while it keeps pictures, again and again: what was committed opens, and it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from albumstand import StoryClock, album_camera, kept, opened, shot_job

from edgecam.eventlog import hours_in, path_of, read_hour
from edgecam.ringbuffer.check import check_ring
from edgecam.ringbuffer.medium import FileMedium
from edgecam.sealedalbum import SealedAlbum

_KEEPS_UNTIL_KILLED = """
    import sys
    from pathlib import Path
    from albumstand import StoryClock, event, kept, movement_job, shot_job
    from edgecam.places import find_places
    from edgecam.sealedalbum import SealedAlbum
    from edgecam.writtenevents import WrittenEvents

    settings, places = find_places(Path(sys.argv[1]))
    clock = StoryClock()
    clock.seconds = float(sys.argv[2])
    album, written = SealedAlbum(settings, places, clock), WrittenEvents(settings, places, clock)
    for number in range(int(sys.argv[2]), int(sys.argv[2]) + 500):
        clock.seconds += 1
        written.append([event(number, clock)])
        kept(album, movement_job(number, clock) if number % 5 == 0 else shot_job(number, clock))
        album.tend()
        print(len(str(number)), flush=True)
"""


@pytest.mark.row("R4")
@pytest.mark.parametrize("lines", [1, 2, 3, 7, 12])
def test_what_was_kept_before_a_kill_is_there_after_it(lines: int, tmp_path: Path) -> None:
    script = tmp_path / "keeps.py"
    script.write_text(textwrap.dedent(_KEEPS_UNTIL_KILLED))
    path = os.pathsep.join(str(Path(__file__).parent.parent / part) for part in (".", "ringbuffer"))
    with album_camera(size_mib=64) as (settings, places, _):
        known = 0
        for start in (0, 1000, 2000):
            process = subprocess.Popen(
                [sys.executable, str(script), str(places.settings), str(start)],
                env={**os.environ, "PYTHONPATH": path},
                stdout=subprocess.PIPE,
            )
            assert process.stdout is not None
            for _line in range(lines):
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
            assert check_ring(FileMedium.open(places.album, writable=False)) == []
            found = len(opened(places))
            assert found >= known + lines
            known = found
        events = [one for hour in hours_in(places.events) for one in read_hour(path_of(places.events, hour))]
        assert len(events) >= 3 * lines
        clock = StoryClock()
        clock.seconds = 4000
        album = SealedAlbum(settings, places, clock)
        kept(album, shot_job(4000, clock))
        assert len(opened(places)) == known + 1
