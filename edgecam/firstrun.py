"""The first run on the camera's side: what each step of the wizard reads and writes, and in which order.

Every step can be taken again after a power cut at any of its writes: what it leaves behind is written last, and
what lies there already is taken for what it is.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from dataclasses import replace

from edgecam import __version__
from edgecam.brokerfiles import keep_broker_files, tried_broker_files
from edgecam.choices import retention_of, sign_of, source_of
from edgecam.core.clock import Clock
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.custody.accounts.accounts import OWNER_NAME
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.paper import printed_apart
from edgecam.custody.paper.sign import SignSize
from edgecam.custody.paper.signpaper import sign_paper
from edgecam.custody.register.mask_line import MaskChange, register_mask_change
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.firststart import first_start_faults
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import check_locked
from edgecam.masking.drawing import Drawing
from edgecam.masking.lifecycle import MaskAct, Role
from edgecam.masking.maskset import MaskSet, Step
from edgecam.masking.maskstore import MaskStore
from edgecam.newcamera import (
    affordable_gib,
    device_gib,
    disk_gib,
    keep_owner,
    make_ring,
    put_in_force,
    ring_gib,
)
from edgecam.places import Places, read_locked_owner
from edgecam.restartorder import order_restart
from edgecam.ringbuffer.plan import Cell, Plan
from edgecam.ringbuffer.retention import NS_PER_DAY
from edgecam.ringplan import GIB, floor_days, make_plan, picked_changes, refusal
from edgecam.settings import Settings, UpdateSettings, changed_toml, decode_settings
from edgecam.stage import has_ring, setup_code
from edgecam.telemetry.address import Address
from edgecam.telemetry.brokertry import try_broker
from edgecam.telemetry.topics import Identity
from edgecam.web.firststeps import Progress, SetupStep, decode_progress, step_states
from edgecam.web.setupparts import (
    BrokerChoice,
    BrokerTried,
    Kept,
    Language,
    PlanShown,
    RetentionChoice,
    SetupShown,
    UpdatesChoice,
    Updating,
)

_FIRST_RUN = "the first run"
_Changes = dict[str, dict[str, object]]


class FirstRun:
    """`SetsUp` over the files of one camera; any thread may call it.

    ``open_account`` makes the owner's account for a sign-in secret, or makes it anew.
    """

    def __init__(
        self,
        places: Places,
        key: CameraKey,
        register: Register,
        open_account: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._places, self._key, self._register, self._clock = places, key, register, clock
        self._open_account = open_account
        self._alone = threading.RLock()

    def owned(self) -> bool:
        return self._places.recipients.exists()

    def shown(self) -> SetupShown:
        settings, progress = self._settings(), self._progress()
        source = source_of(settings)
        return SetupShown(
            camera_id=self._key.camera_id,
            language=settings.notice.language,
            owned=self.owned(),
            recording=has_ring(self._places),
            finished=SetupStep.SUMMARY in progress.noted,
            source=source.partition(":")[0],
            drawn=settings.camera.source == "auto" and source.startswith("scene:"),
            clock=int(self._clock.now().trust),
            ring=str(self._places.ring),
            steps=step_states(progress, self._found(settings)),
            problems=tuple(fault.sentence for fault in first_start_faults(self._places.first_start)),
            updating=_updating(settings.update, SetupStep.SUMMARY in progress.noted),
        )

    def check_code(self, code: str) -> None:
        if self.owned():
            raise NotAllowed("this camera has an owner", do="sign in", safe="nothing was changed")
        typed = "".join(letter for letter in code.upper() if letter.isalnum())
        wanted = setup_code(self._places).replace("-", "").upper()
        if not hmac.compare_digest(typed.encode(errors="replace"), wanted.encode()):
            raise NotAllowed("this is not the set-up code", do="read it from the camera's label or terminal")

    def speak(self, language: Language) -> None:
        with self._alone:
            self._change({"notice": {"language": language}})
            self._note(SetupStep.LANGUAGE)

    def make_owner(self, recipient: str, locked: bytes, secret: str) -> None:
        check_locked(locked)
        with self._alone:
            if self.owned():
                raise NotAllowed("this camera has an owner", do="sign in", safe="nothing was changed")
            # Tells a camera without a ring, from here on, from one that lost it.
            self._note()
            detail = {"what": "owner", "recipient": recipient}
            line = self._register.write(Act.KEY_CHANGE, who="owner", purpose=_FIRST_RUN, detail=detail)
            self._open_account(secret)
            keep_owner(self._places, recipient, locked)
            self._register.complete(line, {"what": "owner", "done": "True"})
            self._places.setup_code.unlink(missing_ok=True)

    def locked_owner(self) -> bytes:
        return read_locked_owner(self._places)

    def note(self, step: SetupStep, who: str) -> None:
        with self._alone:
            if step is SetupStep.KIT:
                self._register.write(
                    Act.KEY_CHANGE,
                    who=who,
                    purpose="recovery kit",
                    detail={"what": "kit", "where": "in the browser"},
                )
            self._note(step)

    def notice(self) -> Notice:
        return Notice(**self._settings().notice.model_dump(exclude={"language"}))

    def set_notice(self, notice: Notice, who: str) -> None:
        with self._alone:
            self._change({"notice": {name: value.strip() for name, value in notice.model_dump().items()}}, who)

    def plan(self, choice: RetentionChoice | None) -> PlanShown:
        with self._alone:
            settings = self._settings()
            chosen = settings if choice is None else self._with(settings, choice)
            return self._plan_shown(chosen, make_plan(chosen, self._places))

    def keep(self, choice: RetentionChoice, who: str) -> PlanShown:
        with self._alone:
            chosen = self._with(self._settings(), choice)
            made = make_plan(chosen, self._places)
            picked = made.pick()
            if picked is None:
                refused = refusal(chosen, made, device=device_gib(self._places) is not None)
                raise BadInput(refused.what, do=refused.do, safe="nothing was changed", field="policy")
            changes: _Changes = {"retention": chosen.retention.model_dump()}
            if not has_ring(self._places):
                changes["ring"] = {"size_gib": chosen.ring.size_gib}
            if picked != made.present:
                changes |= picked_changes(made, picked)
            self._change(changes, who)
            settings = self._settings()
            if has_ring(self._places):
                # A recorder may have it open; it takes up what was chosen at its next start.
                self._restart("recorder", "hub")
            else:
                make_ring(self._places, settings, self._key, self._clock.now())
            return self._plan_shown(settings, make_plan(settings, self._places))

    def hide_nothing(self, reason: str, who: str) -> None:
        now, nothing = self._clock.now(), Drawing()
        with self._alone:
            store = MaskStore(self._places.masks, self._key)
            if store.history():
                raise NotAllowed(
                    "this camera has masks", do="change them in the editor", safe="nothing was changed"
                )
            step = Step.of(who, now)
            coming = MaskSet(self._key.camera_id, 1, nothing, drawn=step, confirmed=step)
            change = MaskChange(MaskAct.CONFIRM, Role.OWNER, None, coming, nothing)
            line = register_mask_change(self._register, change, who)
            put_in_force(self._places, self._key, nothing, who, now)
            done = {"what": MaskAct.CONFIRM.value, "done": "True", "nothing_to_hide": reason}
            self._register.complete(line, done)

    def sign(self, language: Language, size: SignSize) -> bytes:
        return printed_apart(sign_paper(sign_of(self._settings()), size, language))

    def broker(self) -> BrokerChoice:
        told = self._settings().telemetry
        if told.broker in ("off", "embedded"):
            return BrokerChoice("off" if told.broker == "off" else "embedded")
        address = Address.parse(told.broker)
        return BrokerChoice(
            "mqtt",
            address.host,
            address.port,
            address.tls,
            told.username,
            home_assistant=told.home_assistant,
            has_certificate=bool(told.cert_file),
        )

    def try_broker(self, choice: BrokerChoice) -> BrokerTried:
        address = _address(choice)
        if address is None:
            return BrokerTried(True, "", "")
        with self._alone:
            settings = self._settings()
            identity = Identity(settings.camera.site, self._key.camera_id, __version__)
            with tried_broker_files(choice, self._places, settings.telemetry) as credentials:
                fault = try_broker(address, credentials, identity, self._clock)
        return BrokerTried(fault is None, fault.code if fault else "", fault.sentence if fault else "")

    def set_broker(self, choice: BrokerChoice, who: str) -> None:
        address = _address(choice)
        with self._alone:
            telemetry: dict[str, object] = {"broker": choice.kind}
            if address is not None:
                telemetry = {
                    "broker": str(address),
                    "username": choice.username,
                    "home_assistant": choice.home_assistant,
                    **keep_broker_files(choice, self._places, self._settings().telemetry),
                }
            self._change({"telemetry": telemetry}, who)
            self._note(SetupStep.BROKER)
            self._restart("hub")

    def set_updates(self, choice: UpdatesChoice, who: str) -> None:
        with self._alone:
            told = {"automatic": choice.automatic, "notices": choice.notices}
            self._change({"update": {key: value for key, value in told.items() if value is not None}}, who)

    def _settings(self) -> Settings:
        return decode_settings(self._text(), str(self._places.settings))

    def _text(self) -> str:
        try:
            return self._places.settings.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as unreadable:
            raise BadInput(f"{self._places.settings} cannot be read", do="restore it") from unreadable

    def _change(self, changes: _Changes, who: str = "") -> None:
        """Write ``changes`` into the settings; with a name, register them before."""
        text = self._text()
        changed = _checked(text, changes)
        if changed == text:
            return
        line = None
        if who:
            named = ", ".join(f"{section}.{key}" for section, values in changes.items() for key in values)
            line = self._register.write(
                Act.SETTING_CHANGE, who=who, purpose="on the camera's page", detail={"settings": named}
            )
        replace_durably(self._places.settings, changed.encode(), 0o644)
        if line is not None:
            self._register.complete(line, {"settings": line.detail["settings"], "done": "True"})

    def _with(self, settings: Settings, choice: RetentionChoice) -> Settings:
        """``settings`` with ``choice``, through the same checks as a file."""
        own = {"days": choice.days, "floor_days": choice.floor_days} if choice.policy == "own" else {}
        chosen = _checked_settings(self._text(), {"retention": {"policy": choice.policy, **own}})
        try:
            retention_of(chosen)
        except BadInput as refused:
            raise BadInput(refused.what, do=refused.do, field="days") from refused
        if has_ring(self._places):
            return chosen
        if (device := device_gib(self._places)) is not None:
            return _checked_settings(
                self._text(), {"retention": chosen.retention.model_dump(), "ring": {"size_gib": device}}
            )
        free, whole = disk_gib(self._places.state_dir)
        most = affordable_gib(settings, free, whole)
        size = choice.size_gib or ring_gib(chosen, free, whole)
        if choice.size_gib and choice.size_gib > max(most, ring_gib(chosen, free, whole)):
            raise BadInput(
                f"this disk has room for {most:.2f} GiB, not for {choice.size_gib:g}",
                do="choose a smaller ring",
                field="size_gib",
            )
        return _checked_settings(
            self._text(), {"retention": chosen.retention.model_dump(), "ring": {"size_gib": size}}
        )

    def _plan_shown(self, settings: Settings, made: Plan) -> PlanShown:
        picked = made.pick()
        device = device_gib(self._places)
        refused = refusal(settings, made, device=device is not None) if picked is None else None
        free, whole = disk_gib(self._places.state_dir)
        fixed = has_ring(self._places)
        most = settings.ring.size_gib if fixed else device or max(0.0, affordable_gib(settings, free, whole))
        return PlanShown(
            policy=settings.retention.policy,
            floor_days=round(floor_days(made.retention), 3),
            ceiling_days=made.retention.days,
            civil=made.retention.zone is not None,
            size_gib=round(settings.ring.size_gib, 2),
            most_gib=most if fixed else round(most, 2),
            least_gib=round(made.least_size(made.camera.fps) / GIB + 0.005, 2),
            most_days=round(made.most_days(), 2),
            width=made.camera.width,
            height=made.camera.height,
            present=_kept(made.present, made),
            picked=None if picked is None else _kept(picked, made),
            what=refused.what if refused else "",
            do=refused.do if refused else "",
            fixed=fixed,
            partition=device is not None,
        )

    def _found(self, settings: Settings) -> set[SetupStep]:
        """The steps that what lies on the camera shows to be done."""
        found = set()
        if self.owned():
            found.add(SetupStep.OWNER)
        if has_ring(self._places):
            found.add(SetupStep.RETENTION)
        if MaskStore(self._places.masks, self._key).in_force() is not None:
            found.add(SetupStep.MASKS)
        try:
            sign_of(settings).check(settings.notice.language)
            found.add(SetupStep.NOTICE)
        except BadInput:
            pass
        return found

    def _progress(self) -> Progress:
        try:
            return decode_progress(self._places.first_run.read_bytes())
        except FileNotFoundError:
            # Set up on the command line.
            return Progress(frozenset({SetupStep.SUMMARY})) if has_ring(self._places) else Progress()
        except (OSError, DataLoss):
            return Progress()

    def _note(self, *steps: SetupStep) -> None:
        progress = self._progress()
        progress = replace(progress, noted=progress.noted | set(steps))
        replace_durably(self._places.first_run, progress.encode())

    def _restart(self, *parts: str) -> None:
        """Have running parts take up what was changed; one that is not running will."""
        for part in parts:
            order_restart(self._places.renewal_of(part), self._clock.mono_ns())


def first_run(places: Places, key: CameraKey, register: Register, accounts: AccountStore, clock: Clock) -> FirstRun:
    """The first run of this camera, whose owner signs in by ``accounts``."""
    return FirstRun(places, key, register, lambda secret: accounts.reset_owner(OWNER_NAME, secret), clock)


def _updating(chosen: UpdateSettings, asked: bool) -> Updating:
    if not chosen.url:
        return ""
    return "on" if chosen.automatic else "off" if asked else "unasked"


def _address(choice: BrokerChoice) -> Address | None:
    if choice.kind != "mqtt":
        return None
    host = f"[{choice.host}]" if ":" in choice.host.strip("[]") else choice.host.strip()
    port = f":{choice.port}" if choice.port else ""
    try:
        return Address.parse(f"{'mqtts' if choice.tls else 'mqtt'}://{host}{port}")
    except BadInput as refused:
        raise BadInput(refused.what, do=refused.do, field="host") from refused


def _checked(text: str, changes: _Changes) -> str:
    """As `changed_toml`; a value that is not allowed names its field."""
    try:
        return changed_toml(text, changes)
    except BadInput as refused:
        named = [key for values in changes.values() for key in values if f".{key} " in f"{refused.what} "]
        raise BadInput(refused.what, do=refused.do, field=named[0] if named else "") from refused


def _checked_settings(text: str, changes: _Changes) -> Settings:
    return decode_settings(_checked(text, changes))


def _kept(cell: Cell, made: Plan) -> Kept:
    days = min(cell.days, made.retention.longest_ns / NS_PER_DAY)
    return Kept(cell.fps, cell.quality, round(days, 2), cell.verdict.value)
