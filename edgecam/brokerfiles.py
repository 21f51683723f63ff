"""What somebody gave to the page for the broker, as files of the camera's user alone: kept, or in RAM for a try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgecam.core.durable import replace_durably
from edgecam.places import Places
from edgecam.settings import TelemetrySettings
from edgecam.telemetry.credentials import Credentials
from edgecam.web.setupparts import BrokerChoice


def keep_broker_files(choice: BrokerChoice, places: Places, told: TelemetrySettings) -> dict[str, object]:
    """Write what is new in ``choice``, and give the settings that name it all; ``told`` is what they say now.

    Raises: MediaFailing.
    """
    password = _laid(choice.password, places.broker_password, places, told.password_file)
    authority = _laid(choice.ca_pem, places.broker_authority, places, told.ca_file)
    # Both in one file, so that a power cut never leaves a certificate with another one's key.
    shown = _laid(_shown(choice), places.broker_certificate, places, told.cert_file)
    key = shown if choice.cert_pem is not None else _standing(places, told.key_file)
    named = {"password_file": password, "ca_file": authority, "cert_file": shown, "key_file": key}
    return {name: str(path or "") for name, path in named.items()}


@contextmanager
def tried_broker_files(choice: BrokerChoice, places: Places, told: TelemetrySettings) -> Iterator[Credentials]:
    """What the camera would show with ``choice``; nothing new outlives this. Raises: MediaFailing."""
    trial = (places.trial_password, places.trial_authority, places.trial_certificate)
    try:
        shown = _laid(_shown(choice), places.trial_certificate, places, told.cert_file)
        yield Credentials(
            username=choice.username or None,
            password_file=_laid(choice.password, places.trial_password, places, told.password_file),
            ca_file=_laid(choice.ca_pem, places.trial_authority, places, told.ca_file),
            cert_file=shown,
            key_file=shown if choice.cert_pem is not None else _standing(places, told.key_file),
        )
    finally:
        for path in trial:
            path.unlink(missing_ok=True)


def _shown(choice: BrokerChoice) -> str | None:
    if choice.cert_pem is None:
        return None
    return f"{choice.cert_pem.strip()}\n{(choice.key_pem or '').strip()}".strip()


def _laid(text: str | None, path: Path, places: Places, standing: str) -> Path | None:
    """Where ``text`` lies now: at ``path``; nowhere when it is empty; where it was, ``standing``, for ``None``."""
    if text is None:
        return _standing(places, standing)
    if not text:
        return None
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_durably(path, f"{text.strip()}\n".encode())
    return path


def _standing(places: Places, named: str) -> Path | None:
    return (places.settings.parent / named).absolute() if named else None
