"""Asked for, decided, looked at and given away on the page of a running agent: permits that are keys."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from agentstand import CLOCK, PASSPHRASE, QUARTER_OF_AN_HOUR, Agent, accepts, camera, wait_until
from debianbrowser import chromium
from pagestand import OWNER, Looking, looking
from playwright.sync_api import Browser, expect

from edgecam.custody.accounts.accountfile import encode_accounts
from edgecam.custody.accounts.accounts import Account, AccountRole, Accounts
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.keys.passwordhash import FLOOR, hash_secret
from edgecam.keys.signinsecret import sign_in_secret

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from parts.clicks import give_away

pytestmark = pytest.mark.long

MOST_PRESSES = 12

OPERATOR = "operator"
PURPOSE = "theft at the gate"
CUSTODY = {"purposes": [PURPOSE], "permit_h": 2}
_SEEN = """() => {
    window.seen = [];
    setInterval(() => {
        const hidden = document.querySelector("#video")?.classList.contains("hidden");
        const mark = document.querySelector("#player-mark")?.textContent ?? "";
        const moment = new Date(mark.slice(0, 19).replace(" ", "T")).getTime();
        if (!hidden && moment) window.seen.push(moment);
    }, 20);
}"""
# A machine that does much else at once is no slow page.
expect.set_options(timeout=60_000)
_WRITE = """async (told) => {
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told) };
    return (await (await fetch("/api/cases", options)).json()).case_id;
}"""
_STATUS = "async (path) => (await fetch(path)).status"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """A camera whose footage the owner's key alone opens; it has recorded half a minute."""
    yield from _recording(tmp_path_factory.mktemp("custody") / "camera", "owner")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """One whose footage operators' keys open too."""
    yield from _recording(tmp_path_factory.mktemp("shared") / "camera", "shared")


def _recording(folder: Path, sealing: str) -> Iterator[Agent]:
    sections = {"retention": QUARTER_OF_AN_HOUR, "custody": {**CUSTODY, "sealing": sealing}}
    with camera(folder, sections=sections) as agent:
        _give_accounts(agent)
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), "the page answers")
            agent.wait_recording(50)
            yield agent


def _give_accounts(agent: Agent) -> None:
    """An owner and an operator with `PASSPHRASE`, hashed as weakly as is allowed."""
    made = tuple(
        Account(
            account_id=hashlib.sha256(name.encode()).hexdigest()[:32],
            name=name,
            role=role,
            password=hash_secret(sign_in_secret(PASSPHRASE, agent.key.camera_id, name), FLOOR),
            made_by="setup",
            made_wall_ns=CLOCK.now().wall_ns,
        )
        for name, role in ((OWNER, AccountRole.OWNER), (OPERATOR, AccountRole.OPERATOR))
    )
    accounts = Accounts(agent.key.camera_id, FLOOR, made)
    agent.places.accounts.write_bytes(encode_accounts(accounts, agent.key.sign))
    agent.places.accounts.chmod(0o600)


@pytest.fixture
def owner(browser: Browser, agent: Agent) -> Iterator[Looking]:
    with looking(browser, agent) as person:
        person.sign_in()
        yield person


@pytest.fixture
def operator(browser: Browser, agent: Agent) -> Iterator[Looking]:
    with looking(browser, agent) as person:
        person.sign_in(OPERATOR)
        yield person


def show(person: Looking, where: str) -> None:
    person.page.goto(f"{person.address}/#{where}")


def make_own_key(person: Looking) -> None:
    """The operator's first visit, unless they were there before; proved by two groups of the paper."""
    show(person, "/custody")
    expect(person.page.locator("#waiting")).to_be_visible()
    person.page.wait_for_load_state("networkidle")
    if not person.page.locator("#own-key-form").is_visible():
        return
    person.page.fill("#own-key-passphrase", PASSPHRASE)
    person.page.click("#own-key-form button[type=submit]")
    paper = person.page.locator("#kit-secret").inner_text().split()[1:]
    person.page.click("#own-kit-kept")
    for field in person.page.locator("#own-kit-prove input").all():
        label = person.page.inner_text(f"label[for={field.get_attribute('id')}]")
        field.fill(paper[int(re.findall(r"\d+", label)[0]) - 1].lower())
    person.page.click("#own-kit-prove button[type=submit]")
    expect(person.page.locator("#own-kit-proof")).to_have_count(0)


def span_ms(agent: Agent, seconds: int = 6) -> tuple[int, int]:
    """Whole seconds in the middle of what was recorded, all of it there."""
    headers = agent.headers()
    begin = headers[len(headers) // 3].start_wall_ns // 10**9 + 1
    return begin * 1000, (begin + seconds) * 1000


def ask_to_look(person: Looking, from_ms: int, to_ms: int) -> str:
    """The id of the case that the form made."""
    show(person, f"/custody?new=look&from={from_ms}&to={to_ms}")
    expect(person.page.locator("#look-purpose")).to_have_value(PURPOSE)
    person.page.click("#new-look-form button[type=submit]")
    return case_shown(person)


def case_shown(person: Looking) -> str:
    person.page.wait_for_function("() => /case=[0-9]/.test(location.hash) && document.querySelector('#case-facts')")
    return str(person.page.evaluate("new URLSearchParams(location.hash.split('?')[1]).get('case')"))


def lines(agent: Agent, case_id: str) -> list[RegisterLine]:
    """What was begun in that case; not the lines that tell how it ended."""
    return [
        line for line in agent.register_lines() if line.detail.get("case") == case_id and line.completes is None
    ]


def steps(agent: Agent, case_id: str) -> list[str]:
    return [line.detail["step"] for line in lines(agent, case_id) if "step" in line.detail]


@pytest.mark.row("G4")
@pytest.mark.row("W3")
def test_an_operator_watches_exactly_what_the_owner_allowed_and_made_keys_for(
    owner: Looking, operator: Looking, agent: Agent
) -> None:
    make_own_key(operator)
    begin_ms, end_ms = span_ms(agent)
    # On the screen of the past there is no way but to ask.
    show(operator, f"/footage?at={begin_ms}")
    expect(operator.page.locator("#ask-to-look")).to_be_visible()
    assert operator.page.locator("#unlock-open").count() == 0
    case_id = ask_to_look(operator, begin_ms, end_ms)

    show(owner, "/custody")
    owner.page.click(f"#waiting a[href*='{case_id}']")
    owner.page.click("#grant-form button[type=submit]")
    owner.unlock()
    expect(owner.page.locator("#case .state")).to_have_text("allowed")
    secret = [body for _, address, body in owner.requests if address.endswith("/keys")]
    assert secret, "the keys were made in the owner's browser"
    assert "AGE-SECRET" not in "".join(body for _, _, body in owner.requests)

    show(operator, f"/custody?case={case_id}")
    operator.page.click("#permit-watch")
    operator.unlock()
    operator.page.evaluate(_SEEN)
    operator.wait_picture()
    expect(operator.page.locator("#player-break, .missing")).to_contain_text("all there is", timeout=60_000)
    seen: list[int] = operator.page.evaluate("window.seen")
    assert min(seen) < begin_ms + 2000
    assert max(seen) > end_ms - 2500
    # The mark tells whole seconds; a segment reaches over the edge by less than its own length.
    assert min(seen) >= begin_ms - 1000
    assert max(seen) < end_ms + 1000
    assert operator.page.evaluate(_STATUS, _segments(begin_ms - 20_000, begin_ms - 10_000)) == 403
    assert operator.page.evaluate(_STATUS, _segments(begin_ms, end_ms + 20_000)) == 403
    views = [line for line in agent.register_lines() if line.act is Act.VIEW and line.who == OPERATOR]
    assert views
    assert {line.purpose for line in views} == {PURPOSE}
    assert steps(agent, case_id) == ["ask", "grant"]

    # Taken back: what is asked for from now on is refused.
    owner.page.click("#revoke-open")
    owner.page.fill("#revoke-reason", "a mistake")
    owner.page.click("#revoke-form button[type=submit]")
    expect(owner.page.locator("#case .state")).to_have_text("taken back")
    assert operator.page.evaluate(_STATUS, _segments(begin_ms, end_ms)) == 403


@pytest.mark.row("G4")
def test_a_look_is_refused_with_a_reason_and_another_is_withdrawn(
    owner: Looking, operator: Looking, agent: Agent
) -> None:
    make_own_key(operator)
    begin_ms, end_ms = span_ms(agent)
    refused = ask_to_look(operator, begin_ms, end_ms)
    show(owner, f"/custody?case={refused}")
    owner.page.click("#refuse-open")
    owner.page.select_option("#refuse-why", "other")
    owner.page.click("#refuse-form button[type=submit]")
    expect(owner.page.locator("#refuse-more-wrong")).to_be_visible()
    owner.page.fill("#refuse-more", "the gate is not in this picture")
    owner.page.click("#refuse-form button[type=submit]")
    expect(owner.page.locator("#case .state")).to_have_text("refused")
    show(operator, f"/custody?case={refused}")
    expect(operator.page.locator("#course")).to_contain_text("the gate is not in this picture")
    withdrawn = ask_to_look(operator, begin_ms, end_ms)
    operator.page.click("#withdraw-open")
    operator.page.click("#withdraw-form button[type=submit]")
    expect(operator.page.locator("#case .state")).to_have_text("withdrawn")
    assert operator.page.evaluate(_STATUS, _segments(begin_ms, end_ms)) == 403
    assert steps(agent, refused) == ["ask", "refuse"]
    assert steps(agent, withdrawn) == ["ask", "withdraw"]


@pytest.mark.row("G4")
def test_in_an_emergency_an_operator_looks_at_once_and_owes_a_report(browser: Browser, shared: Agent) -> None:
    with looking(browser, shared) as person, looking(browser, shared) as chief:
        person.sign_in(OPERATOR)
        make_own_key(person)
        shared.wait_recording(30)  # what is recorded from now on is sealed to the operator too
        begin_ms = shared.headers()[-20].start_wall_ns // 10**6
        show(person, f"/custody?new=look&from={begin_ms}&to={begin_ms + 5000}")
        person.page.check("#look-emergency")
        person.page.click("#new-look-form button[type=submit]")
        expect(person.page.locator("#look-remarks-wrong")).to_be_visible()
        person.page.fill("#look-remarks", "a child has been lost since ten")
        person.page.click("#new-look-form button[type=submit]")
        case_id = case_shown(person)
        person.page.click("#permit-watch")
        person.unlock()
        person.wait_picture()
        chief.sign_in()
        show(chief, "/custody")
        expect(chief.page.locator("#waiting")).to_contain_text("Report the emergency")
        wait_until(lambda: "report_due" in shared.faults(), "the camera nags")
        show(person, f"/custody?case={case_id}")
        person.page.fill("#report-text", "seen at the gate at 10:02, the police were told")
        person.page.click("#report-form button[type=submit]")
        expect(person.page.locator("#case .state")).to_have_text("reported")
        assert steps(shared, case_id) == ["emergency", "report"]
        wait_until(lambda: "report_due" not in shared.faults(), "it nags no more")


@pytest.mark.row("G2")
@pytest.mark.row("K4")
def test_from_the_police_at_the_door_to_a_proved_copy_on_disk_in_twelve_presses(
    owner: Looking, agent: Agent, tmp_path: Path
) -> None:
    given = give_away(owner.page, tmp_path, PASSPHRASE)
    assert given.presses <= MOST_PRESSES
    for copy in given.copies:
        assert "genuine" in agent.done("verify", str(copy))
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert "verify.sh" in names
    case_id = case_shown(owner)
    assert [step for step in steps(agent, case_id) if step != "package"] == ["ask", "grant", "hand_over"]
    # One flow for who decides alone; the steps stand singly, each with what the forms ask for.
    told = {line.detail["step"]: line for line in lines(agent, case_id) if "step" in line.detail}
    asked, granted, handed = told["ask"], told["grant"], told["hand_over"]
    assert (asked.act, granted.act, handed.act) == (Act.REQUEST, Act.DECISION, Act.DISCLOSURE)
    assert asked.detail["affiliation"].startswith("Gate Street")
    assert granted.detail["legal_basis"]
    assert handed.detail["file"]
    expect(owner.page.locator("#course")).to_contain_text("Copy handed over")
    owner.page.click("#close-form button[type=submit]")
    expect(owner.page.locator("#case .state")).to_have_text("closed")


@pytest.mark.row("G9")
def test_whoever_was_filmed_gets_a_copy_in_which_every_frame_was_reviewed(owner: Looking, agent: Agent) -> None:
    begin_ms, end_ms = span_ms(agent, 3)
    case_id = owner.page.evaluate(
        _WRITE,
        {
            "kind": "disclosure",
            "want": "copy",
            "asker": {"name": "Kim Minji", "contact": "010-1234-5678"},
            "asker_kind": "person",
            "use": "provision",
            "purpose": "fell on the ice",
            "identity_check": "photo card shown",
            "from_ms": begin_ms,
            "to_ms": end_ms,
        },
    )
    show(owner, f"/custody?case={case_id}")
    expect(owner.page.locator("#package-obscure")).to_be_checked()
    owner.page.fill("#opening-passphrase", "not the passphrase")
    owner.page.click("#decide-form button[type=submit]")
    # Allowed it is, and only the copy was not begun.
    expect(owner.page.locator("#package .told")).to_contain_text("does not open the footage")
    owner.page.fill("#opening-passphrase", PASSPHRASE)

    def begun() -> bool:
        if owner.page.locator("#package-form button[type=submit]:enabled").count():
            owner.page.click("#package-form button[type=submit]")
        return owner.page.locator("#package progress, #review-play").count() > 0

    wait_until(begun, "after a wrong passphrase the camera waits a little")
    owner.page.wait_for_selector("#review-play")
    expect(owner.page.locator("#review-not-all")).to_be_visible()
    assert owner.page.locator("#release-form, #package-download").count() == 0
    owner.page.click("#review-play")
    owner.page.fill("#opening-passphrase", PASSPHRASE)
    owner.page.click("#release-form button[type=submit]")
    expect(owner.page.locator("#package-download")).to_be_visible()
    handed = next(line for line in lines(agent, case_id) if line.detail.get("step") == "hand_over")
    assert handed.detail["recipient"] == "Kim Minji"
    owner.page.click("#package-drop")
    expect(owner.page.locator("#package-download")).to_have_count(0)


@pytest.mark.row("G10")
def test_a_complaint_is_written_down_and_answered(operator: Looking, owner: Looking, agent: Agent) -> None:
    show(operator, "/custody")
    operator.page.click("#begin-complaint")
    operator.page.fill("#complaint-text", "It looks into our garden.")
    operator.page.fill("#complaint-name", "M. Kim")
    operator.page.click("#new-complaint-form button[type=submit]")
    case_id = case_shown(operator)
    show(owner, f"/custody?case={case_id}")
    owner.page.fill("#answer-text", "It was turned, and masked.")
    owner.page.click("#answer-form button[type=submit]")
    expect(owner.page.locator("#case .state")).to_have_text("closed")
    assert steps(agent, case_id) == ["ask", "answer"]


def _segments(from_ms: int, to_ms: int) -> str:
    return f"/api/ring/segments?from_ms={from_ms}&to_ms={to_ms}"
