"""One TOML file: every setting with its default and its bounds, checked at start, frozen afterwards."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from edgecam.core.errors import BadInput
from edgecam.core.hostname import is_address, is_host_name
from edgecam.core.timetable import Timetable
from edgecam.custody.paper.notice import Line, Notice

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CameraSettings(_Section):
    """What this camera is and where its light comes from."""

    name: Name = Field("front", description="what people call this camera, on the page")
    site: Name = Field("home", description="the home or shop it belongs to; stands in topics")
    source: str = Field(
        "auto",
        description="picamera:0, v4l2:/dev/video0, rtsp://…, file:PATH, scene:street; auto: the first camera found",
    )
    width: int = Field(1280, ge=64, le=4096, description="pixels, for sources that can choose")
    height: int = Field(720, ge=64, le=4096, description="pixels, for sources that can choose")
    fps: float = Field(15.0, gt=0, le=120, description="frames per second, for sources that can choose")
    rotation: Literal[0, 90, 180, 270] = Field(0, description="degrees clockwise")


class RecordingSettings(_Section):
    """When the camera films; outside these hours it is not even opened."""

    hours: tuple[str, ...] = Field(
        (),
        max_length=50,
        description='as ["mon-fri 07:00-19:00", "sat 22:00-06:00"], in the time zone of [retention]; empty: always',
    )

    @field_validator("hours")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            Timetable.parse(value, "UTC")
        except BadInput as refused:
            raise ValueError(str(refused)) from refused
        return value


class EncoderSettings(_Section):
    """How pictures become H.264."""

    bit_rate_kbps: int = Field(
        2000,
        ge=64,
        le=50_000,
        description="kilobits per second at most; less while the ring needs it to keep its days",
    )
    quality: Literal["best", "high", "standard", "low", "lowest"] = Field(
        "standard", description="of the picture while the bit rate allows it; `edgecam plan` tells what each costs"
    )
    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"] = Field(
        "superfast", description="libx264: the faster, the less computing and the more bits for the same picture"
    )
    keyframe_interval_s: float = Field(
        1.0, ge=0.2, le=2.0, description="seconds; a power cut costs this much footage at most"
    )
    threads: int = Field(1, ge=1, le=8, description="encoder threads; more than one costs a little CPU and delay")


class MaskingSettings(_Section):
    """What must never exist."""

    file: str = Field("masks.json", description="the mask file, inside state_dir unless absolute")
    guard_aim: bool = Field(
        True, description="mask all when the camera looks elsewhere than its masks were drawn; false: never"
    )


class RingSettings(_Section):
    """Where footage lies."""

    path: str = Field("ring.edgecam", description="a file inside state_dir unless absolute, or a block device")
    size_gib: float = Field(
        8.0, ge=0.0156, le=65_536, description="gibibytes; reserved whole when the ring is made"
    )
    hold_gib: float = Field(
        1.0, ge=0, le=65_536, description="gibibytes at most for footage held longer; not taken from the ring"
    )
    rated_writes_tb: float = Field(
        0.0, ge=0, description="terabytes the medium may take in its life, from its data sheet; 0: not known"
    )


class AlbumSettings(_Section):
    """Pictures of events and the day's digest: masked, small, sealed as footage is, and erased with it."""

    enabled: bool = Field(True, description="false: events have no pictures, and there is no digest")
    size_mib: int = Field(
        0, ge=0, le=65_536, description="mebibytes; 0: a thirty-second part of the ring, from 32 to 512"
    )


class RetentionSettings(_Section):
    """How long footage lives: no day less, no minute more."""

    policy: Literal["kumagaya", "inzai", "gwangju", "daejeon", "own"] = Field(
        "kumagaya",
        description="kumagaya 14 days, inzai 14 to 20 from the day after, gwangju 15, daejeon 30, own: see days",
    )
    days: float = Field(14.0, gt=0, le=366, description="days at most, used when policy is own")
    floor_days: float = Field(
        0.0, ge=0, le=366, description="days of 24 hours at least, used when policy is own; 0: as many as days"
    )
    counting: Literal["hours", "civil"] = Field(
        "hours",
        description="used when policy is own; hours: days of 24 hours from the moment of recording, "
        "civil: whole days from the day after",
    )
    timezone: str = Field("Asia/Tokyo", description="where civil days begin and end (IANA name)")


class AnalysisSettings(_Section):
    """What the camera notices by itself."""

    enabled: bool = Field(True, description="false: record only")
    rate_fps: float = Field(5.0, gt=0, le=30, description="looks per second")
    person: bool = Field(True, description="report people, whatever the rules below say")
    vehicle: bool = Field(True, description="report vehicles that pass")
    bicycle: bool = Field(True, description="report bicycles that pass")
    animal: bool = Field(True, description="report cats and dogs")
    motion: bool = Field(
        False, description="report motion that nobody could name; rain and headlights are some of it"
    )
    scene: bool = Field(
        True, description="report a view that is covered, out of focus, blinded, dark, frozen, lost or moved"
    )
    statistics: bool = Field(True, description="count who passes, without pictures and without telling them apart")
    unusual: bool = Field(True, description="learn what is usual here, and report what is not")
    learning_days: int = Field(
        14, ge=1, le=60, description="days for which each hour is learned before anything in it is called unusual"
    )
    min_score: float = Field(0.38, ge=0.3, le=0.95, description="detector score from which a look counts")


class NoticeSettings(Notice):
    """What signs and forms say of this camera, and in which language."""

    language: Literal["ja", "ko", "en"] = Field("en", description="of signs, forms and the page: ja, ko or en")


class CustodySettings(_Section):
    """Who may look, who has to agree, and how long it is remembered."""

    sealing: Literal["owner", "shared", "two_person"] = Field(
        "owner",
        description="owner: the owner's key opens footage, permits are made with it; shared: operators' keys do "
        "too, once permitted; two_person: it takes an owner's and an operator's key",
    )
    purposes: tuple[Line, ...] = Field(
        (),
        max_length=20,
        description="what footage may be looked at for; empty: what [notice] says it is there for",
    )
    permit_h: float = Field(24.0, gt=0, le=720, description="hours for which an approval lasts")
    emergency: bool = Field(
        True, description="operators may look without approval where life is at stake, and report it (shared alone)"
    )
    emergency_report_h: float = Field(24.0, gt=0, le=720, description="hours until such a look has to be reported")
    answer_days: int = Field(10, ge=1, le=90, description="civil days within which somebody who asks is answered")
    kept_years: int = Field(
        5, ge=0, le=30, description="years from the next 1 April for registers, and for what was handed over"
    )
    kept_gib: float = Field(
        1.0, ge=0, le=65_536, description="gibibytes at most for duplicates of what was handed over"
    )
    standard_notice_days: int = Field(
        7, ge=0, le=90, description="days between announcing a new operation standard and its beginning"
    )


class TelemetrySettings(_Section):
    """Where health and events go."""

    broker: str = Field(
        "embedded", description="embedded (loopback only), off, mqtt://host:1883 or mqtts://host:8883"
    )
    embedded_port: int = Field(1883, ge=1, le=65_535, description="port of the embedded broker on 127.0.0.1")
    username: str = Field("", max_length=200, description="empty: none")
    password_file: str = Field("", description="a file only this user may read, holding the password")
    ca_file: str = Field("", description="PEM of the authority that signed the broker's certificate")
    cert_file: str = Field("", description="this camera's certificate, PEM")
    key_file: str = Field("", description="this camera's private key, PEM")
    health_interval_s: float = Field(60.0, ge=5, le=3600, description="seconds between health messages")
    offline_after_s: int = Field(
        45,
        ge=0,
        le=3600,
        description="seconds after a lost connection until the broker tells everybody that the camera is offline; "
        "5 for thousands of cameras on one Mosquitto (docs/design/fleet.md)",
    )
    home_assistant: bool = Field(
        False, description="true: Home Assistant finds the camera by itself; for a broker of your own home"
    )
    home_assistant_prefix: str = Field(
        "homeassistant",
        max_length=100,
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        description="Home Assistant's discovery prefix, as set there",
    )
    home_assistant_page: str = Field(
        "",
        max_length=500,
        pattern=r"^(https?://[^\s\x00-\x1f]+)?$",
        description="the address at which your browser gets to the camera's page, for the link there; empty: none",
    )

    snapshots: Literal["off", "sealed", "own_home"] = Field(
        "off",
        description="a masked picture of each alarm; sealed: only who may open footage sees it, "
        "own_home: unsealed, to a broker that is your own home's",
    )
    onvif_events: bool = Field(False, description="true: events as ONVIF tells them too (onvif-ej)")

    @field_validator("broker")
    @classmethod
    def _address(cls, value: str) -> str:
        if value in ("embedded", "off") or value.startswith(("mqtt://", "mqtts://")):
            return value
        raise ValueError("must be embedded, off, mqtt://host:port or mqtts://host:port")


class WebSettings(_Section):
    """The page on the camera."""

    enabled: bool = Field(True, description="false: no page")
    address: str = Field(
        "127.0.0.1",
        max_length=45,
        description="127.0.0.1: this machine alone, by HTTP; 0.0.0.0, :: or one address of it: by HTTPS there too",
    )
    port: int = Field(8080, ge=1, le=65_535, description="port for HTTP on loopback")
    tls_port: int = Field(8443, ge=1, le=65_535, description="port for HTTPS on address")
    names: tuple[str, ...] = Field(
        (),
        max_length=16,
        description='more names and addresses that lead to the page, as ["camera.example", "203.0.113.7"]',
    )

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        try:
            return str(ip_address(value))
        except ValueError as refused:
            raise ValueError("must be an IP address, as 127.0.0.1, 0.0.0.0 or ::") from refused

    @field_validator("names")
    @classmethod
    def _are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if strange := [name for name in value if not (is_host_name(name) or is_address(name))]:
            raise ValueError(f"{strange[0]!r} is neither a host's name nor an IP address")
        return value


Pin = Annotated[int, Field(ge=-1, le=1023)]


class DayNightSettings(_Section):
    """Infrared-cut filter and infrared lamp, on pins of the board; without any, the camera leaves both alone."""

    mode: Literal["auto", "timetable", "always_day", "always_night"] = Field(
        "auto", description="auto: by the light in the picture; timetable: night in night_hours"
    )
    night_hours: tuple[str, ...] = Field(
        (),
        max_length=50,
        validate_default=True,
        description='as ["daily 18:00-06:00"], in the time zone of [retention]; used when mode is timetable',
    )
    chip: str = Field("/dev/gpiochip0", pattern=r"^/dev/gpiochip[0-9]{1,3}$", description="what the pins belong to")
    filter_line: Pin = Field(-1, description="pin that is active while the filter is in; -1: there is none")
    filter_out_line: Pin = Field(
        -1, description="pin of a filter that keeps its place: pulsed to move it out, filter_line to move it in"
    )
    filter_inverted: bool = Field(False, description="true: the filter's pins are active when low")
    lamp_line: Pin = Field(-1, description="pin that lights the infrared lamp; -1: there is none")
    lamp_inverted: bool = Field(False, description="true: the lamp's pin is active when low")
    pulse_ms: int = Field(200, ge=20, le=1000, description="milliseconds of current that move such a filter")
    dark_below: float = Field(
        50.0, ge=30, le=120, description="mean brightness of the masked picture (0 to 255) below which night begins"
    )
    bright_above: float = Field(
        90.0, ge=40, le=200, description="mean brightness without the lamp above which day begins"
    )
    dwell_s: float = Field(30.0, ge=5, le=600, description="seconds for which it has to stay so")
    probe_min: float = Field(
        20.0,
        ge=0,
        le=720,
        description="minutes of night between looks for daylight with the lamp off for 3 s; 0: only when the "
        "picture grows brighter",
    )

    @field_validator("night_hours")
    @classmethod
    def _are_hours(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and info.data.get("mode") == "timetable":
            raise ValueError("a timetable needs hours")
        try:
            Timetable.parse(value, "UTC")
        except BadInput as refused:
            raise ValueError(str(refused)) from refused
        return value

    @field_validator("filter_out_line", "lamp_line")
    @classmethod
    def _is_another(cls, value: int, info: ValidationInfo) -> int:
        taken = {info.data.get("filter_line"), info.data.get("filter_out_line")} - {None, -1}
        if value in taken:
            raise ValueError("is a pin that has another use")
        if info.field_name == "filter_out_line" and value >= 0 and not taken:
            raise ValueError("needs filter_line too")
        return value

    @field_validator("bright_above")
    @classmethod
    def _is_brighter(cls, value: float, info: ValidationInfo) -> float:
        if value < 1.3 * info.data.get("dark_below", 0.0):
            raise ValueError("must be at least 1.3 times dark_below, or the filter never rests")
        return value


class ButtonSettings(_Section):
    """A button on a pin of the board that makes the camera as new when held: all keys and footage are lost."""

    chip: str = Field("/dev/gpiochip0", pattern=r"^/dev/gpiochip[0-9]{1,3}$", description="what the pins belong to")
    line: Pin = Field(-1, description="pin of the button; -1: there is none")
    inverted: bool = Field(True, description="true: pressed connects the pin to ground; false: to 3.3 V")
    hold_s: float = Field(10.0, ge=5, le=60, description="seconds for which it has to be held")
    sign_line: Pin = Field(-1, description="pin of a light that blinks meanwhile; -1: there is none")
    sign_inverted: bool = Field(False, description="true: that light's pin is active when low")

    @field_validator("sign_line")
    @classmethod
    def _is_another(cls, value: int, info: ValidationInfo) -> int:
        if value >= 0 and value == info.data.get("line"):
            raise ValueError("is the button's own pin")
        return value


class UpdateSettings(_Section):
    """Where new versions come from; of use on the image alone."""

    url: str = Field(
        "",
        max_length=500,
        description="https folder with bundles and what tells their version; empty: from a stick or a file alone",
    )
    automatic: bool = Field(False, description="install what is newer there at night; the first run asks")
    notices: bool = Field(True, description="tell when one waits or was left again; looked for every night")
    hour: int = Field(3, ge=0, le=23, description="of the night, in the time zone of [retention]")

    @field_validator("url")
    @classmethod
    def _is_https(cls, value: str) -> str:
        told = urlsplit(value)
        plain = not (told.username or told.password or told.query or told.fragment)
        if value and not (told.scheme == "https" and told.hostname and plain and value.isascii()):
            raise ValueError("must be as https://host/folder, without a name, a password, a query")
        return value


class SupportSettings(_Section):
    """Who answers for this camera's software, and until when; its maker fills this in."""

    security_contact: str = Field(
        "",
        max_length=500,
        pattern=r"^((https://|mailto:|tel:)[!-~]+)?$",
        description="where vulnerabilities are reported, as mailto:security@maker.example; empty: not said",
    )
    policy: str = Field(
        "",
        max_length=500,
        pattern=r"^(https://[!-~]+)?$",
        description="the address of the maker's policy for such reports; empty: none",
    )
    acknowledge_days: int = Field(5, ge=1, le=30, description="days within which whoever reports is answered")
    until: str = Field(
        "",
        max_length=10,
        description="the day, as 2031-12-31, until which there are security updates; empty: not said",
    )

    @field_validator("until")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        if value and not _is_written_day(value):
            raise ValueError("must be a day, as 2031-12-31")
        return value


def _is_written_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


class PathSettings(_Section):
    """Where edgecam keeps things."""

    state_dir: str = Field("edgecam-state", description="keys, ring, masks, outbox; relative to this file")
    run_dir: str = Field("", description="must be in RAM; empty: /dev/shm/edgecam-… of this camera")


# Rules are checked by whoever looks, not here: one that is wrong must not keep the camera from recording.
Tables = Annotated[tuple[dict[str, Any], ...], Field(max_length=1000)]


class Settings(_Section):
    """All of it."""

    camera: CameraSettings = CameraSettings()
    encoder: EncoderSettings = EncoderSettings()
    notice: NoticeSettings = NoticeSettings()
    custody: CustodySettings = CustodySettings()
    recording: RecordingSettings = RecordingSettings()
    masking: MaskingSettings = MaskingSettings()
    ring: RingSettings = RingSettings()
    album: AlbumSettings = AlbumSettings()
    retention: RetentionSettings = RetentionSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    web: WebSettings = WebSettings()
    daynight: DayNightSettings = DayNightSettings()
    button: ButtonSettings = ButtonSettings()
    update: UpdateSettings = UpdateSettings()
    support: SupportSettings = SupportSettings()
    paths: PathSettings = PathSettings()
    zone: Tables = ()
    line: Tables = ()
    rule: Tables = ()

    @property
    def rules(self) -> Mapping[str, tuple[dict[str, Any], ...]]:
        """The tables under ``[[zone]]``, ``[[line]]`` and ``[[rule]]`` as they are written."""
        return {name: getattr(self, name) for name in _RULES}


_RULES = ("zone", "line", "rule")
_EXAMPLE_RULES = """\
# Rules: somebody on the lawn at night is told as an intrusion. Points are shares of the picture from its top left.
# [[zone]]
# name = "lawn"
# polygon = [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0], [0.1, 1.0]]
# [[rule]]
# kind = "intrusion"
# zone = "lawn"
# objects = ["person"]
# timetable = ["daily 22:00-06:00"]
"""


def decode_settings(text: str, path: str = "the settings") -> Settings:
    """The settings told by TOML ``text``. Raises: BadInput naming the key, the value and what is allowed."""
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as broken:
        raise BadInput(f"{path} is not TOML ({broken})", do="mend that line") from broken
    except ValidationError as refused:
        raise BadInput(f"{path}: {'; '.join(_complaint(error) for error in refused.errors())}") from refused


def load_settings(path: Path) -> Settings:
    """The settings kept at ``path``. Raises: BadInput."""
    try:
        return decode_settings(path.read_text("utf-8"), str(path))
    except FileNotFoundError as missing:
        raise BadInput(f"there is no settings file {path}", do="run `edgecam setup` to write one") from missing
    except (OSError, UnicodeDecodeError) as unreadable:
        raise BadInput(f"{path} cannot be read ({unreadable})") from unreadable


def find_settings(given: Path | None) -> Path:
    """Where the settings are: as given, else $EDGECAM_SETTINGS, else ./edgecam.toml, else the image's place."""
    if given is not None:
        return given
    if named := os.environ.get("EDGECAM_SETTINGS"):
        return Path(named)
    image = Path("/etc/edgecam/edgecam.toml")
    here = Path("edgecam.toml")
    return image if image.exists() and not here.exists() else here


def _complaint(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{key} is not a setting; {_known(error['loc'])}"
    said = error["msg"].removeprefix("Value error, ")
    return f"{key} = {error['input']!r} is not allowed: {said[:1].lower()}{said[1:]}"


def _known(location: tuple[str | int, ...]) -> str:
    section = Settings.model_fields.get(str(location[0]))
    if len(location) == 1 or section is None or section.annotation is None or location[0] in _RULES:
        return f"the sections are {', '.join(Settings.model_fields)}"
    return f"[{location[0]}] knows {', '.join(section.annotation.model_fields)}"


def commented_toml(settings: Settings) -> str:
    """``settings`` as TOML in which every key stands with its explanation."""
    lines = ["# edgecam settings. Checked at start; a key that is left out has the value shown here.", ""]
    for section_name, section_field in Settings.model_fields.items():
        if section_name in _RULES:
            continue
        section = getattr(settings, section_name)
        lines += [f"# {section_field.annotation.__doc__}", f"[{section_name}]"]
        for key, field in type(section).model_fields.items():
            lines += [f"# {field.description}", f"{key} = {_toml_value(getattr(section, key))}"]
        lines.append("")
    return "\n".join([*lines, *_rule_lines(settings)])


def _rule_lines(settings: Settings) -> list[str]:
    return rule_lines(settings.rules) if any(settings.rules.values()) else [_EXAMPLE_RULES]


def rule_lines(rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """The tables under ``zone``, ``line`` and ``rule`` as lines of TOML."""
    lines: list[str] = []
    for name in _RULES:
        for table in rules.get(name, ()):
            lines += ["# A zone, a line or a rule; see the README.", f"[[{name}]]"]
            lines += [f"{_toml_key(key)} = {_toml_value(value)}" for key, value in table.items()]
            lines.append("")
    return lines


def _toml_key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else _toml_value(key)


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_toml_key(key)} = {_toml_value(item)}' for key, item in value.items())}}}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return repr(value)


def changed_toml(text: str, changes: Mapping[str, Mapping[str, object]]) -> str:
    """TOML ``text`` with the values of ``changes`` (by section and key) in place of its own; all else stays.

    A key or section that is not there is added. Raises: BadInput when the result would not be what was meant.
    """
    lines = text.splitlines()
    for section, values in changes.items():
        for key, value in values.items():
            _change(lines, section, key, f"{key} = {_toml_value(value)}")
    changed = "\n".join(lines) + "\n"
    told = decode_settings(changed).model_dump()
    if any(told[section][key] != value for section, values in changes.items() for key, value in values.items()):
        raise BadInput("the settings file is written in a way that cannot be changed here", do="change it by hand")
    return changed


def _change(lines: list[str], section: str, key: str, line: str) -> None:
    header = next((i for i, told in enumerate(lines) if told.split("#")[0].strip() == f"[{section}]"), None)
    if header is None:
        lines += ["", f"[{section}]", line]
        return
    end = next((i for i in range(header + 1, len(lines)) if lines[i].lstrip().startswith("[")), len(lines))
    for i in range(header + 1, end):
        if lines[i].partition("=")[0].strip() == key:
            _, mark, remark = lines[i].partition(" #")
            lines[i] = line + mark + remark
            return
    lines.insert(header + 1, line)
