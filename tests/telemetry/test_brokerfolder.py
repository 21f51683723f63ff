"""The folder of a broker: who may read what, what is refused, and that each change is whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from edgecam.core.errors import BadInput, DataLoss, NotAllowed, Unavailable
from edgecam.telemetry.authority import Authority
from edgecam.telemetry.brokeraccount import Account
from edgecam.telemetry.brokerfolder import BrokerFolder, NewBroker
from edgecam.telemetry.brokerprocess import tell_broker
from edgecam.telemetry.enrolment import Role

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS_90 = timedelta(days=90)
PASSPHRASE = "seven blue herons cross the estuary 42"
OURSELVES = Account(Path("/").owner() if os.geteuid() == 0 else Path.home().owner(), None)


def made(path: Path, account: Account = OURSELVES, authority: Path | None = None) -> BrokerFolder:
    folder = BrokerFolder(path, authority)
    folder.create(NewBroker(("broker.example",), 8883, "", account), PASSPHRASE, NOW)
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Authority]:
    """One folder and its opened authority: a passphrase is slow to try, and is meant to be."""
    folder = made(tmp_path_factory.mktemp("template") / "broker")
    return folder.path, folder.unlock(PASSPHRASE)


@pytest.fixture
def folder(template: tuple[Path, Authority], tmp_path: Path) -> BrokerFolder:
    return BrokerFolder(shutil.copytree(template[0], tmp_path / "broker"))


@pytest.fixture
def authority(template: tuple[Path, Authority]) -> Authority:
    return template[1]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.row("K3")
def test_everything_is_for_us_alone_when_the_broker_runs_as_we_do(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = made(tmp_path / "broker")
        folder.enrol(folder.unlock(PASSPHRASE), Role.CAMERA, "home/one", NOW, DAYS_90)
    finally:
        os.umask(before)
    paths = [folder.path, *folder.path.rglob("*")]
    assert len(paths) > 15
    assert {path: oct(mode(path)) for path in paths if mode(path) & 0o077} == {}


@pytest.mark.row("K3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another account")
def test_another_account_reads_what_it_is_served_and_nothing_else(tmp_path: Path) -> None:
    folder = made(tmp_path / "broker", Account("nobody", "nogroup"))
    authority = folder.unlock(PASSPHRASE)
    folder.enrol(authority, Role.CAMERA, "home/one", NOW, DAYS_90)
    assert mode(folder.path) == 0o710
    served = [path for path in folder.served.iterdir() if path.is_file()]
    assert {(path.owner(), path.group(), mode(path)) for path in served} == {("root", "nogroup", 0o640)}
    data = folder.served / "data"
    assert (data.owner(), mode(data)) == ("nobody", 0o700)
    for private in ("authority", "handover", "enrolment.json", "authority/authority.key.age"):
        assert not mode(folder.path / private) & 0o077


def test_the_authority_s_key_is_never_plain_on_disk(folder: BrokerFolder) -> None:
    holding = [
        path.name for path in folder.path.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()
    ]
    assert holding == ["server.pem"]


def test_a_key_that_others_may_read_is_not_used(folder: BrokerFolder) -> None:
    (folder.path / "authority" / "authority.key.age").chmod(0o644)
    with pytest.raises(BadInput, match="can be read by others"):
        folder.unlock(PASSPHRASE)


def test_the_key_may_lie_elsewhere(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    folder = made(tmp_path / "broker", authority=stick)
    assert not (folder.path / "authority").exists()
    assert not BrokerFolder(folder.path).has_authority
    with pytest.raises(BadInput, match="--authority"):
        BrokerFolder(folder.path).unlock(PASSPHRASE)
    assert isinstance(BrokerFolder(folder.path, stick).unlock(PASSPHRASE), Authority)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(BadInput, match="not empty"):
        made(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["two words", "100%", 'a"b', "a\nuser root"])
def test_a_path_that_the_broker_or_systemd_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="choose another folder"):
        made(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_authority_is_not_written_over(tmp_path: Path) -> None:
    made(tmp_path / "first", authority=tmp_path / "stick")
    before = (tmp_path / "stick" / "authority.key.age").read_bytes()
    with pytest.raises(BadInput, match="holds an authority's key"):
        made(tmp_path / "second", authority=tmp_path / "stick")
    assert (tmp_path / "stick" / "authority.key.age").read_bytes() == before


def test_what_is_no_broker_s_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no broker's folder"):
        BrokerFolder(tmp_path).read()
    (tmp_path / "enrolment.json").write_text("{}")
    with pytest.raises(DataLoss):
        BrokerFolder(tmp_path).read()


def test_one_command_at_a_time(folder: BrokerFolder, authority: Authority) -> None:
    with open(folder.path / ".lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="another command"):
            folder.enrol(authority, Role.CAMERA, "home/one", NOW, DAYS_90)
    folder.enrol(authority, Role.CAMERA, "home/one", NOW, DAYS_90)


@pytest.mark.row("F1")
def test_each_revocation_list_is_later_than_the_one_before_within_one_second_too(
    folder: BrokerFolder, authority: Authority
) -> None:
    seen = []
    for name in ("home/one", "home/two"):
        folder.enrol(authority, Role.CAMERA, name, NOW, DAYS_90)
        folder.revoke(authority, name, NOW)
        revoked = x509.load_pem_x509_crl((folder.served / "crl.pem").read_bytes())
        seen.append(revoked.last_update_utc)
        assert int(folder.read().canary, 16) in {one.serial_number for one in revoked}
    assert seen == sorted(set(seen))
    # A list that lies in the future, or aged, locks every camera out.
    assert max(seen) < NOW
    assert revoked.next_update_utc is not None
    assert revoked.next_update_utc > NOW + timedelta(days=3000)
    assert len(list(revoked)) == 3


def test_a_revoked_camera_s_key_is_not_kept(folder: BrokerFolder, authority: Authority) -> None:
    folder.enrol(authority, Role.CAMERA, "home/one", NOW, DAYS_90)
    assert (folder.handover("home/one") / "camera.key").exists()
    assert folder.revoke(authority, "home/one", NOW) == 1
    assert list(folder.handover("home/one").iterdir()) == []


@pytest.mark.row("K3")
def test_renewal_keeps_the_length_and_the_old_one(folder: BrokerFolder, authority: Authority) -> None:
    first = folder.enrol(authority, Role.CAMERA, "home/one", NOW, DAYS_90)
    later = NOW + timedelta(days=70)
    second = folder.renew(authority, "home/one", later)
    assert second.serial != first.serial
    assert second.ends == later + DAYS_90
    assert [one.serial for one in folder.read().newest() if one.name] == [second.serial]
    # Revoked are both.
    assert folder.revoke(authority, "home/one", later) == 2


def test_a_name_is_enrolled_once(folder: BrokerFolder, authority: Authority) -> None:
    folder.enrol(authority, Role.CAMERA, "home/one", NOW, DAYS_90)
    with pytest.raises(BadInput, match="already"):
        folder.enrol(authority, Role.CAMERA, "home/one", NOW, DAYS_90)


def test_a_broker_that_is_elsewhere_cannot_be_told(folder: BrokerFolder) -> None:
    # A number that was given to another process since: never signal a stranger.
    (folder.served / "data" / "mosquitto.pid").write_text(str(os.getpid()))
    with pytest.raises(Unavailable, match="does not run on this machine"):
        tell_broker(folder)


def test_an_account_that_is_not_there_is_told() -> None:
    with pytest.raises(BadInput, match="no account"):
        Account.named("nobody-of-that-name")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may give files to anybody")
def test_only_root_gives_files_away() -> None:
    with pytest.raises(NotAllowed, match="only root"):
        Account.named("root")
