"""A camera in a new folder, before its first run: its places, its keys, and owners made beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from edgecam.core.clock import SystemClock
from edgecam.custody.paper.notice import Notice
from edgecam.custody.register.register import Register
from edgecam.firstrun import FirstRun
from edgecam.keys.owner import create_owner
from edgecam.newcamera import begin_camera, camera_key
from edgecam.places import Places, find_places
from edgecam.stage import setup_code
from edgecam.web.firststeps import SetupStep, StepState
from edgecam.web.setupparts import BrokerChoice, RetentionChoice

SECRET = "s" * 43
NOTICE = Notice(
    owner="田中商店",
    responsible="김민수",
    purpose="preventing theft",
    place="above the door",
    area="the drive",
    contact="048-000-0000",
)
# A quarter of an hour in a ring as small as one can be.
SMALL = RetentionChoice("own", days=0.01, size_gib=0.0625)
_SETTINGS = """[camera]
source = "scene:street"
width = 320
height = 180
fps = 10
[ring]
size_gib = 0.0625
[paths]
run_dir = "{run_dir}"
"""


@cache
def owner(number: int) -> tuple[str, bytes]:
    """Recipient and locked secret of one of a few people; making one is slow."""
    return create_owner(f"seven blue herons cross the estuary {number}")


@dataclass
class NewCameraStand:
    """``accounts`` are the sign-in secrets of the owner's account, the newest last."""

    folder: Path
    accounts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "run").mkdir(exist_ok=True)
        settings = self.folder / "edgecam.toml"
        if not settings.exists():
            settings.write_text(_SETTINGS.format(run_dir=self.folder / "run"))
        begin_camera(self.places)

    @property
    def places(self) -> Places:
        return find_places(self.folder / "edgecam.toml")[1]

    @property
    def code(self) -> str:
        return setup_code(self.places)

    def first_run(self) -> FirstRun:
        """As after a start of the hub."""
        places, clock = self.places, SystemClock()
        key = camera_key(places)
        register = Register(places.register, key.sign, key.public, clock)
        return FirstRun(places, key, register, self.accounts.append, clock)


def take(run: FirstRun, step: SetupStep, person: int = 0) -> None:
    """Take one step as a person does who answers everything."""
    match step:
        case SetupStep.LANGUAGE:
            run.speak("ja")
        case SetupStep.OWNER:
            run.make_owner(*owner(person), SECRET)
        case SetupStep.NOTICE:
            run.set_notice(NOTICE, "owner")
        case SetupStep.RETENTION:
            run.keep(SMALL, "owner")
        case SetupStep.MASKS:
            run.hide_nothing("a drawn street", "owner")
        case SetupStep.BROKER:
            run.set_broker(BrokerChoice("off"), "owner")
        case _:
            run.note(step, "owner")


def take_all(run: FirstRun, person: int = 0) -> None:
    """Take every step that is not done, in order."""
    for step in SetupStep:
        if run.shown().steps[step] is not StepState.DONE:
            take(run, step, person)
