"""`edgecam register`: lists, proves and hands out what every process of the camera wrote."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from agentstand import Agent, camera

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_head import head_of
from edgecam.custody.register.register_line import Act

pytestmark = pytest.mark.row("G3")


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    sections = {"retention": {"timezone": "Asia/Seoul"}, "notice": {"place": "정문"}}
    with camera(tmp_path_factory.mktemp("camera"), sections=sections) as agent:
        register = Register(agent.places.register, agent.key.sign, agent.key.public)
        footage = (1_772_352_000 * NS_PER_S, 1_772_355_600 * NS_PER_S)
        register.write(Act.VIEW, who="김", purpose="\x1b[2Ja look", footage=footage)
        told = {"recipient": "경찰서", "legal_basis": "형사소송법 제199조", "file": "a.mp4"}
        register.write(Act.DISCLOSURE, who="owner", purpose="수사", footage=footage, detail=told)
        yield agent


def test_lines_are_listed_newest_last_and_move_no_cursor(agent: Agent) -> None:
    told = agent.done("register", "list").splitlines()
    assert "view by 김 of 2026-03-01 08:00:00.000 UTC to" in told[-2]
    assert "disclosure by owner" in told[-1]
    assert "recipient='경찰서'" in told[-1]
    assert "\x1b" not in "".join(told)
    listed = json.loads(agent.done("register", "list", "--json", "--act", "view"))
    assert [(line["act"], line["who"], line["from"]) for line in listed] == [
        ("view", "김", "2026-03-01 08:00:00.000 UTC")
    ]
    assert len(json.loads(agent.done("register", "list", "--json", "--who", "OWN"))) == 1
    assert json.loads(agent.done("register", "list", "--json", "--to", "-1d")) == []
    assert "not after" in agent.command("register", "list", "--from", "now", "--to", "-1h").refusal
    assert agent.command("register", "list", "--act", "nonsense").code == 2


def test_a_form_comes_out_filled_and_that_is_registered(agent: Agent, tmp_path: Path) -> None:
    out = tmp_path / "form.csv"
    agent.done("register", "export", "-o", str(out), "--form", "gwangju1", "--by", "박", "--purpose", "감사")
    titles, *rows = csv.reader(io.StringIO(out.read_text("utf-8-sig")))
    assert titles[:4] == ["번호", "구분", "일시", "파일명/형태"]
    assert [row[1] for row in rows] == ["이용", "제공"]
    assert "2026-03-01 17:00" in rows[1][3]
    assert "exists already" in agent.command("register", "export", "-o", str(out)).refusal
    asked, done = agent.register_lines()[-2:]
    assert (asked.act, asked.who, asked.purpose, asked.detail["columns"]) == (Act.BOOK, "박", "감사", "gwangju1")
    assert done.detail["outcome"] == "done"
    inzai = tmp_path / "inzai.csv"
    agent.done("register", "export", "-o", str(inzai), "--form", "inzai2", "--act", "view")
    _, row = csv.reader(io.StringIO(inzai.read_text("utf-8-sig")))
    assert row[8] == "정문"


def test_what_was_changed_or_cut_is_named(agent: Agent, tmp_path: Path) -> None:
    path = agent.places.register
    last = agent.register_lines()[-1]
    signed = head_of(last, SystemClock().now(), agent.key.sign)
    at = {"utc": signed.utc, "trust": signed.trust}
    kept = tmp_path / "head.json"
    told = {"lines": last.sequence, "sha256": last.hash.hex(), "at": at, "signature": signed.signature.hex()}
    kept.write_text(json.dumps(told))
    assert f"lines 1 to {last.sequence}: unbroken" in agent.done("register", "verify")
    assert "1 head kept elsewhere agrees" in agent.done("register", "verify", "--head", str(kept))
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    try:
        path.write_bytes(b"".join(lines[:-1]))
        assert "only a head" in agent.done("register", "verify")
        cut = agent.command("register", "verify", "--head", str(kept))
        assert (cut.code, f"line {last.sequence} is missing" in cut.out) == (1, True)
        for name, content, line in (
            ("changed", whole.replace("경찰서".encode(), "소방서".encode()), _line_of(lines, "경찰서")),
            ("missing", b"".join(lines[:1] + lines[2:]), 2),
            ("reordered", b"".join([lines[1], lines[0], *lines[2:]]), 1),
            ("truncated", whole[:-10], last.sequence),
        ):
            path.write_bytes(content)
            judged = agent.command("register", "verify", "--json")
            fault = json.loads(judged.out)["fault"]
            assert (judged.code, fault["line"], fault["trouble"]) == (1, line, name), judged.out
        kept.write_text("{}")
        assert "something else than heads" in agent.command("register", "verify", "--head", str(kept)).refusal
    finally:
        path.write_bytes(whole)


def _line_of(lines: list[bytes], word: str) -> int:
    return next(number for number, data in enumerate(lines, 1) if word.encode() in data)


@pytest.mark.row("G1")
def test_what_only_a_person_knows_is_told_with_options(agent: Agent) -> None:
    held = agent.command("hold", "--from", "-1h", "--reason", "x", "--by", "김", "--affiliation", "a\nb")
    assert "not one line" in held.refusal or "nothing" in held.refusal
    refused = agent.command("export", "-o", "x.mp4", "--from", "-1h", "--use", "sometimes")
    assert "within, outside, provision" in refused.refusal
