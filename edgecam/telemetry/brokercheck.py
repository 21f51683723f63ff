"""Is a broker shut? Tries to get in as those who may not, and to do as those who got in may not."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edgecam.core.errors import Unavailable
from edgecam.telemetry.address import Address
from edgecam.telemetry.authority import Authority, Signed
from edgecam.telemetry.door import Knock, knock
from edgecam.telemetry.enrolment import CHECK_CAMERAS, CHECK_WATCHER, Enrolment
from edgecam.telemetry.visitor import Visitor, visitor

_HOUR = timedelta(hours=1)
_GOOD = "with a good certificate"
_OLD_TLS = "with a good certificate over TLS 1.2"
_EXPIRED = "with an expired certificate"
_REVOKED = "with a certificate of the newest revocation list"
_BROKERS = "with the certificate of a broker"


@dataclass(frozen=True, slots=True)
class Tried:
    """One line of the table; ``holds`` is ``None`` when it was not tried."""

    what: str
    expected: str
    happened: str
    holds: bool | None


class BrokerCheck:
    """All that is tried at one broker.

    Without ``authority`` what needs a certificate of its own is not tried. Nothing stays behind: certificates last
    an hour, messages thirty seconds and go below ``edgecam/edgecam-check``.
    """

    def __init__(
        self,
        address: Address,
        enrolment: Enrolment,
        ca_file: Path,
        authority: Authority | None,
        now: datetime,
        plain_port: int = 1883,
    ) -> None:
        self._address = address
        self._enrolment = enrolment
        self._ca_file = ca_file
        self._authority = authority
        self._now = now
        self._plain = Address(address.host, plain_port, tls=False)

    def run(self) -> list[Tried]:
        """The table. Raises: Unavailable when nobody listens there."""
        return [*self._doors(), *self._certificates(), *self._rights()]

    def _doors(self) -> Iterator[Tried]:
        shown = knock(self._address, ssl.create_default_context(cafile=self._ca_file))
        trusted = not shown.happened.startswith("we refused")
        yield Tried(
            f"the broker shows its certificate for {self._address.host}",
            "trusted",
            "trusted" if trusted else shown.happened,
            trusted,
        )
        yield _refused("a stranger without a certificate", knock(self._address, _context()))
        yield _refused("anonymously, without TLS, at the same port", knock(self._address, None))
        try:
            plain = knock(self._plain, None)
        except Unavailable:
            plain = Knock(False, "nobody listens")
        yield _refused(f"anonymously, without TLS, at port {self._plain.port}", plain)
        forger = Authority.create(self._now).sign_client(CHECK_CAMERAS[0], self._now, _HOUR)
        yield _refused("with the certificate of another authority", knock(self._address, _context(forger)))

    def _certificates(self) -> Iterator[Tried]:
        signer = self._authority
        if signer is None:
            yield from (_not_tried(row) for row in (_GOOD, _OLD_TLS, _EXPIRED, _REVOKED, _BROKERS))
            return
        name, now = CHECK_CAMERAS[0], self._now
        good = signer.sign_client(name, now, _HOUR)
        entered = knock(self._address, _context(good))
        yield Tried(_GOOD, "let in", entered.happened, entered.let_in)
        old_tls = _context(good)
        old_tls.maximum_version = ssl.TLSVersion.TLSv1_2
        yield _refused(_OLD_TLS, knock(self._address, old_tls))
        expired = signer.sign_client(name, now, -_HOUR)
        yield _refused(_EXPIRED, knock(self._address, _context(expired)))
        canary = signer.sign_client(name, now, _HOUR, serial=int(self._enrolment.canary, 16))
        yield _refused(_REVOKED, knock(self._address, _context(canary)))
        server = signer.sign_server(self._enrolment.hosts, now, _HOUR)
        yield _refused(_BROKERS, knock(self._address, _context(server)))

    def _rights(self) -> Iterator[Tried]:
        signer = self._authority
        if signer is None:
            yield from (_not_tried(row) for row, *_ in _RIGHTS)
            return
        with ExitStack() as stack:

            def guest(name: str, client_id: str) -> Visitor:
                signed = signer.sign_client(name, self._now, _HOUR)
                return stack.enter_context(visitor(self._address, _context(signed), client_id))

            scene = _Scene(guest, *CHECK_CAMERAS)
            (speaks, arrives, speak), *others = _RIGHTS
            happened, open_to_itself = speak(scene)
            yield Tried(speaks, arrives, happened, open_to_itself)
            for what, expected, attempt in others:
                tried = attempt(scene) if open_to_itself else ("not tried: nothing arrives at all", False)
                yield Tried(what, expected, *tried)


class _Scene:
    """A watcher and two cameras who are connected; each attempt is followed by what must come after it.

    A broker keeps the order of what it passes to one subscriber, so that what has not come before that was not let
    through: no waiting for something that must not happen.
    """

    def __init__(self, guest: Callable[[str, str], Visitor], one: str, two: str) -> None:
        self._guest = guest
        self.one_name, self.two_name = one, two
        self._watcher = guest(CHECK_WATCHER, "check-watcher")
        self._one = guest(one, "check-one")
        self._one.listen(f"edgecam/{one}/cmd/#")
        for topics in ("edgecam/#", "homeassistant/#"):
            self._watcher.listen(topics)
        self._count = 0

    def speaks(self) -> tuple[str, bool]:
        """Its own tree is open to a camera: without this nothing below would prove anything."""
        said = self._text()
        code = self._one.say(f"edgecam/{self.one_name}/status", said)
        arrived = not code.is_failure and self._watcher.wait_for(said)
        return ("arrived" if arrived else f"did not arrive ({code})"), arrived

    def fakes(self, topic: str) -> tuple[str, bool]:
        """The other camera says something that the watcher, or the first camera, must not hear."""
        other = self._guest(self.two_name, "check-two")
        said = self._text()
        try:
            answer = str(other.say(topic, said)).lower()
        except Unavailable:
            answer = "the broker hung up"
        if not self._passes_on():
            return "the broker passes nothing on", False
        arrived = said in self._watcher.heard | self._one.heard
        return ("it arrived" if arrived else f"nothing arrived ({answer})"), not arrived

    def overhears(self) -> tuple[str, bool]:
        """A broker may accept a subscription and pass nothing on, so what counts is what was heard."""
        other = self._guest(self.two_name, "check-two")
        other.listen(f"edgecam/{self.two_name}/cmd/#")
        for topics in (f"edgecam/{self.one_name}/#", "edgecam/#", "#"):
            with suppress(Unavailable):
                other.listen(topics)
        if other.lost.is_set():
            return "the broker hung up", True
        said, last = self._text(), self._text()
        self._one.say(f"edgecam/{self.one_name}/event", said)
        if not self._watcher.wait_for(said):
            return "the broker passes nothing on", False
        self._watcher.say(f"edgecam/{self.two_name}/cmd/check", last)
        if not other.wait_for(last):
            return "the broker passes no command on", False
        heard = said in other.heard
        return ("it heard the camera" if heard else "it heard nothing"), not heard

    def displaces(self) -> tuple[str, bool]:
        """Under either name that the first camera may have as a client."""
        for client_id in ("check-one", self.one_name):
            with suppress(Unavailable):
                self._guest(self.two_name, client_id)
        try:
            self._one.say(f"edgecam/{self.one_name}/status", self._text())
        except Unavailable:
            return "the camera was thrown out", False
        return "the camera stayed", True

    def _passes_on(self) -> bool:
        """Both ways, after what went before."""
        up, down = self._text(), self._text()
        self._one.say(f"edgecam/{self.one_name}/status", up)
        self._watcher.say(f"edgecam/{self.one_name}/cmd/check", down)
        return self._watcher.wait_for(up) and self._one.wait_for(down)

    def _text(self) -> str:
        self._count += 1
        return f"edgecam broker check {self._count}"


_Attempt = Callable[[_Scene], tuple[str, bool]]
_RIGHTS: tuple[tuple[str, str, _Attempt], ...] = (
    ("a camera writes its own tree", "arrives", _Scene.speaks),
    (
        "another camera writes that tree",
        "nothing arrives",
        lambda on: on.fakes(f"edgecam/{on.one_name}/event"),
    ),
    (
        "another camera commands that camera",
        "nothing arrives",
        lambda on: on.fakes(f"edgecam/{on.one_name}/cmd/check"),
    ),
    (
        "another camera announces that camera to Home Assistant",
        "nothing arrives",
        lambda on: on.fakes(f"homeassistant/device/{on.one_name}/config"),
    ),
    ("another camera listens to that tree, and to everything", "hears nothing", _Scene.overhears),
    ("another camera takes that camera's client id", "the camera stays", _Scene.displaces),
)


@contextmanager
def _on_disk(signed: Signed) -> Iterator[tuple[Path, Path]]:
    """OpenSSL takes a certificate from files only: for a moment, for us alone."""
    with tempfile.TemporaryDirectory(prefix="edgecam-check-") as folder:
        certificate, key = Path(folder) / "check.pem", Path(folder) / "check.key"
        certificate.write_bytes(signed.certificate)
        key.touch(mode=0o600)
        key.write_bytes(signed.key)
        yield certificate, key


def _context(signed: Signed | None = None) -> ssl.SSLContext:
    """Whoever the broker is: here it is it that has to refuse, and it is told nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if signed is not None:
        with _on_disk(signed) as (certificate, key):
            context.load_cert_chain(certificate, key)
    return context


def _refused(what: str, knocked: Knock) -> Tried:
    return Tried(what, "refused", knocked.happened, not knocked.let_in)


def _not_tried(what: str) -> Tried:
    return Tried(what, "", "not tried: needs the authority's key", None)


def evict(address: Address, authority: Authority, name: str, now: datetime) -> None:
    """End the connection that ``name`` still has: whoever takes its client id takes its place.

    Raises: Unavailable when the broker does not let us.
    """
    signed = authority.sign_client(name, now, _HOUR)
    with visitor(address, _context(signed), "edgecam-evict"):
        pass
