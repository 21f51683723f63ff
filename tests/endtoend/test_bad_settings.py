"""Settings that cannot be used are refused by every command, naming the key, the value and what is allowed."""

from __future__ import annotations

import pytest
from agentstand import NewCamera

from edgecam.core.errors import BadInput
from edgecam.settings import load_settings

COMMANDS = (
    ("run",),
    ("setup",),
    ("status",),
    ("recordings",),
    ("check",),
    ("dispose", "--yes"),
    ("export", "--from", "-1m", "-o", "x.mp4"),
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[camera]\nnmae = 'x'\n", ("camera.nmae", "name, site, source")),
        ("[kamera]\nname = 'x'\n", ("kamera", "the sections are camera")),
        ("name = 'x'\n", ("name is not a setting",)),
        ("[camera]\nfps = 1e9\n", ("camera.fps", "1000000000.0", "120")),
        ("[camera]\nfps = nan\n", ("camera.fps", "nan")),
        ("[camera]\nwidth = -5\n", ("camera.width", "-5", "64")),
        ("[camera]\nwidth = 'wide'\n", ("camera.width", "'wide'")),
        ("[camera]\nrotation = 45\n", ("camera.rotation", "45", "0, 90, 180")),
        ("[encoder]\nkeyframe_interval_s = 60\n", ("encoder.keyframe_interval_s", "60", "2")),
        ("[ring]\nsize_gib = 99999999999\n", ("ring.size_gib", "99999999999", "65536")),
        ("[ring]\nsize_gib = 0\n", ("ring.size_gib", "0")),
        ("[retention]\npolicy = 'forever'\n", ("retention.policy", "'forever'", "kumagaya")),
        ("[retention]\npolicy = 'own'\ndays = inf\n", ("retention.days", "inf")),
        ("[telemetry]\nbroker = 'http://example.org'\n", ("telemetry.broker", "mqtt://")),
        ("[web]\nport = 123456\n", ("web.port", "123456", "65535")),
        ("[camera]\nname = 'a/b'\n[camera]\n", ("is not TOML",)),
        ("camera: {name: x}\n", ("is not TOML",)),
        ("\x00\x01", ("is not TOML",)),
    ],
)
def test_the_sentence_names_key_value_and_what_is_allowed(
    new_camera: NewCamera, text: str, named: tuple[str, ...]
) -> None:
    agent = new_camera(made=False)
    agent.settings.write_text(text)
    with pytest.raises(BadInput) as refused:
        load_settings(agent.settings)
    refusal = str(refused.value)
    for part in (*named, str(agent.settings) if "TOML" in named[0] else ""):
        assert part in refusal


@pytest.mark.parametrize("text", ["[camera]\nfps = 'fast'\n", "[camera]\nnmae = 'x'\n", "camera: x\n"])
def test_every_command_refuses_them_alike(new_camera: NewCamera, text: str) -> None:
    agent = new_camera(made=False)
    agent.settings.write_text(text)
    commands = COMMANDS if "fast" in text else COMMANDS[:2]
    refusals = {agent.command(*command).refusal for command in commands}
    assert len(refusals) == 1
    assert str(agent.settings) in refusals.pop()


def test_settings_that_are_not_text_or_not_there(new_camera: NewCamera) -> None:
    agent = new_camera(made=False)
    agent.settings.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in agent.command("status").refusal
    agent.settings.unlink()
    assert "run `edgecam setup`" in agent.command("run").refusal
    agent.settings.mkdir()
    assert "cannot be read" in agent.command("run").refusal


def test_wrong_usage_is_told_apart_from_a_refusal(new_camera: NewCamera) -> None:
    agent = new_camera(made=False)
    for arguments in (("run", "--loud"), ("export",), ("run", "--for", "soon")):
        command = agent.command(*arguments)
        assert command.code == 2
        assert "Traceback" not in command.err
