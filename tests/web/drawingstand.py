"""What is drawn with on the page in tests: real masks, real rules and a real register in a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accountstand import camera_key

from edgecam.core.clock import Clock, Instant
from edgecam.custody.mask_acts import MaskActs
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import RegisterLine, decode_line
from edgecam.drawnrules import DrawnRules
from edgecam.masking.drawing import Drawing, DrawnPicture
from edgecam.masking.maskstore import MaskStore
from edgecam.web.drawingparts import DrawingParts, RuleParts

LAWN = {"name": "lawn", "polygon": [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0], [0.1, 1.0]]}
NIGHT = {"kind": "intrusion", "zone": "lawn", "objects": ["person"], "timetable": ["daily 22:00-06:00"]}
SETTINGS_RULES: dict[str, list[dict[str, Any]]] = {"zone": [LAWN], "line": [], "rule": [NIGHT]}


@dataclass
class DrawingStand:
    """``picture`` is what is recorded; ``aims`` are the confirmations of the aim that came with masks."""

    folder: Path
    clock: Clock
    picture: DrawnPicture | None = field(default_factory=lambda: DrawnPicture(width=1280, height=720))
    aims: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        key = camera_key()
        self.store = MaskStore(self.folder / "masks.json", key)
        self.store.begin(Drawing(), "setup", self.clock.now())
        self.register = Register(self.folder / "drawn.register.jsonl", key.sign, key.public, self.clock)
        self.rules = DrawnRules(self.folder / "rules.toml", SETTINGS_RULES)

    def parts(self) -> DrawingParts:
        def confirm_aim(by: str, _: Instant, mask_hash: bytes) -> None:
            self.aims.append((by, mask_hash))

        acts = MaskActs(self.store, self.register, self.clock, confirm_aim)
        rules = RuleParts(
            "Asia/Tokyo",
            lambda: self.rules.read().tables,
            lambda tables, who: self.rules.write(tables, self.register, who),
        )
        return DrawingParts(acts, lambda: self.picture, rules)

    def lines(self) -> list[RegisterLine]:
        if not self.register.path.exists():
            return []
        return [decode_line(line) for line in self.register.path.read_bytes().splitlines(keepends=True)]
