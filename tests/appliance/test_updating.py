"""Updates from a file to the restart, going back, what stands in the way, and what is said of it afterwards."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from bundlestand import NEWER, RELEASE, ROOTFS, Workshop, require_tools, run
from hypothesis import given
from hypothesis import strategies as st
from test_bootslots import slots_in

from edgecam.appliance.bootslots import BootChoice, BootSlots, Slot, State, answer, encode_choice
from edgecam.appliance.deferral import Deferral
from edgecam.appliance.offer import Offer, decode_offer, fetch_offer
from edgecam.appliance.rauc import RaucCommand
from edgecam.appliance.release import Version
from edgecam.appliance.updatenotes import (
    Attempt,
    Expected,
    Looked,
    Note,
    Refused,
    UpdateNotes,
    decode_attempt,
    decode_deferral,
    decode_expected,
    decode_looked,
    decode_refused,
    encode_note,
)
from edgecam.appliance.updateorder import UpdateOrder
from edgecam.appliance.updateservice import is_night, is_overdue, is_plugged_in_now, obey, spend_night
from edgecam.appliance.updating import Machine, Updates
from edgecam.core.clock import NS_PER_S, Instant, SystemClock, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, EdgecamError, NotAllowed, Unavailable
from edgecam.core.status import Fault, HubStatus, RecorderStatus, publish_status
from edgecam.places import Places
from edgecam.settings import UpdateSettings, decode_settings

pytestmark = pytest.mark.row("I2")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    require_tools()
    folder = tmp_path_factory.mktemp("updating")
    yield Workshop(folder)
    shutil.rmtree(folder)


@dataclass
class SlotRauc:
    """RAUC as far as a machine without dm-verity can have it: real signatures, our backend asked as it asks it.

    ``breaks`` is what writing the slot ends with.
    """

    verified: RaucCommand
    slots: BootSlots
    root_b: Path
    breaks: EdgecamError | None = None

    def info(self, source: str) -> bytes:
        return self.verified.info(source)

    def install(self, source: str) -> None:
        other = self.slots.running().other
        answer(["set-state", other, "bad"], self.slots)
        self.root_b.write_bytes(b"half")
        if self.breaks is not None:
            raise self.breaks
        self.root_b.write_bytes(Path(source).read_bytes())
        answer(["set-primary", other], self.slots)

    def activate_other(self) -> None:
        answer(["set-primary", self.slots.running().other], self.slots)

    def mark_running(self, good: bool) -> None:
        answer(["set-state", self.slots.running(), "good" if good else "bad"], self.slots)


@dataclass
class Camera:
    """A camera with two slots in ``folder``, running A."""

    folder: Path
    verified: RaucCommand
    url: str = ""
    restarts: list[BootChoice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slots = slots_in(self.folder)
        self.notes = UpdateNotes(self.folder)
        self.rauc = SlotRauc(self.verified, self.slots, self.folder / "root-b")
        ring = self.folder / "ring"
        self.places = Places(self.folder / "x.toml", self.folder, self.folder, ring, self.folder / "masks.json")
        self.places.masks.touch()  # somebody set it up

    @property
    def updates(self) -> Updates:
        machine = Machine(self.slots, self.rauc, self.restart, self.folder / "central.raucs")
        return Updates(RELEASE, self.url, self.places, machine, self.notes, SystemClock())

    def restart(self) -> None:
        self.restarts.append(self.slots.choice())

    def started(self, slot: str) -> Camera:
        """What a start of that slot finds."""
        slots_in(self.folder, self.slots.choice_path.read_bytes(), slot)
        return self


@pytest.fixture
def camera(tmp_path: Path, workshop: Workshop) -> Camera:
    return Camera(tmp_path, workshop.rauc())


def test_a_newer_version_is_written_and_tried(camera: Camera, workshop: Workshop) -> None:
    publish_status(camera.places.status_of("hub"), HubStatus(page="https://x", broker="connected"))
    publish_status(camera.places.status_of("recorder"), RecorderStatus(faults=[Fault("wear", "old")]))
    assert str(camera.updates.install(str(workshop.bundle())).version) == NEWER
    assert camera.restarts == [BootChoice(Slot.A, State.GOOD, State.TRIAL)]
    assert camera.notes.expected() == Expected(NEWER, page=True, broker=True, faults=("wear",))
    assert (camera.folder / "root-b").read_bytes() == workshop.bundle().read_bytes()
    standing = camera.started("B").updates.standing()
    assert (standing.slot, standing.on_trial, standing.refused) == ("B", True, None)


def test_the_folder_of_a_stick(camera: Camera, workshop: Workshop) -> None:
    camera.updates.install(str(workshop.bundle().parent))
    assert len(camera.restarts) == 1


REFUSED: dict[str, tuple[Callable[[Workshop], Path], str]] = {
    "somebody else's": (lambda shop: shop.bundle(whose="somebody"), "trusts"),
    "another board's": (lambda shop: shop.bundle(target="raspberrypi"), "another board"),
    "an older one": (lambda shop: shop.bundle("0.1.0"), "older"),
    "the same": (lambda shop: shop.bundle(str(RELEASE.version)), "runs already"),
    "none": (lambda shop: shop.folder / "none.raucb", "no file"),
    "an empty folder": (lambda shop: shop.folder / "content", "there is no bundle"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_is_refused_changes_nothing(camera: Camera, workshop: Workshop, which: str) -> None:
    make, words = REFUSED[which]
    before = camera.slots.choice_path.read_bytes()
    with pytest.raises(EdgecamError, match=words):
        camera.updates.install(str(make(workshop)))
    assert camera.slots.choice_path.read_bytes() == before
    assert not camera.restarts
    assert not (camera.folder / "root-b").exists()


def test_a_bundle_that_is_damaged_inside(camera: Camera, workshop: Workshop) -> None:
    """Found by dm-verity while it is written: the other slot is bad then, and nothing starts it."""
    camera.rauc.breaks = DataLoss("x is damaged")
    with pytest.raises(DataLoss):
        camera.updates.install(str(workshop.bundle()))
    assert camera.slots.choice() == BootChoice(Slot.A, State.GOOD, State.BAD)
    assert not camera.restarts
    with pytest.raises(NotAllowed, match="nothing to go back to"):
        camera.updates.rollback()


def test_not_while_one_is_on_trial(camera: Camera, workshop: Workshop) -> None:
    camera.updates.install(str(workshop.bundle()))
    with pytest.raises(NotAllowed, match="on trial itself"):
        camera.started("B").updates.install(str(workshop.bundle("0.4.0")))
    with pytest.raises(NotAllowed, match="on trial itself"):
        camera.updates.rollback()


def test_not_before_the_camera_is_set_up(camera: Camera, workshop: Workshop) -> None:
    camera.places.masks.unlink()
    with pytest.raises(NotAllowed, match="not set up"):
        camera.updates.install(str(workshop.bundle()))


@pytest.mark.parametrize("source", ["http://updates.example/x.raucb", "file:///etc/x.raucb", "ftp://x"])
def test_only_files_and_https(camera: Camera, source: str) -> None:
    with pytest.raises(BadInput, match="no https address"):
        camera.updates.install(source)


def test_back_and_forth(camera: Camera, workshop: Workshop) -> None:
    with pytest.raises(NotAllowed, match="holds no version that was good"):
        camera.updates.rollback()
    camera.updates.install(str(workshop.bundle()))
    camera.started("B").rauc.mark_running(good=True)
    assert camera.slots.choice().committed is Slot.B
    # Going back is a trial as well: what ran before has to show that it still records.
    camera.updates.rollback()
    assert camera.restarts[-1] == BootChoice(Slot.B, State.TRIAL, State.GOOD)
    camera.started("A").rauc.mark_running(good=True)
    assert camera.slots.choice() == BootChoice(Slot.A, State.GOOD, State.GOOD)


def test_what_the_other_slot_holds_is_told_by_raucs_notes(camera: Camera) -> None:
    (camera.folder / "central.raucs").write_text("[slot.rootfs.1]\nbundle.version=0.3.0\nstatus=ok\n")
    assert camera.updates.standing().other_version == "0.3.0"
    for broken in (b"[", b"\xff", b"[slot.rootfs.1]\n", b"x"):
        (camera.folder / "central.raucs").write_bytes(broken)
        assert camera.updates.standing().other_version == ""


def test_a_trial_that_ended_by_itself_is_told(camera: Camera, workshop: Workshop) -> None:
    """The power failed, or the kernel did: nobody was there to say why."""
    camera.updates.install(str(workshop.bundle()))
    refused = camera.started("A").updates.standing().refused
    assert refused is not None
    assert (refused.version, "did not come up" in refused.why) == (NEWER, True)
    with pytest.raises(NotAllowed, match="left before it was good"):
        camera.updates.rollback()


def test_power_that_fails_before_the_restart(camera: Camera, workshop: Workshop) -> None:
    camera.rauc.install(str(workshop.bundle()))
    standing = camera.started("A").updates.standing()
    assert (standing.on_trial, standing.other_state) == (False, "new")
    camera.updates.install(str(workshop.bundle()))
    assert len(camera.restarts) == 1


class _Offers(BaseHTTPRequestHandler):
    """Serves what the folder holds, and one redirect."""

    folder: Path

    def do_GET(self) -> None:
        if self.path.startswith("/away/"):
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/edgecam-generic.json")
            self.end_headers()
            return
        file = self.folder / self.path.rpartition("/")[2]
        self.send_response(200 if file.exists() else 404)
        self.end_headers()
        self.wfile.write(file.read_bytes() if file.exists() else b"")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    """The address of an https server for ``folder``, and whom to trust for it."""
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    files: list[str | Path] = ["-keyout", folder / "tls.key", "-out", folder / "tls.pem"]
    run(*words, *files, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
    server = HTTPServer(("127.0.0.1", 0), type("_", (_Offers,), {"folder": folder}))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", ssl.create_default_context(cafile=str(folder / "tls.pem"))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_a_server_offers(tmp_path: Path) -> None:
    with served(tmp_path) as (url, trusted):
        with pytest.raises(Unavailable, match="cannot be fetched"):
            fetch_offer(url, RELEASE, trusted)
        told = tmp_path / "edgecam-generic.json"
        told.write_text('{"version": "0.3.0", "bundle": "edgecam-0.3.0+x.raucb", "later": 1}')
        offer = fetch_offer(url + "/", RELEASE, trusted)
        assert offer == Offer(Version.parse("0.3.0"), "edgecam-0.3.0+x.raucb")
        assert offer.address(url + "/sub/") == f"{url}/sub/edgecam-0.3.0%2Bx.raucb"
        with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
            fetch_offer(url, RELEASE)
        with pytest.raises(Unavailable, match="cannot be fetched"):
            fetch_offer(f"{url}/away", RELEASE, trusted)
        told.write_bytes(b" " * 5000)
        with pytest.raises(BadInput, match="no offer"):
            fetch_offer(url, RELEASE, trusted)
    with pytest.raises(Unavailable, match="cannot be fetched"):
        fetch_offer(url, RELEASE, trusted)


def test_nobody_said_where_from_or_nobody_is_there(camera: Camera) -> None:
    with pytest.raises(BadInput, match="where updates come from"):
        camera.updates.check()
    camera.url = "https://127.0.0.1:1"
    with pytest.raises(Unavailable, match="cannot be fetched"):
        camera.updates.check()
    looked = camera.notes.looked()
    assert looked is not None
    assert "cannot be fetched" in looked.problem


def test_a_look_that_failed_makes_nobody_forget_what_waits(camera: Camera) -> None:
    offered(camera, NEWER).check()
    camera.url = "https://127.0.0.1:1"
    with pytest.raises(Unavailable):
        camera.updates.check()
    looked = camera.notes.looked()
    assert looked is not None
    assert (looked.version, looked.newer, bool(looked.problem)) == (NEWER, True, True)


class OfferedUpdates(Updates):
    """Updates to which ``offer`` is made; `install` is counted."""

    offer: Offer
    installed = 0

    def _offer(self) -> Offer:
        return self.offer

    def install(self, source: str = "") -> object:  # type: ignore[override]
        self.installed += 1
        return source


def offered(camera: Camera, version: str) -> OfferedUpdates:
    machine = Machine(camera.slots, camera.rauc, camera.restart, camera.folder / "none")
    updates = OfferedUpdates(RELEASE, "https://x", camera.places, machine, camera.notes, SystemClock())
    updates.offer = decode_offer(f'{{"version": "{version}", "bundle": "x.raucb"}}'.encode())
    return updates


def test_a_stick_that_was_left_in_does_not_bring_a_refused_version_again(
    camera: Camera, workshop: Workshop
) -> None:
    camera.notes.refuse(Refused(NEWER, "it does not record"))
    with pytest.raises(NotAllowed, match="tried and left: it does not record"):
        camera.updates.install(str(workshop.bundle()), again=False)
    assert camera.restarts == []
    camera.updates.install(str(workshop.bundle()))
    assert camera.restarts


@pytest.mark.parametrize(("since_start_s", "now"), [(20, False), (3600, True)])
def test_a_stick_found_soon_after_the_start_was_left_in(since_start_s: int, now: bool) -> None:
    assert is_plugged_in_now(replace(SystemClock().now(), mono_ns=since_start_s * NS_PER_S)) is now


def test_a_night_installs_what_is_newer_and_was_not_refused(camera: Camera) -> None:
    for version, installed in (("0.2.0", 0), (NEWER, 1)):
        updates = offered(camera, version)
        spend_night(updates, automatic=True)
        assert updates.installed == installed
    camera.notes.refuse(Refused(NEWER, "it does not record"))
    night = offered(camera, NEWER)
    spend_night(night, automatic=True)
    assert night.installed == 0
    obey(night, UpdateOrder.INSTALL)
    assert night.installed == 1, "somebody who orders it may"
    later = offered(camera, "0.3.1")
    spend_night(later, automatic=True)
    assert later.installed == 1


@pytest.mark.provision("EN303645-5.3-5")
def test_a_night_looks_also_where_nothing_is_to_be_installed_by_itself(camera: Camera) -> None:
    updates = offered(camera, NEWER)
    spend_night(updates, automatic=False)
    assert updates.installed == 0
    looked = camera.notes.looked()
    assert looked is not None
    assert (looked.version, looked.newer) == (NEWER, True)


@pytest.mark.provision("EN303645-5.3-6A")
def test_what_is_put_off_is_looked_for_and_not_installed(camera: Camera) -> None:
    updates = offered(camera, NEWER)
    obey(updates, UpdateOrder.DEFER_WEEK)
    spend_night(updates, automatic=True)
    assert updates.installed == 0
    assert camera.notes.looked() is not None
    assert updates.standing().deferred_until_wall_ns > 0
    obey(updates, UpdateOrder.RESUME)
    assert updates.standing().deferred_until_wall_ns == 0
    spend_night(updates, automatic=True)
    assert updates.installed == 1
    obey(updates, UpdateOrder.DEFER_DAY)
    spend_night(offered(camera, "0.2.0"), automatic=True)
    assert camera.notes.deferral() is None, "nothing waits that could be put off"


@pytest.mark.parametrize(("order", "installs"), [("check", 0), ("install", 1), ("resume", 0), ("defer_day", 0)])
def test_an_order(camera: Camera, order: str, installs: int) -> None:
    updates = offered(camera, NEWER)
    obey(updates, UpdateOrder(order))
    assert updates.installed == installs


def test_an_installing_that_failed_is_told_and_why(camera: Camera, workshop: Workshop) -> None:
    camera.rauc.breaks = DataLoss("x is damaged")
    with pytest.raises(DataLoss):
        camera.updates.install(str(workshop.bundle()))
    failed = camera.notes.attempt()
    assert failed is not None
    assert (failed.version, failed.over, failed.why) == (NEWER, True, "x is damaged")
    camera.rauc.breaks = None
    camera.updates.install(str(workshop.bundle()))
    done = camera.notes.attempt()
    assert done is not None
    assert (done.over, done.why, done.boot) == (True, "", SystemClock().now().boot_id.hex())


def test_a_stick_with_nothing_for_this_camera_is_not_told_for_long(camera: Camera, workshop: Workshop) -> None:
    with pytest.raises(NotAllowed):
        camera.updates.install(str(workshop.bundle(str(RELEASE.version))))
    assert camera.notes.attempt() is None
    with pytest.raises(BadInput):
        camera.updates.install()
    told = camera.notes.attempt()
    assert told is not None, "somebody ordered that"
    assert "where updates come from" in told.why


def test_a_trial_without_a_verdict_is_noted_for_the_hub(camera: Camera, workshop: Workshop) -> None:
    camera.updates.install(str(workshop.bundle()))
    camera.started("A").updates.settle()
    refused = camera.notes.refused()
    assert refused is not None
    assert (refused.version, "did not come up" in refused.why) == (NEWER, True)


def at(text: str) -> Instant:
    return Instant(int(datetime.fromisoformat(text).timestamp()) * 10**9, 0, bytes(16), TimeTrust.SYNCED)


@pytest.mark.parametrize(
    ("settings", "when", "night"),
    [
        ({}, "2026-11-22T03:30:00+09:00", False),
        ({"automatic": True}, "2026-11-22T03:30:00+09:00", False),
        ({"url": "https://x"}, "2026-11-22T03:30:00+09:00", True),
        ({"url": "https://x", "automatic": True}, "2026-11-22T03:30:00+09:00", True),
        ({"url": "https://x", "automatic": True}, "2026-11-22T04:00:00+09:00", False),
        ({"url": "https://x", "automatic": True, "hour": 23}, "2026-11-22T23:59:59+09:00", True),
    ],
)
def test_the_night(settings: dict[str, Any], when: str, night: bool) -> None:
    assert is_night(UpdateSettings(**settings), "Asia/Tokyo", at(when)) is night


@pytest.mark.provision("EN303645-5.3-5")
@pytest.mark.parametrize(
    ("looked", "due"),
    [
        (None, True),
        ("2026-11-22T03:30:00+09:00", False),
        ("2026-11-21T01:00:00+09:00", False),
        ("2026-11-20T23:00:00+09:00", True),
        ("2030-01-01T00:00:00+09:00", True),
    ],
)
def test_a_camera_that_is_off_at_night_looks_when_it_is_on(looked: str | None, due: bool) -> None:
    before = None if looked is None else Looked("0.3.0", True, "", at(looked).wall_ns)
    now = at("2026-11-22T12:00:00+09:00")
    assert is_overdue(UpdateSettings(url="https://x"), before, now) is due
    assert is_overdue(UpdateSettings(), before, now) is False


@pytest.mark.parametrize(
    "url", ["http://x", "file:///x", "https://", "https://a:b@x", "https://x?y", "https://[", "x"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(BadInput, match=r"update\.url"):
        decode_settings(f'[update]\nurl = "{url}"')


def test_updates_are_off_unless_somebody_wants_them() -> None:
    assert decode_settings("").update == UpdateSettings(url="", automatic=False, notices=True, hour=3)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_note_or_an_error(data: bytes) -> None:
    for decode in (decode_expected, decode_refused, decode_looked, decode_deferral, decode_attempt):
        with pytest.raises(DataLoss):
            decode(data)


@pytest.mark.parametrize(
    ("note", "decode"),
    [
        (Expected("0.3.0", page=False, broker=True, faults=("wear", "medium")), decode_expected),
        (Refused("0.3.0", "it does not record", 5), decode_refused),
        (Looked("0.3.0", True, "", 7), decode_looked),
        (Deferral(5, 7), decode_deferral),
        (Attempt("0.3.0", 5, "ab", True, "it is damaged"), decode_attempt),
    ],
)
def test_notes_are_read_as_they_were_written(note: Note, decode: Callable[[bytes], object]) -> None:
    assert decode(encode_note(note)) == note


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    notes = UpdateNotes(tmp_path)
    for number in range(450):
        notes.tell(number, "installing", f"0.0.{number}")
    lines = (tmp_path / "updates.jsonl").read_text().splitlines()
    assert 100 <= len(lines) <= 200
    assert '"0.0.449"' in lines[-1]


_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_type="method_call"/><allow send_type="signal"/>
<allow send_type="method_return"/><allow send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="signal"/>
<allow receive_type="method_return"/><allow receive_type="error"/>
</policy>
</busconfig>"""


@contextmanager
def rauc_service(config: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """RAUC's own service on a bus of its own, started from slot B."""
    socket = folder / "bus"
    (folder / "bus.conf").write_text(_BUS.format(socket=socket))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={socket}")
    words = ["dbus-daemon", "--nofork", "--print-address=1", f"--config-file={folder / 'bus.conf'}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as bus:
        try:
            assert bus.stdout is not None
            bus.stdout.readline()  # it is there
            service = ["rauc", "--conf", str(config), "service", "--override-boot-slot=B"]
            with subprocess.Popen(service, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as rauc:
                try:
                    wait = ["gdbus", "wait", "--system", "--timeout=20", "de.pengutronix.rauc"]
                    subprocess.run(wait, check=True)
                    yield
                finally:
                    rauc.terminate()
        finally:
            bus.terminate()


def test_the_real_service_asks_our_backend(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict's marks and going back, through RAUC's own service and configuration, into autoboot.txt."""
    for tool in ("dbus-daemon", "gdbus", "busctl"):
        if shutil.which(tool) is None:
            pytest.skip(f"not installed: {tool}")
    slots = slots_in(tmp_path, encode_choice(BootChoice(Slot.A, State.GOOD, State.TRIAL)), "B")
    backend = tmp_path / "backend"
    places = f"BootSlots(Path({str(slots.choice_path)!r}), Path({str(slots.command_line_path)!r}))"
    text = (ROOTFS / "usr/lib/edgecam/rauc-boot").read_text()
    for old, new in (
        ("#!/usr/bin/python3 -I", f"#!{sys.executable} -I"),
        ("import sys\n", "import sys\nfrom pathlib import Path\n"),
        ("BootSlots())", f"{places})"),
    ):
        assert old in text
        text = text.replace(old, new)
    backend.write_text(text)
    backend.chmod(0o755)
    labels = ("root-a", "root-b", "boot-a", "boot-b")
    devices = {f"/dev/disk/by-partlabel/{label}": str(tmp_path / label) for label in labels}
    for device in devices.values():
        Path(device).touch()
    config = workshop.config(None, **{"/usr/lib/edgecam/rauc-boot": str(backend), **devices})
    with rauc_service(config, tmp_path, monkeypatch):
        rauc = RaucCommand(config)
        rauc.mark_running(good=True)
        assert slots.choice() == BootChoice(Slot.B, State.GOOD, State.GOOD)
        rauc.activate_other()
        assert slots.choice() == BootChoice(Slot.B, State.NEW, State.GOOD)
        rauc.mark_running(good=False)
        assert slots.choice() == BootChoice(Slot.B, State.NEW, State.BAD)
        with pytest.raises(Unavailable, match="cannot be fetched"):
            rauc.info("https://127.0.0.1:1/x.raucb")
