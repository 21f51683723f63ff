"""The page's doors with real sockets: TLS, its renewal, plain HTTP at the wrong door, slow visitors and floods."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from agentstand import wait_until
from secured import OWN, Stand, asked, get, rest, stand

from edgecam.core.errors import Unavailable
from edgecam.web.door import Door
from edgecam.web.patience import Patience
from edgecam.web.rates import Crowd, Limits
from edgecam.web.server import secure_context

pytestmark = pytest.mark.row("K3")
# Short, so that nobody has to wait; who waits is the visitor, until the server has enough.
HURRIED = Patience(handshake_s=0.2, head_s=0.2, body_s=0.2, stalled_s=0.2)
FEW = Limits(burst=5, requests_per_s=0.001, connections=6, connections_each=3, loopback_too=True)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Stand]:
    with stand(tmp_path) as served:
        yield served


@pytest.mark.parametrize("name", [OWN, "porch.local", "localhost", "127.0.0.1", "192.168.1.7"])
def test_https_under_each_of_its_names(secured: Stand, name: str) -> None:
    with secured.visit_safely(name) as visitor:
        assert visitor.version() == "TLSv1.3"
        answer = asked(visitor, get(name))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"here")
    # Other programs may speak plain HTTP under the machine's names: a browser shall insist on ours alone.
    assert (b"strict-transport-security: max-age=" in answer.lower()) == (name == OWN)


def test_plain_http_is_never_told_to_insist(secured: Stand) -> None:
    with secured.visit() as visitor:
        answer = asked(visitor, get(OWN))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"strict-transport" not in answer.lower()


def test_a_stranger_s_name_is_not_vouched_for(secured: Stand) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'evil\.example'"):
        secured.visit_safely("evil.example")
    with secured.visit_safely() as visitor:
        assert asked(visitor, get("evil.example")).startswith(b"HTTP/1.1 403 ")


def test_who_does_not_trust_the_authority_is_warned(secured: Stand) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        secured.visit_safely(trusting=ssl.create_default_context())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_not_spoken(secured: Stand, version: ssl.TLSVersion) -> None:
    assert secured.security is not None
    old = secured.security.trusting()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = version
    with pytest.raises(OSError, match=r"(?i)protocol version|alert|no protocols|eof"):
        secured.visit_safely(trusting=old)


@pytest.mark.parametrize(
    ("cipher", "taken"),
    [
        ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
        ("ECDHE-ECDSA-AES128-GCM-SHA256", True),
        ("ECDHE-ECDSA-AES128-SHA256", False),
        ("ECDHE-ECDSA-AES256-CCM8", False),
    ],
)
def test_tls_1_2_with_ciphers_of_today_alone(secured: Stand, cipher: str, taken: bool) -> None:
    assert secured.security is not None
    context = secured.security.trusting()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    if taken:
        with secured.visit_safely(trusting=context) as visitor:
            assert visitor.cipher() is not None
            assert visitor.cipher()[0] == cipher  # type: ignore[index]
        return
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake|eof"):
        secured.visit_safely(trusting=context)


def test_plain_http_at_the_tls_door_is_sent_on(secured: Stand) -> None:
    host = f"192.168.1.7:{secured.tls_port}"
    with secured.visit(secured.tls_port) as visitor:
        answer = asked(visitor, get(host))
    assert answer.startswith(b"HTTP/1.1 308 ")
    assert f"Location: https://{host}/\r\n".encode() in answer
    for nonsense in ("hello\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", get("evil.example/\x01")):
        with secured.visit(secured.tls_port) as visitor:
            answer = asked(visitor, nonsense)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"https://" in answer


def test_a_renewed_certificate_counts_without_a_restart(tmp_path: Path) -> None:
    with ExitStack() as ending:
        contexts: list[ssl.SSLContext] = []
        secured = ending.enter_context(stand(tmp_path, context=lambda: contexts[-1] if contexts else None))
        assert secured.security is not None
        # While there is none nobody gets in, and nothing breaks.
        secured.security.files.keep()
        with pytest.raises(OSError, match=r"(?i)eof|reset|closed"):
            secured.visit_safely()
        shown = []
        stays: ssl.SSLSocket | None = None
        for _ in range(2):
            secured.security.files.renew(authority=False)
            contexts.append(secure_context(str(secured.security.files.leaf_path)))
            secured.server.look_again()
            visitor = ending.enter_context(secured.visit_safely())
            shown.append(visitor.getpeercert(binary_form=True))
            stays = stays or visitor
        assert shown[0] != shown[1]
        assert stays is not None
        # Who was there before stays, with the certificate of then.
        assert asked(stays, get(OWN)).endswith(b"here")


def test_a_file_that_is_no_certificate_is_said(tmp_path: Path) -> None:
    (tmp_path / "p.pem").write_bytes(b"nothing")
    for name in ("p.pem", "missing.pem"):
        with pytest.raises(Unavailable, match="edgecam certificate renew"):
            secure_context(str(tmp_path / name))


@pytest.mark.row("K2")
@pytest.mark.parametrize("said", [b"", b"G", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "])
def test_a_head_that_comes_letter_by_letter_is_not_waited_for(said: bytes) -> None:
    """Each letter comes well within the patience, and together they take far longer: a slow loris."""
    with stand(patience=HURRIED) as served, served.visit() as loris:
        loris.sendall(said)
        loris.settimeout(0.05)
        assert _dripped(loris, b"a")


@pytest.mark.row("K2")
def test_a_body_that_comes_letter_by_letter_is_not_waited_for() -> None:
    head = b"POST /api/word HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Length: 4000\r\n\r\n"
    with stand(patience=HURRIED) as served, served.visit() as loris:
        loris.sendall(head)
        loris.settimeout(0.05)
        assert _dripped(loris, b"a")


@pytest.mark.row("K2")
def test_a_second_head_is_not_waited_for_either() -> None:
    with stand(patience=HURRIED) as served, served.visit() as loris:
        loris.sendall(get().replace("Connection: close\r\n", "").encode())
        assert loris.recv(65_536)
        loris.settimeout(0.05)
        assert _dripped(loris, b"G")


def test_a_handshake_that_never_comes_is_not_waited_for(tmp_path: Path) -> None:
    with stand(tmp_path, patience=HURRIED) as served:
        for said in (b"", b"\x16\x03\x01"):
            with served.visit(served.tls_port) as loris:
                loris.sendall(said)
                assert rest(loris) == b""
        with served.visit_safely() as visitor:
            assert asked(visitor, get(OWN)).endswith(b"here")


def test_an_answer_that_nobody_takes_is_not_kept_for_ever() -> None:
    one = replace(FEW, connections_each=1, burst=999)
    with stand(limits=one, patience=HURRIED) as served, served.visit() as sleeper:
        sleeper.sendall(get(path="/api/endless").encode())
        assert sleeper.recv(1)
        wait_until(lambda: _is_let_in(served), "the one place is free again")


@pytest.mark.row("K2")
def test_what_comes_after_the_last_request_ends_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    with stand() as served, served.visit() as visitor:
        visitor.sendall(get(path="/api/endless").encode())
        assert visitor.recv(1)
        visitor.sendall(b"more than was agreed")
        rest(visitor)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.row("K2")
def test_one_visitor_s_flood_of_connections_leaves_room() -> None:
    with stand(limits=replace(FEW, burst=9999)) as served, ExitStack() as ending:
        flood = [ending.enter_context(served.visit()) for _ in range(20)]
        for visitor in flood[3:]:
            assert rest(visitor) == b""
        # The three that stand are still good, and one that leaves makes room for the next.
        assert asked(flood[0], get()).endswith(b"here")
        wait_until(lambda: _is_let_in(served), "its place is free again")


@pytest.mark.row("K2")
def test_visitors_from_many_addresses_make_room_for_each_other() -> None:
    with stand(limits=replace(FEW, burst=99)) as served, ExitStack() as ending:
        greedy = [ending.enter_context(_from("127.0.0.2", served)) for _ in range(3)]
        ending.enter_context(_from("127.0.0.3", served))
        ending.enter_context(_from("127.0.0.3", served))
        ending.enter_context(_from("127.0.0.4", served))
        modest = ending.enter_context(_from("127.0.0.5", served))
        assert asked(modest, get()).endswith(b"here")
        assert rest(greedy[0]) == b""


@pytest.mark.row("K2")
def test_one_visitor_s_flood_of_requests_is_refused_with_a_sentence() -> None:
    with stand(limits=FEW) as served:
        answers = []
        for _ in range(7):
            with served.visit() as visitor:
                answers.append(asked(visitor, get()))
        assert [int(answer.split()[1]) for answer in answers] == [200] * 5 + [429] * 2
        head, _, body = answers[-1].partition(b"\r\n\r\n")
        assert b"retry-after:" in head.lower()
        assert b"content-security-policy:" in head.lower()
        assert json.loads(body)["kind"] == "Unavailable"
        with _from("127.0.0.2", served) as other:
            assert asked(other, get()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "nonsense",
    ["\x00\x00\r\n\r\n", "GET / HTTP/9\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01" * 99,
     "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y" * 20_000],
)  # fmt: skip
def test_what_is_no_http_gets_the_page_s_own_refusal(nonsense: str, caplog: pytest.LogCaptureFixture) -> None:
    with stand() as served, served.visit() as visitor:
        visitor.sendall(nonsense.encode("latin-1"))
        visitor.shutdown(socket.SHUT_WR)
        answer = rest(visitor)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["kind"] == "BadInput"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def _from(address: str, served: Stand) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=30, source_address=(address, 0))


def _dripped(loris: socket.socket, letter: bytes) -> bool:
    """Send ``letter`` again and again until the other side ends it; a server that never does fails the test."""
    for _ in range(600):
        try:
            loris.sendall(letter)
            if loris.recv(65_536) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def _is_let_in(served: Stand) -> bool:
    with served.visit() as visitor:
        try:
            return asked(visitor, get()) != b""
        except OSError:
            return False


def test_who_comes_in_the_moment_it_closes_is_not_left_standing() -> None:
    async def told() -> bytes:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as visitor:
            door = Door(listener, lambda _left: asyncio.Protocol(), Crowd(Limits()), Patience())
            visitor.connect(listener.getsockname())
            visitor.setblocking(False)
            door.open()
            # As soon as it was let in, and before its own first step.
            while not any(task.get_name() == "edgecam.visitor" for task in asyncio.all_tasks()):
                await asyncio.sleep(0)
            door.close()
            await door.wait_closed()
            return await loop.sock_recv(visitor, 1)

    assert asyncio.run(told()) == b""
