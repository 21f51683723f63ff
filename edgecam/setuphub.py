"""The hub of a camera that is new: it serves the first run and ends when there is something to record into."""

from __future__ import annotations

import os
import threading

from edgecam.certifying import Certifying, is_open_to_network
from edgecam.choices import support_of
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput
from edgecam.core.process import restarts
from edgecam.core.status import HubStatus, publish_status
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.register.register import Register
from edgecam.firstrun import first_run
from edgecam.keys.camera import load_camera_key
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.stage import Stage, stage_of
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.server import PageServer
from edgecam.web.setupapp import SetupPageParts, create_setup_app

_LOOK_EVERY_S = 1.0
_HOST = "127.0.0.1"


class SetupHub:
    """Serves the first run; `run` blocks until told to stop, or until the camera is ready."""

    def __init__(self, settings: Settings, places: Places, clock: Clock) -> None:
        """Raises: BadInput when the page is switched off, and what keeps it from listening."""
        if not settings.web.enabled:
            raise BadInput("this camera is not set up, and its page is switched off", do="run `edgecam setup`")
        self._places, self._clock = places, clock
        key = load_camera_key(places.camera_key)
        register = Register(places.register, key.sign, key.public)
        accounts = AccountStore(places.accounts, key, register, clock)
        open_to_network = is_open_to_network(settings)
        certifying = Certifying(settings, places, key.camera_id, register, clock) if open_to_network else None
        parts = SetupPageParts(
            camera_name=settings.camera.name,
            listen_host=_HOST,
            clock=clock,
            accounts=AccountDesk(accounts, clock),
            setup=first_run(places, key, register, accounts, clock),
            is_new=lambda: True,
            certificates=certifying,
            support=support_of(settings),
        )
        host = _HOST if certifying is not None else settings.web.address
        secure = certifying.secure if certifying is not None else None
        self._page = PageServer(create_setup_app(parts), host, settings.web.port, secure)

    def run(self, stop: threading.Event) -> None:
        """Serve until ``stop``, or until there is an owner and a ring; whoever made it has had the answer then."""
        self._page.start()
        try:
            publish_status(self._places.status_of("hub"), self._status())
            while not stop.wait(_LOOK_EVERY_S) and stage_of(self._places) is not Stage.READY:
                publish_status(self._places.status_of("hub"), self._status())
        finally:
            self._page.close()

    def _status(self) -> HubStatus:
        return HubStatus(
            pid=os.getpid(),
            beat_mono_ns=self._clock.mono_ns(),
            restarts=restarts(),
            page=self._page.secure_address or self._page.address,
        )
