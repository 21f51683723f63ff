"""The notify protocol, against a real socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edgecam.core.process import SUPERVISED
from edgecam.core.servicemanager import service_manager

pytestmark = pytest.mark.row("I3")


@pytest.fixture
def heard() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.mark.parametrize("abstract", [False, True])
def test_it_hears_that_a_part_is_ready_and_how_it_goes(
    abstract: bool, heard: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"@{tmp_path}" if abstract else str(tmp_path / "notify")
    heard.bind(f"\0{tmp_path}" if abstract else address)
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    manager = service_manager()
    assert manager is not None
    manager.is_ready()
    manager.beat("recording,\nWATCHDOG_USEC=1 카메라 " + "x" * 1000)
    assert heard.recv(4096) == b"READY=1"
    status, beat = heard.recv(4096).decode().split("\n")
    assert status.startswith("STATUS=recording, WATCHDOG_USEC=1 카메라 xxx"), "a status cannot say anything else"
    assert len(status) < 320
    assert beat == "WATCHDOG=1"
    heard.close()
    manager.beat("nobody listens")


@pytest.mark.parametrize("address", [None, "", "vsock:2:1"])
def test_without_a_manager_nobody_is_told(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert service_manager() is None


def test_a_supervised_part_leaves_telling_to_its_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    monkeypatch.setenv(SUPERVISED, "1")
    assert service_manager() is None
