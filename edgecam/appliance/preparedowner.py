"""The owner whose recipient lies in the boot folder: the camera becomes theirs, and records, with nobody there."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.appliance.bootfolder import LOCKED_OWNER, OWNER_ACCOUNT, RECIPIENT, BootFolder, word
from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.appliance.owneraccount import decode_owner_account
from edgecam.core.clock import Clock
from edgecam.core.durable import erase_durably, remove_durably, replace_durably
from edgecam.core.errors import BadInput, NotAllowed, Unavailable
from edgecam.custody.accounts.accounts import OWNER_NAME
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import Recipients, check_locked
from edgecam.keys.passwordhash import calibrated
from edgecam.newcamera import keep_owner, make_ring
from edgecam.places import Places
from edgecam.ringplan import make_plan, refusal
from edgecam.settings import Settings
from edgecam.stage import Stage, has_ring, stage_of

_WHO = "boot folder"


@dataclass(frozen=True, slots=True)
class PreparedOwner:
    """Takes them over; every step is kept when it was taken, so that a power cut costs none twice."""

    image: ImagePlaces
    places: Places
    folder: BootFolder
    key: CameraKey
    clock: Clock

    def recipient(self) -> str | None:
        """Whose camera it is to be; ``None`` when nobody says so. Raises: BadInput for what is no recipient."""
        if (begun := self._begun()) is not None:
            return begun
        text = self.folder.text(RECIPIENT)
        if text is None:
            return None
        parsed = Recipients.parse(text)
        if len(parsed.lines) > 1:
            raise BadInput(
                f"{RECIPIENT} names more than one owner", do="name one, and add others with `edgecam recipients`"
            )
        return parsed.lines[0]

    def begin(self, recipient: str) -> None:
        """Raises: NotAllowed when the camera is somebody else's, or was; MediaFailing."""
        if self.places.recipients.exists():
            if recipient in self._owners():
                return
            remove_durably(self.image.preparing)
            raise NotAllowed(
                f"{RECIPIENT}: this camera has another owner",
                do="remove the file, or reset the camera to the factory first",
                safe="nothing was changed",
            )
        if self._begun() is None:
            if stage_of(self.places) is not Stage.NEW:
                raise NotAllowed(
                    f"{RECIPIENT}: this camera was in use and has lost whose it is",
                    do="restore owner.recipients from a backup, or reset the camera to the factory",
                    safe="nothing was changed",
                )
            replace_durably(self.image.preparing, f"{recipient}\n".encode())

    def keep_locked(self) -> None:
        """Their secret under the passphrase, with which the page opens footage. Raises: BadInput, MediaFailing."""
        locked = self.folder.data(LOCKED_OWNER)
        if locked is None:
            return
        check_locked(locked)
        if self.places.locked_owner.exists() and self.places.locked_owner.read_bytes() != locked:
            raise NotAllowed(f"{LOCKED_OWNER}: the camera keeps another one", do="remove the file")
        replace_durably(self.places.locked_owner, locked)
        self.folder.take(LOCKED_OWNER, "The owner's locked key was taken over.")

    def keep_account(self) -> None:
        """How they sign in to the page. Raises: BadInput, NotAllowed, MediaFailing."""
        text = self.folder.text(OWNER_ACCOUNT)
        if text is None:
            return
        account = decode_owner_account(text)
        if account.camera_id != self.key.camera_id:
            raise NotAllowed(
                f"{OWNER_ACCOUNT} is for {account.camera_id}, and this is {self.key.camera_id}",
                do="copy all files of one camera that `edgecam prepare` made, also camera.key",
            )
        store = AccountStore(self.places.accounts, self.key, self._register(), self.clock)
        if not _has_owner(store):
            store.take_owner(_WHO, account.password, calibrated())
        self.folder.take(OWNER_ACCOUNT, "The owner's account was taken over.")

    def finish(self, recipient: str, settings: Settings) -> None:
        """The ring, then the owner, which ends it. Raises: BadInput, MediaFailing, Unavailable."""
        places = self.places
        if not places.recipients.exists():
            if not has_ring(places):
                make_ring(places, settings, self.key, self.clock.now())
            register = self._register()
            detail = {"what": "owner", "recipient": recipient}
            line = register.write(Act.KEY_CHANGE, who=_WHO, purpose="the first start", detail=detail)
            keep_owner(places, recipient, None)
            register.complete(line, {"what": "owner", "done": "True"})
        erase_durably(places.setup_code)
        remove_durably(self.image.preparing)
        self.folder.take(RECIPIENT, f"{self.key.camera_id} is the camera of {recipient}.")

    def check_floor(self, settings: Settings) -> None:
        """Raises: BadInput when the ring is too small for what the policy promises; it records all the same."""
        made = make_plan(settings, self.places)
        if made.pick() is None:
            refused = refusal(settings, made, device=True)
            raise BadInput(refused.what, do=refused.do, safe="it records, and keeps what it can")

    def _begun(self) -> str | None:
        try:
            return word(self.image.preparing.read_text("ascii")) or None
        except (OSError, UnicodeDecodeError):
            return None

    def _owners(self) -> tuple[str, ...]:
        try:
            return Recipients.parse(self.places.recipients.read_text("ascii")).lines
        except (OSError, UnicodeDecodeError, BadInput):
            return ()

    def _register(self) -> Register:
        return Register(self.places.register, self.key.sign, self.key.public, self.clock)


def _has_owner(store: AccountStore) -> bool:
    try:
        return store.look().named(OWNER_NAME) is not None
    except Unavailable:
        return False
