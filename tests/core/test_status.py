"""Status files are replaced whole, and anything unreadable counts as silence."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.status import Fault, HubStatus, RecorderStatus, publish_status, read_status


def test_a_status_survives_its_file(tmp_path: Path) -> None:
    told = RecorderStatus(pid=3, recording=True, faults=[Fault("masks", "They are gone.")])
    publish_status(tmp_path / "recorder.json", told)
    assert read_status(tmp_path / "recorder.json", RecorderStatus) == told


def test_silence_is_none(tmp_path: Path) -> None:
    assert read_status(tmp_path / "hub.json", HubStatus) is None


json_values = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_status_or_silence(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hub.json"
        path.write_bytes(data)
        told = read_status(path, HubStatus)
        assert told is None or isinstance(told, HubStatus)
