"""The page asked all that its own OpenAPI document says may be asked, and much that it says may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from accountstand import sign_in
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from page_camera import PageCamera
from schemathesis import Case, GenerationMode
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from secured import PageSecurity

from edgecam.web.app import create_app
from edgecam.web.server import PageServer
from edgecam.web.signedin import COOKIE

CHECKS = [
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# It never ends, and so has tests of its own.
ENDLESS = "/api/live"
# Something may be away or failing, and that is said so; 500 is a bug.
AWAY = (503, 507)
KINDS = {"BadInput", "NotAllowed", "Unavailable", "DataLoss", "MediaFailing"}
PHASES = [Phase.explicit, Phase.generate]


@dataclass(frozen=True)
class Fuzzed:
    """A served page and its owner's browser."""

    camera: PageCamera
    server: PageServer
    browser: requests.Session
    done: set[str] = field(default_factory=set)

    def stay_in(self) -> None:
        """What was asked last may have ended the session, or have had everybody wait."""
        if self.browser.get(f"{self.server.address}/api/me").status_code == 200:
            return
        # Longer than any wait after wrong tries.
        self.camera.clock.sleep(3600 * 24)
        with httpx.Client(base_url=self.server.address, headers={"Origin": self.server.address}) as client:
            answer = sign_in(client)
            assert answer.status_code == 200, answer.text
            self.browser.cookies.set(COOKIE, client.cookies[COOKIE])


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    camera = PageCamera()
    folder = tmp_path_factory.mktemp("certificates")
    app = create_app(replace(camera.parts(), certificates=PageSecurity(folder)))
    server = PageServer(app, "127.0.0.1", 0)
    server.start()
    with requests.Session() as browser:
        browser.trust_env = False
        browser.headers["Origin"] = server.address
        made = Fuzzed(camera, server, browser)
        made.stay_in()
        yield made
    server.close()


@pytest.fixture(scope="module")
def described(fuzzed: Fuzzed) -> schemathesis.BaseSchema:
    document = fuzzed.browser.get(f"{fuzzed.server.address}/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(_without_rows_of_types(document))
    schema.config.update(base_url=fuzzed.server.address)
    return schema.exclude(path=ENDLESS)


@pytest.mark.row("W4")
def test_a_little_of_everything(fuzzed: Fuzzed, described: schemathesis.BaseSchema) -> None:
    ask_for_everything(fuzzed, described, examples=2)


@pytest.mark.long
def test_much_of_everything(fuzzed: Fuzzed, described: schemathesis.BaseSchema) -> None:
    ask_for_everything(fuzzed, described, examples=150)


def ask_for_everything(fuzzed: Fuzzed, described: schemathesis.BaseSchema, examples: int) -> None:
    """So many right and so many wrong requests of each operation; what failed is told together at the end."""
    bounded = settings(max_examples=examples, phases=PHASES, database=None, suppress_health_check=list(HealthCheck))
    wrong: list[str] = []
    found = list(described.get_all_operations())
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(operations) == len(found), "the document tells of something that cannot be asked"
    assert len(operations) > 30
    for operation in operations:
        for mode in GenerationMode:

            @bounded
            @given(case=operation.as_strategy(generation_mode=mode))
            def asking(case: Case[Any]) -> None:
                ask(case, fuzzed)

            try:
                asking()
            except Unsatisfiable:
                continue  # nothing can be wrong with a request that has no parts
            except (AssertionError, FailureGroup, InvalidSchema) as failed:
                wrong.append(f"{operation.label} ({mode.value}): {_said(failed)}")
    assert not wrong, "\n\n".join(wrong)
    # Else nothing was asked but the door.
    assert {"GET /api/status", "GET /api/live.jpg", "GET /api/events", "GET /api/certificates"} <= fuzzed.done


def _without_rows_of_types(part: Any) -> Any:
    """Rows whose places have one type each (``prefixItems``) as lists of that type.

    What asks here rewrites such rows into a form that it then finds wrong itself.
    """
    if isinstance(part, list):
        return [_without_rows_of_types(each) for each in part]
    if not isinstance(part, dict):
        return part
    told = {name: _without_rows_of_types(each) for name, each in part.items() if name != "prefixItems"}
    if "prefixItems" in part:
        (told["items"],) = {json.dumps(each): each for each in part["prefixItems"]}.values()
    return told


def _said(failed: BaseException) -> str:
    each = failed.exceptions if isinstance(failed, FailureGroup) else [failed]
    return "; ".join(str(one) for one in each)


def ask(case: Case[Any], fuzzed: Fuzzed) -> None:
    """Every answer is as the document says, every refusal in the one shape, and nothing is a bug."""
    fuzzed.stay_in()
    answer = case.call(session=fuzzed.browser, timeout=60)
    case.validate_response(answer, checks=CHECKS)
    assert answer.status_code < 500 or answer.status_code in AWAY, answer.text
    if answer.status_code < 300:
        fuzzed.done.add(case.operation.label)
    if answer.status_code >= 400:
        told = answer.json()
        assert told["kind"] in KINDS
        assert told["what"]
        assert set(told) <= {"kind", "what", "do", "safe", "field", "wait_s"}
