"""The files behind HTTPS: made when needed, renewed in time, mended when damaged, whatever the clock says."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import MediaFailing
from edgecam.core.localaddresses import IPAddress
from edgecam.keys.pagecertificate import PageCertificates, PageNames

pytestmark = pytest.mark.row("K3")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES = PageNames.of("edgecam_1f2e3d4c", "Porch.lan", ("cam.example", "203.0.113.7"))
DAY = timedelta(days=1)


@dataclass
class Machine:
    """A clock and addresses that a test sets, and the certificates on it."""

    folder: Path
    at: datetime = NOW
    trust: TimeTrust = TimeTrust.SYNCED
    addresses: list[str] = field(default_factory=lambda: ["192.168.1.7"])
    names: PageNames = NAMES

    @property
    def certificates(self) -> PageCertificates:
        return PageCertificates(
            self.folder / "state" / "a.pem", self.folder / "state" / "p.pem", self.names, self.local, self
        )

    def local(self) -> tuple[IPAddress, ...]:
        return tuple(ipaddress.ip_address(address) for address in self.addresses)

    def now(self) -> Instant:
        return Instant(int(self.at.timestamp()) * NS_PER_S, 0, bytes(16), self.trust)

    def mono_ns(self) -> int:
        return 0

    def sleep(self, duration_s: float) -> None:
        raise AssertionError("nothing here waits")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_both_are_made_at_first_need_for_this_user_alone(machine: Machine) -> None:
    certificates = machine.certificates
    authority, leaf = certificates.keep()
    assert set(leaf.told.names) == {
        "edgecam-1f2e3d4c.local", "cam.example", "203.0.113.7", "porch", "porch.local", "localhost", "127.0.0.1",
        "::1", "192.168.1.7",
    }  # fmt: skip
    for path in (certificates.authority_path, certificates.leaf_path):
        assert path.stat().st_mode & 0o777 == 0o600
    assert certificates.strict_names() == {"edgecam-1f2e3d4c.local", "cam.example"}
    assert certificates.uncovered(authority) == ()
    again = machine.certificates.keep()
    assert (again[0].told, again[1].told) == (authority.told, leaf.told)


def test_it_is_renewed_in_time_and_the_authority_stays(machine: Machine) -> None:
    first_authority, first = machine.certificates.keep()
    machine.at = first.told.ends - 61 * DAY
    assert machine.certificates.keep()[1].told == first.told
    machine.at = first.told.ends - 59 * DAY
    authority, second = machine.certificates.keep()
    assert second.told.ends > first.told.ends + 200 * DAY
    assert authority.told == first_authority.told
    assert authority.signed(second)


def test_a_new_address_is_added_and_a_lost_one_changes_nothing(machine: Machine) -> None:
    _, first = machine.certificates.keep()
    machine.addresses.append("10.1.2.3")
    _, second = machine.certificates.keep()
    assert "10.1.2.3" in second.told.names
    assert first.told != second.told
    machine.addresses.clear()
    assert machine.certificates.keep()[1].told == second.told
    machine.addresses += [
        "198.51.100.9",
        "fe80::7",
    ]  # neither can be vouched for, and each is asked for every minute
    assert machine.certificates.keep()[1].told == second.told


def test_a_name_that_came_later_is_said_not_forced(machine: Machine) -> None:
    first, _ = machine.certificates.keep()
    machine.names = PageNames.of("edgecam_1f2e3d4c", "attic", ())
    authority, _ = machine.certificates.keep()
    assert authority.told == first.told
    assert machine.certificates.uncovered(authority) == ("attic", "attic.local")
    renewed, leaf = machine.certificates.renew(authority=True)
    assert machine.certificates.uncovered(renewed) == ()
    assert "attic.local" in leaf.told.names


def test_a_clock_that_was_never_set_breaks_nothing(machine: Machine) -> None:
    machine.at, machine.trust = datetime(1970, 1, 1, 0, 5, tzinfo=UTC), TimeTrust.UNSET
    authority, leaf = machine.certificates.keep()
    # Nobody knows the time; but it is not before edgecam was installed here.
    assert leaf.told.ends > datetime(2025, 6, 1, tzinfo=UTC)
    assert machine.certificates.keep()[1].told == leaf.told
    machine.at, machine.trust = leaf.told.ends + 100 * DAY, TimeTrust.SYNCED
    again, renewed = machine.certificates.keep()
    assert again.told == authority.told
    assert renewed.told.begins < machine.at < renewed.told.ends


def test_a_good_certificate_outlives_a_start_without_a_clock(machine: Machine) -> None:
    _, leaf = machine.certificates.keep()
    machine.at, machine.trust = datetime(1970, 1, 1, tzinfo=UTC), TimeTrust.UNSET
    machine.addresses.append("10.1.2.3")
    _, other = machine.certificates.keep()
    assert "10.1.2.3" in other.told.names
    assert other.told.ends > leaf.told.begins + 300 * DAY


def test_a_clock_that_was_ahead_is_forgiven(machine: Machine) -> None:
    machine.at = NOW + 200 * DAY
    machine.certificates.keep()
    machine.at = NOW
    authority, leaf = machine.certificates.keep()
    assert authority.told.begins < leaf.told.begins < NOW < leaf.told.ends


def test_an_authority_that_ended_is_made_anew_and_said_before(machine: Machine) -> None:
    authority, _ = machine.certificates.keep()
    machine.at = authority.told.ends - 30 * DAY
    assert machine.certificates.ends_soon(authority.told)
    assert machine.certificates.keep()[0].told == authority.told
    machine.at = authority.told.ends
    certificates = machine.certificates
    renewed, leaf = certificates.keep()
    assert certificates.made_anew
    assert renewed.told.ends > machine.at
    assert leaf.told.ends > machine.at


@given(junk=st.binary(max_size=200), which=st.sampled_from(["a.pem", "p.pem"]))
def test_damaged_files_are_made_anew(tmp_path_factory: pytest.TempPathFactory, junk: bytes, which: str) -> None:
    machine = Machine(tmp_path_factory.mktemp("pages"))
    first, _ = machine.certificates.keep()
    (machine.folder / "state" / which).write_bytes(junk)
    certificates = machine.certificates
    authority, leaf = certificates.keep()
    assert authority.signed(leaf)
    assert certificates.made_anew == (which == "a.pem")
    assert (authority.told == first.told) == (which == "p.pem")


def test_a_power_cut_between_the_two_files_is_mended(machine: Machine) -> None:
    machine.certificates.keep()
    old_leaf = machine.certificates.leaf_path.read_bytes()
    machine.certificates.renew(authority=True)
    machine.certificates.leaf_path.write_bytes(old_leaf)
    authority, leaf = machine.certificates.keep()
    assert authority.signed(leaf)


def test_a_medium_that_cannot_be_read_is_a_fault_and_nothing_is_replaced(machine: Machine) -> None:
    machine.certificates.authority_path.mkdir(parents=True)
    with pytest.raises(MediaFailing, match="cannot be read"):
        machine.certificates.keep()
