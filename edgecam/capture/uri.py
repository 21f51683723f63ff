"""What `--source` and the settings may name: one frozen value per kind of source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from edgecam.core.errors import BadInput

SCENES = ("street", "night", "rain")
ALLOWED = (
    "picamera:0, v4l2:/dev/video0, rtsp://…, file:PATH (with ?loop=0|1&realtime=0|1) "
    "or scene:street, scene:night, scene:rain (with ?seed=7&fps=15&width=1280&height=720)"
)


@dataclass(frozen=True, slots=True)
class PicameraUri:
    """A Raspberry Pi camera by its number."""

    index: int

    def __str__(self) -> str:
        return f"picamera:{self.index}"


@dataclass(frozen=True, slots=True)
class V4l2Uri:
    """A USB camera by its device file."""

    device: Path

    def __str__(self) -> str:
        return f"v4l2:{self.device}"


@dataclass(frozen=True, slots=True)
class RtspUri:
    """An IP camera; ``url`` may hold a password, so show ``str(uri)`` instead."""

    url: str

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


@dataclass(frozen=True, slots=True)
class FileUri:
    """A video file; ``realtime`` false means as fast as its frames are taken."""

    path: Path
    loop: bool = True
    realtime: bool = True

    def __str__(self) -> str:
        return f"file:{self.path}"


@dataclass(frozen=True, slots=True)
class SceneUri:
    """A drawn scene; ``None`` means the size and rate that the settings want."""

    name: str
    seed: int = 7
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    realtime: bool = True

    def __str__(self) -> str:
        return f"scene:{self.name}"


SourceUri = PicameraUri | V4l2Uri | RtspUri | FileUri | SceneUri


def parse_source(text: str) -> SourceUri:
    """The source that ``text`` names.

    Raises: BadInput naming what is allowed.
    """
    scheme, colon, rest = text.partition(":")
    if scheme in ("rtsp", "rtsps"):
        return _rtsp(text)
    target, parameters = _split_query(rest)
    if colon and target:
        match scheme:
            case "picamera":
                _only(text, parameters, ())
                return PicameraUri(_whole(text, "camera number", target, 0, 9))
            case "v4l2":
                _only(text, parameters, ())
                return V4l2Uri(Path(target))
            case "file":
                _only(text, parameters, ("loop", "realtime"))
                return FileUri(Path(target), _flag(text, parameters, "loop"), _flag(text, parameters, "realtime"))
            case "scene":
                return _scene(text, target, parameters)
    raise BadInput(f"{text!r} is not a source", do=f"use {ALLOWED}")


def _rtsp(text: str) -> RtspUri:
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        # The text may hold a password; it is not repeated.
        raise BadInput("the rtsp address has no usable host and port", do="use rtsp://HOST[:PORT]/PATH")
    return RtspUri(text)


def _scene(text: str, name: str, parameters: Mapping[str, str]) -> SceneUri:
    if name not in SCENES:
        raise BadInput(f"there is no scene {name!r}", do=f"use one of {', '.join(SCENES)}")
    _only(text, parameters, ("seed", "fps", "width", "height", "realtime"))
    size = {key: _whole(text, key, parameters[key], 64, 4096) for key in ("width", "height") if key in parameters}
    return SceneUri(
        name,
        seed=_whole(text, "seed", parameters.get("seed", "7"), 0, 2**32 - 1),
        fps=_rate(text, parameters["fps"]) if "fps" in parameters else None,
        width=size.get("width"),
        height=size.get("height"),
        realtime=_flag(text, parameters, "realtime"),
    )


def _split_query(rest: str) -> tuple[str, dict[str, str]]:
    # A question mark may stand in a file's name; only a tail that assigns something is parameters.
    target, mark, tail = rest.rpartition("?")
    if not mark or "=" not in tail:
        return rest, {}
    return target, dict(parse_qsl(tail, keep_blank_values=True))


def _only(text: str, parameters: Mapping[str, str], allowed: tuple[str, ...]) -> None:
    for name in parameters:
        if name not in allowed:
            known = f"use {', '.join(allowed)}" if allowed else "it takes none"
            raise BadInput(f"the source {text!r} has an unknown parameter {name!r}", do=known)


def _flag(text: str, parameters: Mapping[str, str], name: str) -> bool:
    value = parameters.get(name, "1")
    if value not in ("0", "1"):
        raise BadInput(f"{name}={value} in the source {text!r} is not allowed", do="use 0 or 1")
    return value == "1"


def _whole(text: str, name: str, value: str, lowest: int, highest: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and lowest <= int(value) <= highest):
        raise BadInput(
            f"the {name} {value!r} in the source {text!r} is not allowed", do=f"use {lowest} to {highest}"
        )
    return int(value)


def _rate(text: str, value: str) -> float:
    try:
        fps = float(value)
    except ValueError:
        fps = 0.0
    if not 1 <= fps <= 60:
        raise BadInput(f"the fps {value!r} in the source {text!r} is not allowed", do="use 1 to 60")
    return fps
