"""Asks a served application all that its own OpenAPI document says may be asked, and much that it says may not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
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

from edgecam.web.server import PageServer

CHECKS = [
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# Something may be away or failing, and that is said so; 500 is a bug.
AWAY = (503, 507)
KINDS = {"BadInput", "NotAllowed", "Unavailable", "DataLoss", "MediaFailing"}
PHASES = [Phase.explicit, Phase.generate]


@dataclass
class Fuzzed:
    """A served application and one browser; ``done`` are the operations that it was let do."""

    server: PageServer
    browser: requests.Session = field(default_factory=requests.Session)
    done: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.browser.trust_env = False
        self.browser.headers["Origin"] = self.server.address

    def stay_in(self) -> None:
        """What was asked last may have ended the session, or have had everybody wait."""
        raise NotImplementedError


def described(fuzzed: Fuzzed, document: dict[str, Any]) -> schemathesis.BaseSchema:
    """``document`` as what is asked of ``fuzzed``."""
    schema = schemathesis.openapi.from_dict(_without_rows_of_types(document))
    schema.config.update(base_url=fuzzed.server.address)
    return schema


def ask_for_everything(fuzzed: Fuzzed, schema: schemathesis.BaseSchema, examples: int) -> None:
    """So many right and so many wrong requests of each operation; what failed is told together at the end."""
    bounded = settings(max_examples=examples, phases=PHASES, database=None, suppress_health_check=list(HealthCheck))
    wrong: list[str] = []
    found = list(schema.get_all_operations())
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(operations) == len(found), "the document tells of something that cannot be asked"
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
