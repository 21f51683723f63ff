"""The first run asked all that its OpenAPI document says, right and wrong: over the real one, in a real folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from accountstand import account_store, new_folder, remove_folder, secret_of
from newcamerastand import NewCameraStand, take
from openapifuzz import Fuzzed, ask_for_everything, described
from page_camera import ObedientClock
from secured import PageSecurity

from edgecam.core.clock import SystemClock
from edgecam.custody.accounts.accounts import OWNER_NAME
from edgecam.custody.register.register import Register
from edgecam.firstrun import FirstRun
from edgecam.newcamera import camera_key
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.firststeps import SetupStep
from edgecam.web.server import PageServer
from edgecam.web.setupapp import SetupPageParts, create_setup_app
from edgecam.web.setupparts import BrokerChoice, BrokerTried, PlanShown, RetentionChoice

_CLOSED_PORT = 1


class HarmlessFirstRun(FirstRun):
    """The real one, but that it asks nobody elsewhere for a broker, and never fills a disk."""

    def try_broker(self, choice: BrokerChoice) -> BrokerTried:
        return super().try_broker(replace(choice, host="127.0.0.1", port=_CLOSED_PORT) if choice.host else choice)

    def keep(self, choice: RetentionChoice, who: str) -> PlanShown:
        return super().keep(replace(choice, size_gib=min(choice.size_gib or 1, 0.0625)), who)


@dataclass
class FuzzedFirstRun(Fuzzed):
    """Asked by the browser that showed the code; from the day there is an owner, by the owner."""

    document: dict[str, Any] = field(default_factory=dict)
    clock: ObedientClock = field(default_factory=ObedientClock)
    code: str = ""
    owned: bool = False

    def stay_in(self) -> None:
        if self.browser.get(f"{self.server.address}/api/setup").json()["yours"]:
            return
        # Longer than any wait after wrong tries.
        self.clock.sleep(3600 * 24)
        path = "/api/setup/claim"
        body: dict[str, Any] = {"code": self.code, "take_over": True}
        if self.owned:
            path, body = "/api/sign-in", {"name": OWNER_NAME, "secret": secret_of(OWNER_NAME)}
        answer = self.browser.post(f"{self.server.address}{path}", json=body)
        assert answer.status_code == 200, answer.text


@pytest.fixture(params=["new", "owned"])
def fuzzed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FuzzedFirstRun]:
    stand, clock, folder = NewCameraStand(tmp_path / "camera"), ObedientClock(), new_folder()
    places, code, owned = stand.places, stand.code, request.param == "owned"
    key = camera_key(places)
    run = HarmlessFirstRun(
        places, key, Register(places.register, key.sign, key.public), stand.accounts.append, SystemClock()
    )
    if owned:
        take(run, SetupStep.OWNER)
        take(run, SetupStep.RETENTION)
    desk = AccountDesk(account_store(folder, clock), clock)
    parts = SetupPageParts("Front door", "127.0.0.1", clock, desk, run, lambda: not owned, PageSecurity(tmp_path))
    app = create_setup_app(parts)
    server = PageServer(app, "127.0.0.1", 0)
    server.start()
    made = FuzzedFirstRun(server, document=app.openapi(), clock=clock, code=code, owned=owned)
    made.stay_in()
    yield made
    made.browser.close()
    server.close()
    remove_folder(folder)


@pytest.mark.row("W1")
def test_a_little_of_the_first_run(fuzzed: FuzzedFirstRun) -> None:
    fuzz(fuzzed, examples=2)


@pytest.mark.long
@pytest.mark.row("W1")
def test_much_of_the_first_run(fuzzed: FuzzedFirstRun) -> None:
    fuzz(fuzzed, examples=40)


def fuzz(fuzzed: FuzzedFirstRun, examples: int) -> None:
    ask_for_everything(fuzzed, described(fuzzed, fuzzed.document), examples)
    # Else nothing was asked but the door.
    taken = "PUT /api/setup/notice" if fuzzed.owned else "PUT /api/setup/language"
    assert {"GET /api/setup", "GET /api/setup/plan", "GET /api/setup/notice", taken} <= fuzzed.done
