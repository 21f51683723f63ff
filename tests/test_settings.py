"""One file, every key explained, and an error that names key, value and what is allowed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.rulebook import decode_rules
from edgecam.choices import retention_of, source_of
from edgecam.core.errors import BadInput
from edgecam.settings import Settings, changed_toml, commented_toml, decode_settings, find_settings, load_settings


def test_what_setup_writes_means_the_defaults() -> None:
    text = commented_toml(Settings())
    assert decode_settings(text) == Settings()


def test_every_key_is_explained() -> None:
    lines = commented_toml(Settings()).splitlines()
    keys = [number for number, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert len(keys) > 25
    assert all(lines[number - 1].startswith("# ") and len(lines[number - 1]) > 8 for number in keys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[camera]\nfsp = 3", "camera.fsp is not a setting; [camera] knows name, site, source"),
        ("[camra]\nfps = 3", "camra is not a setting; the sections are camera, encoder"),
        ("[camera]\nfps = -3", "camera.fps = -3 is not allowed: input should be greater than 0"),
        ("[camera]\nfps = 1e9", "less than or equal to 120"),
        ("[camera]\nwidth = 10000000", "camera.width = 10000000 is not allowed"),
        ("[camera]\nrotation = 45", "0, 90, 180 or 270"),
        ("[camera]\nname = 'a/b'", "camera.name = 'a/b' is not allowed"),
        ("[ring]\nsize_gib = 0", "ring.size_gib = 0 is not allowed"),
        ("[ring]\nsize_gib = nan", "ring.size_gib"),
        ("[retention]\ndays = 4000", "retention.days = 4000 is not allowed"),
        ("[encoder]\nkeyframe_interval_s = 5", "less than or equal to 2"),
        ("[telemetry]\nbroker = 'http://x'", "must be embedded, off, mqtt://host:port or mqtts://host:port"),
        ("camera = 3", "camera = 3 is not allowed"),
        ("[camera", "is not TOML"),
        ("[camera]\nfps = 'fast'", "camera.fps = 'fast' is not allowed"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(BadInput) as told:
        decode_settings(text)
    assert said in str(told.value)


@given(st.text())
def test_any_text_is_settings_or_bad_input(text: str) -> None:
    try:
        assert isinstance(decode_settings(text), Settings)
    except BadInput:
        return


toml_values = st.recursive(
    st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | st.dates() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.row("A3")
@given(st.lists(st.dictionaries(st.text(max_size=6), toml_values, max_size=4), max_size=3))
def test_rules_are_written_as_they_were_read(tables: list[dict[str, object]]) -> None:
    settings = Settings.model_validate({"rule": tables, "zone": tables[:1]})
    assert decode_settings(commented_toml(settings)) == settings


@pytest.mark.row("A3")
def test_a_wrong_rule_does_not_keep_the_settings_from_being_read() -> None:
    text = "[[zone]]\nname = 'a'\npolygon = [[0, 0], [2, 2]]\n[[rule]]\nkind = 'arson'\n"
    settings = decode_settings("[camera]\nname = 'x'\n" + text)
    assert (len(settings.rules["zone"]), settings.rules["rule"]) == (1, ({"kind": "arson"},))
    changes: dict[str, dict[str, object]] = {"camera": {"name": "y"}, "analysis": {"person": False}}
    changed = changed_toml("[camera]\nname = 'x'\n" + text, changes)
    assert decode_settings(changed).rules == settings.rules
    assert not decode_settings(changed).analysis.person


def test_the_example_of_a_rule_that_setup_writes_is_one() -> None:
    lines = commented_toml(Settings()).splitlines()
    begin = lines.index("# [[zone]]")
    example = "\n".join(line.removeprefix("# ") for line in lines[begin:])
    book = decode_rules(example)
    assert [rule.place for rule in book.rules] == ["lawn"]


def test_a_missing_file_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="edgecam setup"):
        load_settings(tmp_path / "edgecam.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "edgecam.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="cannot be read"):
        load_settings(tmp_path / "edgecam.toml")


def test_the_environment_names_the_file_unless_the_caller_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGECAM_SETTINGS", "/somewhere/camera.toml")
    assert find_settings(None) == Path("/somewhere/camera.toml")
    assert find_settings(Path("mine.toml")) == Path("mine.toml")


@pytest.mark.row("R1")
@pytest.mark.parametrize(("policy", "days"), [("kumagaya", 14), ("inzai", 20), ("gwangju", 15), ("daejeon", 30)])
def test_a_policy_means_the_days_of_its_guideline(policy: str, days: float) -> None:
    assert retention_of(decode_settings(f"[retention]\npolicy = '{policy}'\ndays = 3")).days == days


def test_an_own_policy_means_the_owners_days() -> None:
    assert retention_of(decode_settings("[retention]\npolicy = 'own'\ndays = 2.5")).days == 2.5


def test_a_named_source_is_taken_and_an_override_wins() -> None:
    settings = decode_settings("[camera]\nsource = 'file:a.mp4'")
    assert source_of(settings) == "file:a.mp4"
    assert source_of(settings, "scene:night") == "scene:night"
    assert source_of(Settings()).startswith(("picamera:", "v4l2:", "scene:street"))
