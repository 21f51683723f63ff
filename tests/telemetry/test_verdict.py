"""What the end of a try says about the next one."""

from __future__ import annotations

import pytest

from edgecam.telemetry.address import Address
from edgecam.telemetry.verdict import BrokerState, Ending, of_error

BROKER = Address("broker.example", 8883, True)


@pytest.mark.row("T2")
@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (ConnectionRefusedError(111, "Connection refused"), Ending.NOBODY),
        (TimeoutError(), Ending.OTHER),
        (OSError(113, "No route to host"), Ending.OTHER),
    ],
)
def test_nobody_there_is_told_from_a_broker_that_does_not_get_round_to_answer(
    error: OSError, ending: Ending
) -> None:
    verdict = of_error(BROKER, error)
    assert (verdict.state, verdict.ending) == (BrokerState.CONNECTING, ending)
    assert str(BROKER) in verdict.fault.sentence
