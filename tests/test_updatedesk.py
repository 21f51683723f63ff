"""The hub's side of updates: what it tells of one that waits, to whom, and what it orders and registers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from page_camera import ObedientClock
from updatestand import NEWER, RUNNING, update_desk

from edgecam.appliance.deferral import PutOff, put_off
from edgecam.appliance.updatenotes import Attempt, Looked, Refused, UpdateNotes
from edgecam.appliance.updateorder import UpdateOrder, take_order, waiting_order
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import NotAllowed, Unavailable
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.settings import changed_toml
from edgecam.web.updateparts import Order

pytestmark = [pytest.mark.row("I2"), pytest.mark.provision("CRA-I-2c")]
DAY_S = 86_400


class DeskStand:
    """A desk of an image in ``folder``, with ``chosen`` under [update]."""

    def __init__(self, folder: Path, **chosen: object) -> None:
        self.folder, self.clock = folder, ObedientClock()
        self.notes = UpdateNotes(folder / "system")
        self.desk = update_desk(folder, self.clock, chosen)

    def finds(self, version: str, problem: str = "") -> None:
        self.notes.look(Looked(version, True, problem, self.now_ns))

    @property
    def now_ns(self) -> int:
        return self.clock.now().wall_ns

    def choose(self, **chosen: object) -> None:
        path = self.folder / "edgecam.toml"
        path.write_text(changed_toml(path.read_text(), {"update": chosen}))

    def codes(self) -> list[str]:
        """The faults once the desk has looked again."""
        self.clock.sleep(11)
        return [fault.code for fault in self.desk.faults]

    def lines(self) -> list[RegisterLine]:
        path = self.folder / "register.jsonl"
        return [decode_line(line) for line in path.read_bytes().splitlines(keepends=True)] if path.exists() else []


@pytest.fixture
def stand(tmp_path: Path) -> DeskStand:
    return DeskStand(tmp_path)


@pytest.mark.provision("EN303645-5.3-6B")
def test_one_that_waits_for_a_person_is_told_until_it_runs(stand: DeskStand) -> None:
    assert (stand.codes(), stand.desk.waiting) == ([], None)
    stand.finds(NEWER)
    assert (stand.codes(), stand.desk.waiting) == (["update_waits"], NEWER)
    assert stand.desk.faults[0].sentence == f"Version {NEWER} waits to be installed."
    stand.finds(RUNNING)
    assert (stand.codes(), stand.desk.waiting) == ([], "")


@pytest.mark.provision("EN303645-5.3-6B")
def test_notices_are_switched_off_and_on_without_a_restart(stand: DeskStand) -> None:
    stand.finds(NEWER)
    stand.notes.refuse(Refused("0.0.2", "it does not record", 1))
    assert stand.codes() == ["update_refused", "update_waits"]
    stand.choose(notices=False)
    assert (stand.codes(), stand.desk.waiting) == ([], None)
    assert stand.desk.shown().waiting == NEWER, "whoever looks sees it"
    stand.choose(notices=True)
    assert stand.codes() == ["update_refused", "update_waits"]


def test_what_is_installed_by_itself_is_no_fault_unless_that_fails(tmp_path: Path) -> None:
    stand = DeskStand(tmp_path, automatic=True)
    stand.finds(NEWER)
    assert (stand.codes(), stand.desk.waiting) == ([], NEWER)
    stand.notes.attempted(Attempt(NEWER, 5, "ab", over=True, why="the bundle is damaged"))
    assert stand.codes() == ["update_waits"]
    assert stand.desk.faults[0].sentence.endswith("could not be installed: the bundle is damaged.")
    stand.notes.refuse(Refused(NEWER, "it does not record", 1))
    assert stand.codes() == ["update_refused"]


@pytest.mark.provision("EN303645-5.3-6A")
def test_who_put_it_off_is_not_reminded_until_then(stand: DeskStand) -> None:
    stand.finds(NEWER)
    stand.notes.defer(put_off(None, PutOff.DAY, stand.now_ns))
    assert stand.codes() == []
    shown = stand.desk.shown()
    assert shown.deferred_until_wall_ns > stand.now_ns
    assert shown.last_wall_ns == shown.deferred_until_wall_ns + 27 * DAY_S * NS_PER_S
    stand.clock.sleep(DAY_S)
    assert stand.codes() == ["update_waits"]
    assert stand.desk.shown().deferred_until_wall_ns == 0


def hour_of(wall_ns: int) -> str:
    return datetime.fromtimestamp(wall_ns // NS_PER_S, ZoneInfo("Asia/Tokyo")).isoformat()


def test_when_it_installs_by_itself_is_told(tmp_path: Path) -> None:
    stand = DeskStand(tmp_path, automatic=True, hour=3)
    assert stand.desk.shown().installs_wall_ns == 0
    stand.finds(NEWER)
    # It is the 21st, 19:00 there.
    assert hour_of(stand.desk.shown().installs_wall_ns) == "2026-11-22T03:00:00+09:00"
    stand.notes.defer(put_off(None, PutOff.WEEK, stand.now_ns))
    assert hour_of(stand.desk.shown().installs_wall_ns) == "2026-11-29T03:00:00+09:00"
    stand.notes.refuse(Refused(NEWER, "it does not record", 1))
    assert stand.desk.shown().installs_wall_ns == 0
    stand.choose(automatic=False)
    assert stand.desk.shown().installs_wall_ns == 0


def test_what_is_under_way_what_failed_and_what_was_left_are_told(stand: DeskStand) -> None:
    stand.finds(NEWER, problem="the server is away")
    now = stand.clock.now()
    stand.notes.attempted(Attempt(NEWER, now.wall_ns, now.boot_id.hex()))
    stand.notes.refuse(Refused("0.0.2", "it does not record", 7))
    shown = stand.desk.shown()
    assert (shown.version, shown.takes, shown.has_source, shown.installing) == (RUNNING, True, True, True)
    assert (shown.problem, shown.failed, shown.looked_wall_ns) == ("the server is away", None, stand.now_ns)
    assert shown.refused is not None
    assert (shown.refused.version, shown.refused.why) == ("0.0.2", "it does not record")
    stand.notes.attempted(Attempt(NEWER, now.wall_ns, "another boot"))
    assert not stand.desk.shown().installing
    stand.notes.attempted(Attempt(NEWER, now.wall_ns, now.boot_id.hex(), over=True, why="damaged"))
    failed = stand.desk.shown().failed
    assert failed is not None
    assert (failed.version, failed.why) == (NEWER, "damaged")
    stand.notes.attempted(Attempt(RUNNING, now.wall_ns, "ab", over=True, why="what runs already"))
    assert stand.desk.shown().failed is None


@pytest.mark.row("G1")
@pytest.mark.parametrize("order", get_args(Order))
def test_an_order_stands_in_the_register_before_it_is_left(stand: DeskStand, order: Order) -> None:
    stand.desk.order(order, "owner")
    assert stand.desk.shown().ordered == order
    assert take_order(stand.folder / "orders" / "update") == order
    begun, done = stand.lines()
    assert (begun.act, begun.who, begun.detail["order"]) == (Act.COMMAND, "owner", order)
    assert (done.completes, done.detail["outcome"]) == (begun.sequence, "ordered")


def test_the_page_can_order_all_that_can_be_ordered() -> None:
    assert set(get_args(Order)) == {order.value for order in UpdateOrder}


def test_orders_that_nobody_could_obey_are_refused(stand: DeskStand) -> None:
    (stand.folder / "orders").rmdir()
    with pytest.raises(Unavailable, match="nobody takes orders"):
        stand.desk.order("check", "owner")
    stand.choose(url="")
    with pytest.raises(NotAllowed, match="nobody said where updates come from"):
        stand.desk.order("check", "owner")
    assert len(stand.lines()) == 1


def test_a_machine_that_is_no_image(stand: DeskStand) -> None:
    stand.finds(NEWER)
    stand.desk = update_desk(stand.folder, stand.clock, image=False)
    assert (stand.codes(), stand.desk.waiting) == ([], None)
    shown = stand.desk.shown()
    assert (shown.takes, shown.waiting) == (False, "")
    with pytest.raises(NotAllowed, match="does not run the edgecam image"):
        stand.desk.order("install", "owner")
    assert waiting_order(stand.folder / "orders" / "update") is None


def test_settings_that_cannot_be_read_leave_the_last_ones(stand: DeskStand) -> None:
    stand.finds(NEWER)
    (stand.folder / "edgecam.toml").write_text("[update")
    assert stand.codes() == ["update_waits"]
    assert stand.desk.shown().has_source
