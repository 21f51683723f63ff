"""What happens at a start before recorder, observer and hub: a new camera is made, the boot folder taken over.

Root's; `edgecam.appliance.start` asks for it. Each step is kept when it was taken and takes itself again after a
power cut; one that fails is told, in the boot folder and on the page, and keeps no other from being taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edgecam.appliance.accesspoint import access_point_conf, access_point_network, passphrase_of
from edgecam.appliance.bootfolder import (
    BOOT_FILES,
    BROKER_AUTHORITY,
    BROKER_PASSWORD,
    CAMERA_KEY,
    LABEL,
    RESET,
    SETTINGS,
    SETUP_CODE,
    WIFI,
    BootFolder,
    word,
)
from edgecam.appliance.factoryreset import begin_reset, factory_reset, is_under_way
from edgecam.appliance.handover import hand_over, make_private, make_shared
from edgecam.appliance.hostname import host_name, page_name, set_host_name
from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.appliance.imagesettings import image_settings, merged_settings
from edgecam.appliance.oldring import forget_ring, is_blank
from edgecam.appliance.preparedowner import PreparedOwner
from edgecam.appliance.settled import keep_joined, let_recorder_out, settle
from edgecam.appliance.wifi import decode_wifi
from edgecam.choices import source_of
from edgecam.core.clock import Clock, SystemClock
from edgecam.core.durable import remove_durably, replace_durably
from edgecam.core.errors import BadInput, DataLoss, EdgecamError, MediaFailing, NotAllowed
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.firststart import keep_problems
from edgecam.keys.camera import CameraKey, decode_camera_key, load_camera_key
from edgecam.newcamera import camera_key, disk_gib, whole_gib
from edgecam.places import Places, find_places
from edgecam.ringbuffer.medium import FileMedium
from edgecam.settings import Settings, changed_toml, commented_toml, load_settings
from edgecam.stage import ALPHABET, CODE_LENGTH, Stage, has_ring, setup_code, stage_of

log = logging.getLogger(__name__)
_WHO = "boot folder"
# Others on the machine may know how the access point hands out addresses.
_PUBLIC, _PUBLIC_FOLDER = 0o644, 0o755


class FirstBoot:
    """One start; `run` takes all steps. ``problems`` are the sentences for the owner."""

    def __init__(self, image: ImagePlaces, clock: Clock) -> None:
        self.image, self.clock = image, clock
        self.folder = BootFolder(image.boot)
        self.places = image.camera_places()
        self.problems: list[str] = []
        self._key: CameraKey | None = None
        self._settings: Settings | None = None

    def run(self) -> None:
        """Raises: MediaFailing when what is wrong cannot even be told."""
        self._try(self._folders)
        self._try(lambda: self.folder.finish_taking((*BOOT_FILES, RESET)))
        self._try(self._reset)
        self._try(self._camera_key)
        self._try(self._code)
        self._try(self._name)
        self._try(self._keep_settings)
        self._try(self._take_settings)
        self._try(self._take_broker_files)
        self._prepared_owner()
        self._try(self._wifi)
        self._try(self._access_point)
        self._try(self._recorder_network)
        self._try(self._label)
        self._try(lambda: keep_problems(self.places.first_start, self.problems))
        self._try(lambda: hand_over(self.image))
        self._try(self._settle)
        self.folder.answer(self.problems)

    def _try(self, step: Callable[[], object]) -> bool:
        try:
            step()
        except EdgecamError as refused:
            self._tell(refused)
            return False
        return True

    def _tell(self, refused: EdgecamError) -> None:
        if str(refused) not in self.problems:
            self.problems.append(str(refused))
        log.warning("%s", refused)

    def _folders(self) -> None:
        make_private(self.image.system)
        for folder in (self.image.camera, self.image.settings.parent):
            make_shared(folder, self.image)

    def _reset(self) -> None:
        under_way = is_under_way(self.image)
        if self.folder.holds(RESET):
            begin_reset(self.image, _WHO)
            try:
                # Before anything is erased: a folder that cannot be written would reset the camera at every start.
                self.folder.take(RESET, "The camera was reset to the factory.")
            except MediaFailing:
                if not under_way:
                    remove_durably(self.image.resetting)
                raise
            under_way = True
        if under_way:
            factory_reset(self.image, _WHO, self.clock)
            self._folders()

    def _camera_key(self) -> None:
        given = self.folder.data(CAMERA_KEY)
        made = None if given is None else self._given_key(given)
        if not self.places.camera_key.exists():
            self._begin_anew(None if made is None else given)
        self._key = load_camera_key(self.places.camera_key)
        if made is not None:
            if made.public != self._key.public:
                raise NotAllowed(f"{CAMERA_KEY}: this camera has a key of its own", do="remove the file")
            self.folder.take(CAMERA_KEY, f"The key of {made.camera_id} was taken over.")

    def _given_key(self, pem: bytes) -> CameraKey | None:
        try:
            return decode_camera_key(pem, CAMERA_KEY)
        except BadInput as broken:
            self._tell(broken)
            return None

    def _begin_anew(self, given: bytes | None) -> None:
        """Make the key of a camera that has nothing yet. What lies in its ring then is another camera's."""
        if left := [path.name for path in _what_cameras_keep(self.places) if path.exists()]:
            raise DataLoss(
                f"the camera's key is missing, though there is {left[0]}",
                do="restore camera.key from a backup, or reset the camera to the factory",
                safe="its footage was not touched",
            )
        if self.places.ring.exists() and not is_blank(self.places.ring):
            log.warning("what an earlier camera left in the ring is erased")
            forget_ring(self.places.ring)
        if given is not None:
            replace_durably(self.places.camera_key, given, shared=True)
        else:
            camera_key(self.places)

    def _code(self) -> None:
        if self.places.recipients.exists():
            self.folder.take(SETUP_CODE, "The camera has an owner and needs no code.")
            return
        given = self.folder.text(SETUP_CODE)
        if given is not None:
            code = read_code(given)
            replace_durably(self.image.code_was_given, b"")
            replace_durably(self.places.setup_code, f"{code}\n".encode())
            self.folder.take(SETUP_CODE, "The set-up code was taken over.")
        setup_code(self.places)

    def _name(self) -> None:
        name = host_name(self._key.camera_id) if self._key is not None else "edgecam"
        set_host_name(self.image.kernel_host_name, name)

    def _keep_settings(self) -> None:
        path, good = self.image.settings, self.image.good_settings
        if not path.exists() and not good.exists():
            replace_durably(path, commented_toml(self._first_settings()).encode(), shared=True)
        try:
            self._settings = load_settings(path)
        except BadInput as broken:
            self._settings = load_settings(good)
            replace_durably(path, good.read_bytes(), shared=True)
            self._tell(DataLoss(broken.what, safe="the last good settings were put in their place"))
        self.places = find_places(path)[1]
        ring_gib = self._ring_gib()
        if ring_gib > self._settings.ring.size_gib and not has_ring(self.places):
            # The partition was grown since.
            self._write(changed_toml(path.read_text("utf-8"), {"ring": {"size_gib": ring_gib}}))
        if not good.exists() or good.read_bytes() != path.read_bytes():
            replace_durably(good, path.read_bytes(), shared=True)

    def _first_settings(self) -> Settings:
        if self._key is None:
            raise DataLoss("there are no settings, and no key whose they could be", do="see what else is said")
        state_gib = disk_gib(self.image.camera)[1]
        return image_settings(self.image, self._key.camera_id, self._ring_gib(), state_gib)

    def _ring_gib(self) -> float:
        if not self.places.ring.exists():
            self._tell(MediaFailing(f"the partition {self.places.ring} is not there", do="flash the card anew"))
            return 0.0
        medium = FileMedium.open(self.places.ring, writable=False)
        try:
            return whole_gib(medium.size_bytes)
        finally:
            medium.close()

    def _take_settings(self) -> None:
        text = self.folder.text(SETTINGS)
        if text is None:
            return
        # Over the first ones where the present ones are lost: the way out for who has lost them.
        present = self._settings or self._first_settings()
        self._change(commented_toml(merged_settings(text, present)), SETTINGS)
        self.folder.take(SETTINGS, "These settings were taken over.")

    def _take_broker_files(self) -> None:
        files = {BROKER_PASSWORD: ("password_file", self.places.broker_password)}
        files[BROKER_AUTHORITY] = ("ca_file", self.places.broker_authority)
        for name, (key, path) in files.items():
            text = self.folder.text(name)
            if text is None or self._settings is None:
                continue
            replace_durably(path, f"{text.strip()}\n".encode())
            self._change(changed_toml(commented_toml(self._settings), {"telemetry": {key: str(path)}}), name)
            self.folder.take(name, "It was taken over.")

    def _change(self, text: str, named: str) -> None:
        """Register and write settings that differ from those that stand."""
        if self._key is None or text == _text(self.image.settings):
            return
        register = Register(self.places.register, self._key.sign, self._key.public, self.clock)
        line = register.write(
            Act.SETTING_CHANGE, who=_WHO, purpose="taken from the boot folder", detail={"settings": named}
        )
        self._write(text)
        register.complete(line, {"settings": named, "done": "True"})

    def _write(self, text: str) -> None:
        replace_durably(self.image.settings, text.encode(), shared=True)
        self._settings, self.places = find_places(self.image.settings)
        replace_durably(self.image.good_settings, text.encode(), shared=True)

    def _prepared_owner(self) -> None:
        if self._key is None or self._settings is None:
            return None
        settings = self._settings
        prepared = PreparedOwner(self.image, self.places, self.folder, self._key, self.clock)
        try:
            recipient = prepared.recipient()
            if recipient is not None:
                prepared.begin(recipient)
        except EdgecamError as refused:
            return self._tell(refused)
        if recipient is None and not self.places.recipients.exists():
            return None
        self._try(prepared.keep_account)
        self._try(prepared.keep_locked)
        if recipient is not None and self._try(partial(prepared.finish, recipient, settings)):
            self._try(partial(prepared.check_floor, settings))
        return None

    def _wifi(self) -> None:
        text = self.folder.text(WIFI)
        if text is not None:
            replace_durably(self.image.wifi, decode_wifi(text).encode())
            self.folder.take(WIFI, "The network was taken over.")
        keep_joined(self.image)

    def _access_point(self) -> None:
        """Where the camera is new and joins no network; whether a cable is plugged in is asked when it begins."""
        if self._key is None or self.image.wifi.exists() or stage_of(self.places) is Stage.READY:
            return
        if not self.places.recipients.exists():
            passphrase = passphrase_of(setup_code(self.places))
            replace_durably(self.image.passphrase, passphrase.encode())
        elif (passphrase := _text(self.image.passphrase)) == "":
            return  # it came this far by another way
        make_private(self.image.wifi_run)
        self.image.network_run.mkdir(parents=True, exist_ok=True)
        replace_durably(self.image.access_point_network, access_point_network().encode())
        # systemd-networkd is another user, and this one's umask lets nobody in.
        self.image.network_run.chmod(_PUBLIC_FOLDER)
        self.image.access_point_network.chmod(_PUBLIC)
        conf = access_point_conf(host_name(self._key.camera_id), passphrase)
        replace_durably(self.image.access_point, conf.encode())

    def _recorder_network(self) -> None:
        if self._films_a_network():
            let_recorder_out(self.image)

    def _films_a_network(self) -> bool:
        return self._settings is not None and source_of(self._settings).startswith("rtsp")

    def _settle(self) -> None:
        """Where all is well and nothing is left to be done, starts after this one need not look again."""
        whole = self._key is not None and stage_of(self.places) is Stage.READY and not self.problems
        if whole and self._key is not None:
            settle(self.image, host_name(self._key.camera_id), network=self._films_a_network())
        else:
            remove_durably(self.image.settled)

    def _label(self) -> None:
        """What its owner needs to know, while it has none: whoever has the card has the camera in hand."""
        if self._key is None or self.places.recipients.exists() or self.image.code_was_given.exists():
            self.folder.forget(LABEL)
            return
        self.folder.label(label_lines(self._key.camera_id, setup_code(self.places)))


def label_lines(camera_id: str, code: str) -> list[str]:
    """What belongs on a camera's label: for whoever sets it up, and for nobody who merely passes."""
    return [
        f"camera          {camera_id}",
        f"page            https://{page_name(camera_id)}",
        f"set-up code     {code}",
        f"its Wi-Fi       {host_name(camera_id)}",
        f"its passphrase  {passphrase_of(code)}",
    ]


def read_code(text: str) -> str:
    """The set-up code that somebody chose, in its one form. Raises: BadInput for what is none."""
    letters = "".join(letter for letter in word(text).upper() if letter.isalnum())
    if len(letters) != CODE_LENGTH or not set(letters) <= set(ALPHABET):
        raise BadInput(
            f"{SETUP_CODE} must hold {CODE_LENGTH} letters and digits, none of them I, O, 0 or 1",
            do="choose them by chance, as ABCD-2345",
        )
    return f"{letters[:4]}-{letters[4:]}"


def _what_cameras_keep(places: Places) -> tuple[Path, ...]:
    """Of which none is there before there was a key."""
    return (places.recipients, places.accounts, places.register, places.masks, places.outbox, places.first_run)


def _text(path: Path) -> str:
    """What ``path`` says; nothing when it cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def start_whole(image: ImagePlaces) -> None:
    """Take all steps of a start. What is wrong is told, if only in the log."""
    boot = FirstBoot(image, SystemClock())
    try:
        boot.run()
    except MediaFailing as silent:
        log.error("what is wrong could not be told in the boot folder: %s", silent)
