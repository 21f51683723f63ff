"""What the first run asked is changed later, on the screen "care" of a camera that records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from agentstand import QUARTER_OF_AN_HOUR, Agent, accepts, camera, free_ports, wait_until
from authority import Authority
from debianbrowser import chromium
from pagestand import OWNER, Looking, give_accounts, looking
from playwright.sync_api import Browser, expect
from stand import mosquitto

from edgecam.custody.register.register_line import Act
from edgecam.settings import Settings, load_settings

pytestmark = [pytest.mark.long, pytest.mark.row("W4")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    sections = {"retention": QUARTER_OF_AN_HOUR, "analysis": {"enabled": False}}
    with camera(tmp_path / "camera", sections=sections) as agent:
        give_accounts(agent, OWNER)
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), "the page answers")
            agent.wait_recording(2)
            yield agent


@pytest.fixture
def person(browser: Browser, agent: Agent) -> Iterator[Looking]:
    """The owner, signed in, on the screen "care"."""
    with looking(browser, agent) as person:
        person.sign_in()
        person.page.goto(f"{person.address}/#/care")
        yield person


def chosen(agent: Agent) -> Settings:
    return load_settings(agent.settings)


def sign_in_again(person: Looking) -> None:
    """The camera started anew with what was kept, and says so."""
    expect(person.page.locator("#sign-in")).to_contain_text("The camera started anew", timeout=60_000)
    person.sign_in()
    person.page.goto(f"{person.address}/#/care")


@pytest.mark.row("G6")
def test_the_notice_is_changed_and_stands_there_when_one_comes_back(person: Looking, agent: Agent) -> None:
    page = person.page
    for name, text in (
        ("owner", "田中商店"),
        ("purpose", "침입과 도난 방지"),
        ("area", "the drive"),
        ("responsible", "M. Tanaka"),
        ("contact", "048-000-0000"),
    ):
        page.fill(f"#setup-notice-{name}", text)
    page.click("#setup-notice-form [type=submit]")
    expect(page.locator("#notice").get_by_text("Kept.")).to_be_visible()
    assert (chosen(agent).notice.owner, chosen(agent).notice.purpose) == ("田中商店", "침입과 도난 방지")
    lines = agent.register_lines()
    assert [line.who for line in lines if line.act is Act.SETTING_CHANGE and line.completes is None] == [OWNER]
    page.reload()
    expect(page.locator("#setup-notice-owner")).to_have_value("田中商店")
    with page.expect_download() as downloading:
        page.click("#setup-sign-get")
    assert Path(downloading.value.path()).read_bytes().startswith(b"%PDF-")


@pytest.mark.row("R2")
def test_the_retention_that_stands_is_shown_and_another_one_is_kept(person: Looking, agent: Agent) -> None:
    page = person.page
    expect(page.locator("#plan input[value=own]")).to_be_checked()
    expect(page.locator("#setup-days")).to_have_value("0.01")
    page.fill("#setup-days", "366")
    expect(page.locator("#setup-too-small")).to_be_visible()
    page.click("#setup-retention-form [type=submit]")
    expect(page.locator("#setup-retention-form-refusal")).to_contain_text("cannot be kept on this card")
    assert chosen(agent).retention.days == 0.01
    page.fill("#setup-days", "0.02")
    expect(page.locator("#setup-plan[aria-busy=false] #setup-plan-days")).to_be_visible()
    page.click("#setup-retention-form [type=submit]")
    sign_in_again(person)
    assert chosen(agent).retention.days == 0.02
    expect(page.locator("#setup-days")).to_have_value("0.02")
    agent.wait_recording(2)


@pytest.mark.row("T1")
def test_a_broker_that_does_not_answer_is_told_before_it_is_kept(person: Looking, agent: Agent) -> None:
    page, (port,) = person.page, free_ports(1)
    expect(page.locator("#broker input[value=nowhere]")).to_be_checked()
    page.check("#broker input[value=broker]")
    page.fill("#setup-broker-host", "127.0.0.1")
    page.fill("#setup-broker-port", str(port))
    page.click("#setup-broker-try")
    expect(page.locator("#setup-broker-tried .grave")).to_be_visible()
    page.click("#setup-broker-form [type=submit]")
    sign_in_again(person)
    assert chosen(agent).telemetry.broker == f"mqtt://127.0.0.1:{port}"
    expect(page.locator("#setup-broker-port")).to_have_value(str(port))


@pytest.mark.row("T3")
def test_a_broker_is_shown_a_certificate_as_long_as_the_owner_wants(
    person: Looking, agent: Agent, tmp_path: Path
) -> None:
    """Each change is taken up at once, however soon after the last one."""
    authority = Authority(tmp_path)
    server, own, others = authority.sign("broker"), authority.sign("camera"), authority.sign("others")
    lines = (
        f"cafile {authority.ca_file}",
        f"certfile {server.cert_file}",
        f"keyfile {server.key_file}",
        "require_certificate true",
    )
    page, tried = person.page, person.page.locator("#setup-broker-tried")
    with mosquitto(tmp_path, *lines) as broker:
        page.check("#broker input[value=broker]")
        page.fill("#setup-broker-host", "127.0.0.1")
        page.fill("#setup-broker-port", str(broker.port))
        expect(page.locator("#setup-broker-cert")).not_to_be_attached()
        page.check("#setup-broker-form [name=tls]")
        page.set_input_files("#setup-broker-ca", authority.ca_file)
        page.click("#setup-broker-try")
        expect(tried.locator(".grave")).to_be_visible()
        page.set_input_files("#setup-broker-cert", own.cert_file)
        page.click("#setup-broker-form [type=submit]")
        expect(page.locator("#setup-broker-key-wrong")).to_have_text(
            "A certificate and its key come together. Choose both files."
        )
        page.set_input_files("#setup-broker-key", others.key_file)
        page.click("#setup-broker-form [type=submit]")
        expect(page.locator("#setup-broker-key-wrong")).to_have_text("This key does not belong to the certificate.")
        page.set_input_files("#setup-broker-key", own.key_file)
        page.click("#setup-broker-try")
        expect(tried).to_contain_text("It works")
        page.click("#setup-broker-form [type=submit]")
        sign_in_again(person)
        assert chosen(agent).telemetry.cert_file
        expect(page.locator("#setup-broker-cert-hint")).to_contain_text("The camera has one.")
        page.click("#setup-broker-try")
        expect(tried).to_contain_text("It works")
        page.check("#setup-broker-forget")
        page.click("#setup-broker-form [type=submit]")
        sign_in_again(person)
    told = chosen(agent).telemetry
    assert (told.ca_file, told.cert_file, told.key_file) == ("", "", "")
    expect(page.locator("#setup-broker-cert-hint")).to_contain_text("Only if the broker asks for one")
