"""The settings of a camera that was flashed: what the image knows, and what somebody wrote in the boot folder."""

from __future__ import annotations

import tomllib
from typing import Any

from edgecam.appliance.bootfolder import SETTINGS
from edgecam.appliance.hostname import page_name
from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.choices import retention_of
from edgecam.core.errors import BadInput
from edgecam.settings import (
    AlbumSettings,
    CustodySettings,
    PathSettings,
    RingSettings,
    Settings,
    TelemetrySettings,
    WebSettings,
    decode_settings,
)

HTTPS_PORT = 443
# Of the state partition: pictures, footage that is held, copies of what was handed over. The rest are registers.
_ALBUM_SHARE, _HOLD_SHARE, _KEPT_SHARE = 4, 4, 8
_LEAST_GIB = 0.0156


def image_settings(places: ImagePlaces, camera_id: str, ring_gib: float, state_gib: float) -> Settings:
    """Those of a new camera: no cloud, no broker, one port, the ring on its partition.

    ``ring_gib`` is what that has, ``state_gib`` what the partition of the state has.
    """
    return Settings(
        ring=RingSettings(
            path=str(places.ring), size_gib=max(_LEAST_GIB, ring_gib), hold_gib=round(state_gib / _HOLD_SHARE, 2)
        ),
        album=AlbumSettings(size_mib=min(512, int(state_gib * 1024 / _ALBUM_SHARE))),
        custody=CustodySettings(kept_gib=round(state_gib / _KEPT_SHARE, 2)),
        telemetry=TelemetrySettings(broker="off"),
        # Both families, as names found by mDNS lead to both.
        web=WebSettings(address="::", tls_port=HTTPS_PORT, names=(page_name(camera_id),)),
        paths=PathSettings(state_dir=str(places.camera), run_dir=str(places.run)),
    )


def merged_settings(text: str, present: Settings) -> Settings:
    """``present`` with what ``text``, a few or all settings as TOML, says.

    Places are the image's and stay; the ring's size is its partition's. Raises: BadInput.
    """
    decode_settings(text, SETTINGS)
    told: dict[str, Any] = tomllib.loads(text)
    _check_places(told, present)
    if told.get("telemetry", {}).get("broker") == "embedded":
        raise BadInput(
            f'{SETTINGS}: telemetry.broker = "embedded" is for trying out on a computer',
            do='write "off", or the address of your broker',
        )
    told.get("ring", {}).pop("size_gib", None)
    merged: dict[str, Any] = present.model_dump()
    for name, value in told.items():
        merged[name] = merged[name] | value if isinstance(value, dict) else tuple(value)
    settings = Settings.model_validate(merged)
    retention_of(settings)
    return settings


def _check_places(told: dict[str, Any], present: Settings) -> None:
    """Raises: BadInput for a place that is neither the image's nor what a file with all settings says by itself."""
    first = Settings()
    for section, key in (("paths", "state_dir"), ("paths", "run_dir"), ("ring", "path"), ("masking", "file")):
        if key not in told.get(section, {}):
            continue
        given, own = told[section].pop(key), getattr(getattr(present, section), key)
        if given not in (own, getattr(getattr(first, section), key)):
            raise BadInput(
                f"{SETTINGS}: {section}.{key} is the image's own and cannot be {given!r}", do="leave this line away"
            )
