"""Everything that the camera can be or say has words on the page; `words.test.ts` looks after the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from edgecam.core.aim import AimState
from edgecam.core.clock import TimeTrust
from edgecam.core.events import EventKind
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.register.register_line import Act
from edgecam.masking.lifecycle import MaskState
from edgecam.masking.permit import Why
from edgecam.ringbuffer.format import GapCause
from edgecam.web.condition import Condition

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "ja", "ko")
WORDS: dict[str, dict[str, str]] = {
    language: {
        key: said
        for area in sorted((ROOT / "web" / "src" / "words" / language).glob("*.json"))
        for key, said in json.loads(area.read_text()).items()
    }
    for language in LANGUAGES
}


@pytest.mark.row("W5")
@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_the_camera_can_be_has_words(language: str) -> None:
    needed = [f"kind.{kind.value}" for kind in EventKind]
    needed += [f"condition.{word.value}" for word in Condition]
    needed += [f"trust.{trust.name.lower()}" for trust in TimeTrust]
    needed += [f"broker.{state}" for state in ("connected", "connecting", "refused", "off")]
    needed += [f"aim.{state.name.lower()}" for state in AimState]
    quiet = (AimState.UNGUARDED, AimState.STEADY)
    needed += [f"aim_says.{state.name.lower()}" for state in AimState if state not in quiet]
    needed += [f"why.{why.value}" for why in Why]
    needed += [f"masks.{state.value}" for state in (MaskState.DRAFT, MaskState.PROPOSED)]
    needed += [f"act.{act.value}" for act in Act]
    needed += [f"{about}.{role.value}" for about in ("role", "role_says") for role in AccountRole]
    needed += [f"cause.{cause.name.lower()}" for cause in GapCause if cause is not GapCause.NONE]
    assert [key for key in needed if key not in WORDS[language]] == []


@pytest.mark.row("W5")
def test_every_fault_has_words() -> None:
    sources = [path.read_text() for path in (ROOT / "edgecam").rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r'\bFault\(\s*"(\w+)"', source)}
    assert len(codes) > 20
    assert {code for code in codes if f"fault.{code}" not in WORDS["en"]} == set()
