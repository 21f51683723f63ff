"""Requests that no page of the camera sends: by host, origin, site, path, range and size; generated ones too."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from edgecam.core.errors import BadInput, EdgecamError, NotAllowed
from edgecam.web.requestcheck import MAX_BODY_BYTES, check_request, host_name, largest_body

NAMES = frozenset({"camera.local", "192.168.1.7", "[fd00::7]"})
OWN = {"Host": "camera.local:8443", "Origin": "https://camera.local:8443"}


def check(method: str = "GET", target: bytes = b"/", **headers: str) -> None:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    check_request(method, target, Headers({**OWN, **told}), NAMES)


@pytest.mark.parametrize("host", ["camera.local", "CAMERA.local:8443", "192.168.1.7:1", "[FD00::7]:8443"])
def test_own_names_pass(host: str) -> None:
    check(Host=host)


@given(st.one_of(st.text(), st.sampled_from(sorted(NAMES)).flatmap(lambda name: st.text().map(lambda t: name + t))))
def test_a_host_that_passes_is_one_of_the_names(host: str) -> None:
    name = host_name(host)
    if name in NAMES:
        assert host.lower().startswith(name)
        rest = host[len(name) :]
        assert rest == "" or (rest.startswith(":") and rest[1:].isascii() and rest[1:].isdigit())


@given(st.binary(max_size=60))
def test_a_path_that_passes_cannot_be_read_in_two_ways(octets: bytes) -> None:
    target = b"/static/" + octets
    try:
        check(target=target)
    except BadInput:
        return
    path = target.partition(b"?")[0].lower()
    assert not any(bad in path for bad in (b"\\", b"%2f", b"%2e", b"%5c", b"%00", b"//", b"\x00", b" "))
    assert not {b".", b".."} & set(path.split(b"/"))
    assert path.isascii()


@pytest.mark.parametrize(
    "target",
    [
        b"", b"*", b"static", b"http://camera.local/", b"//etc/passwd", b"/static/../app.py", b"/static/.",
        b"/static/%2e%2e/app.py", b"/static/..%2fapp.py", b"/static/..%5capp.py", b"/a\\b", b"/%00", b"/%", b"/%zz",
        b"/\xff",        b"/" + b"a" * 2048, b"/?" + b"a" * 2048,
    ],
)  # fmt: skip
def test_paths_that_lead_elsewhere_are_refused(target: bytes) -> None:
    with pytest.raises(BadInput):
        check(target=target)


@pytest.mark.parametrize(
    "target", [b"/", b"/api/events?limit=5", b"/static/assets/page-B2_x.js", b"/a/%E3%81%82?x=../"]
)
def test_paths_of_the_page_pass(target: bytes) -> None:
    check(target=target)


@given(st.text(st.characters(codec="latin-1"), max_size=30))
def test_a_range_that_passes_is_one_that_can_be_served(asked: str) -> None:
    try:
        check(Range=asked)
    except BadInput:
        return
    first, dash, last = asked.strip().removeprefix("bytes=").partition("-")
    assert dash
    assert first or last
    assert not (first and last) or int(first) <= int(last)


@pytest.mark.parametrize("asked", ["bytes=0-", "bytes=5-9", "bytes=-500"])
def test_one_range_passes(asked: str) -> None:
    check(Range=asked)


@pytest.mark.parametrize(
    "asked", ["", "bytes=-", "bytes=9-5", "bytes=0-1,2-3", "lines=1-2", "bytes=" + "0-," * 999]
)
def test_other_ranges_are_refused(asked: str) -> None:
    with pytest.raises(BadInput, match="range"):
        check(Range=asked)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "something new"])
def test_other_sites_may_not_ask(site: str) -> None:
    for target in (b"/api/status", b"/api/live.jpg", b"/static/page.js"):
        with pytest.raises(NotAllowed, match="another site"):
            check(target=target, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image")
    with pytest.raises(NotAllowed, match="another site"):
        check("POST", b"/api/lock", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")
    with pytest.raises(NotAllowed, match="another site"):
        check(target=b"/", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="iframe")
    with pytest.raises(NotAllowed, match="another site"):
        check(target=b"/api/status", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")


def test_a_link_from_elsewhere_opens_the_page() -> None:
    check(target=b"/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")
    check(target=b"/api/status", Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="cors", Sec_Fetch_Dest="empty")
    check(target=b"/api/certificates/ca.crt", Sec_Fetch_Site="none", Sec_Fetch_Mode="navigate")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_only_the_page_itself_changes_anything(method: str) -> None:
    check(method, b"/api/x", Content_Length="10")
    check(method, b"/api/x")
    for origin in ("https://evil.example", "null", "", "https://camera.local", "https://camera.local:8444"):
        with pytest.raises(NotAllowed, match="own page"):
            check(method, b"/api/x", Content_Length="10", Origin=origin)


@pytest.mark.parametrize("length", ["-1", "1e3", "", " ", "4097", "9" * 30, "\xb2", "0x10"])
def test_lengths_that_are_none_are_refused(length: str) -> None:
    with pytest.raises(BadInput, match=str(MAX_BODY_BYTES)):
        check("POST", b"/api/x", Content_Length=length)


def test_an_endless_body_is_refused() -> None:
    with pytest.raises(BadInput, match="stated length"):
        check("POST", b"/api/x", Transfer_Encoding="chunked")


def test_drawings_may_be_larger() -> None:
    assert largest_body("/api/masks/draft") > MAX_BODY_BYTES == largest_body("/api/masksdraft")
    check("PUT", b"/api/masks/draft", Content_Length="200000")
    with pytest.raises(BadInput):
        check("PUT", b"/api/masks/draft", Content_Length="2000000")


def test_a_heap_of_headers_is_refused() -> None:
    with pytest.raises(BadInput, match="header lines"):
        check_request("GET", b"/", Headers({**OWN, **{f"X-{number}": "1" for number in range(70)}}), NAMES)


@given(
    st.text(max_size=8),
    st.binary(max_size=20),
    st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=9),
)
def test_any_request_passes_or_is_refused(method: str, target: bytes, headers: dict[str, str]) -> None:
    told = {name: value for name, value in headers.items() if (name + value).isascii()}
    with suppress(EdgecamError):
        check_request(method, target, Headers({**OWN, **told}), NAMES)
