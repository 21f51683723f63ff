"""Real bundles before a real RAUC: what is taken, what is refused and how, and how keys change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import bundlestand
import pytest
from bundlestand import NEWER, RELEASE, Workshop, require_tools, run
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.bundle import bundles_in, decode_info, newest_bundle, read_bundle, require_wanted
from edgecam.appliance.offer import decode_offer
from edgecam.appliance.rauc import decode_reply, refusal
from edgecam.core.errors import BadInput, DataLoss, EdgecamError, NotAllowed, Unavailable

pytestmark = pytest.mark.row("I2")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    require_tools()
    folder = tmp_path_factory.mktemp("workshop")
    yield Workshop(folder)
    shutil.rmtree(folder)


def test_ours_is_taken(workshop: Workshop) -> None:
    path = workshop.bundle()
    bundle = read_bundle(workshop.rauc(), str(path))
    require_wanted(bundle, RELEASE)
    assert (bundle.compatible, str(bundle.version)) == ("edgecam-generic-arm64", NEWER)
    offer = decode_offer((path.parent / "edgecam-generic.json").read_bytes())
    assert (str(offer.version), offer.bundle) == (NEWER, path.name)


def test_somebody_elses_is_not(workshop: Workshop) -> None:
    with pytest.raises(NotAllowed, match=r"not signed by a key that this camera trusts.*stays as it is"):
        read_bundle(workshop.rauc(), str(workshop.bundle(whose="somebody")))


@pytest.mark.parametrize("size", [0, 7, 100, 5000, 60_000])
def test_cut_off(workshop: Workshop, size: int, tmp_path: Path) -> None:
    cut = tmp_path / "cut.raucb"
    cut.write_bytes(workshop.bundle().read_bytes()[:size])
    with pytest.raises(DataLoss, match="damaged, cut off, or no signed bundle"):
        read_bundle(workshop.rauc(), str(cut))


@pytest.mark.parametrize("at", [-3, -40, -300])
def test_damaged_where_it_is_signed(workshop: Workshop, at: int, tmp_path: Path) -> None:
    data = bytearray(workshop.bundle().read_bytes())
    data[at] ^= 1
    (tmp_path / "damaged.raucb").write_bytes(data)
    with pytest.raises((DataLoss, NotAllowed), match=r"damaged\.raucb is"):
        read_bundle(workshop.rauc(), str(tmp_path / "damaged.raucb"))


def test_no_bundle_at_all(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "photo.raucb").write_bytes(bytes(range(256)) * 100)
    with pytest.raises(DataLoss, match="no signed bundle"):
        read_bundle(workshop.rauc(), str(tmp_path / "photo.raucb"))
    with pytest.raises(BadInput, match="no file"):
        read_bundle(workshop.rauc(), str(tmp_path / "none.raucb"))


def test_for_another_board(workshop: Workshop) -> None:
    bundle = read_bundle(workshop.rauc(), str(workshop.bundle(target="raspberrypi")))
    with pytest.raises(
        NotAllowed, match=r"another board \(edgecam-raspberrypi-arm64, this is edgecam-generic-arm64\)"
    ):
        require_wanted(bundle, RELEASE)


@pytest.mark.parametrize(
    ("version", "how"),
    [
        ("0.1.9+20271122063000", "older than what runs"),
        ("0.2.0-rc.9+20271122063000", "older than what runs"),
        ("0.2.0+20261122062959", "older than what runs"),
        ("0.2.0+20261122063000", "what runs already"),
    ],
)
def test_never_back_and_never_the_same(workshop: Workshop, version: str, how: str) -> None:
    bundle = read_bundle(workshop.rauc(), str(workshop.bundle(version)))
    with pytest.raises(NotAllowed, match=f"{how} .*rollback"):
        require_wanted(bundle, RELEASE)


def test_the_newest_on_a_stick(workshop: Workshop, tmp_path: Path) -> None:
    made = {
        "a.raucb": workshop.bundle(),
        "b.raucb": workshop.bundle("0.4.0"),
        "c.raucb": workshop.bundle("0.9.0", target="raspberrypi"),
        "d.raucb": workshop.bundle("0.9.0", whose="somebody"),
    }
    for name, path in made.items():
        shutil.copy(path, tmp_path / name)
    (tmp_path / "e.raucb").symlink_to(made["a.raucb"])
    (tmp_path / "f.raucb").mkdir()
    (tmp_path / "g.txt").touch()
    found = bundles_in(tmp_path)
    assert sorted(path.name for path in found) == [*made]
    assert newest_bundle(workshop.rauc(), RELEASE, found).source == str(tmp_path / "b.raucb")
    with pytest.raises(NotAllowed, match="trusts"):
        newest_bundle(workshop.rauc(), RELEASE, [tmp_path / "d.raucb"])
    with pytest.raises(BadInput, match="there is no bundle"):
        newest_bundle(workshop.rauc(), RELEASE, [])


def test_keys_rotate(workshop: Workshop, tmp_path: Path) -> None:
    """An old key brings a version that trusts both, and that one takes what the new key signed."""
    ours, next_ones = workshop.keys_of("us") / "keyring.pem", workshop.keys_of("the next") / "keyring.pem"
    first, second = workshop.bundle(), workshop.bundle("0.4.0", whose="the next")
    before, between, after = (tmp_path / name for name in ("before.pem", "between.pem", "after.pem"))
    shutil.copy(ours, before)
    between.write_text(ours.read_text() + next_ones.read_text())
    shutil.copy(next_ones, after)
    taken = {}
    for keyring in (before, between, after):
        for bundle in (first, second):
            try:
                read_bundle(workshop.rauc(keyring), str(bundle))
                taken[keyring.stem, bundle] = True
            except NotAllowed:
                taken[keyring.stem, bundle] = False
    assert [taken[name, first] for name in ("before", "between", "after")] == [True, True, False]
    assert [taken[name, second] for name in ("before", "between", "after")] == [False, True, True]


def test_a_signer_whose_time_is_over_and_a_camera_without_time(workshop: Workshop, tmp_path: Path) -> None:
    """What counts is the time of signing, told in the signature: a clock of 1970 or 2060 changes nothing."""
    require_faketime()
    bundle, config = workshop.bundle(), workshop.config()
    strict = tmp_path / "strict.conf"
    strict.write_text(config.read_text().replace("use-bundle-signing-time=true\n", ""))
    for when in ("1980-01-01 00:00:00", "2060-01-01 00:00:00"):
        words = ("faketime", "-f", when, "rauc", "--conf")
        assert NEWER in run(*words, config, "info", bundle)
        with pytest.raises(AssertionError, match=r"not yet valid|expired"):
            run(*words, strict, "info", bundle)


def require_faketime() -> None:
    if shutil.which("faketime") is None:
        pytest.skip("not installed: faketime")


def test_nothing_is_signed_after_the_signers_time(workshop: Workshop, tmp_path: Path) -> None:
    require_faketime()
    words = (bundlestand.IMAGE / "bundle", "generic", NEWER, workshop.boot, workshop.root, tmp_path / "late.raucb")
    with pytest.raises(AssertionError, match="expired"):
        run("faketime", "-f", "2035-01-01 00:00:00", *words, environment=workshop.signing("us"))
    assert list(tmp_path.iterdir()) == []


@given(st.binary(max_size=200))
def test_any_bytes_are_what_rauc_tells_or_an_error(data: bytes) -> None:
    for decode in (lambda: decode_info(data, "x"), lambda: decode_reply(data), lambda: decode_offer(data)):
        with pytest.raises((DataLoss, BadInput)):
            decode()


def test_what_the_service_answers_about_an_address() -> None:
    reply = b'{"type":"ss","data":["edgecam-generic-arm64","0.3.0"]}'
    bundle = decode_info(decode_reply(reply), "https://updates.example/x.raucb")
    assert (bundle.compatible, str(bundle.version)) == ("edgecam-generic-arm64", "0.3.0")


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("LastError: Compatible mismatch: Expected 'a' but bundle manifest has 'b'", NotAllowed, "another board"),
        ("Version mismatch: Expected at least '2' but bundle manifest has '1'", NotAllowed, "older"),
        ("signature verification failed: Verify error: certificate has expired", NotAllowed, "time was not then"),
        ("Verify error: unsuitable certificate purpose", NotAllowed, "trusts"),
        ("using HTTP/1 for streaming\nFailed to copy image: Input/output error", DataLoss, "damaged"),
        ("failed to configure streaming: Could not resolve host", Unavailable, "fetched"),
        ("Already processing a different method", Unavailable, "already"),
        ("Bundle format 'plain' not allowed", NotAllowed, "not accepted"),
        ("the moon is full", Unavailable, "the moon is full"),
        ("", Unavailable, "no reason told"),
    ],
)
def test_each_refusal_is_one_sentence(said: str, kind: type[EdgecamError], words: str) -> None:
    error = refusal("x.raucb", said)
    assert type(error) is kind
    assert words in str(error)
    assert error.safe


@pytest.mark.parametrize(
    "name", ["../x.raucb", "x/y.raucb", "x.img", "", ".raucb", "x.raucb?y", "http://x/y.raucb"]
)
def test_an_offer_names_a_bundle_beside_it(name: str) -> None:
    with pytest.raises(BadInput, match="no offer"):
        decode_offer(f'{{"version": "0.3.0", "bundle": "{name}"}}'.encode())
